/* The rebuilders' votes on one file, counted by a policy.
 *
 * A vote is a trusted key's statement about exactly this digest. Each operator has one: its newest.
 * Votes that say "different", that contradict themselves, or that tell of different sources for the
 * same bytes refute. All others that a rule of the policy leaves out count for nothing, and the
 * rule says why. */
#pragma once

#include "attest/attestation.h"
#include "attest/policy.h"
#include "attest/seen.h"

/* Clocks of honest machines differ by so many seconds. */
#define BALLOT_CLOCK_SKEW 300

enum vote_result { VOTE_NOT_COUNTED, VOTE_FOR, VOTE_AGAINST };

struct vote {
    const struct attestation *attestation;
    const char *operator;
    enum vote_result result;
    const char *reason; /* unless it is for: why; else "" */
    unsigned failed;    /* a bit for each of the rules below that it does not meet */
};

/* A rule of the policy: what was wanted, what there is. */
struct ballot_rule {
    const char *name, *target, *actual;
    bool met;
};

struct ballot {
    struct vote *votes;
    size_t count;
    struct ballot_rule *rules;
    size_t rule_count;
    const char *for_names, *against; /* operators; who contradicts and how, NULL: nobody */
    size_t counted;                  /* operators that are for, by all rules */
    /* Where there is no vote: evidence that is meant for this file (it has its name, or there is no
     * other) and is of other bytes; or of a file that came inside it. NULL: no such. */
    const struct attestation *other, *inside;
};

/* NAME is the file's, for `other` alone. SEEN may be NULL: replays are let pass. */
CHECKED bool ballot_count(const struct policy *policy, const struct attestations *evidence,
                          const struct sha256 *digest, const char *name, const struct seen *seen,
                          time_t now, struct arena *arena, struct ballot *ret, struct error *err);

/* The SBOM rule: an SPDX document of this very file, attested by a rebuilder. */
struct sbom_finding {
    const struct attestation *good;
    const char *against; /* NULL, or who attests a document of another file for this one */
};
void ballot_find_sbom(const struct policy *policy, const struct attestations *evidence,
                      const struct sha256 *digest, struct arena *arena, struct sbom_finding *ret);
