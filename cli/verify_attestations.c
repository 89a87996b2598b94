// SPDX-License-Identifier: Apache-2.0
/* The rules "attestation" and "sbom": enough independent rebuilders say that exactly this file
 * comes from its source, and nobody trusted contradicts; and one of them attests its SBOM. */
#include <fcntl.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/verify.h"

static bool gather(struct verify_run *run, struct verify_file *file, struct error *err)
{
    (void)run;
    (void)err;
    file->parts |= MESSAGE_SHA256;
    return true;
}

/* What lies beside the file is looked at also where nothing of the kind is required: a trusted
 * rebuilder's "different" counts in any case. */
static bool read_beside(struct attestation_reading *reading, struct verify_file *file,
                        struct error *err)
{
    const char *name = arena_printf(file->arena, "%s.intoto.jsonl", file->name);
    const char *path = arena_printf(file->arena, "%s%s", file->folder, name);
    struct error why;
    if (evidence_read_file(reading, file->directory, name, path, &file->evidence, &why) ||
        (why.code != ERROR_LIMIT && why.code != ERROR_INTERRUPTED)) {
        return true;
    }
    *err = why;
    return false;
}

static bool read_evidence(struct verify_run *run, struct verify_file *file, struct error *err)
{
    struct attestation_reading reading = run->reading;
    if (file->has_evidence) {
        return true;
    }
    reading.arena = file->arena;
    for (size_t i = 0; i < run->evidence.count; i++) {
        arena_grow(file->arena, &file->evidence.items, file->evidence.count,
                   &file->evidence.capacity, sizeof(*file->evidence.items));
        file->evidence.items[file->evidence.count++] = run->evidence.items[i];
    }
    if (!read_beside(&reading, file, err)) {
        return false;
    }
    reading.bound = false;
    for (size_t i = 0; i < run->place_count; i++) {
        const struct verify_place *place = &run->places[i];
        const struct sha256 *digest = &file->message.sha256;
        if (!(place->dir < 0 ? evidence_read_url(&reading, run->transport, place->folder, digest,
                                                 &file->evidence, err)
                             : evidence_read_tree(&reading, place->dir, place->folder, digest,
                                                  &file->evidence, err))) {
            return error_prefix(err, "--evidence");
        }
    }
    file->has_evidence = true;
    return true;
}

static void explain_other(struct verify_file *file, struct rule_result *result)
{
    const struct attestation *other = file->ballot.other;
    char hex[SHA256_HEX_LEN + 1], mine[SHA256_HEX_LEN + 1];
    sha256_hex(&other->claim.artifact, hex);
    sha256_hex(&file->message.sha256, mine);
    result->state = RULE_REFUTED;
    result->reason =
        arena_printf(file->arena, "the evidence is of another file: %s attests sha256 %s (%s)",
                     other->key->owner, hex, other->place);
}

static void settle_attestation(struct verify_run *run, struct verify_file *file,
                               struct rule_result *result)
{
    const struct ballot *ballot = &file->ballot;
    size_t wanted = run->policy.rebuilder_threshold;
    result->target = arena_printf(file->arena, "%zu", wanted);
    result->actual = arena_printf(file->arena, "%zu", ballot->counted);
    result->state = ballot->counted >= wanted ? RULE_MET : RULE_UNDECIDED;
    if (ballot->inside != NULL) {
        result->reason = arena_printf(
            file->arena, "the evidence is of %s inside this package: unpack it, and verify that",
            ballot->inside->claim.name);
    } else if (ballot->count == 0) {
        result->reason = "no trusted rebuilder's verdict on it was found";
    }
    if (ballot->against != NULL) {
        result->state = RULE_REFUTED;
        result->reason = arena_printf(file->arena, "a contradiction: %s", ballot->against);
    } else if (ballot->other != NULL) {
        explain_other(file, result);
    } else if (run->named_state != RULE_MET) {
        result->state = run->named_state;
        result->reason = run->named_reason;
    }
}

static void add_rules(struct verify_file *file)
{
    for (size_t i = 0; i < file->ballot.rule_count; i++) {
        const struct ballot_rule *rule = &file->ballot.rules[i];
        struct rule_result *result = verify_add_result(file, rule->name);
        result->target = rule->target;
        result->actual = rule->actual;
        result->state = rule->met ? RULE_MET : RULE_UNDECIDED;
    }
}

static bool judge_votes(struct verify_run *run, struct verify_file *file, struct error *err)
{
    struct seen seen = run->seen;
    /* A version that is older than one seen before is a user's own affair, unless a policy says
     * what is wanted. */
    seen.versions = run->policy.name != NULL;
    if (!read_evidence(run, file, err) ||
        !ballot_count(&run->policy, &file->evidence, &file->message.sha256, file->name,
                      run->settings->allow_older ? NULL : &seen, run->reading.now, file->arena,
                      &file->ballot, err)) {
        return false;
    }
    bool required = verify_requires(run, "attestation");
    if (required || file->ballot.against != NULL) {
        settle_attestation(run, file, verify_add_result(file, "attestation"));
    }
    if (required) {
        add_rules(file);
    }
    return true;
}

static bool judge_sbom(struct verify_run *run, struct verify_file *file, struct error *err)
{
    struct sbom_finding finding;
    if (!read_evidence(run, file, err)) {
        return false;
    }
    ballot_find_sbom(&run->policy, &file->evidence, &file->message.sha256, file->arena, &finding);
    if (!verify_requires(run, "sbom") && finding.against == NULL) {
        return true;
    }
    struct rule_result *result = verify_add_result(file, "sbom");
    result->target = "1";
    result->actual = finding.good == NULL ? "0" : "1";
    result->reason = finding.good == NULL ? "no trusted rebuilder attests one of this file" : "";
    result->state = finding.good == NULL ? RULE_UNDECIDED : RULE_MET;
    if (finding.against != NULL) {
        result->state = RULE_REFUTED;
        result->reason = finding.against;
    } else if (finding.good == NULL && file->ballot.other != NULL) {
        explain_other(file, result);
    } else if (finding.good == NULL && run->named_state != RULE_MET) {
        result->state = run->named_state;
        result->reason = run->named_reason;
    }
    return true;
}

const struct verify_rule verify_rule_attestation = {
    .name = "attestation",
    .gather = gather,
    .judge = judge_votes,
};

const struct verify_rule verify_rule_sbom = {
    .name = "sbom",
    .gather = gather,
    .judge = judge_sbom,
};
