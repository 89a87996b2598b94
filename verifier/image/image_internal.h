/* What the format readers share; for image*.c alone.
 *
 * Each image_x_open gets an image whose format and source are set and whose texts are "", and fills
 * in the rest. On failure the caller throws the image away. */
#pragma once

#include "verifier/image/image.h"
#include "verifier/image/image_elf.h"

CHECKED bool image_elf_open(struct arena *arena, struct image *image, struct error *err);
CHECKED bool image_macho_open(struct arena *arena, struct image *image, struct error *err);
CHECKED bool image_pe_open(struct arena *arena, struct image *image, struct error *err);
CHECKED bool image_wasm_open(struct arena *arena, struct image *image, struct error *err);
CHECKED bool image_xcoff_open(struct arena *arena, struct image *image, struct error *err);
CHECKED bool image_plan9_open(struct arena *arena, struct image *image, struct error *err);

/* Fills in interpreter, libraries, pie, shared. What cannot be read is left out: a damaged dynamic
 * section does not make a file unreadable for Go either. */
void image_elf_dynamic(struct image *image, const struct elf_detail *detail, struct arena *arena);
/* Fills in machine, goarch and goos; wants the interpreter. */
void image_elf_platform(struct image *image, const struct elf_detail *detail, struct arena *arena);

/* A reader over LEN bytes of the image's file at OFFSET, loaded under MAXIMUM. */
CHECKED bool image_load(const struct image *image, uint64_t offset, uint64_t len, uint64_t maximum,
                        struct arena *arena, struct reader *ret, struct error *err);

/* The text up to a NUL at OFFSET of the file, at most MAXIMUM bytes; false where there is none. */
CHECKED bool image_load_string(const struct image *image, uint64_t offset, size_t maximum,
                               struct arena *arena, const char **ret);

/* The NUL-terminated text at OFFSET of TABLE, as a view that lives as long as the table. LAST_NUL
 * is where the table's last NUL is: texts may overlap, so that looking for each one's end would
 * take quadratic time. */
CHECKED bool image_table_text(const struct reader *table, size_t last_nul, uint64_t offset,
                              const char **ret);

/* The offset of the last NUL in TABLE; false if it has none. */
CHECKED bool image_last_nul(const struct reader *table, size_t *ret);

/* Adds a name to the image's libraries; those beyond LIMIT_LIBRARIES are left out. */
void image_add_library(struct image *image, struct arena *arena, const char *name,
                       size_t *capacity);

/* The segment that a section is, in formats that load sections as they stand. */
struct image_segment image_section_segment(const struct image_section *section);
