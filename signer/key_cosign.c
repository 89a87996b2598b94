// SPDX-License-Identifier: Apache-2.0
/* cosign's secret keys: PEM around JSON around PKCS#8, sealed by scrypt and NaCl's secretbox
 * (go-securesystemslib/encrypted). Its public keys are plain PEM. */
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/libsodium.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "signer/key_format.h"
#include "signer/pem.h"

#define LABEL "ENCRYPTED SIGSTORE PRIVATE KEY"
#define OLD_LABEL "ENCRYPTED COSIGN PRIVATE KEY"
#define LINE 64
#define SALT_LEN 32
/* The parameters that cosign writes; it refuses all but a few known sets. */
#define SCRYPT_N 65536
#define SCRYPT_R 8
#define SCRYPT_P 1
#define LIMIT_SCRYPT_P 16
#define PKCS8_ROOM 256

struct sealed {
    uint64_t n, r, p;
    uint8_t salt[64];
    size_t salt_len;
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    uint8_t box[PKCS8_ROOM];
    size_t box_len;
};

static bool is_secret(struct bytes text)
{
    return pem_is(text, LABEL) || pem_is(text, OLD_LABEL);
}

static bool is_public(struct bytes text)
{
    (void)text;
    return false;
}

static bool member_is(const struct cJSON *object, const char *key, const char *expected)
{
    const char *value = json_member_string(object, key);
    return value != NULL && strcmp(value, expected) == 0;
}

static bool member_bytes(const struct cJSON *object, const char *key, uint8_t *ret, size_t room,
                         size_t *ret_len)
{
    const char *text = json_member_string(object, key);
    return text != NULL &&
           decode_base64(bytes_from_string(text), BASE64_STANDARD, ret, room, ret_len);
}

static bool read_sealed(const struct cJSON *root, struct sealed *ret)
{
    const struct cJSON *kdf = json_member(root, "kdf");
    const struct cJSON *parameters = json_member(kdf, "params");
    const struct cJSON *cipher = json_member(root, "cipher");
    size_t nonce_len;
    return member_is(kdf, "name", "scrypt") && member_is(cipher, "name", "nacl/secretbox") &&
           json_get_uint(json_member(parameters, "N"), &ret->n) &&
           json_get_uint(json_member(parameters, "r"), &ret->r) &&
           json_get_uint(json_member(parameters, "p"), &ret->p) &&
           member_bytes(kdf, "salt", ret->salt, sizeof(ret->salt), &ret->salt_len) &&
           member_bytes(cipher, "nonce", ret->nonce, sizeof(ret->nonce), &nonce_len) &&
           nonce_len == sizeof(ret->nonce) &&
           member_bytes(root, "ciphertext", ret->box, sizeof(ret->box), &ret->box_len) &&
           ret->box_len > crypto_secretbox_MACBYTES;
}

static bool derive(const struct sealed *sealed, struct bytes passphrase, struct secret *ret)
{
    ret->len = crypto_secretbox_KEYBYTES;
    return libsodium()->crypto_pwhash_scryptsalsa208sha256_ll(
               passphrase.data, passphrase.len, sealed->salt, sealed->salt_len, sealed->n,
               (uint32_t)sealed->r, (uint32_t)sealed->p, ret->data, ret->len) == 0;
}

static bool is_bearable(const struct sealed *sealed)
{
    return sealed->n >= 2 && sealed->n <= 1 << 24 && (sealed->n & (sealed->n - 1)) == 0 &&
           sealed->r >= 1 && sealed->r <= 64 && sealed->p >= 1 && sealed->p <= LIMIT_SCRYPT_P &&
           128 * sealed->n * sealed->r <= LIMIT_KDF_MEMORY;
}

/* What is inside is PKCS#8, so PEM's reader takes it from there. */
static bool import_plain(struct bytes plain, struct signing_key **ret, struct error *err)
{
    AUTO(secret) struct secret *text = secret_new(2 * PKCS8_ROOM + 128);
    struct buffer out = secret_buffer(text);
    pem_write(&out, "PRIVATE KEY", plain, LINE);
    return secret_end(text, &out) && key_format_pem.read_secret(secret_view(text), NULL, ret, err);
}

static bool open_sealed(const struct sealed *sealed, const struct unlock *unlock,
                        struct signing_key **ret, struct error *err)
{
    AUTO(secret) struct secret *passphrase = NULL;
    AUTO(secret) struct secret *key = secret_new(crypto_secretbox_KEYBYTES);
    AUTO(secret) struct secret *plain = secret_new(PKCS8_ROOM);
    if (!is_bearable(sealed)) {
        return error_set(err, ERROR_LIMIT, "the key file asks for too much work to open it");
    }
    if (!unlock_passphrase(unlock, &passphrase, err)) {
        return false;
    }
    if (!derive(sealed, secret_view(passphrase), key)) {
        return error_set(err, ERROR_LIMIT, "not enough memory to open the key");
    }
    if (libsodium()->crypto_secretbox_open_easy(plain->data, sealed->box, sealed->box_len,
                                                sealed->nonce, key->data) != 0) {
        return unlock_refused(err);
    }
    plain->len = sealed->box_len - crypto_secretbox_MACBYTES;
    return import_plain(secret_view(plain), ret, err);
}

static bool read_secret(struct bytes text, const struct unlock *unlock, struct signing_key **ret,
                        struct error *err)
{
    uint8_t json[8192];
    size_t len;
    struct pem pem;
    struct sealed sealed;
    struct json_document *document;
    if (!pem_open(text, &pem, err) || !pem_decode(&pem, json, sizeof(json), &len, err) ||
        !json_parse(bytes_from(json, len), &document, err)) {
        return false;
    }
    bool read = read_sealed(json_root(document), &sealed);
    json_document_free(&document);
    return read ? open_sealed(&sealed, unlock, ret, err)
                : error_set(err, ERROR_FORMAT, "not scrypt and nacl/secretbox, as cosign writes");
}

static void put_base64(struct json_writer *json, const char *key, const uint8_t *data, size_t len)
{
    char text[BASE64_LEN(PKCS8_ROOM) + 1];
    encode_base64(bytes_from(data, len), BASE64_STANDARD, text);
    json_string(json, key, text);
}

static void write_sealed(const struct sealed *sealed, struct buffer *out)
{
    struct buffer text;
    struct json_writer json;
    buffer_init(&text, 4096);
    json_writer_init(&json, &text, true);
    json_object(&json, NULL);
    json_object(&json, "kdf");
    json_string(&json, "name", "scrypt");
    json_object(&json, "params");
    json_uint(&json, "N", sealed->n);
    json_uint(&json, "r", sealed->r);
    json_uint(&json, "p", sealed->p);
    json_object_end(&json);
    put_base64(&json, "salt", sealed->salt, sealed->salt_len);
    json_object_end(&json);
    json_object(&json, "cipher");
    json_string(&json, "name", "nacl/secretbox");
    put_base64(&json, "nonce", sealed->nonce, sizeof(sealed->nonce));
    json_object_end(&json);
    put_base64(&json, "ciphertext", sealed->box, sealed->box_len);
    json_object_end(&json);
    pem_write(out, LABEL, scan_trimmed(buffer_view(&text)), LINE);
    buffer_free(&text);
}

/* The DER of KEY's PKCS#8, taken out of what PEM's writer makes of it. */
static bool plain_pkcs8(const struct signing_key *key, struct secret *ret, struct error *err)
{
    AUTO(secret) struct secret *text = secret_new(1024);
    struct buffer out = secret_buffer(text);
    struct pem pem;
    return key_format_pem.write_secret(key, (struct bytes){0}, &out, err) &&
           pem_open(buffer_view(&out), &pem, err) &&
           pem_decode(&pem, ret->data, ret->room, &ret->len, err);
}

static bool write_secret(const struct signing_key *key, struct bytes passphrase, struct buffer *out,
                         struct error *err)
{
    AUTO(secret) struct secret *plain = secret_new(PKCS8_ROOM);
    AUTO(secret) struct secret *box_key = secret_new(crypto_secretbox_KEYBYTES);
    struct sealed sealed = {.n = SCRYPT_N, .r = SCRYPT_R, .p = SCRYPT_P, .salt_len = SALT_LEN};
    libsodium()->randombytes_buf(sealed.salt, SALT_LEN);
    libsodium()->randombytes_buf(sealed.nonce, sizeof(sealed.nonce));
    /* An empty passphrase is cosign's way of saying "none". */
    if (!plain_pkcs8(key, plain, err)) {
        return false;
    }
    if (!derive(&sealed, passphrase, box_key)) {
        return error_set(err, ERROR_LIMIT, "not enough memory to encrypt the key");
    }
    sealed.box_len = plain->len + crypto_secretbox_MACBYTES;
    libsodium()->crypto_secretbox_easy(sealed.box, plain->data, plain->len, sealed.nonce,
                                       box_key->data);
    write_sealed(&sealed, out);
    return true;
}

static bool read_public(struct bytes text, struct arena *arena, struct public_key *ret,
                        struct error *err)
{
    return key_format_pem.read_public(text, arena, ret, err);
}

static void write_public(const struct public_key *key, struct buffer *out)
{
    key_format_pem.write_public(key, out);
}

const struct key_format key_format_cosign = {
    .name = "cosign",
    .description = "cosign",
    .is_secret = is_secret,
    .is_public = is_public,
    .read_secret = read_secret,
    .read_public = read_public,
    .write_secret = write_secret,
    .write_public = write_public,
};
