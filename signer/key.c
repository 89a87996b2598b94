// SPDX-License-Identifier: Apache-2.0
#include "signer/key.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/libsodium.h"
#include "signer/ssh_agent.h"

struct signing_key {
    struct public_key public;
    struct secret *expanded; /* seed and public key, as libsodium signs with; NULL: in the agent */
    int agent;
};

/* RFC 8410, section 4: the algorithm's name, no parameters, a bit string of 32 bytes. */
static const uint8_t spki_prefix[KEY_SPKI_LEN - ED25519_PUBLIC_LEN] = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
static const uint8_t blob_prefix[KEY_SSH_BLOB_LEN - ED25519_PUBLIC_LEN] =
    "\0\0\0\x0bssh-ed25519\0\0\0\x20";

static void derive_number(struct public_key *key)
{
    struct sha256 digest = sha256_of(bytes_from(key->point.bytes, ED25519_PUBLIC_LEN));
    memcpy(key->number, digest.bytes, KEY_NUMBER_LEN);
}

bool public_key_import(struct bytes raw, struct public_key *ret, struct error *err)
{
    struct public_key key = {.comment = ""};
    if (!ed25519_public_import(raw, &key.point, err)) {
        return false;
    }
    derive_number(&key);
    *ret = key;
    return true;
}

void key_ssh_blob(const struct ed25519_public *key, uint8_t ret[KEY_SSH_BLOB_LEN])
{
    memcpy(ret, blob_prefix, sizeof(blob_prefix));
    memcpy(ret + sizeof(blob_prefix), key->bytes, ED25519_PUBLIC_LEN);
}

void key_spki(const struct ed25519_public *key, uint8_t ret[KEY_SPKI_LEN])
{
    memcpy(ret, spki_prefix, sizeof(spki_prefix));
    memcpy(ret + sizeof(spki_prefix), key->bytes, ED25519_PUBLIC_LEN);
}

void key_fingerprint(const struct ed25519_public *key, char ret[KEY_FINGERPRINT_LEN + 1])
{
    uint8_t blob[KEY_SSH_BLOB_LEN];
    char text[BASE64_LEN(SHA256_LEN) + 1];
    key_ssh_blob(key, blob);
    struct sha256 digest = sha256_of(bytes_from(blob, sizeof(blob)));
    encode_base64(sha256_view(&digest), BASE64_STANDARD, text);
    snprintf(ret, KEY_FINGERPRINT_LEN + 1, "SHA256:%.43s", text);
}

void key_number_text(const uint8_t number[KEY_NUMBER_LEN], char ret[2 * KEY_NUMBER_LEN + 1])
{
    for (size_t i = 0; i < KEY_NUMBER_LEN; i++) {
        snprintf(ret + 2 * i, 3, "%02X", number[KEY_NUMBER_LEN - 1 - i]);
    }
}

void key_hint(const struct ed25519_public *key, char ret[BASE64_LEN(SHA256_LEN) + 1])
{
    uint8_t spki[KEY_SPKI_LEN];
    key_spki(key, spki);
    struct sha256 digest = sha256_of(bytes_from(spki, sizeof(spki)));
    encode_base64(sha256_view(&digest), BASE64_STANDARD, ret);
}

static struct signing_key *allocate(void)
{
    struct signing_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        bug("out of memory for a key");
    }
    key->agent = -1;
    return key;
}

bool signing_key_import(struct bytes seed, struct bytes public, const uint8_t *number,
                        struct signing_key **ret, struct error *err)
{
    AUTO(signing_key) struct signing_key *key = allocate();
    struct ed25519_public point;
    if (seed.len != KEY_SEED_LEN) {
        return error_set(err, ERROR_FORMAT, "an Ed25519 secret key has 32 bytes, not %zu",
                         seed.len);
    }
    key->expanded = secret_new(crypto_sign_SECRETKEYBYTES);
    key->expanded->len = crypto_sign_SECRETKEYBYTES;
    if (libsodium()->crypto_sign_seed_keypair(point.bytes, key->expanded->data, seed.data) != 0) {
        bug("libsodium derives no key");
    }
    struct bytes derived = bytes_from(point.bytes, ED25519_PUBLIC_LEN);
    if (public.len != 0 && !bytes_equal(public, derived)) {
        error_set(err, ERROR_MISMATCH, "the public key in the file is not that of the secret key");
        return error_cure(err, "the file was changed or damaged: take the backup, do not sign");
    }
    if (!public_key_import(derived, &key->public, err)) {
        return false;
    }
    if (number != NULL) {
        memcpy(key->public.number, number, KEY_NUMBER_LEN);
        key->public.number_stated = true;
    }
    *ret = STEAL(key);
    return true;
}

struct signing_key *signing_key_new(void)
{
    AUTO(secret) struct secret *seed = secret_new(KEY_SEED_LEN);
    struct signing_key *key;
    struct error err;
    libsodium()->randombytes_buf(seed->data, KEY_SEED_LEN);
    seed->len = KEY_SEED_LEN;
    if (!signing_key_import(secret_view(seed), (struct bytes){0}, NULL, &key, &err)) {
        bug("a new key: %s", err.message);
    }
    return key;
}

struct signing_key *signing_key_in_agent(int agent_fd, const struct public_key *public)
{
    struct signing_key *key = allocate();
    key->public = *public;
    key->agent = agent_fd;
    return key;
}

void signing_key_free(struct signing_key **key)
{
    if (*key != NULL) {
        secret_free(&(*key)->expanded);
        fd_close(&(*key)->agent);
        free(*key);
        *key = NULL;
    }
}

const struct public_key *signing_key_public(const struct signing_key *key)
{
    return &key->public;
}

struct bytes signing_key_seed(const struct signing_key *key)
{
    return key->expanded == NULL ? (struct bytes){0}
                                 : bytes_from(key->expanded->data, KEY_SEED_LEN);
}

static bool sign_unchecked(const struct signing_key *key, struct bytes message,
                           uint8_t ret[ED25519_SIGNATURE_LEN], struct error *err)
{
    if (key->expanded == NULL) {
        return ssh_agent_sign(key->agent, &key->public.point, message, ret, err);
    }
    if (libsodium()->crypto_sign_detached(ret, NULL, message.data, message.len,
                                          key->expanded->data) != 0) {
        return error_set(err, ERROR_INTERNAL, "libsodium does not sign");
    }
    return true;
}

bool signing_key_sign(const struct signing_key *key, struct bytes message,
                      uint8_t ret[ED25519_SIGNATURE_LEN], struct error *err)
{
    uint8_t signature[ED25519_SIGNATURE_LEN];
    if (!sign_unchecked(key, message, signature, err)) {
        return false;
    }
    /* A fault while signing would give the key away with the signature. */
    if (!ed25519_verify(&key->public.point, message, bytes_from(signature, sizeof(signature)))) {
        return error_set(err, ERROR_INTERNAL, "the new signature does not verify");
    }
    memcpy(ret, signature, sizeof(signature));
    return true;
}
