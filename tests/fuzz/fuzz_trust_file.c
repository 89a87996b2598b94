// SPDX-License-Identifier: Apache-2.0
/* Files of trusted keys: single keys and allowed_signers. */
#include <stdlib.h>

#include "signer/trust.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct trust trust = trust_empty(&arena);
    if (trust_add_text(&trust, bytes_from(data, len), "k", NULL) &&
        (trust.count == 0 || trust.keys[0].owner == NULL)) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
