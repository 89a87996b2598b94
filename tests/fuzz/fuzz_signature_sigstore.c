// SPDX-License-Identifier: Apache-2.0
/* Signatures in the format sigstore alone, so that the engine stays in that reader. */
#include "signer/signature.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct signature signature = {0};
    (void)!signature_format_sigstore.read(bytes_from(data, len), &arena, &signature, NULL);
    arena_free(&arena);
    return 0;
}
