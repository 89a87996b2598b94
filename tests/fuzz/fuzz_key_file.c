// SPDX-License-Identifier: Apache-2.0
/* Key files of every format, secret and public. Nobody is there to be asked for a passphrase. */
#include <stdlib.h>

#include "signer/key_format.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = NULL;
    struct public_key public;
    struct bytes text = bytes_from(data, len);
    if (secret_key_read(text, NULL, &key, NULL)) {
        uint8_t signature[ED25519_SIGNATURE_LEN];
        /* A key that was read signs: its two halves belong together. */
        if (!signing_key_sign(key, text, signature, NULL)) {
            abort();
        }
    }
    (void)!public_key_read(text, &arena, &public, NULL);
    arena_free(&arena);
    return 0;
}
