// SPDX-License-Identifier: Apache-2.0
#include "signer/signature.h"

#include <time.h>

#include "signer/allowed_signers.h"
#include "signer/foreign.h"

/* Raw first: 64 bytes may by chance begin like any of the others. */
const struct signature_format *const signature_formats[] = {
    &signature_format_raw, &signature_format_minisign, &signature_format_signify,
    &signature_format_ssh, &signature_format_sigstore,
};
const size_t signature_format_count = ARRAY_LEN(signature_formats);

bool signature_format_find(const char *name, const struct signature_format **ret, struct error *err)
{
    for (size_t i = 0; i < signature_format_count; i++) {
        if (strcmp(signature_formats[i]->name, name) == 0) {
            *ret = signature_formats[i];
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "no signature format is called %s", name);
    return error_cure(err, "minisign, signify, ssh, sigstore or raw");
}

bool signature_read(struct bytes file, struct arena *arena, struct signature *ret,
                    struct error *err)
{
    for (size_t i = 0; i < signature_format_count; i++) {
        const struct signature_format *format = signature_formats[i];
        if (!format->is(file)) {
            continue;
        }
        struct signature signature = {0};
        if (!format->read(file, arena, &signature, err)) {
            return false;
        }
        signature.format = format;
        *ret = signature;
        return true;
    }
    error_set(err, ERROR_FORMAT, "a signature of no format known");
    return error_cure(err, "minisign, signify, SSHSIG, sigstore bundles and 64 raw bytes are");
}

const char *signature_result_name(enum signature_result result)
{
    static const char *const names[] = {
        [SIGNATURE_UNKNOWN_KEY] = "unknown-key",
        [SIGNATURE_GOOD] = "good",
        [SIGNATURE_BAD] = "bad",
        [SIGNATURE_UNUSABLE] = "unusable",
        [SIGNATURE_REVOKED] = "revoked-key",
        [SIGNATURE_NOT_YET] = "key-not-yet-valid",
        [SIGNATURE_EXPIRED] = "expired-key",
    };
    return names[result];
}

bool signing_pure(struct signing *signing, struct error *err)
{
    if (signing->has_pure) {
        return true;
    }
    const char *protocol = foreign_message(signing->message->content);
    if (protocol != NULL) {
        error_set(err, ERROR_USAGE, "a bare signature of this file would also sign %s", protocol);
        return error_cure(err, "the formats minisign and ssh sign it without that danger");
    }
    signing->has_pure =
        signing_key_sign(signing->key, signing->message->content, signing->pure, err);
    return signing->has_pure;
}

bool signature_check_bytes(struct bytes bytes, struct bytes message,
                           const struct ed25519_public *key, struct error *err)
{
    return ed25519_verify(key, message, bytes) ||
           error_set(err, ERROR_MISMATCH, "the signature does not fit the file");
}

bool signature_check_pure(const struct signature *signature, const struct message *message,
                          const struct ed25519_public *key, struct error *err)
{
    const char *protocol = foreign_message(message->content);
    if (protocol != NULL) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "a bare signature of such bytes may have been made for %s", protocol);
    }
    return signature_check_bytes(signature->bytes, message->content, key, err);
}

/* How surely a signature points at a key: what it says of its key is a hint, no more. */
enum likeness { UNLIKE, POSSIBLE, NAMED };

static enum likeness likeness_of(const struct signature *signature, const struct public_key *key)
{
    char hint[BASE64_LEN(SHA256_LEN) + 1];
    if (signature->key != NULL) {
        return public_key_equal(signature->key, &key->point) ? NAMED : UNLIKE;
    }
    if (signature->number != NULL) {
        bool same = memcmp(signature->number, key->number, KEY_NUMBER_LEN) == 0;
        return same ? NAMED : key->number_stated ? UNLIKE : POSSIBLE;
    }
    if (signature->hint == NULL) {
        return POSSIBLE;
    }
    key_hint(&key->point, hint);
    /* Hints are free text; only one that has this form can be told to be another key's. */
    return strcmp(signature->hint, hint) == 0                  ? NAMED
           : strlen(signature->hint) == BASE64_LEN(SHA256_LEN) ? UNLIKE
                                                               : POSSIBLE;
}

#define TIME_TEXT_LEN 31

static void time_text(time_t when, char ret[TIME_TEXT_LEN + 1])
{
    struct tm parts;
    if (gmtime_r(&when, &parts) == NULL ||
        strftime(ret, TIME_TEXT_LEN + 1, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
        memcpy(ret, "the end of time", sizeof("the end of time"));
    }
}

static void refuse_standing(const struct trusted_key *key, const struct signature_rules *rules,
                            struct signature_finding *finding)
{
    char now[TIME_TEXT_LEN + 1];
    char limit[TIME_TEXT_LEN + 1];
    time_text(rules->now, now);
    switch (trusted_key_standing(key, rules->now)) {
    case KEY_REVOKED:
        finding->result = SIGNATURE_REVOKED;
        error_set(&finding->reason, ERROR_MISMATCH, "the key is revoked");
        return;
    case KEY_NOT_YET:
        finding->result = SIGNATURE_NOT_YET;
        time_text(key->from, limit);
        error_set(&finding->reason, ERROR_MISMATCH,
                  "the key is valid from %s on, the clock says %s", limit, now);
        return;
    case KEY_EXPIRED:
        finding->result = SIGNATURE_EXPIRED;
        time_text(key->until, limit);
        error_set(&finding->reason, ERROR_MISMATCH, "the key was valid until %s, the clock says %s",
                  limit, now);
        return;
    case KEY_GOOD:
    case KEY_NOT_TRUSTED:
        return;
    }
}

/* What SIGNATURE comes to if KEY is the one it is checked with. */
static struct signature_finding judge_with(const struct signature *signature,
                                           const struct message *message,
                                           const struct trusted_key *key,
                                           const struct signature_rules *rules)
{
    struct signature_finding finding = {.result = SIGNATURE_BAD, .key = key};
    if (!signature->format->check(signature, message, &key->public.point, rules, &finding.reason)) {
        if (finding.reason.code == ERROR_UNSUPPORTED) {
            finding.result = SIGNATURE_UNUSABLE;
        }
        return finding;
    }
    finding.result = SIGNATURE_GOOD;
    if (!allowed_signers_namespace(key->namespaces, rules->namespace)) {
        finding.result = SIGNATURE_UNKNOWN_KEY;
        error_set(&finding.reason, ERROR_MISMATCH, "the key is not trusted to sign files");
        return finding;
    }
    refuse_standing(key, rules, &finding);
    return finding;
}

static void name_unknown(const struct signature *signature, struct signature_finding *finding)
{
    char number[2 * KEY_NUMBER_LEN + 1];
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    const char *name = signature->hint;
    if (signature->number != NULL) {
        key_number_text(signature->number, number);
        name = number;
    }
    if (signature->key != NULL) {
        key_fingerprint(signature->key, fingerprint);
        name = fingerprint;
    }
    error_set(&finding->reason, ERROR_MISMATCH, "signed with the key %s, which is not trusted",
              name == NULL ? "of somebody" : name);
    error_cure(&finding->reason, "if that key should be trusted, get it from its owner");
}

/* Of several findings the one that counts: good, else what is known surest. */
static int weight(enum signature_result result)
{
    static const int weights[] = {
        [SIGNATURE_UNKNOWN_KEY] = 0, [SIGNATURE_BAD] = 1,     [SIGNATURE_UNUSABLE] = 2,
        [SIGNATURE_NOT_YET] = 3,     [SIGNATURE_EXPIRED] = 4, [SIGNATURE_REVOKED] = 5,
        [SIGNATURE_GOOD] = 6,
    };
    return weights[result];
}

void signature_judge(const struct signature *signature, const struct message *message,
                     const struct trust *trust, const struct signature_rules *rules,
                     struct signature_finding *ret)
{
    struct signature_finding best = {.result = SIGNATURE_UNKNOWN_KEY};
    name_unknown(signature, &best);
    for (size_t i = 0; i < trust->count; i++) {
        const struct trusted_key *key = &trust->keys[i];
        enum likeness likeness = likeness_of(signature, &key->public);
        /* A hint of sigstore's may be anybody's invention: all keys are tried. */
        if (likeness == UNLIKE && signature->hint == NULL) {
            continue;
        }
        struct signature_finding finding = judge_with(signature, message, key, rules);
        if (finding.result == SIGNATURE_BAD && likeness == UNLIKE) {
            continue;
        }
        if (finding.result == SIGNATURE_BAD && likeness == POSSIBLE) {
            finding.key = NULL;
        }
        if (weight(finding.result) > weight(best.result)) {
            best = finding;
        }
    }
    *ret = best;
}
