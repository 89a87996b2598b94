// SPDX-License-Identifier: Apache-2.0
/* Lists of checksums: whatever is read can be found again, and is a plain name. */
#include <stdlib.h>

#include "base/checksums.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct checksums list;
    if (checksums_read(bytes_from(data, len), &arena, &list, NULL)) {
        for (size_t i = 0; i < list.count; i++) {
            if (checksums_find(&list, list.entries[i].name) != &list.entries[i] ||
                !checksum_name_check(list.entries[i].name, NULL)) {
                abort();
            }
        }
    }
    arena_free(&arena);
    return 0;
}
