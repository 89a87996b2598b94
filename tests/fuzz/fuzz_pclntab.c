// SPDX-License-Identifier: Apache-2.0
/* A pclntab that lies at the start of a section of its own: all that can be asked of it. */
#include "verifier/image/pclntab.h"

#define ASKED 64

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct image_section section = {.name = ".gopclntab", .segment = "", .size = len};
    struct image image = {.format = IMAGE_ELF,
                          .source = source_from_bytes(bytes_from(data, len)),
                          .sections = &section,
                          .section_count = 1};
    struct pclntab table;
    struct pclntab_function function;
    struct pclntab_cursor cursor = {0};
    struct bytes file;
    uint64_t index;
    bool done = false;
    if (pclntab_open(&image, &arena, &table, NULL)) {
        for (uint64_t i = 0; i < ASKED; i++) {
            (void)!pclntab_function(&table, i, &function, NULL);
            (void)!pclntab_find(&table, i * 16 + table.text_start, &index);
        }
        for (unsigned i = 0; i < ASKED && !done; i++) {
            if (!pclntab_next_file(&table, &cursor, &done, &file, NULL)) {
                break;
            }
        }
    }
    arena_free(&arena);
    return 0;
}
