// SPDX-License-Identifier: Apache-2.0
#include "attest/dsse.h"

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "signer/sigstore_bundle.h"

struct bytes dsse_pae(const char *payload_type, struct bytes payload, struct arena *arena)
{
    const char *head =
        arena_printf(arena, "DSSEv1 %zu %s %zu ", strlen(payload_type), payload_type, payload.len);
    size_t head_len = strlen(head);
    uint8_t *whole = ARENA_ARRAY(arena, head_len + payload.len, uint8_t);
    memcpy(whole, head, head_len);
    if (payload.len > 0) {
        memcpy(whole + head_len, payload.data, payload.len);
    }
    return bytes_from(whole, head_len + payload.len);
}

/* TEXT in the standard alphabet, whichever of the two it is written in; NULL if it mixes them. */
static const char *to_standard(const char *text, struct arena *arena)
{
    bool standard = strpbrk(text, "+/") != NULL;
    bool url = strpbrk(text, "-_") != NULL;
    if (standard && url) {
        return NULL;
    }
    char *copy = arena_string(arena, text);
    for (char *at = copy; url && *at != '\0'; at++) {
        *at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
    }
    return copy;
}

static bool read_base64(const struct cJSON *object, const char *key, struct arena *arena,
                        struct bytes *ret, struct error *err)
{
    const char *text = json_member_string(object, key);
    if (text == NULL) {
        return error_set(err, ERROR_FORMAT, "the envelope has no %s", key);
    }
    const char *standard = to_standard(text, arena);
    size_t len = strlen(text);
    uint8_t *bytes = ARENA_ARRAY(arena, len + 1, uint8_t);
    if (standard == NULL ||
        !decode_base64(bytes_from(standard, len), BASE64_STANDARD, bytes, len, &len)) {
        return error_set(err, ERROR_FORMAT, "the envelope's %s is not base64", key);
    }
    if (len == 0) {
        return error_set(err, ERROR_FORMAT, "the envelope's %s is empty", key);
    }
    *ret = bytes_from(bytes, len);
    return true;
}

static bool read_signature(const struct cJSON *value, struct arena *arena,
                           struct envelope_signature *ret, struct error *err)
{
    const struct cJSON *keyid = json_member(value, "keyid");
    const char *text = json_get_string(keyid);
    if (keyid != NULL && text == NULL) {
        return error_set(err, ERROR_FORMAT, "the envelope's keyid is no string");
    }
    ret->keyid = arena_string(arena, text == NULL ? "" : text);
    return read_base64(value, "sig", arena, &ret->bytes, err);
}

static bool read_signatures(const struct cJSON *list, struct arena *arena, struct envelope *ret,
                            struct error *err)
{
    size_t count = 0;
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        count++;
    }
    if (!json_is_array(list) || count == 0) {
        return error_set(err, ERROR_FORMAT, "the envelope has no signatures");
    }
    if (count > LIMIT_ENVELOPE_SIGNATURES) {
        return error_set(err, ERROR_LIMIT, "the envelope has %zu signatures, at most %d are read",
                         count, LIMIT_ENVELOPE_SIGNATURES);
    }
    ret->signatures = ARENA_ARRAY(arena, count, struct envelope_signature);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        if (!read_signature(at, arena, &ret->signatures[ret->count++], err)) {
            return false;
        }
    }
    return true;
}

/* The envelope inside a bundle; ROOT itself if that is no bundle. A bundle has one signature. */
static bool find_envelope(const struct cJSON *root, const struct cJSON **ret, bool *ret_bundle,
                          struct error *err)
{
    const char *type = json_member_string(root, "mediaType");
    *ret = root;
    *ret_bundle = type != NULL;
    if (type == NULL) {
        return true;
    }
    if (!sigstore_bundle_is_known(type)) {
        return error_set(err, ERROR_UNSUPPORTED, "a bundle of the unknown kind %s", type);
    }
    *ret = json_member(root, "dsseEnvelope");
    return *ret != NULL ||
           error_set(err, ERROR_UNSUPPORTED, "a sigstore bundle without an envelope");
}

static bool read_document(const struct cJSON *root, struct arena *arena, struct envelope *ret,
                          struct error *err)
{
    const struct cJSON *object;
    struct envelope envelope = {0};
    bool bundle;
    if (!find_envelope(root, &object, &bundle, err)) {
        return false;
    }
    if (json_member(object, "payload") == NULL && json_member(object, "payloadType") == NULL) {
        return error_set(err, ERROR_UNSUPPORTED, "not a DSSE envelope");
    }
    const char *type = json_member_string(object, "payloadType");
    if (type == NULL || type[0] == '\0') {
        return error_set(err, ERROR_FORMAT, "the envelope has no payloadType");
    }
    envelope.payload_type = arena_string(arena, type);
    if (!read_base64(object, "payload", arena, &envelope.payload, err) ||
        !read_signatures(json_member(object, "signatures"), arena, &envelope, err)) {
        return false;
    }
    if (bundle && envelope.count != 1) {
        return error_set(err, ERROR_FORMAT, "a sigstore bundle with %zu signatures",
                         envelope.count);
    }
    *ret = envelope;
    return true;
}

bool envelope_read(struct bytes text, struct arena *arena, struct envelope *ret, struct error *err)
{
    struct json_document *document;
    if (!json_parse(text, &document, err)) {
        return false;
    }
    bool ok = read_document(json_root(document), arena, ret, err);
    json_document_free(&document);
    return ok;
}

bool envelope_is_signed_by(const struct envelope *envelope, const struct ed25519_public *key,
                           struct arena *arena)
{
    struct bytes message = dsse_pae(envelope->payload_type, envelope->payload, arena);
    for (size_t i = 0; i < envelope->count; i++) {
        struct bytes signature = envelope->signatures[i].bytes;
        if (signature.len == ED25519_SIGNATURE_LEN && ed25519_verify(key, message, signature)) {
            return true;
        }
    }
    return false;
}

bool envelope_sign(const char *payload_type, struct bytes payload, const struct signing_key *key,
                   struct arena *arena, struct envelope *ret, struct error *err)
{
    struct envelope_signature *signature = ARENA_NEW(arena, struct envelope_signature);
    uint8_t *bytes = ARENA_ARRAY(arena, ED25519_SIGNATURE_LEN, uint8_t);
    char keyid[KEY_FINGERPRINT_LEN + 1];
    if (!signing_key_sign(key, dsse_pae(payload_type, payload, arena), bytes, err)) {
        return false;
    }
    key_fingerprint(&signing_key_public(key)->point, keyid);
    signature->keyid = arena_string(arena, keyid);
    signature->bytes = bytes_from(bytes, ED25519_SIGNATURE_LEN);
    *ret = (struct envelope){payload_type, payload, signature, 1};
    return true;
}

static void put_base64(struct json_writer *json, const char *key, struct bytes bytes)
{
    struct arena arena = {0};
    char *text = ARENA_ARRAY(&arena, BASE64_LEN(bytes.len) + 1, char);
    encode_base64(bytes, BASE64_STANDARD, text);
    json_string(json, key, text);
    arena_free(&arena);
}

static void put_envelope(struct json_writer *json, const char *key, const struct envelope *envelope)
{
    json_object(json, key);
    put_base64(json, "payload", envelope->payload);
    json_string(json, "payloadType", envelope->payload_type);
    json_array(json, "signatures");
    for (size_t i = 0; i < envelope->count; i++) {
        json_object(json, NULL);
        json_string(json, "keyid", envelope->signatures[i].keyid);
        put_base64(json, "sig", envelope->signatures[i].bytes);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

void envelope_put(const struct envelope *envelope, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, true);
    put_envelope(&json, NULL, envelope);
    buffer_byte(out, '\n');
}

void envelope_put_bundle(const struct envelope *envelope, const struct ed25519_public *key,
                         struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, true);
    sigstore_bundle_begin(&json, key);
    put_envelope(&json, "dsseEnvelope", envelope);
    json_object_end(&json);
    buffer_byte(out, '\n');
}
