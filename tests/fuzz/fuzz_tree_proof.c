// SPDX-License-Identifier: Apache-2.0
/* Proofs with arbitrary sizes and hashes: none may pass for another leaf too. */
#include <stdlib.h>

#include "base/reader.h"
#include "verifier/fetch/tree.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct reader reader = reader_over(bytes_from(data, len), LITTLE_ENDIAN_ORDER);
    struct sha256 one, other;
    struct tree_proof proof = {.count = 0};
    uint64_t first, second;
    if (!reader_u64(&reader, &first) || !reader_u64(&reader, &second) ||
        !reader_copy(&reader, one.bytes, SHA256_LEN) ||
        !reader_copy(&reader, other.bytes, SHA256_LEN)) {
        return 0;
    }
    while (proof.count < TREE_PROOF_MAX &&
           reader_copy(&reader, proof.hashes[proof.count].bytes, SHA256_LEN)) {
        proof.count++;
    }
    bool included = tree_check_inclusion(&one, first, second, &proof, &other);
    bool consistent = tree_check_consistency(first, &one, second, &other, &proof);
    one.bytes[0] ^= 1;
    if ((included && tree_check_inclusion(&one, first, second, &proof, &other)) ||
        (consistent && tree_check_consistency(first, &one, second, &other, &proof))) {
        abort();
    }
    return 0;
}
