/* What Mach-O headers say beyond `struct image` (Apple's mach-o/loader.h). */
#pragma once

#include "verifier/image/image.h"

/* A load command: SIZE bytes at OFFSET of the image, the eight bytes of its own header included. */
struct macho_command {
    uint32_t command, size;
    uint64_t offset;
};

/* The rest of a segment; same index as in image->segments. */
struct macho_segment {
    uint32_t maximum_protection, protection, flags;
};

/* The rest of a section header; same index as in image->sections. */
struct macho_section {
    uint32_t flags, alignment;
    uint32_t header_offset; /* offset as it stands there, also for zero-filled sections */
};

struct macho_symbols {
    uint32_t offset, count, string_offset, string_size;
    unsigned entry_size; /* 12 or 16 */
};

struct macho_detail {
    uint32_t cpu_type, cpu_subtype, file_type, flags;
    uint64_t header_size; /* 28 or 32: where the load commands begin */
    uint64_t commands_size;
    struct macho_command *commands;
    size_t command_count;
    struct macho_segment *segments; /* image->segment_count of them */
    struct macho_section *sections; /* image->section_count of them */

    /* The first one of each; all zero where there is none. */
    bool has_uuid, has_code_signature, has_symbols, has_build_version;
    struct macho_command uuid_command, code_signature_command, build_version_command;
    uint8_t uuid[16];
    uint32_t code_signature_offset, code_signature_size; /* range of the image */
    struct macho_symbols symbols;
    uint32_t platform, minimum_os, sdk; /* of LC_BUILD_VERSION or LC_VERSION_MIN_... */
};

#define MACHO_FILE_EXECUTE 2
#define MACHO_FILE_DYLIB 6
#define MACHO_FILE_BUNDLE 8

/* NULL unless IMAGE is Mach-O. */
static inline const struct macho_detail *image_macho(const struct image *image)
{
    return image->format == IMAGE_MACHO ? image->detail : NULL;
}

/* The GOARCH of a CPU type ("" if none corresponds), and its name for messages or NULL. */
const char *macho_goarch(uint32_t cpu_type);
const char *macho_cpu_name(uint32_t cpu_type);
