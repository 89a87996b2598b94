// SPDX-License-Identifier: Apache-2.0
/* Whatever bytes come as a module zip: no crash, and what is accepted lies within them. */
#include <stdlib.h>

#include "verifier/fetch/zip_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    struct zip_directory directory;
    struct source source = source_from_bytes(bytes_from(data, len));
    if (zip_directory_read(&source, &ZIP_MODULE_LIMITS, &arena, &directory, &err)) {
        for (size_t i = 0; i < directory.count; i++) {
            const struct zip_entry *entry = &directory.entries[i];
            if (entry->offset > len || entry->stored > len || !zip_name_check(entry->name, NULL)) {
                abort();
            }
        }
        if (!zip_rules_check(&directory, "example.com/m@v1.0.0/", &arena, &err) &&
            err.message[0] == '\0') {
            abort();
        }
    } else if (err.message[0] == '\0') {
        abort();
    }
    arena_free(&arena);
    return 0;
}
