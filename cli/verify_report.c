// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_names.h"
#include "base/escape.h"
#include "cli/verify.h"

static void put_escaped(struct buffer *out, const char *text)
{
    char safe[4096];
    escape_text(text, safe, sizeof(safe));
    buffer_string(out, safe);
}

const char *outcome_word(enum outcome outcome)
{
    static const char *const words[] = {
        [OUTCOME_UNDECIDED] = "UNDECIDED", [OUTCOME_HOLDS] = "VERIFIED",
        [OUTCOME_REFUTED] = "REFUTED",     [OUTCOME_UNUSABLE] = "UNUSABLE",
        [OUTCOME_TAMPERED] = "TAMPERED",   [OUTCOME_INTERNAL] = "INTERNAL ERROR",
        [OUTCOME_SIGNAL] = "STOPPED",
    };
    return words[outcome];
}

static const char *format_name(const struct verify_signature *told)
{
    return told->found->readable ? told->found->signature.format->name : "?";
}

/* The signer's own words, with spaces where tabs part them. */
static void put_comment(struct buffer *out, struct bytes comment)
{
    char words[1024];
    char safe[2048];
    size_t len = comment.len < sizeof(words) ? comment.len : sizeof(words) - 1;
    for (size_t i = 0; i < len; i++) {
        words[i] = comment.data[i] == '\t' ? ' ' : (char)comment.data[i];
    }
    escape_bytes(bytes_from(words, len), safe, sizeof(safe));
    buffer_printf(out, "  %-22s says: %s\n", "", safe);
}

static void put_signature(struct buffer *out, const struct verify_signature *told)
{
    const struct signature_finding *finding = &told->finding;
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    buffer_printf(out, "  %-12s %-9s", signature_result_name(finding->result), format_name(told));
    if (finding->key != NULL) {
        key_fingerprint(&finding->key->public.point, fingerprint);
        buffer_byte(out, ' ');
        put_escaped(out, finding->key->owner);
        buffer_printf(out, "  %s", fingerprint);
    }
    buffer_string(out, "  (");
    put_escaped(out, told->found->path);
    buffer_string(out, told->list == NULL ? ")\n" : ", a list)\n");
    if (finding->result != SIGNATURE_GOOD) {
        buffer_printf(out, "  %-22s %s\n", "", finding->reason.message);
        if (finding->reason.cure[0] != '\0') {
            buffer_printf(out, "  %-22s next: %s\n", "", finding->reason.cure);
        }
    } else if (told->found->signature.trusted_comment.len > 0) {
        put_comment(out, told->found->signature.trusted_comment);
    }
}

static const char *vote_word(const struct vote *vote)
{
    switch (vote->result) {
    case VOTE_FOR:
        return vote->failed == 0 ? "for" : "not-counted";
    case VOTE_AGAINST:
        return "against";
    case VOTE_NOT_COUNTED:
        break;
    }
    return "not-counted";
}

static void put_vote(struct buffer *out, const struct vote *vote)
{
    const struct attestation *attestation = vote->attestation;
    const struct claim *claim = &attestation->claim;
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    key_fingerprint(&attestation->key->public.point, fingerprint);
    buffer_printf(out, "  %-12s %-9s ", vote_word(vote), "rebuilder");
    put_escaped(out, vote->operator);
    buffer_printf(out, "  %s  (", fingerprint);
    put_escaped(out, attestation->place);
    buffer_string(out, ")\n");
    if (attestation->standing == ATTESTATION_GOOD) {
        buffer_printf(out, "  %-22s says: %s", "", verdict_name(claim->verdict));
        if (claim->module[0] != '\0') {
            buffer_string(out, " from ");
            put_escaped(out, claim->module);
            buffer_byte(out, '@');
            put_escaped(out, claim->version);
        }
        buffer_string(out, " for ");
        put_escaped(out, claim->platform);
        buffer_byte(out, '\n');
    }
    if (vote->reason[0] != '\0') {
        buffer_printf(out, "  %-22s ", "");
        put_escaped(out, vote->reason);
        buffer_byte(out, '\n');
    }
}

static void put_rule(struct buffer *out, const struct rule_result *rule)
{
    buffer_printf(out, "  %-12s %-12s wanted ", rule->state == RULE_MET ? "met" : "not met",
                  rule->name);
    put_escaped(out, rule->target);
    buffer_string(out, ", there is ");
    put_escaped(out, rule->actual);
    if (rule->seconds > 0) {
        buffer_printf(out, "   %.1f ms", 1000 * rule->seconds);
    }
    buffer_byte(out, '\n');
}

/* Who signed: the owners of the keys that count, each key once. */
static void put_signers(struct buffer *out, const struct verify_file *file)
{
    const char *before = "   signed by ";
    for (size_t i = 0; i < file->signature_count; i++) {
        const struct signature_finding *finding = &file->signatures[i].finding;
        bool counts = finding->result == SIGNATURE_GOOD;
        for (size_t j = 0; counts && j < i; j++) {
            const struct signature_finding *earlier = &file->signatures[j].finding;
            counts = earlier->result != SIGNATURE_GOOD ||
                     !public_key_equal(&earlier->key->public.point, &finding->key->public.point);
        }
        if (counts) {
            buffer_string(out, before);
            put_escaped(out, finding->key->owner);
            before = ", ";
        }
    }
    if (file->ballot.counted > 0) {
        buffer_string(out, "   rebuilt by ");
        put_escaped(out, file->ballot.for_names);
    }
}

static bool is_number(const char *text)
{
    return text[0] >= '0' && text[0] <= '9';
}

/* What an earlier rule gave as its reason is not said again. */
static const char *new_reason(const struct verify_file *file, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(file->rules[i].reason, file->rules[at].reason) == 0) {
            return "";
        }
    }
    return file->rules[at].reason;
}

static void put_verdict(struct buffer *out, const struct verify_file *file)
{
    buffer_printf(out, "%s ", outcome_word(file->outcome));
    put_escaped(out, file->path);
    if (file->outcome == OUTCOME_HOLDS) {
        put_signers(out, file);
    }
    for (size_t i = 0; i < file->rule_count; i++) {
        const struct rule_result *rule = &file->rules[i];
        if (rule->state != RULE_MET) {
            const char *reason = new_reason(file, i);
            buffer_printf(out, "   %s: ", rule->name);
            put_escaped(out, rule->actual);
            buffer_string(out, is_number(rule->target) ? " of " : " instead of ");
            put_escaped(out, rule->target);
            buffer_string(out, reason[0] == '\0' ? "" : ", ");
            put_escaped(out, reason);
        }
    }
    buffer_byte(out, '\n');
}

void verify_report_text(const struct verify_file *file, struct buffer *out)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&file->message.sha256, hex);
    put_escaped(out, file->path);
    buffer_printf(out, "   sha256 %s\n", hex);
    for (size_t i = 0; i < file->signature_count; i++) {
        put_signature(out, &file->signatures[i]);
    }
    for (size_t i = 0; i < file->ballot.count; i++) {
        put_vote(out, &file->ballot.votes[i]);
    }
    for (size_t i = 0; i < file->rule_count; i++) {
        put_rule(out, &file->rules[i]);
    }
    put_verdict(out, file);
}

void verify_report_json_begin(struct json_writer *json, struct buffer *out)
{
    json_writer_init(json, out, false);
    json_object(json, NULL);
    json_string(json, "schema", "reproof/verify/v1");
    json_array(json, "files");
}

void verify_report_json_end(struct json_writer *json)
{
    json_array_end(json);
    json_object_end(json);
}

static void put_signature_json(struct json_writer *json, const struct verify_signature *told)
{
    const struct signature_finding *finding = &told->finding;
    char fingerprint[KEY_FINGERPRINT_LEN + 1] = "";
    if (finding->key != NULL) {
        key_fingerprint(&finding->key->public.point, fingerprint);
    }
    json_object(json, NULL);
    json_string(json, "format", told->found->readable ? format_name(told) : NULL);
    json_string(json, "file", told->found->path);
    json_string(json, "list", told->list);
    json_string(json, "key", finding->key == NULL ? NULL : fingerprint);
    json_string(json, "owner", finding->key == NULL ? NULL : finding->key->owner);
    json_string(json, "result", signature_result_name(finding->result));
    json_string(json, "reason", finding->result == SIGNATURE_GOOD ? NULL : finding->reason.message);
    if (told->found->readable && told->found->signature.trusted_comment.len > 0) {
        json_text(json, "comment", told->found->signature.trusted_comment);
    }
    json_object_end(json);
}

static void put_vote_json(struct json_writer *json, const struct vote *vote, struct arena *arena)
{
    const struct attestation *attestation = vote->attestation;
    const struct claim *claim = &attestation->claim;
    bool good = attestation->standing == ATTESTATION_GOOD;
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    key_fingerprint(&attestation->key->public.point, fingerprint);
    json_object(json, NULL);
    json_string(json, "key", fingerprint);
    json_string(json, "operator", vote->operator);
    json_string(json, "verdict", good ? verdict_name(claim->verdict) : NULL);
    json_string(json, "time", good ? sbom_time_text(claim->issued, arena) : NULL);
    json_string(json, "module", good ? claim->module : NULL);
    json_string(json, "version", good ? claim->version : NULL);
    json_string(json, "platform", good ? claim->platform : NULL);
    json_string(json, "file", attestation->place);
    json_string(json, "result", vote_word(vote));
    json_string(json, "reason", vote->reason[0] == '\0' ? NULL : vote->reason);
    json_object_end(json);
}

static void put_rule_json(struct json_writer *json, const struct rule_result *rule)
{
    json_object(json, NULL);
    json_string(json, "rule", rule->name);
    json_string(json, "target", rule->target);
    json_string(json, "actual", rule->actual);
    json_bool(json, "met", rule->state == RULE_MET);
    json_string(json, "reason", rule->reason[0] == '\0' ? NULL : rule->reason);
    json_decimal(json, "milliseconds", 1000 * rule->seconds, 3);
    json_object_end(json);
}

void verify_report_json(struct json_writer *json, const struct verify_file *file)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&file->message.sha256, hex);
    json_object(json, NULL);
    json_string(json, "name", file->path);
    json_string(json, "sha256", hex);
    json_string(json, "result",
                file->outcome == OUTCOME_HOLDS ? "yes"
                : file->outcome == OUTCOME_REFUTED || file->outcome == OUTCOME_TAMPERED
                    ? "no"
                    : "undecided");
    json_array(json, "signatures");
    for (size_t i = 0; i < file->signature_count; i++) {
        put_signature_json(json, &file->signatures[i]);
    }
    json_array_end(json);
    json_array(json, "votes");
    for (size_t i = 0; i < file->ballot.count; i++) {
        put_vote_json(json, &file->ballot.votes[i], file->arena);
    }
    json_array_end(json);
    json_array(json, "rules");
    for (size_t i = 0; i < file->rule_count; i++) {
        put_rule_json(json, &file->rules[i]);
    }
    json_array_end(json);
    json_object_end(json);
}
