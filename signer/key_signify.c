// SPDX-License-Identifier: Apache-2.0
/* signify's secret keys (OpenBSD's signify.c, struct enckey). Its public keys have minisign's form,
 * so key_minisign.c reads those. Encrypted ones need bcrypt_pbkdf, which neither libsodium nor
 * OpenSSL has. */
#include "base/libsodium.h"
#include "base/reader.h"
#include "signer/commented.h"
#include "signer/key_format.h"

#define SECRET_LEN 104 /* Ed, BK, rounds, salt[16], checksum[8], number[8], seed[32], key[32] */
#define SALT_LEN 16
#define CHECKSUM_LEN 8
#define PAIR_LEN (KEY_SEED_LEN + ED25519_PUBLIC_LEN)

static bool is_secret(struct bytes text)
{
    return commented_payload_len(text) == BASE64_LEN(SECRET_LEN);
}

static bool is_public(struct bytes text)
{
    (void)text;
    return false;
}

static bool checksum_fits(struct bytes pair, struct bytes checksum)
{
    uint8_t digest[crypto_hash_sha512_BYTES];
    libsodium()->crypto_hash_sha512(digest, pair.data, pair.len);
    return libsodium()->sodium_memcmp(digest, checksum.data, CHECKSUM_LEN) == 0;
}

static bool refuse_bcrypt(struct error *err)
{
    error_set(err, ERROR_UNSUPPORTED,
              "an encrypted signify key: its KDF, bcrypt_pbkdf, is in none of our libraries");
    return error_cure(err, "signify cannot take the passphrase off: make a key with reproof key "
                           "new, and give its signify form to signify");
}

static bool read_secret(struct bytes text, const struct unlock *unlock, struct signing_key **ret,
                        struct error *err)
{
    (void)unlock;
    AUTO(secret) struct secret *raw = secret_new(SECRET_LEN);
    struct scanner scanner = scanner_over(text);
    struct bytes comment;
    struct bytes salt;
    struct bytes checksum;
    struct bytes number;
    struct bytes pair;
    uint32_t rounds;
    if (!commented_read(&scanner, &comment, raw->data, SECRET_LEN) || !scanner_done(&scanner)) {
        return error_set(err, ERROR_FORMAT, "not the two lines of a signify secret key");
    }
    struct reader reader = reader_over(bytes_from(raw->data, SECRET_LEN), BIG_ENDIAN_ORDER);
    if (!reader_expect(&reader, "Ed") || !reader_expect(&reader, "BK") ||
        !reader_u32(&reader, &rounds) || !reader_bytes(&reader, SALT_LEN, &salt) ||
        !reader_bytes(&reader, CHECKSUM_LEN, &checksum) ||
        !reader_bytes(&reader, KEY_NUMBER_LEN, &number) ||
        !reader_bytes(&reader, PAIR_LEN, &pair)) {
        return error_set(err, ERROR_UNSUPPORTED, "a signify key of another algorithm");
    }
    if (rounds != 0) {
        return refuse_bcrypt(err);
    }
    if (!checksum_fits(pair, checksum)) {
        return error_set(err, ERROR_FORMAT, "the checksum does not fit: damaged");
    }
    return signing_key_import(bytes_first(pair, KEY_SEED_LEN), bytes_behind(pair, KEY_SEED_LEN),
                              number.data, ret, err);
}

static bool write_secret(const struct signing_key *key, struct bytes passphrase, struct buffer *out,
                         struct error *err)
{
    if (passphrase.len > 0) {
        error_set(err, ERROR_UNSUPPORTED, "signify encrypts with bcrypt_pbkdf, which we lack");
        return error_cure(err, "--no-passphrase writes it in clear; keep such a file offline");
    }
    AUTO(secret) struct secret *pair = secret_new(PAIR_LEN);
    AUTO(secret) struct secret *whole = secret_new(SECRET_LEN + 1);
    const struct public_key *public = signing_key_public(key);
    uint8_t digest[crypto_hash_sha512_BYTES];
    const uint8_t salt[SALT_LEN] = {0};
    memcpy(pair->data, signing_key_seed(key).data, KEY_SEED_LEN);
    memcpy(pair->data + KEY_SEED_LEN, public->point.bytes, ED25519_PUBLIC_LEN);
    libsodium()->crypto_hash_sha512(digest, pair->data, PAIR_LEN);
    struct buffer raw = secret_buffer(whole);
    buffer_string(&raw, "EdBK");
    buffer_u32(&raw, 0);
    buffer_append(&raw, bytes_from(salt, sizeof(salt)));
    buffer_append(&raw, bytes_from(digest, CHECKSUM_LEN));
    buffer_append(&raw, bytes_from(public->number, KEY_NUMBER_LEN));
    buffer_append(&raw, bytes_from(pair->data, PAIR_LEN));
    commented_write(out, "signify secret key", buffer_view(&raw));
    return true;
}

static bool read_public(struct bytes text, struct arena *arena, struct public_key *ret,
                        struct error *err)
{
    return key_format_minisign.read_public(text, arena, ret, err);
}

static void write_public(const struct public_key *key, struct buffer *out)
{
    struct buffer raw;
    buffer_init(&raw, 2 + KEY_NUMBER_LEN + ED25519_PUBLIC_LEN);
    buffer_string(&raw, "Ed");
    buffer_append(&raw, bytes_from(key->number, KEY_NUMBER_LEN));
    buffer_append(&raw, bytes_from(key->point.bytes, ED25519_PUBLIC_LEN));
    commented_write(out, "signify public key", buffer_view(&raw));
    buffer_free(&raw);
}

const struct key_format key_format_signify = {
    .name = "signify",
    .description = "signify",
    .is_secret = is_secret,
    .is_public = is_public,
    .read_secret = read_secret,
    .read_public = read_public,
    .write_secret = write_secret,
    .write_public = write_public,
};
