// SPDX-License-Identifier: Apache-2.0
/* SSHSIG (OpenSSH, PROTOCOL.sshsig), as ssh-keygen -Y sign writes it: over a digest of the file, in
 * a namespace. The key inside is a hint: what counts is whether the user trusts it. */
#include "base/escape.h"
#include "base/limits.h"
#include "signer/pem.h"
#include "signer/signature.h"
#include "signer/ssh_wire.h"

#define LABEL "SSH SIGNATURE"
#define MAGIC "SSHSIG"
#define LINE 70
#define VERSION 1

static bool is(struct bytes file)
{
    return pem_is(file, LABEL);
}

/* The type of a key or signature: its first string, made safe to show. */
static const char *type_of(struct bytes blob, struct arena *arena)
{
    struct reader reader = reader_over(blob, BIG_ENDIAN_ORDER);
    struct bytes type;
    char shown[64] = "unknown";
    if (ssh_string(&reader, &type)) {
        escape_bytes(type, shown, sizeof(shown));
    }
    return arena_string(arena, shown);
}

static bool read_hash(struct bytes name, struct signature *ret, struct error *err)
{
    if (bytes_equal_string(name, "sha512")) {
        ret->hash = MESSAGE_SHA512;
    } else if (bytes_equal_string(name, "sha256")) {
        ret->hash = MESSAGE_SHA256;
    } else {
        return error_set(err, ERROR_UNSUPPORTED,
                         "an SSH signature over neither SHA-512 nor SHA-256");
    }
    ret->parts = ret->hash;
    return true;
}

static bool read_key(struct bytes blob, struct arena *arena, struct signature *ret,
                     struct error *err)
{
    struct bytes point;
    struct ed25519_public *key = ARENA_NEW(arena, struct ed25519_public);
    if (!ssh_public_blob(blob, &point)) {
        const char *type = type_of(blob, arena);
        return strcmp(type, "ssh-ed25519") == 0
                   ? error_set(err, ERROR_FORMAT, "the key in the SSH signature is malformed")
                   : error_set(err, ERROR_UNSUPPORTED,
                               "an SSH signature with a key of the type %s, not Ed25519", type);
    }
    if (!ed25519_public_import(point, key, err)) {
        return false;
    }
    ret->key = key;
    return true;
}

static bool read_signature(struct bytes blob, struct signature *ret, struct error *err)
{
    struct reader reader = reader_over(blob, BIG_ENDIAN_ORDER);
    if (!ssh_expect(&reader, "ssh-ed25519") || !ssh_string(&reader, &ret->bytes) ||
        ret->bytes.len != ED25519_SIGNATURE_LEN || !reader_done(&reader)) {
        return error_set(err, ERROR_FORMAT, "the SSH signature is not one of Ed25519");
    }
    return true;
}

static bool read_file(struct bytes file, struct arena *arena, struct signature *ret,
                      struct error *err)
{
    struct pem pem;
    size_t len;
    uint32_t version;
    struct bytes key;
    struct bytes reserved;
    struct bytes hash;
    struct bytes signature;
    if (!pem_open(file, &pem, err)) {
        return false;
    }
    uint8_t *blob = arena_alloc(arena, pem.body.len);
    if (!pem_decode(&pem, blob, pem.body.len, &len, err)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(blob, len), BIG_ENDIAN_ORDER);
    if (!reader_expect(&reader, MAGIC) || !reader_u32(&reader, &version) || version != VERSION ||
        !ssh_string(&reader, &key) || !ssh_string(&reader, &ret->namespace) ||
        !ssh_string(&reader, &reserved) || !ssh_string(&reader, &hash) ||
        !ssh_string(&reader, &signature) || !reader_done(&reader) || ret->namespace.len == 0) {
        return error_set(err, ERROR_FORMAT, "not an SSH signature of version 1 (offset %zu)",
                         reader_offset(&reader));
    }
    return read_key(key, arena, ret, err) && read_hash(hash, ret, err) &&
           read_signature(signature, ret, err);
}

/* What is signed: the same fields as in the file, with the digest in place of key and signature. */
static void put_signed(struct buffer *out, struct bytes namespace, enum message_part hash,
                       const struct message *message)
{
    bool long_hash = hash == MESSAGE_SHA512;
    buffer_init(out, LIMIT_SIGNATURE_FILE);
    buffer_string(out, MAGIC);
    ssh_put_string(out, namespace);
    ssh_put_string(out, (struct bytes){0});
    ssh_put_string(out, bytes_from_string(long_hash ? "sha512" : "sha256"));
    ssh_put_string(out, long_hash ? bytes_from(message->sha512, MESSAGE_DIGEST_LEN)
                                  : sha256_view(&message->sha256));
}

static bool check(const struct signature *signature, const struct message *message,
                  const struct ed25519_public *key, const struct signature_rules *rules,
                  struct error *err)
{
    struct buffer signed_bytes;
    char shown[128];
    if (!bytes_equal_string(signature->namespace, rules->namespace)) {
        escape_bytes(signature->namespace, shown, sizeof(shown));
        return error_set(err, ERROR_MISMATCH, "signed in the namespace %s, not %s", shown,
                         rules->namespace);
    }
    put_signed(&signed_bytes, signature->namespace, signature->hash, message);
    bool ok = signature_check_bytes(signature->bytes, buffer_view(&signed_bytes), key, err);
    buffer_free(&signed_bytes);
    return ok;
}

static void put_armour(struct buffer *out, const struct ed25519_public *key,
                       const uint8_t signature[ED25519_SIGNATURE_LEN])
{
    struct buffer blob;
    struct buffer inner;
    uint8_t key_blob[KEY_SSH_BLOB_LEN];
    key_ssh_blob(key, key_blob);
    buffer_init(&inner, 256);
    ssh_put_string(&inner, bytes_from_string("ssh-ed25519"));
    ssh_put_string(&inner, bytes_from(signature, ED25519_SIGNATURE_LEN));
    buffer_init(&blob, 1024);
    buffer_string(&blob, MAGIC);
    ssh_put_u32(&blob, VERSION);
    ssh_put_string(&blob, bytes_from(key_blob, sizeof(key_blob)));
    ssh_put_string(&blob, bytes_from_string(SIGNATURE_NAMESPACE));
    ssh_put_string(&blob, (struct bytes){0});
    ssh_put_string(&blob, bytes_from_string("sha512"));
    ssh_put_string(&blob, buffer_view(&inner));
    pem_write(out, LABEL, buffer_view(&blob), LINE);
    buffer_free(&inner);
    buffer_free(&blob);
}

static bool write_file(struct signing *signing, struct buffer *out, struct error *err)
{
    struct buffer signed_bytes;
    uint8_t signature[ED25519_SIGNATURE_LEN];
    put_signed(&signed_bytes, bytes_from_string(SIGNATURE_NAMESPACE), MESSAGE_SHA512,
               signing->message);
    bool ok = signing_key_sign(signing->key, buffer_view(&signed_bytes), signature, err);
    buffer_free(&signed_bytes);
    if (ok) {
        put_armour(out, &signing_key_public(signing->key)->point, signature);
    }
    return ok;
}

const struct signature_format signature_format_ssh = {
    .name = "ssh",
    .suffix = ".sshsig",
    .parts = MESSAGE_SHA512,
    .is = is,
    .read = read_file,
    .write = write_file,
    .check = check,
};
