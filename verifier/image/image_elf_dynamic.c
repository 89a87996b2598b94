// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "base/limits.h"
#include "verifier/image/image_internal.h"

/* A dynamic section has some thirty entries; large ones a few for each library. */
#define LIMIT_DYNAMIC (1 * MIB)

struct dynamic {
    uint64_t strings; /* address */
    uint64_t flags_1;
    bool has_strings, has_name;
    size_t needed_count;
    uint64_t needed[LIMIT_LIBRARIES]; /* offsets into the strings */
};

static void add_entry(struct dynamic *dynamic, uint64_t tag, uint64_t value)
{
    switch (tag) {
    case DT_STRTAB:
        dynamic->strings = value;
        dynamic->has_strings = true;
        break;
    case DT_SONAME:
        dynamic->has_name = true;
        break;
    case DT_FLAGS_1:
        dynamic->flags_1 = value;
        break;
    case DT_NEEDED:
        if (dynamic->needed_count < ARRAY_LEN(dynamic->needed)) {
            dynamic->needed[dynamic->needed_count++] = value;
        }
        break;
    default:
        break;
    }
}

static void read_entries(struct image *image, const struct elf_program *program,
                         struct arena *arena, struct dynamic *dynamic)
{
    struct reader reader;
    if (!image_load(image, program->offset, program->size, LIMIT_DYNAMIC, arena, &reader, NULL)) {
        return;
    }
    uint64_t tag;
    uint64_t value;
    while (reader_uint(&reader, image->pointer_size, &tag) &&
           reader_uint(&reader, image->pointer_size, &value) && tag != DT_NULL) {
        add_entry(dynamic, tag, value);
    }
}

static void add_libraries(struct image *image, const struct dynamic *dynamic, struct arena *arena)
{
    size_t capacity = 0;
    for (size_t i = 0; i < dynamic->needed_count; i++) {
        uint64_t offset;
        const char *name;
        if (image_address_offset(image, dynamic->strings + dynamic->needed[i], &offset) &&
            image_load_string(image, offset, LIMIT_LIBRARY_NAME, arena, &name)) {
            image_add_library(image, arena, name, &capacity);
        }
    }
}

void image_elf_dynamic(struct image *image, const struct elf_detail *detail, struct arena *arena)
{
    struct dynamic dynamic = {0};
    bool seen = false;
    for (size_t i = 0; i < detail->program_count; i++) {
        const struct elf_program *program = &detail->programs[i];
        if (program->type == PT_DYNAMIC && !seen) {
            read_entries(image, program, arena, &dynamic);
            seen = true;
        }
        if (program->type == PT_INTERP && image->interpreter[0] == '\0') {
            /* Fails for an interpreter without a NUL; then there is none. */
            (void)!image_load_string(image, program->offset,
                                     program->size < LIMIT_LIBRARY_NAME ? (size_t)program->size
                                                                        : LIMIT_LIBRARY_NAME,
                                     arena, &image->interpreter);
        }
    }
    if (dynamic.has_strings) {
        add_libraries(image, &dynamic, arena);
    }
    /* A library can have an interpreter too (libc.so.6), a static PIE has none. */
    image->pie = detail->type == ET_DYN && ((dynamic.flags_1 & DF_1_PIE) != 0 ||
                                            (image->interpreter[0] != '\0' && !dynamic.has_name));
    image->shared = detail->type == ET_DYN && !image->pie;
}
