// SPDX-License-Identifier: Apache-2.0
/* PEM as OpenSSL writes it: SPKI public keys and PKCS#8 secret keys (RFC 8410), the latter plain or
 * behind PBES2 (RFC 8018) with PBKDF2 or scrypt. */
#include <stdio.h>

#include "base/libcrypto.h"
#include "base/limits.h"
#include "base/reader.h"
#include "signer/key_format.h"
#include "signer/pem.h"

#define LINE 64
#define LABEL_PUBLIC "PUBLIC KEY"
#define LABEL_PLAIN "PRIVATE KEY"
#define LABEL_ENCRYPTED "ENCRYPTED PRIVATE KEY"
/* OpenSSL opens scrypt with at most 32 MiB, so N = 2^14, r = 8; the rest is done by p. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 8
#define LIMIT_SCRYPT_P 64
#define SALT_LEN 16

/* PKCS#8 version 0: the seed in an octet string in an octet string. */
static const uint8_t plain_prefix[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                       0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
/* Version 1 has the public key behind it (RFC 8410, section 10.3, without attributes). */
static const uint8_t pair_prefix[] = {0x30, 0x51, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06,
                                      0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
static const uint8_t pair_middle[] = {0x81, 0x21, 0x00};

#define SCOPED(type, call)                                                                         \
    static void call##_scoped(type **pointer)                                                      \
    {                                                                                              \
        libcrypto()->call(*pointer);                                                               \
    }
SCOPED(EVP_PKEY, EVP_PKEY_free)
SCOPED(X509_SIG, X509_SIG_free)
SCOPED(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
SCOPED(X509_ALGOR, X509_ALGOR_free)
#define RELEASED_BY(call) __attribute__((cleanup(call##_scoped)))

static bool is_secret(struct bytes text)
{
    /* "RSA PRIVATE KEY" and the like are refused by their name, but here. */
    return pem_is_any(text) && !pem_is(text, LABEL_PUBLIC) &&
           bytes_find(bytes_first(text, LINE), 0, bytes_from_string("PRIVATE KEY-----")) !=
               SIZE_MAX;
}

static bool is_public(struct bytes text)
{
    return pem_is_any(text) && !is_secret(text);
}

static bool refuse_type(const char *type, struct error *err)
{
    error_set(err, ERROR_UNSUPPORTED, "%s, not an Ed25519 key", type);
    return error_cure(err, "reproof signs and verifies Ed25519 alone");
}

/* Names the algorithm of KEY, which may be NULL: not even OpenSSL reads it. */
static bool refuse_key(const EVP_PKEY *key, struct error *err)
{
    const char *name = key == NULL ? NULL : libcrypto()->EVP_PKEY_get0_type_name(key);
    if (name == NULL) {
        return error_set(err, ERROR_FORMAT, "not an Ed25519 key in DER");
    }
    if (strcmp(name, "ED25519") == 0) {
        return error_set(err, ERROR_FORMAT, "an Ed25519 key in a form that nobody writes");
    }
    char type[64];
    snprintf(type, sizeof(type), "an %s key",
             strcmp(name, "EC") == 0      ? "ECDSA"
             : strcmp(name, "ED448") == 0 ? "Ed448"
                                          : name);
    return refuse_type(type, err);
}

static bool read_public(struct bytes text, struct arena *arena, struct public_key *ret,
                        struct error *err)
{
    uint8_t der[8192];
    size_t len;
    struct pem pem;
    (void)arena;
    if (!pem_open(text, &pem, err)) {
        return false;
    }
    if (!bytes_equal_string(pem.label, LABEL_PUBLIC)) {
        return refuse_type(bytes_equal_string(pem.label, "CERTIFICATE") ? "a certificate"
                                                                        : "PEM of another kind",
                           err);
    }
    if (!pem_decode(&pem, der, sizeof(der), &len, err)) {
        return false;
    }
    struct ed25519_public point = {{0}};
    uint8_t expected[KEY_SPKI_LEN];
    key_spki(&point, expected);
    size_t prefix = KEY_SPKI_LEN - ED25519_PUBLIC_LEN;
    if (len == KEY_SPKI_LEN && memcmp(der, expected, prefix) == 0) {
        return public_key_import(bytes_from(der + prefix, ED25519_PUBLIC_LEN), ret, err);
    }
    const uint8_t *cursor = der;
    EVP_PKEY *key RELEASED_BY(EVP_PKEY_free) = libcrypto()->d2i_PUBKEY(NULL, &cursor, (long)len);
    return refuse_key(key, err);
}

static bool expect_bytes(struct reader *reader, const uint8_t *expected, size_t len)
{
    struct bytes found;
    return reader_bytes(reader, len, &found) && memcmp(found.data, expected, len) == 0;
}

/* The exact bytes that version 0 and version 1 have; anything else is named by OpenSSL. */
static bool import_pkcs8(struct bytes der, struct signing_key **ret, struct error *err)
{
    struct reader reader = reader_over(der, BIG_ENDIAN_ORDER);
    struct bytes seed;
    struct bytes public = {0};
    if (expect_bytes(&reader, plain_prefix, sizeof(plain_prefix)) &&
        reader_bytes(&reader, KEY_SEED_LEN, &seed) && reader_done(&reader)) {
        return signing_key_import(seed, public, NULL, ret, err);
    }
    reader = reader_over(der, BIG_ENDIAN_ORDER);
    if (expect_bytes(&reader, pair_prefix, sizeof(pair_prefix)) &&
        reader_bytes(&reader, KEY_SEED_LEN, &seed) &&
        expect_bytes(&reader, pair_middle, sizeof(pair_middle)) &&
        reader_bytes(&reader, ED25519_PUBLIC_LEN, &public) && reader_done(&reader)) {
        return signing_key_import(seed, public, NULL, ret, err);
    }
    const uint8_t *cursor = der.data;
    EVP_PKEY *key RELEASED_BY(EVP_PKEY_free) =
        libcrypto()->d2i_AutoPrivateKey(NULL, &cursor, (long)der.len);
    return refuse_key(key, err);
}

static bool number_within(const ASN1_INTEGER *value, uint64_t maximum, uint64_t *ret)
{
    return value != NULL && libcrypto()->ASN1_INTEGER_get_uint64(ret, value) == 1 && *ret >= 1 &&
           *ret <= maximum;
}

static bool pbkdf2_is_bearable(const PBKDF2PARAM *parameters)
{
    uint64_t rounds;
    return number_within(parameters->iter, LIMIT_KDF_ROUNDS, &rounds);
}

static bool scrypt_is_bearable(const SCRYPT_PARAMS *parameters)
{
    uint64_t cost;
    uint64_t block;
    uint64_t lanes;
    return number_within(parameters->costParameter, 1 << 24, &cost) &&
           number_within(parameters->blockSize, 64, &block) &&
           number_within(parameters->parallelizationParameter, LIMIT_SCRYPT_P, &lanes) &&
           128 * cost * block <= LIMIT_KDF_MEMORY;
}

static bool kdf_is_bearable(const X509_ALGOR *kdf)
{
    int kind = libcrypto()->OBJ_obj2nid(kdf->algorithm);
    if (kind != NID_id_pbkdf2 && kind != NID_id_scrypt) {
        return false;
    }
    const ASN1_ITEM *item =
        kind == NID_id_scrypt ? libcrypto()->SCRYPT_PARAMS_it() : libcrypto()->PBKDF2PARAM_it();
    void *parameters = libcrypto()->ASN1_TYPE_unpack_sequence(item, kdf->parameter);
    bool bearable = parameters != NULL && (kind == NID_id_scrypt ? scrypt_is_bearable(parameters)
                                                                 : pbkdf2_is_bearable(parameters));
    libcrypto()->ASN1_item_free(parameters, item);
    return bearable;
}

/* What the file asks for to derive the key of its passphrase is capped before it is done. */
static bool is_bearable(const X509_SIG *sealed, struct error *err)
{
    const X509_ALGOR *algorithm;
    libcrypto()->X509_SIG_get0(sealed, &algorithm, NULL);
    if (libcrypto()->OBJ_obj2nid(algorithm->algorithm) != NID_pbes2) {
        error_set(err, ERROR_UNSUPPORTED, "a PKCS#8 key that is not encrypted by PBES2");
        return error_cure(err, "openssl pkcs8 -topk8 -scrypt -in OLD -out NEW");
    }
    const ASN1_ITEM *item = libcrypto()->PBE2PARAM_it();
    PBE2PARAM *parameters = libcrypto()->ASN1_TYPE_unpack_sequence(item, algorithm->parameter);
    if (parameters == NULL) {
        return error_set(err, ERROR_FORMAT, "the parameters of PBES2 are malformed");
    }
    bool bearable = kdf_is_bearable(parameters->keyfunc);
    libcrypto()->ASN1_item_free((ASN1_VALUE *)parameters, item);
    return bearable || error_set(err, ERROR_LIMIT,
                                 "the key file asks for an unknown KDF, or for too much work");
}

static bool open_encrypted(struct bytes der, const struct unlock *unlock, struct signing_key **ret,
                           struct error *err)
{
    AUTO(secret) struct secret *passphrase = NULL;
    const uint8_t *cursor = der.data;
    X509_SIG *sealed RELEASED_BY(X509_SIG_free) =
        libcrypto()->d2i_X509_SIG(NULL, &cursor, (long)der.len);
    if (sealed == NULL || cursor != der.data + der.len) {
        return error_set(err, ERROR_FORMAT, "not an encrypted PKCS#8 key in DER");
    }
    if (!is_bearable(sealed, err) || !unlock_passphrase(unlock, &passphrase, err)) {
        return false;
    }
    PKCS8_PRIV_KEY_INFO *info RELEASED_BY(PKCS8_PRIV_KEY_INFO_free) =
        libcrypto()->PKCS8_decrypt(sealed, (const char *)passphrase->data, (int)passphrase->len);
    if (info == NULL) {
        return unlock_refused(err);
    }
    int len = libcrypto()->i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
    if (len <= 0 || (size_t)len > LIMIT_KEY_FILE) {
        return unlock_refused(err);
    }
    AUTO(secret) struct secret *plain = secret_new((size_t)len);
    uint8_t *out = plain->data;
    plain->len = (size_t)libcrypto()->i2d_PKCS8_PRIV_KEY_INFO(info, &out);
    return import_pkcs8(secret_view(plain), ret, err);
}

static bool read_secret(struct bytes text, const struct unlock *unlock, struct signing_key **ret,
                        struct error *err)
{
    struct pem pem;
    if (!pem_open(text, &pem, err)) {
        return false;
    }
    AUTO(secret) struct secret *der = secret_new(pem.body.len);
    if (bytes_equal_string(pem.label, LABEL_PLAIN) ||
        bytes_equal_string(pem.label, LABEL_ENCRYPTED)) {
        if (!pem_decode(&pem, der->data, der->room, &der->len, err)) {
            return false;
        }
        return bytes_equal_string(pem.label, LABEL_PLAIN)
                   ? import_pkcs8(secret_view(der), ret, err)
                   : open_encrypted(secret_view(der), unlock, ret, err);
    }
    char type[64];
    snprintf(type, sizeof(type), "an %.*s", (int)pem.label.len, (const char *)pem.label.data);
    return refuse_type(type, err);
}

static void put_pkcs8(const struct signing_key *key, struct secret *der)
{
    struct buffer out = secret_buffer(der);
    buffer_append(&out, bytes_from(plain_prefix, sizeof(plain_prefix)));
    buffer_append(&out, signing_key_seed(key));
    if (!secret_end(der, &out)) {
        bug("a PKCS#8 key does not fit");
    }
}

static bool write_encrypted(const struct secret *plain, struct bytes passphrase, struct buffer *out,
                            struct error *err)
{
    const uint8_t *cursor = plain->data;
    uint8_t *der = NULL;
    int len = 0;
    PKCS8_PRIV_KEY_INFO *info RELEASED_BY(PKCS8_PRIV_KEY_INFO_free) =
        libcrypto()->d2i_PKCS8_PRIV_KEY_INFO(NULL, &cursor, (long)plain->len);
    /* Salt and IV are drawn by OpenSSL. Who takes the algorithm over also frees it. */
    X509_ALGOR *algorithm RELEASED_BY(X509_ALGOR_free) = libcrypto()->PKCS5_pbe2_set_scrypt(
        libcrypto()->EVP_aes_256_cbc(), NULL, SALT_LEN, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
    X509_SIG *sealed RELEASED_BY(X509_SIG_free) = NULL;
    if (info != NULL && algorithm != NULL) {
        sealed = libcrypto()->PKCS8_set0_pbe((const char *)passphrase.data, (int)passphrase.len,
                                             info, algorithm);
    }
    if (sealed != NULL) {
        algorithm = NULL;
        len = libcrypto()->i2d_X509_SIG(sealed, &der);
    }
    if (len <= 0) {
        return error_set(err, ERROR_INTERNAL, "OpenSSL does not encrypt the key");
    }
    pem_write(out, LABEL_ENCRYPTED, bytes_from(der, (size_t)len), LINE);
    libcrypto()->CRYPTO_free(der, __FILE__, __LINE__);
    return true;
}

static bool write_secret(const struct signing_key *key, struct bytes passphrase, struct buffer *out,
                         struct error *err)
{
    AUTO(secret) struct secret *der = secret_new(sizeof(plain_prefix) + KEY_SEED_LEN + 1);
    put_pkcs8(key, der);
    if (passphrase.len > 0) {
        return write_encrypted(der, passphrase, out, err);
    }
    pem_write(out, LABEL_PLAIN, secret_view(der), LINE);
    return true;
}

static void write_public(const struct public_key *key, struct buffer *out)
{
    uint8_t spki[KEY_SPKI_LEN];
    key_spki(&key->point, spki);
    pem_write(out, LABEL_PUBLIC, bytes_from(spki, sizeof(spki)), LINE);
}

const struct key_format key_format_pem = {
    .name = "pem",
    .description = "PEM",
    .is_secret = is_secret,
    .is_public = is_public,
    .read_secret = read_secret,
    .read_public = read_public,
    .write_secret = write_secret,
    .write_public = write_public,
};
