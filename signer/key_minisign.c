// SPDX-License-Identifier: Apache-2.0
/* minisign's key files (minisign.h of 0.11 and 0.12). signify's public keys have the same form. */
#include "base/libsodium.h"
#include "base/limits.h"
#include "base/reader.h"
#include "signer/commented.h"
#include "signer/key_format.h"

#define PUBLIC_LEN 42  /* Ed, number[8], key[32] */
#define SECRET_LEN 158 /* Ed, Sc or zeros, B2, salt[32], two limits, then the sealed part */
#define SEALED_LEN 104 /* number[8], seed[32], key[32], checksum[32] */
#define SALT_LEN 32
#define CHECKSUM_LEN 32
/* What minisign itself uses for new keys: N = 2^20, r = 8, 1 GiB. */
#define NEW_OPERATIONS 33554432
#define NEW_MEMORY (1 * GIB)
#define LEAST_MEMORY (16 * MIB)

static bool is_secret(struct bytes text)
{
    return commented_payload_len(text) == BASE64_LEN(SECRET_LEN);
}

static bool is_public(struct bytes text)
{
    return commented_payload_len(text) == BASE64_LEN(PUBLIC_LEN);
}

static bool read_public(struct bytes text, struct arena *arena, struct public_key *ret,
                        struct error *err)
{
    struct scanner scanner = scanner_over(text);
    uint8_t raw[PUBLIC_LEN];
    struct bytes comment;
    struct bytes point;
    struct public_key key;
    (void)arena;
    if (!commented_read(&scanner, &comment, raw, sizeof(raw)) || !scanner_done(&scanner)) {
        return error_set(err, ERROR_FORMAT, "not the two lines of a minisign or signify key");
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), LITTLE_ENDIAN_ORDER);
    uint8_t number[KEY_NUMBER_LEN];
    if (!reader_expect(&reader, "Ed") || !reader_copy(&reader, number, sizeof(number)) ||
        !reader_bytes(&reader, ED25519_PUBLIC_LEN, &point)) {
        return error_set(err, ERROR_UNSUPPORTED, "a minisign key of another algorithm");
    }
    if (!public_key_import(point, &key, err)) {
        return false;
    }
    memcpy(key.number, number, sizeof(number));
    key.number_stated = true;
    *ret = key;
    return true;
}

static void write_public(const struct public_key *key, struct buffer *out)
{
    struct buffer raw;
    char number[2 * KEY_NUMBER_LEN + 1];
    char comment[64] = "minisign public key ";
    key_number_text(key->number, number);
    memcpy(comment + strlen(comment), number, sizeof(number));
    buffer_init(&raw, PUBLIC_LEN);
    buffer_string(&raw, "Ed");
    buffer_append(&raw, bytes_from(key->number, KEY_NUMBER_LEN));
    buffer_append(&raw, bytes_from(key->point.bytes, ED25519_PUBLIC_LEN));
    commented_write(out, comment, buffer_view(&raw));
    buffer_free(&raw);
}

/* XORs the sealed part with the stream that scrypt makes of the passphrase. */
static bool apply_stream(uint8_t *sealed, struct bytes passphrase, const uint8_t *salt,
                         uint64_t operations, uint64_t memory)
{
    AUTO(secret) struct secret *stream = secret_new(SEALED_LEN);
    if (libsodium()->crypto_pwhash_scryptsalsa208sha256(
            stream->data, SEALED_LEN, (const char *)passphrase.data, passphrase.len, salt,
            operations, memory) != 0) {
        return false;
    }
    for (size_t i = 0; i < SEALED_LEN; i++) {
        sealed[i] ^= stream->data[i];
    }
    return true;
}

static bool unseal(uint8_t *sealed, const uint8_t *salt, uint64_t operations, uint64_t memory,
                   const struct unlock *unlock, struct error *err)
{
    AUTO(secret) struct secret *passphrase = NULL;
    if (operations > LIMIT_KDF_OPERATIONS || memory > LIMIT_KDF_MEMORY) {
        return error_set(err, ERROR_LIMIT,
                         "the key file asks for %llu bytes and %llu operations to open it",
                         (unsigned long long)memory, (unsigned long long)operations);
    }
    if (!unlock_passphrase(unlock, &passphrase, err)) {
        return false;
    }
    return apply_stream(sealed, secret_view(passphrase), salt, operations, memory) ||
           error_set(err, ERROR_LIMIT, "not enough memory to open the key (%llu bytes)",
                     (unsigned long long)memory);
}

/* BLAKE2b-256 over the algorithm, the number and the key. */
static void compute_checksum(const uint8_t *sealed, uint8_t ret[CHECKSUM_LEN])
{
    crypto_generichash_state state;
    libsodium()->crypto_generichash_init(&state, NULL, 0, CHECKSUM_LEN);
    libsodium()->crypto_generichash_update(&state, (const uint8_t *)"Ed", 2);
    libsodium()->crypto_generichash_update(&state, sealed, SEALED_LEN - CHECKSUM_LEN);
    libsodium()->crypto_generichash_final(&state, ret, CHECKSUM_LEN);
}

static bool import_sealed(const uint8_t *sealed, bool encrypted, struct signing_key **ret,
                          struct error *err)
{
    uint8_t checksum[CHECKSUM_LEN];
    compute_checksum(sealed, checksum);
    const uint8_t *seed = sealed + KEY_NUMBER_LEN;
    const uint8_t *stated = sealed + SEALED_LEN - CHECKSUM_LEN;
    /* Zeros in a key that is not encrypted: others' tools leave it out there. */
    bool left_out = !encrypted && libsodium()->sodium_is_zero(stated, CHECKSUM_LEN);
    if (!left_out && libsodium()->sodium_memcmp(checksum, stated, CHECKSUM_LEN) != 0) {
        return encrypted ? unlock_refused(err)
                         : error_set(err, ERROR_FORMAT, "the checksum does not fit: damaged");
    }
    return signing_key_import(bytes_from(seed, KEY_SEED_LEN),
                              bytes_from(seed + KEY_SEED_LEN, ED25519_PUBLIC_LEN), sealed, ret,
                              err);
}

static bool read_secret(struct bytes text, const struct unlock *unlock, struct signing_key **ret,
                        struct error *err)
{
    AUTO(secret) struct secret *raw = secret_new(SECRET_LEN);
    struct scanner scanner = scanner_over(text);
    struct bytes comment;
    struct bytes kdf;
    struct bytes salt;
    uint64_t operations;
    uint64_t memory;
    if (!commented_read(&scanner, &comment, raw->data, SECRET_LEN) || !scanner_done(&scanner)) {
        return error_set(err, ERROR_FORMAT, "not the two lines of a minisign secret key");
    }
    struct reader reader = reader_over(bytes_from(raw->data, SECRET_LEN), LITTLE_ENDIAN_ORDER);
    if (!reader_expect(&reader, "Ed") || !reader_bytes(&reader, 2, &kdf) ||
        !reader_expect(&reader, "B2") || !reader_bytes(&reader, SALT_LEN, &salt) ||
        !reader_u64(&reader, &operations) || !reader_u64(&reader, &memory)) {
        return error_set(err, ERROR_UNSUPPORTED, "a minisign key of another algorithm");
    }
    bool encrypted = bytes_equal_string(kdf, "Sc");
    uint8_t *sealed = raw->data + SECRET_LEN - SEALED_LEN;
    if (!encrypted && !bytes_equal(kdf, bytes_from("\0\0", 2))) {
        return error_set(err, ERROR_UNSUPPORTED, "a minisign key behind an unknown KDF");
    }
    if (encrypted && !unseal(sealed, salt.data, operations, memory, unlock, err)) {
        return false;
    }
    return import_sealed(sealed, encrypted, ret, err);
}

/* As minisign does, less memory where there is less. */
static bool seal(uint8_t *sealed, struct bytes passphrase, const uint8_t *salt,
                 uint64_t *ret_operations, uint64_t *ret_memory)
{
    uint64_t operations = NEW_OPERATIONS;
    uint64_t memory = NEW_MEMORY;
    while (!apply_stream(sealed, passphrase, salt, operations, memory)) {
        operations /= 2;
        memory /= 2;
        if (memory < LEAST_MEMORY) {
            return false;
        }
    }
    *ret_operations = operations;
    *ret_memory = memory;
    return true;
}

static bool write_secret(const struct signing_key *key, struct bytes passphrase, struct buffer *out,
                         struct error *err)
{
    AUTO(secret) struct secret *sealed = secret_new(SEALED_LEN);
    AUTO(secret) struct secret *whole = secret_new(SECRET_LEN + 1);
    const struct public_key *public = signing_key_public(key);
    uint8_t salt[SALT_LEN] = {0};
    uint64_t operations = 0;
    uint64_t memory = 0;
    memcpy(sealed->data, public->number, KEY_NUMBER_LEN);
    memcpy(sealed->data + KEY_NUMBER_LEN, signing_key_seed(key).data, KEY_SEED_LEN);
    memcpy(sealed->data + KEY_NUMBER_LEN + KEY_SEED_LEN, public->point.bytes, ED25519_PUBLIC_LEN);
    compute_checksum(sealed->data, sealed->data + SEALED_LEN - CHECKSUM_LEN);
    if (passphrase.len > 0) {
        libsodium()->randombytes_buf(salt, sizeof(salt));
        if (!seal(sealed->data, passphrase, salt, &operations, &memory)) {
            return error_set(err, ERROR_LIMIT, "not enough memory to encrypt a minisign key");
        }
    }
    struct buffer raw = secret_buffer(whole);
    buffer_string(&raw, "Ed");
    buffer_append(&raw, passphrase.len > 0 ? bytes_from("Sc", 2) : bytes_from("\0\0", 2));
    buffer_string(&raw, "B2");
    buffer_append(&raw, bytes_from(salt, sizeof(salt)));
    buffer_u64(&raw, operations);
    buffer_u64(&raw, memory);
    buffer_append(&raw, bytes_from(sealed->data, SEALED_LEN));
    commented_write(out,
                    passphrase.len > 0 ? "minisign encrypted secret key"
                                       : "minisign secret key, not encrypted",
                    buffer_view(&raw));
    return true;
}

const struct key_format key_format_minisign = {
    .name = "minisign",
    .description = "minisign",
    .is_secret = is_secret,
    .is_public = is_public,
    .read_secret = read_secret,
    .read_public = read_public,
    .write_secret = write_secret,
    .write_public = write_public,
};
