// SPDX-License-Identifier: Apache-2.0
#include "attest/trust_file.h"

#include "attest/members.h"
#include "base/limits.h"

#define SCHEMA "reproof/trust/v1"

static bool read_roots(const struct cJSON *root, struct arena *arena, struct trust_file *file,
                       struct error *err)
{
    const struct cJSON *list = json_member(root, "roots");
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        struct trusted_key key;
        const char *operator;
        if (!members_key(at, arena, &key, &operator, NULL, err) ||
            !parties_add(&file->roots, &key, operator, err)) {
            return error_prefix(err, "roots");
        }
        if (file->roots.trust.count > LIMIT_TRUST_ROOTS) {
            return error_set(err, ERROR_LIMIT, "more than %d roots", LIMIT_TRUST_ROOTS);
        }
    }
    if (!json_is_array(list) || file->threshold > parties_count(&file->roots)) {
        return error_set(err, ERROR_FORMAT, "roots: %zu of %zu operators are wanted",
                         file->threshold, parties_count(&file->roots));
    }
    return true;
}

static bool read_root(const struct cJSON *root, struct arena *arena, struct trust_file *file,
                      struct error *err)
{
    static const char *const known[] = {"schema", "name", "serial",      "expires", "threshold",
                                        "roots",  "keys", "description", NULL};
    const char *schema = json_member_string(root, "schema");
    uint64_t threshold = 0;
    if (schema == NULL || strcmp(schema, SCHEMA) != 0) {
        return error_set(err, ERROR_FORMAT, "its schema is not %s", SCHEMA);
    }
    if (!members_check(root, known, "trust file", err) ||
        !members_text(root, "name", arena, &file->name, err) ||
        !members_number(root, "serial", UINT32_MAX, &file->serial, err) ||
        !members_time(root, "expires", &file->expires, err) ||
        !members_number(root, "threshold", LIMIT_TRUSTED_KEYS, &threshold, err)) {
        return false;
    }
    if (file->name == NULL || file->serial == 0 || file->expires == 0 || threshold == 0) {
        return error_set(err, ERROR_FORMAT,
                         "one of name, serial, expires and threshold is missing");
    }
    file->threshold = (size_t)threshold;
    return read_roots(root, arena, file, err) &&
           policy_read_keys(json_member(root, "keys"), arena, &file->signers, &file->rebuilders,
                            err);
}

bool trust_file_parse(struct bytes payload, struct arena *arena, struct trust_file *ret,
                      struct error *err)
{
    struct json_document *document;
    struct trust_file file = {
        .roots = {.trust = trust_empty(arena)},
        .signers = {.trust = trust_empty(arena)},
        .rebuilders = {.trust = trust_empty(arena)},
        .payload = payload,
        .digest = sha256_of(payload),
    };
    if (payload.len > LIMIT_POLICY_FILE) {
        return error_set(err, ERROR_LIMIT, "longer than %llu bytes", LIMIT_POLICY_FILE);
    }
    if (!json_parse(payload, &document, err)) {
        return false;
    }
    bool ok = read_root(json_root(document), arena, &file, err);
    json_document_free(&document);
    if (ok) {
        *ret = file;
    }
    return ok;
}

bool trust_file_is(struct bytes text)
{
    struct arena arena = {0};
    struct envelope envelope;
    bool is = envelope_read(text, &arena, &envelope, NULL) &&
              strcmp(envelope.payload_type, TRUST_PAYLOAD_TYPE) == 0;
    arena_free(&arena);
    return is;
}

/* How many operators of ROOTS signed, with keys that are good at NOW; each counts once. */
static size_t count_roots(const struct envelope *envelope, const struct parties *roots, time_t now,
                          struct arena *arena)
{
    const char **operators = ARENA_ARRAY(arena, roots->trust.count + 1, const char *);
    struct names seen = {operators, 0};
    for (size_t i = 0; i < roots->trust.count; i++) {
        const struct trusted_key *key = &roots->trust.keys[i];
        if (trusted_key_standing(key, now) == KEY_GOOD && !names_have(&seen, roots->operators[i]) &&
            envelope_is_signed_by(envelope, &key->public.point, arena)) {
            operators[seen.count++] = roots->operators[i];
        }
    }
    return seen.count;
}

static bool check_signed(const struct envelope *envelope, const struct trust_file *by,
                         const char *whose, time_t now, struct arena *arena, struct error *err)
{
    size_t count = count_roots(envelope, &by->roots, now, arena);
    return count >= by->threshold ||
           error_set(err, ERROR_MISMATCH, "%zu of the %zu %s roots that are needed signed it",
                     count, by->threshold, whose);
}

static bool open_envelope(struct bytes text, struct arena *arena, struct envelope *ret,
                          struct error *err)
{
    if (text.len > 4 * LIMIT_POLICY_FILE) {
        return error_set(err, ERROR_LIMIT, "longer than %llu bytes", 4 * LIMIT_POLICY_FILE);
    }
    return envelope_read(text, arena, ret, err) &&
           (strcmp(ret->payload_type, TRUST_PAYLOAD_TYPE) == 0 ||
            error_set(err, ERROR_UNSUPPORTED, "an envelope around %s, not a trust file",
                      ret->payload_type));
}

static bool check_order(const struct trust_file *file, const struct trust_file *earlier,
                        struct error *err)
{
    if (strcmp(file->name, earlier->name) != 0) {
        return error_set(err, ERROR_MISMATCH, "it is of %s, not of %s", file->name, earlier->name);
    }
    if (file->serial < earlier->serial) {
        return error_set(err, ERROR_MISMATCH, "it has the serial %llu, and %llu was accepted",
                         (unsigned long long)file->serial, (unsigned long long)earlier->serial);
    }
    return file->serial > earlier->serial || sha256_equal(&file->digest, &earlier->digest) ||
           error_set(err, ERROR_MISMATCH, "another file with the serial %llu was accepted",
                     (unsigned long long)file->serial);
}

bool trust_file_open(struct bytes text, struct arena *arena, struct trust_file *ret,
                     struct error *err)
{
    struct envelope envelope;
    if (!open_envelope(text, arena, &envelope, err) ||
        !trust_file_parse(envelope.payload, arena, ret, err)) {
        return false;
    }
    bool *has_signed = ARENA_ARRAY(arena, ret->roots.trust.count, bool);
    for (size_t i = 0; i < ret->roots.trust.count; i++) {
        has_signed[i] =
            envelope_is_signed_by(&envelope, &ret->roots.trust.keys[i].public.point, arena);
    }
    ret->root_signed = has_signed;
    return true;
}

bool trust_file_read(struct bytes text, const struct trust_file *earlier, time_t now,
                     struct arena *arena, struct trust_file *ret, struct error *err)
{
    struct envelope envelope;
    struct trust_file file;
    /* Where there are old roots, they are asked before anything in the payload is looked at. */
    if (!open_envelope(text, arena, &envelope, err) ||
        (earlier != NULL && !check_signed(&envelope, earlier, "old", now, arena, err)) ||
        !trust_file_parse(envelope.payload, arena, &file, err) ||
        !check_signed(&envelope, &file, "own", now, arena, err) ||
        (earlier != NULL && !check_order(&file, earlier, err))) {
        return false;
    }
    if (now >= file.expires) {
        error_set(err, ERROR_MISMATCH, "it expired at %lld, the clock says %lld",
                  (long long)file.expires, (long long)now);
        return error_cure(err, "get the newer one from whoever publishes it");
    }
    *ret = file;
    return true;
}

bool trust_file_sign(struct bytes text, const struct signing_key *key, bool foreign,
                     struct arena *arena, struct buffer *out, struct error *err)
{
    const struct ed25519_public *point = &signing_key_public(key)->point;
    struct envelope envelope = {.payload_type = TRUST_PAYLOAD_TYPE, .payload = text};
    struct envelope added;
    struct trust_file file;
    if ((trust_file_is(text) && !open_envelope(text, arena, &envelope, err)) ||
        !trust_file_parse(envelope.payload, arena, &file, err)) {
        return false;
    }
    if (!foreign && trust_find(&file.roots.trust, point) == NULL) {
        error_set(err, ERROR_MISMATCH, "the key is none of its roots");
        return error_cure(err, "--old-root, if it is one of the roots that it follows on");
    }
    if (envelope_is_signed_by(&envelope, point, arena)) {
        return error_set(err, ERROR_USAGE, "the key has signed it already");
    }
    if (!envelope_sign(TRUST_PAYLOAD_TYPE, envelope.payload, key, arena, &added, err)) {
        return false;
    }
    struct envelope_signature *all =
        ARENA_ARRAY(arena, envelope.count + 1, struct envelope_signature);
    for (size_t i = 0; i < envelope.count; i++) {
        all[i] = envelope.signatures[i];
    }
    all[envelope.count] = added.signatures[0];
    added.signatures = all;
    added.count = envelope.count + 1;
    envelope_put(&added, out);
    return true;
}
