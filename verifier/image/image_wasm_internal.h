/* Between image_wasm.c, which walks over the sections, and image_wasm_data.c, which reads two. */
#pragma once

#include "verifier/image/image_wasm.h"

/* LEB128 of at most 32 bits and five bytes (core 1.0, 5.2.2). */
CHECKED bool wasm_u32(struct reader *reader, uint32_t *ret);

/* The modules that the import section names. */
CHECKED bool image_wasm_imports(struct image *image, const struct image_section *section,
                                struct arena *arena, struct error *err);

/* The data section's segments. */
CHECKED bool image_wasm_data(struct image *image, struct wasm_detail *detail,
                             const struct image_section *section, struct arena *arena,
                             struct error *err);
