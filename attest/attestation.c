// SPDX-License-Identifier: Apache-2.0
#include "attest/attestation.h"

#include "attest/dsse.h"
#include "attest/predicate.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "signer/allowed_signers.h"

/* One envelope on its way. What is not kept lives in `scratch`. */
struct taking {
    struct attestation_reading *reading;
    struct attestations *ret;
    struct arena scratch;
    const char *place;
    struct envelope envelope;
    struct bytes pae;
    const struct trusted_key **signers;
    size_t signer_count;
};

static struct attestation *add(struct taking *taking, enum attestation_standing standing)
{
    struct attestations *list = taking->ret;
    arena_grow(taking->reading->arena, &list->items, list->count, &list->capacity,
               sizeof(*list->items));
    struct attestation *added = &list->items[list->count++];
    *added = (struct attestation){
        .place = taking->place, .bound = taking->reading->bound, .standing = standing};
    return added;
}

static bool try_key(struct taking *taking, const struct trusted_key *key,
                    const struct envelope_signature *signature)
{
    const struct trust *trust = taking->reading->trust;
    taking->reading->checks++;
    if (!ed25519_verify(&key->public.point, taking->pae, signature->bytes)) {
        return false;
    }
    /* A key that is there twice signed once. */
    key = trust_find(trust, &key->public.point);
    for (size_t i = 0; i < taking->signer_count; i++) {
        if (taking->signers[i] == key) {
            return true;
        }
    }
    taking->signers[taking->signer_count++] = key;
    return true;
}

/* Key ids are hints by others: they say which key to try first, and all others are tried too. */
static bool is_hinted(const struct trusted_key *key, const struct envelope_signature *signature)
{
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    if (strlen(signature->keyid) != KEY_FINGERPRINT_LEN) {
        return false;
    }
    key_fingerprint(&key->public.point, fingerprint);
    return strcmp(fingerprint, signature->keyid) == 0;
}

static bool find_signer(struct taking *taking, const struct envelope_signature *signature,
                        struct error *err)
{
    const struct trust *trust = taking->reading->trust;
    const struct trusted_key *first = NULL;
    for (size_t i = 0; first == NULL && i < trust->count; i++) {
        first = is_hinted(&trust->keys[i], signature) ? &trust->keys[i] : NULL;
    }
    if (first != NULL && try_key(taking, first, signature)) {
        return true;
    }
    for (size_t i = 0; i < trust->count; i++) {
        if (taking->reading->checks > LIMIT_EVIDENCE_CHECKS) {
            error_set(err, ERROR_LIMIT, "more than %d signatures to try", LIMIT_EVIDENCE_CHECKS);
            return error_cure(err, "give less evidence, or trust fewer keys");
        }
        if (&trust->keys[i] != first && try_key(taking, &trust->keys[i], signature)) {
            break;
        }
    }
    return true;
}

static bool find_signers(struct taking *taking, struct error *err)
{
    const struct envelope *envelope = &taking->envelope;
    taking->pae = dsse_pae(envelope->payload_type, envelope->payload, &taking->scratch);
    taking->signers =
        ARENA_ARRAY(&taking->scratch, envelope->count + 1, const struct trusted_key *);
    for (size_t i = 0; i < envelope->count; i++) {
        const struct envelope_signature *signature = &envelope->signatures[i];
        if (signature->bytes.len == ED25519_SIGNATURE_LEN && !find_signer(taking, signature, err)) {
            return false;
        }
    }
    return true;
}

/* What bars a key that signed, if anything. */
static bool is_barred(const struct attestation_reading *reading, const struct trusted_key *key,
                      struct error *ret)
{
    const long long now = (long long)reading->now;
    if (!allowed_signers_namespace(key->namespaces, ATTESTATION_NAMESPACE)) {
        error_set(ret, ERROR_MISMATCH, "the key is not trusted to attest");
        return true;
    }
    switch (trusted_key_standing(key, reading->now)) {
    case KEY_REVOKED:
        error_set(ret, ERROR_MISMATCH, "the key is revoked");
        return true;
    case KEY_NOT_YET:
        error_set(ret, ERROR_MISMATCH, "the key is valid from %lld on, the clock says %lld",
                  (long long)key->from, now);
        return true;
    case KEY_EXPIRED:
        error_set(ret, ERROR_MISMATCH, "the key was valid until %lld, the clock says %lld",
                  (long long)key->until, now);
        return true;
    case KEY_NOT_TRUSTED:
    case KEY_GOOD:
        break;
    }
    return false;
}

static bool read_claim(const struct statement *statement, struct arena *arena,
                       struct attestation *ret, struct error *err)
{
    const char *type = statement->predicate_type;
    if (strcmp(type, PREDICATE_VERDICT) == 0) {
        ret->kind = ATTESTATION_VERDICT;
        return claim_read_verdict(statement, arena, &ret->claim, err);
    }
    if (strcmp(type, PREDICATE_VSA) == 0) {
        ret->kind = ATTESTATION_SUMMARY;
        return claim_read_summary(statement, arena, &ret->claim, err);
    }
    if (strcmp(type, PREDICATE_SPDX2) == 0 || strcmp(type, PREDICATE_SPDX3) == 0) {
        ret->kind = ATTESTATION_SBOM;
        ret->names_subject = statement->subject_count == 1 && statement->subjects[0].has_sha256 &&
                             spdx_names(statement->predicate, &statement->subjects[0].sha256);
    }
    return true;
}

static bool read_statement(struct taking *taking, struct attestation *ret, struct error *err)
{
    struct arena *arena = taking->reading->arena;
    struct statement statement;
    if (strcmp(taking->envelope.payload_type, ENVELOPE_STATEMENT) != 0) {
        return error_set(err, ERROR_UNSUPPORTED, "an envelope around %s, not a statement",
                         taking->envelope.payload_type);
    }
    if (!statement_read(taking->envelope.payload, &taking->scratch, &statement, err)) {
        return false;
    }
    ret->subjects = ARENA_ARRAY(arena, statement.subject_count, struct sha256);
    for (size_t i = 0; i < statement.subject_count; i++) {
        if (statement.subjects[i].has_sha256) {
            ret->subjects[ret->subject_count++] = statement.subjects[i].sha256;
        }
    }
    bool ok = read_claim(&statement, arena, ret, err);
    statement_free(&statement);
    return ok;
}

/* A list may have a key twice, with other times: the entry that is good now counts. */
static const struct trusted_key *best_entry(const struct attestation_reading *reading,
                                            const struct trusted_key *key)
{
    const struct trust *trust = reading->trust;
    struct error ignored;
    for (size_t i = 0; i < trust->count; i++) {
        if (public_key_equal(&trust->keys[i].public.point, &key->public.point) &&
            !is_barred(reading, &trust->keys[i], &ignored)) {
            return &trust->keys[i];
        }
    }
    return key;
}

static void add_signed(struct taking *taking)
{
    struct attestation read = {
        .place = taking->place, .bound = taking->reading->bound, .standing = ATTESTATION_UNUSABLE};
    if (read_statement(taking, &read, &read.reason)) {
        read.standing = ATTESTATION_GOOD;
    }
    for (size_t i = 0; i < taking->signer_count; i++) {
        struct attestation *added = add(taking, read.standing);
        *added = read;
        added->key = best_entry(taking->reading, taking->signers[i]);
        if (is_barred(taking->reading, added->key, &added->reason)) {
            added->standing = ATTESTATION_BARRED;
        }
    }
}

static bool take(struct attestation_reading *reading, struct bytes text, const char *place,
                 struct attestations *ret, struct error *err)
{
    struct taking taking = {.reading = reading, .ret = ret, .place = place};
    struct error why;
    bool ok = true;
    if (!envelope_read(text, &taking.scratch, &taking.envelope, &why)) {
        add(&taking, ATTESTATION_UNUSABLE)->reason = why;
    } else if (!find_signers(&taking, err)) {
        ok = false;
    } else if (taking.signer_count == 0) {
        error_set(&add(&taking, ATTESTATION_UNKNOWN)->reason, ERROR_MISMATCH,
                  "signed by nobody who is trusted");
    } else {
        add_signed(&taking);
    }
    arena_free(&taking.scratch);
    return ok;
}

/* An envelope of its own may be laid out over many lines; a list has a whole one in its first, or
 * says by its name what it is. */
static bool is_list(struct bytes text, const char *path)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    if (bytes_end_with(bytes_from_string(path), ".jsonl")) {
        return true;
    }
    return scanner_line(&scanner, LIMIT_EVIDENCE_BYTES, &line) && !scanner_done(&scanner) &&
           json_check(line, NULL);
}

bool attestations_read(struct attestation_reading *reading, struct bytes text, const char *path,
                       struct attestations *ret, struct error *err)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    if (!is_list(text, path)) {
        return take(reading, text, arena_string(reading->arena, path), ret, err);
    }
    for (size_t number = 1; scanner_line(&scanner, LIMIT_EVIDENCE_BYTES, &line); number++) {
        if (number > LIMIT_EVIDENCE_ENVELOPES) {
            return error_set(err, ERROR_LIMIT, "%s has more than %d lines", path,
                             LIMIT_EVIDENCE_ENVELOPES);
        }
        const char *place = arena_printf(reading->arena, "%s, line %zu", path, number);
        if (scan_trimmed(line).len > 0 && !take(reading, line, place, ret, err)) {
            return false;
        }
    }
    return true;
}

bool attestation_is_about(const struct attestation *attestation, const struct sha256 *digest)
{
    for (size_t i = 0; i < attestation->subject_count; i++) {
        if (sha256_equal(&attestation->subjects[i], digest)) {
            return true;
        }
    }
    return false;
}
