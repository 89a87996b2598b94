// SPDX-License-Identifier: Apache-2.0
/* The text of a trust file, alone and in an envelope: one that was read has roots enough. */
#include <stdlib.h>

#include "attest/trust_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct trust_file file;
    struct bytes text = bytes_from(data, len);
    if (trust_file_parse(text, &arena, &file, NULL) &&
        (file.threshold == 0 || file.threshold > parties_count(&file.roots) || file.serial == 0)) {
        abort();
    }
    if (trust_file_read(text, NULL, 1772323200, &arena, &file, NULL) &&
        file.roots.trust.count == 0) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
