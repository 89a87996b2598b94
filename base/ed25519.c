// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.h"

#include "base/libsodium.h"

bool ed25519_public_import(struct bytes raw, struct ed25519_public *ret, struct error *err)
{
    if (raw.len != ED25519_PUBLIC_LEN ||
        libsodium()->crypto_core_ed25519_is_valid_point(raw.data) != 1) {
        return error_set(err, ERROR_FORMAT, "not an Ed25519 public key");
    }
    memcpy(ret->bytes, raw.data, ED25519_PUBLIC_LEN);
    return true;
}

bool ed25519_verify(const struct ed25519_public *key, struct bytes message, struct bytes signature)
{
    return signature.len == ED25519_SIGNATURE_LEN &&
           libsodium()->crypto_sign_verify_detached(signature.data, message.data, message.len,
                                                    key->bytes) == 0;
}
