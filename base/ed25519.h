/* Raw Ed25519 (RFC 8032), libsodium's: one verifier for every format.
 *
 * libsodium's check refuses small-order keys and non-canonical S; public keys are checked at import
 * for the prime-order subgroup besides (CVE-2025-69277). */
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#define ED25519_PUBLIC_LEN 32
#define ED25519_SIGNATURE_LEN 64

struct ed25519_public {
    uint8_t bytes[ED25519_PUBLIC_LEN];
};

/* RAW must be 32 bytes that are a point of the prime-order subgroup; ERROR_FORMAT otherwise. */
CHECKED bool ed25519_public_import(struct bytes raw, struct ed25519_public *ret, struct error *err);

/* True if SIGNATURE (exactly 64 bytes) over MESSAGE verifies. */
CHECKED bool ed25519_verify(const struct ed25519_public *key, struct bytes message,
                            struct bytes signature);
