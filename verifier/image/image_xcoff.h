/* What XCOFF headers say beyond `struct image` (AIX, XCOFF object file format). */
#pragma once

#include "verifier/image/image.h"

/* The rest of a section header; same index as in image->sections. */
struct xcoff_section {
    uint32_t type; /* s_flags: XCOFF_TEXT and the like, subtype in the upper half */
    uint64_t header_offset, header_size; /* as they stand there, also for zero-filled sections */
};

#define XCOFF_TEXT 0x20
#define XCOFF_DATA 0x40
#define XCOFF_BSS 0x80
#define XCOFF_LOADER 0x1000

struct xcoff_detail {
    uint16_t magic, flags;
    uint64_t symbol_offset, string_offset;
    uint32_t symbol_count; /* symbols of 18 bytes */
    uint32_t string_size;  /* with the four bytes of the length */
    struct xcoff_section *sections;
};

/* NULL unless IMAGE is XCOFF. */
static inline const struct xcoff_detail *image_xcoff(const struct image *image)
{
    return image->format == IMAGE_XCOFF ? image->detail : NULL;
}
