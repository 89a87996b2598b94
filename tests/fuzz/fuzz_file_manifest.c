// SPDX-License-Identifier: Apache-2.0
/* A manifest that is accepted is written back as the same bytes. */
#include <stdlib.h>

#include "base/limits.h"
#include "verifier/fetch/dirhash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    struct file_tree tree;
    char h1[H1_LEN + 1];
    if (file_manifest_parse(bytes_from(data, len), &arena, &tree, &err)) {
        struct buffer again;
        buffer_init(&again, FILE_MANIFEST_MAXIMUM);
        file_manifest_write(&tree, &again);
        if (!bytes_equal(buffer_view(&again), bytes_from(data, len)) ||
            !dirhash_tree(&tree, "m@v/", h1, &err)) {
            abort();
        }
        buffer_free(&again);
    } else if (err.message[0] == '\0') {
        abort();
    }
    arena_free(&arena);
    return 0;
}
