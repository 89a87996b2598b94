// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_internal.h"

#define HEADER_LEN 32
#define EXTRA_LEN 8 /* the entry point again, in 64 bits */
#define MAGIC_386 0x1ebU
#define MAGIC_AMD64 0x8a97U
#define MAGIC_ARM 0x647U

static const char *const names[] = {"text", "data", "syms", "spsz", "pcsz"};

/* Sizes of text, data, bss (not in the file), symbols, and the line tables (spsz, pcsz). */
static bool read_sizes(struct reader *header, uint32_t *ret_magic, uint32_t sizes[5])
{
    return reader_u32(header, ret_magic) && reader_u32(header, &sizes[0]) &&
           reader_u32(header, &sizes[1]) && reader_skip(header, 4) &&
           reader_u32(header, &sizes[2]) && reader_skip(header, 4) &&
           reader_u32(header, &sizes[3]) && reader_u32(header, &sizes[4]);
}

static void set_machine(struct image *image, uint32_t magic)
{
    image->goos = "plan9";
    image->machine = magic == MAGIC_AMD64 ? "S_MAGIC" : magic == MAGIC_386 ? "I_MAGIC" : "E_MAGIC";
    image->goarch = magic == MAGIC_AMD64 ? "amd64" : magic == MAGIC_386 ? "386" : "arm";
    image->pointer_size = magic == MAGIC_AMD64 ? 8 : 4;
}

bool image_plan9_open(struct arena *arena, struct image *image, struct error *err)
{
    struct reader header;
    uint32_t magic = 0;
    uint32_t sizes[ARRAY_LEN(names)] = {0};
    image->order = BIG_ENDIAN_ORDER;
    if (!image_load(image, 0, HEADER_LEN, HEADER_LEN, arena, &header, err) ||
        !read_sizes(&header, &magic, sizes)) {
        return false;
    }
    set_machine(image, magic);
    uint32_t offset = HEADER_LEN;
    if (magic == MAGIC_AMD64) {
        offset += EXTRA_LEN;
        if (!image_load(image, HEADER_LEN, EXTRA_LEN, EXTRA_LEN, arena, &header, err)) {
            return false;
        }
    }
    /* As in Go, where a section lies is taken from the sizes, modulo 2^32, and its address in the
     * program is not used: sections are addressed by their place in the file. */
    image->sections = ARENA_ARRAY(arena, ARRAY_LEN(names), struct image_section);
    image->section_count = ARRAY_LEN(names);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        image->sections[i] = (struct image_section){
            .name = names[i],
            .segment = "",
            .address = offset,
            .offset = offset,
            .size = sizes[i],
            .memory_size = sizes[i],
            .writable = i == 1,
            .executable = i == 0,
        };
        offset += sizes[i];
    }
    return true;
}
