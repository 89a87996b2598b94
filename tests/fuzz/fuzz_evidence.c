// SPDX-License-Identifier: Apache-2.0
/* A file of evidence: nobody can make a statement of a key that never signed one. */
#include <stdlib.h>

#include "attest/attestation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* The key of RFC 8032's first test. */
    static const uint8_t raw[ED25519_PUBLIC_LEN] = {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7,
                                                    0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
                                                    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
                                                    0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
    struct arena arena = {0};
    struct trusted_key key = {.owner = "k"};
    struct trust trust = trust_empty(&arena);
    struct attestations found = {0};
    if (!public_key_import(bytes_from(raw, sizeof(raw)), &key.public, NULL) ||
        !trust_add_key(&trust, &key, NULL)) {
        abort();
    }
    struct attestation_reading reading = {.trust = &trust, .now = 1772323200, .arena = &arena};
    if (attestations_read(&reading, bytes_from(data, len), "e.jsonl", &found, NULL)) {
        for (size_t i = 0; i < found.count; i++) {
            if (found.items[i].key != NULL) {
                abort();
            }
        }
    }
    arena_free(&arena);
    return 0;
}
