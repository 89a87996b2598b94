// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "attest/sbom/licence_files.h"
#include "attest/sbom/licence_match.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* What is found lies within the text, in order and apart. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static struct arena kept;
    static struct licence_table table;
    struct arena arena = {0};
    struct licence_match matches[LICENCE_MATCHES];
    struct sbom_licences licences;
    struct sbom_licence_text texts[1];
    size_t text_count;
    if (table.count == 0) {
        licence_table_load(&kept, &table);
    }
    size_t count = licence_match(&table, bytes_from(data, len), matches);
    for (size_t i = 0; i < count; i++) {
        if (matches[i].offset + matches[i].len > len || matches[i].cover > 100) {
            abort();
        }
    }
    const struct licence_file file = {"LICENSE", bytes_from(data, len)};
    licence_files_conclude(&table, &file, 1, &arena, &licences, texts, &text_count);
    arena_free(&arena);
    return 0;
}
