// SPDX-License-Identifier: Apache-2.0
/* Sigstore bundles (sigstore/protobuf-specs, versions 0.1 to 0.3) that name a public key. What is
 * signed is the file itself; the digest in the bundle only says early that it is another file.
 * Certificates, log entries and timestamps are not looked at: trust comes from the key alone. */
#include "base/encode.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/scanner.h"
#include "signer/signature.h"
#include "signer/sigstore_bundle.h"

static bool is(struct bytes file)
{
    /* Nothing else that is a signature begins like JSON. */
    struct bytes text = scan_trimmed(file);
    return text.len > 0 && text.data[0] == '{';
}

static bool decode_member(const struct cJSON *object, const char *key, struct arena *arena,
                          struct bytes *ret)
{
    const char *text = json_member_string(object, key);
    if (text == NULL) {
        return false;
    }
    size_t room = strlen(text) / 4 * 3 + 3;
    uint8_t *raw = arena_alloc(arena, room);
    size_t len;
    if (!decode_base64(bytes_from_string(text), BASE64_STANDARD, raw, room, &len)) {
        return false;
    }
    *ret = bytes_from(raw, len);
    return true;
}

/* cosign 3.1.3 writes an empty digest for Ed25519 keys (sigstore/cosign#5074): that says nothing.
 */
static bool read_digest(const struct cJSON *digest, struct arena *arena, struct signature *ret,
                        struct error *err)
{
    const char *algorithm = json_member_string(digest, "algorithm");
    const struct cJSON *value = json_member(digest, "digest");
    if (digest == NULL || value == NULL) {
        return true;
    }
    if (!decode_member(digest, "digest", arena, &ret->digest)) {
        return error_set(err, ERROR_FORMAT, "the bundle's messageDigest is malformed");
    }
    if (ret->digest.len == 0) {
        return true;
    }
    bool sha256 = algorithm != NULL && strcmp(algorithm, "SHA2_256") == 0;
    bool sha512 = algorithm != NULL && strcmp(algorithm, "SHA2_512") == 0;
    if (!sha256 && !sha512) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "the bundle's digest is neither SHA-256 nor SHA-512");
    }
    ret->hash = sha256 ? MESSAGE_SHA256 : MESSAGE_SHA512;
    ret->parts |= ret->hash;
    return true;
}

static bool read_material(const struct cJSON *material, struct arena *arena, struct signature *ret,
                          struct error *err)
{
    const struct cJSON *key = json_member(material, "publicKey");
    if (json_member(material, "certificate") != NULL ||
        json_member(material, "x509CertificateChain") != NULL) {
        error_set(err, ERROR_UNSUPPORTED, "a sigstore bundle with a certificate, not a key");
        return error_cure(err, "cosign verifies identities; reproof verifies keys");
    }
    if (!json_is_object(key)) {
        return error_set(err, ERROR_FORMAT, "the bundle names no public key");
    }
    const char *hint = json_member_string(key, "hint");
    if (hint != NULL && hint[0] != '\0') {
        ret->hint = arena_string(arena, hint);
    }
    return true;
}

static bool read_bundle(const struct cJSON *root, struct arena *arena, struct signature *ret,
                        struct error *err)
{
    if (!sigstore_bundle_is_known(json_member_string(root, "mediaType"))) {
        return error_set(err, ERROR_UNSUPPORTED, "not a sigstore bundle of version 0.1 to 0.3");
    }
    if (json_member(root, "dsseEnvelope") != NULL) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "an attestation, not a signature of the file itself");
    }
    const struct cJSON *message = json_member(root, "messageSignature");
    ret->parts = MESSAGE_CONTENT;
    if (!read_material(json_member(root, "verificationMaterial"), arena, ret, err)) {
        return false;
    }
    if (!decode_member(message, "signature", arena, &ret->bytes)) {
        return error_set(err, ERROR_FORMAT, "the bundle's signature is absent or malformed");
    }
    if (ret->bytes.len != ED25519_SIGNATURE_LEN) {
        return error_set(err, ERROR_UNSUPPORTED, "a signature of %zu bytes is not one of Ed25519",
                         ret->bytes.len);
    }
    return read_digest(json_member(message, "messageDigest"), arena, ret, err);
}

static bool read_file(struct bytes file, struct arena *arena, struct signature *ret,
                      struct error *err)
{
    struct json_document *document;
    if (!json_parse(file, &document, err)) {
        return false;
    }
    bool ok = read_bundle(json_root(document), arena, ret, err);
    json_document_free(&document);
    return ok;
}

static bool check(const struct signature *signature, const struct message *message,
                  const struct ed25519_public *key, const struct signature_rules *rules,
                  struct error *err)
{
    (void)rules;
    struct bytes actual = signature->hash == MESSAGE_SHA256
                              ? sha256_view(&message->sha256)
                              : bytes_from(message->sha512, MESSAGE_DIGEST_LEN);
    if (signature->digest.len > 0 && !bytes_equal(signature->digest, actual)) {
        return error_set(err, ERROR_MISMATCH, "the bundle is of a file with another digest");
    }
    return signature_check_pure(signature, message, key, err);
}

static bool write_file(struct signing *signing, struct buffer *out, struct error *err)
{
    char digest[BASE64_LEN(SHA256_LEN) + 1];
    char signature[BASE64_LEN(ED25519_SIGNATURE_LEN) + 1];
    struct json_writer json;
    if (!signing_pure(signing, err)) {
        return false;
    }
    encode_base64(sha256_view(&signing->message->sha256), BASE64_STANDARD, digest);
    encode_base64(bytes_from(signing->pure, sizeof(signing->pure)), BASE64_STANDARD, signature);
    json_writer_init(&json, out, true);
    sigstore_bundle_begin(&json, &signing_key_public(signing->key)->point);
    json_object(&json, "messageSignature");
    json_object(&json, "messageDigest");
    json_string(&json, "algorithm", "SHA2_256");
    json_string(&json, "digest", digest);
    json_object_end(&json);
    json_string(&json, "signature", signature);
    json_object_end(&json);
    json_object_end(&json);
    return true;
}

const struct signature_format signature_format_sigstore = {
    .name = "sigstore",
    .suffix = ".sigstore.json",
    .parts = MESSAGE_CONTENT | MESSAGE_SHA256,
    .is = is,
    .read = read_file,
    .write = write_file,
    .check = check,
};
