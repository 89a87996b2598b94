// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.h"

#include <sodium.h>

static void start_sodium(void)
{
    if (sodium_init() < 0) {
        bug("libsodium does not start");
    }
}

bool ed25519_public_import(struct bytes raw, struct ed25519_public *ret, struct error *err)
{
    start_sodium();
    if (raw.len != ED25519_PUBLIC_LEN || crypto_core_ed25519_is_valid_point(raw.data) != 1) {
        return error_set(err, ERROR_FORMAT, "not an Ed25519 public key");
    }
    memcpy(ret->bytes, raw.data, ED25519_PUBLIC_LEN);
    return true;
}

bool ed25519_verify(const struct ed25519_public *key, struct bytes message, struct bytes signature)
{
    start_sodium();
    return signature.len == ED25519_SIGNATURE_LEN &&
           crypto_sign_verify_detached(signature.data, message.data, message.len, key->bytes) == 0;
}
