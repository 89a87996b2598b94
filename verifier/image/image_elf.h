/* What ELF headers say beyond `struct image` (gABI, chapters 4 and 5). */
#pragma once

#include "verifier/image/image.h"

/* A program header of any type, in the file's order. */
struct elf_program {
    uint32_t type, flags;
    uint64_t offset, address, size, memory_size, alignment;
};

/* The rest of a section header; same index as in image->sections, the null section included. */
struct elf_section {
    uint32_t type, link, info;
    uint64_t flags, entry_size, alignment;
    uint64_t header_size; /* sh_size as it stands there, also for zero-filled sections */
};

struct elf_detail {
    uint16_t type, machine;
    uint8_t os_abi;
    struct elf_program *programs;
    size_t program_count;
    struct elf_section *sections; /* image->section_count of them */
};

/* NULL unless IMAGE is ELF. */
static inline const struct elf_detail *image_elf(const struct image *image)
{
    return image->format == IMAGE_ELF ? image->detail : NULL;
}
