// SPDX-License-Identifier: Apache-2.0
#include "attest/ballot.h"

#include "attest/ballot_rules.h"
#include "base/limits.h"

/* Whether ATTESTATION has something to say in a vote at all. A summary that passed only repeats
 * what a verdict says better. */
static bool is_vote(const struct attestation *attestation)
{
    return attestation->kind == ATTESTATION_VERDICT ||
           (attestation->kind == ATTESTATION_SUMMARY &&
            attestation->claim.verdict == VERDICT_DIFFERENT);
}

static void classify(struct counting *counting, struct vote *vote)
{
    const struct attestation *attestation = vote->attestation;
    const struct claim *claim = &attestation->claim;
    const uint64_t now = (uint64_t)counting->now;
    if (attestation->standing != ATTESTATION_GOOD) {
        vote->reason = arena_string(counting->arena, attestation->reason.message);
    } else if (claim->issued > now + BALLOT_CLOCK_SKEW) {
        vote->reason = arena_printf(counting->arena,
                                    "it is from the future: issued at %llu, the clock says "
                                    "%llu",
                                    (unsigned long long)claim->issued, (unsigned long long)now);
    } else if (claim->conflict != NULL) {
        vote->result = VOTE_AGAINST;
        vote->reason = claim->conflict;
    } else if (claim->verdict == VERDICT_DIFFERENT) {
        vote->result = VOTE_AGAINST;
        vote->reason = "says different";
    } else if (claim->verdict == VERDICT_UNPROVEN) {
        vote->reason = "says unproven";
    } else {
        vote->result = VOTE_FOR;
    }
}

/* Whether everything in EVIDENCE that may be meant for some file is of the same one as AT. */
static bool is_only(const struct attestations *evidence, const struct attestation *at)
{
    for (size_t i = 0; i < evidence->count; i++) {
        const struct attestation *other = &evidence->items[i];
        if (other->bound && other->standing == ATTESTATION_GOOD && is_vote(other) &&
            !sha256_equal(&other->claim.artifact, &at->claim.artifact)) {
            return false;
        }
    }
    return true;
}

/* Evidence of a whole release is of other files mostly; that says nothing of this one. */
static void find_other(struct counting *counting, const struct attestations *evidence)
{
    const struct attestation *some = NULL;
    for (size_t i = 0; i < evidence->count; i++) {
        const struct attestation *at = &evidence->items[i];
        const struct claim *claim = &at->claim;
        if (at->standing != ATTESTATION_GOOD || !is_vote(at)) {
            continue;
        }
        if (claim->has_container && sha256_equal(&claim->container, counting->digest)) {
            counting->ballot->inside = at;
            return;
        }
        if (at->bound) {
            some = at;
            counting->ballot->other =
                strcmp(claim->name, counting->name) == 0 ? at : counting->ballot->other;
        }
    }
    if (counting->ballot->other == NULL && some != NULL && is_only(evidence, some)) {
        counting->ballot->other = some;
    }
}

/* A barred key's statement is shown if it is about the file, so that people see why it is not
 * counted. */
static bool collect(struct counting *counting, const struct attestations *evidence,
                    struct error *err)
{
    struct ballot *ballot = counting->ballot;
    ballot->votes = ARENA_ARRAY(counting->arena, evidence->count + 1, struct vote);
    for (size_t i = 0; i < evidence->count; i++) {
        const struct attestation *at = &evidence->items[i];
        bool told = at->standing == ATTESTATION_GOOD || at->standing == ATTESTATION_BARRED;
        if (!told || !is_vote(at) || !attestation_is_about(at, counting->digest)) {
            continue;
        }
        if (ballot->count >= LIMIT_VOTES) {
            return error_set(err, ERROR_LIMIT, "more than %d votes on one file", LIMIT_VOTES);
        }
        struct vote *vote = &ballot->votes[ballot->count++];
        *vote = (struct vote){.attestation = at, .reason = ""};
        vote->operator= parties_operator(&counting->policy->rebuilders, at->key);
        classify(counting, vote);
    }
    if (ballot->count == 0) {
        find_other(counting, evidence);
    }
    if (ballot->inside != NULL) {
        ballot->other = NULL;
    }
    return true;
}

/* Who changed its mind is taken at its last word. */
static void keep_newest(struct ballot *ballot)
{
    for (size_t i = 0; i < ballot->count; i++) {
        struct vote *vote = &ballot->votes[i];
        for (size_t j = 0; vote->result != VOTE_NOT_COUNTED && j < ballot->count; j++) {
            const struct vote *other = &ballot->votes[j];
            if (other->result != VOTE_NOT_COUNTED && strcmp(other->operator, vote->operator) == 0 &&
                other->attestation->claim.issued > vote->attestation->claim.issued) {
                vote->result = VOTE_NOT_COUNTED;
                vote->reason = "a newer statement of the same rebuilder is here";
            }
        }
    }
}

static const char *identity(const struct vote *vote, struct arena *arena)
{
    const struct claim *claim = &vote->attestation->claim;
    return arena_printf(arena, "%s@%s for %s", claim->module, claim->version, claim->platform);
}

/* The same bytes cannot be of two sources: somebody mixes evidence. */
static void find_disagreement(struct counting *counting)
{
    struct ballot *ballot = counting->ballot;
    const struct vote *first = NULL;
    for (size_t i = 0; i < ballot->count; i++) {
        const struct vote *vote = &ballot->votes[i];
        if (vote->result != VOTE_FOR) {
            continue;
        }
        first = first == NULL ? vote : first;
        const char *a = identity(first, counting->arena), *b = identity(vote, counting->arena);
        if (strcmp(a, b) != 0 && ballot->against == NULL) {
            ballot->against = arena_printf(counting->arena, "%s says %s, %s says %s",
                                           first->operator, a, vote->operator, b);
        }
    }
}

static void find_against(struct counting *counting)
{
    struct ballot *ballot = counting->ballot;
    for (size_t i = 0; i < ballot->count; i++) {
        const struct vote *vote = &ballot->votes[i];
        if (vote->result == VOTE_AGAINST) {
            const char *before = ballot->against == NULL ? "" : ballot->against;
            ballot->against =
                arena_printf(counting->arena, "%s%s%s %s", before, before[0] == '\0' ? "" : "; ",
                             vote->operator, vote->reason);
        }
    }
    find_disagreement(counting);
}

bool ballot_count(const struct policy *policy, const struct attestations *evidence,
                  const struct sha256 *digest, const char *name, const struct seen *seen,
                  time_t now, struct arena *arena, struct ballot *ret, struct error *err)
{
    struct ballot ballot = {.for_names = ""};
    struct counting counting = {policy, digest, name, seen, now, arena, &ballot};
    if (!collect(&counting, evidence, err)) {
        return false;
    }
    keep_newest(&ballot);
    find_against(&counting);
    if (!ballot_apply_rules(&counting, err)) {
        return false;
    }
    *ret = ballot;
    return true;
}

void ballot_find_sbom(const struct policy *policy, const struct attestations *evidence,
                      const struct sha256 *digest, struct arena *arena, struct sbom_finding *ret)
{
    struct sbom_finding finding = {0};
    for (size_t i = 0; i < evidence->count; i++) {
        const struct attestation *at = &evidence->items[i];
        if (at->standing != ATTESTATION_GOOD || at->kind != ATTESTATION_SBOM ||
            !attestation_is_about(at, digest)) {
            continue;
        }
        if (at->names_subject) {
            finding.good = at;
        } else if (finding.against == NULL) {
            finding.against =
                arena_printf(arena, "the SBOM that %s attests is of another file (%s)",
                             parties_operator(&policy->rebuilders, at->key), at->place);
        }
    }
    *ret = finding;
}
