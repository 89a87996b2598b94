/* What a WebAssembly module says beyond `struct image` (WebAssembly core 1.0, section 5).
 *
 * In `struct image` a section is called like its kind ("code", "data") or, a custom one, by its own
 * name ("go:buildid"), and its range is the contents behind that name. Segments are the active data
 * segments of memory 0 whose address is a constant; libraries are the modules it imports from. */
#pragma once

#include "verifier/image/image.h"

enum wasm_section_id { WASM_CUSTOM = 0, WASM_IMPORT = 2, WASM_CODE = 10, WASM_DATA = 11 };

struct wasm_detail {
    uint8_t *ids;         /* enum wasm_section_id or another; same index as in image->sections */
    bool all_data_mapped; /* false if a data segment is in no segment of the image */
};

/* NULL unless IMAGE is wasm. */
static inline const struct wasm_detail *image_wasm(const struct image *image)
{
    return image->format == IMAGE_WASM ? image->detail : NULL;
}
