// SPDX-License-Identifier: Apache-2.0
/* OpenSSH's keys: the one-line public form (RFC 4253, section 6.6) and the secret form of
 * PROTOCOL.key. Encrypted ones need bcrypt_pbkdf, which neither libsodium nor OpenSSL has. */
#include "base/libsodium.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "signer/key_format.h"
#include "signer/pem.h"
#include "signer/ssh_wire.h"

#define LABEL "OPENSSH PRIVATE KEY"
#define LINE 70
#define TYPE "ssh-ed25519"
#define BLOCK 8

static bool is_secret(struct bytes text)
{
    return pem_is(text, LABEL);
}

static bool is_public(struct bytes text)
{
    static const char *const types[] = {"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (bytes_start_with(text, types[i])) {
            return true;
        }
    }
    return false;
}

/* "TYPE BASE64 COMMENT" */
static bool read_public(struct bytes text, struct arena *arena, struct public_key *ret,
                        struct error *err)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    struct bytes type;
    struct bytes base64;
    struct bytes point;
    uint8_t blob[KEY_SSH_BLOB_LEN];
    size_t len;
    if (!scanner_line(&scanner, LIMIT_LINE, &line) || !scanner_done(&scanner)) {
        return error_set(err, ERROR_FORMAT, "not the one line of an OpenSSH public key");
    }
    scanner = scanner_over(scan_trimmed(line));
    if (!scanner_field(&scanner, ' ', LIMIT_LINE, &type) ||
        !scanner_field(&scanner, ' ', LIMIT_LINE, &base64)) {
        return error_set(err, ERROR_FORMAT, "not an OpenSSH public key");
    }
    if (!bytes_equal_string(type, TYPE)) {
        error_set(err, ERROR_UNSUPPORTED, "an %.*s key, not an Ed25519 key", (int)type.len,
                  (const char *)type.data);
        return error_cure(err, "reproof signs and verifies Ed25519 alone");
    }
    if (!decode_base64(base64, BASE64_STANDARD, blob, sizeof(blob), &len) ||
        !ssh_public_blob(bytes_from(blob, len), &point)) {
        return error_set(err, ERROR_FORMAT, "not the base64 of an Ed25519 key");
    }
    if (!public_key_import(point, ret, err)) {
        return false;
    }
    ret->comment = arena_text(arena, scan_trimmed(scanner_rest(&scanner)));
    return true;
}

static void write_public(const struct public_key *key, struct buffer *out)
{
    uint8_t blob[KEY_SSH_BLOB_LEN];
    char text[BASE64_LEN(KEY_SSH_BLOB_LEN) + 1];
    key_ssh_blob(&key->point, blob);
    encode_base64(bytes_from(blob, sizeof(blob)), BASE64_STANDARD, text);
    buffer_printf(out, TYPE " %s%s%s\n", text, key->comment[0] == '\0' ? "" : " ", key->comment);
}

static bool refuse_bcrypt(struct error *err)
{
    error_set(err, ERROR_UNSUPPORTED,
              "an encrypted OpenSSH key: its KDF, bcrypt_pbkdf, is in none of our libraries");
    return error_cure(err, "load it into ssh-agent (ssh-add) and give its .pub file as --key; or "
                           "take the passphrase off a copy: ssh-keygen -p -N '' -f COPY");
}

/* Padding counts up from 1 to a multiple of the cipher's block. */
static bool is_padding(struct bytes rest)
{
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.data[i] != i + 1) {
            return false;
        }
    }
    return rest.len < BLOCK;
}

static bool import_private(struct bytes text, struct bytes public, struct signing_key **ret,
                           struct error *err)
{
    struct reader reader = reader_over(text, BIG_ENDIAN_ORDER);
    struct bytes type;
    struct bytes point;
    struct bytes pair;
    struct bytes comment;
    uint32_t check[2];
    if (!reader_u32(&reader, &check[0]) || !reader_u32(&reader, &check[1]) ||
        check[0] != check[1] || !ssh_string(&reader, &type)) {
        return error_set(err, ERROR_FORMAT, "the secret part of the OpenSSH key is malformed");
    }
    if (!bytes_equal_string(type, TYPE)) {
        return error_set(err, ERROR_UNSUPPORTED, "an %.*s key, not an Ed25519 key", (int)type.len,
                         (const char *)type.data);
    }
    if (!ssh_string(&reader, &point) || !ssh_string(&reader, &pair) ||
        !ssh_string(&reader, &comment) || text.len % BLOCK != 0 ||
        pair.len != KEY_SEED_LEN + ED25519_PUBLIC_LEN ||
        !is_padding(bytes_behind(text, reader_offset(&reader)))) {
        return error_set(err, ERROR_FORMAT, "the secret part of the OpenSSH key is malformed");
    }
    /* The public key stands there three times. */
    if (!bytes_equal(public, point) || !bytes_equal(bytes_behind(pair, KEY_SEED_LEN), point)) {
        return error_set(err, ERROR_MISMATCH, "the OpenSSH key file states several public keys");
    }
    return signing_key_import(bytes_first(pair, KEY_SEED_LEN), point, NULL, ret, err);
}

static bool read_blob(struct bytes blob, struct signing_key **ret, struct error *err)
{
    struct reader reader = reader_over(blob, BIG_ENDIAN_ORDER);
    struct bytes magic;
    struct bytes cipher;
    struct bytes kdf;
    struct bytes options;
    struct bytes public_blob;
    struct bytes private;
    struct bytes public;
    uint32_t count;
    if (!reader_cstring(&reader, 15, &magic) || !bytes_equal_string(magic, "openssh-key-v1") ||
        !ssh_string(&reader, &cipher) || !ssh_string(&reader, &kdf) ||
        !ssh_string(&reader, &options) || !reader_u32(&reader, &count) || count != 1 ||
        !ssh_string(&reader, &public_blob) || !ssh_string(&reader, &private) ||
        !reader_done(&reader)) {
        return error_set(err, ERROR_FORMAT, "not an OpenSSH secret key of one key");
    }
    struct reader type_reader = reader_over(public_blob, BIG_ENDIAN_ORDER);
    struct bytes type;
    if (!ssh_public_blob(public_blob, &public)) {
        return ssh_string(&type_reader, &type) && !bytes_equal_string(type, TYPE)
                   ? error_set(err, ERROR_UNSUPPORTED, "an %.*s key, not an Ed25519 key",
                               (int)type.len, (const char *)type.data)
                   : error_set(err, ERROR_FORMAT, "the public part of the OpenSSH key");
    }
    if (!bytes_equal_string(cipher, "none") || !bytes_equal_string(kdf, "none")) {
        return refuse_bcrypt(err);
    }
    return import_private(private, public, ret, err);
}

static bool read_secret(struct bytes text, const struct unlock *unlock, struct signing_key **ret,
                        struct error *err)
{
    struct pem pem;
    (void)unlock;
    if (!pem_open(text, &pem, err)) {
        return false;
    }
    AUTO(secret) struct secret *blob = secret_new(pem.body.len);
    return pem_decode(&pem, blob->data, blob->room, &blob->len, err) &&
           read_blob(secret_view(blob), ret, err);
}

static void put_private(const struct signing_key *key, struct secret *private)
{
    const struct public_key *public = signing_key_public(key);
    struct buffer out = secret_buffer(private);
    uint32_t check = libsodium()->randombytes_random();
    ssh_put_u32(&out, check);
    ssh_put_u32(&out, check);
    ssh_put_string(&out, bytes_from_string(TYPE));
    ssh_put_string(&out, bytes_from(public->point.bytes, ED25519_PUBLIC_LEN));
    ssh_put_u32(&out, KEY_SEED_LEN + ED25519_PUBLIC_LEN);
    buffer_append(&out, signing_key_seed(key));
    buffer_append(&out, bytes_from(public->point.bytes, ED25519_PUBLIC_LEN));
    ssh_put_string(&out, bytes_from_string(public->comment));
    for (uint8_t i = 1; out.len % BLOCK != 0; i++) {
        buffer_byte(&out, i);
    }
    if (!secret_end(private, &out)) {
        bug("an OpenSSH key does not fit");
    }
}

static bool write_secret(const struct signing_key *key, struct bytes passphrase, struct buffer *out,
                         struct error *err)
{
    if (passphrase.len > 0) {
        error_set(err, ERROR_UNSUPPORTED, "OpenSSH encrypts with bcrypt_pbkdf, which we lack");
        return error_cure(err, "write it with --no-passphrase, then: ssh-keygen -p -f FILE");
    }
    const struct public_key *public = signing_key_public(key);
    size_t room = 1024 + strlen(public->comment);
    AUTO(secret) struct secret *private = secret_new(room);
    AUTO(secret) struct secret *whole = secret_new(2 * room);
    uint8_t blob[KEY_SSH_BLOB_LEN];
    key_ssh_blob(&public->point, blob);
    put_private(key, private);
    struct buffer raw = secret_buffer(whole);
    buffer_append(&raw, bytes_from("openssh-key-v1", 15));
    ssh_put_string(&raw, bytes_from_string("none"));
    ssh_put_string(&raw, bytes_from_string("none"));
    ssh_put_u32(&raw, 0);
    ssh_put_u32(&raw, 1);
    ssh_put_string(&raw, bytes_from(blob, sizeof(blob)));
    ssh_put_string(&raw, secret_view(private));
    pem_write(out, LABEL, buffer_view(&raw), LINE);
    return true;
}

const struct key_format key_format_openssh = {
    .name = "ssh",
    .description = "OpenSSH",
    .is_secret = is_secret,
    .is_public = is_public,
    .read_secret = read_secret,
    .read_public = read_public,
    .write_secret = write_secret,
    .write_public = write_public,
};
