/* What a user asks of evidence before a file is good enough: docs/trust.md,
 * docs/schema/policy.json.
 *
 * A policy comes from a file (strict JSON; refused if anybody else may write it), or is made of
 * command line options. Nothing in it is a pattern: names are compared byte for byte. Rebuilders
 * are counted by operator, each key belongs to exactly one. */
#pragma once

#include "attest/claim.h"
#include "signer/trust.h"

struct policy_source {
    const char *module;
    const char *version;         /* exactly this; NULL: any */
    const char *minimal_version; /* this or later; NULL: any */
};

/* Keys with who runs them: `operators` goes along with the keys of `trust`. */
struct parties {
    struct trust trust;
    const char **operators;
    size_t capacity;
};

struct policy {
    const char *name; /* of its file; NULL: made of options */
    struct names required;
    struct parties signers, rebuilders;
    size_t signer_threshold, rebuilder_threshold; /* at least 1 */
    struct policy_source *sources;                /* one of these; none: any */
    size_t source_count;
    struct names platforms; /* one of these; none: any */
    struct names accepted;  /* assumptions that weaken, and equivalences, that are good enough */
    struct names forbidden; /* assumptions that never are */
    uint64_t maximal_age;   /* seconds; 0: any */
};

CHECKED bool policy_requires(const struct policy *policy, const char *what);

/* Reads the file at PATH. ERROR_USAGE: others could have written it; ERROR_FORMAT names the member.
 */
CHECKED bool policy_load(const char *path, time_t now, struct arena *arena, struct policy *ret,
                         struct error *err);
/* The same of its text; PATH is only its name. A policy without keys wants them from elsewhere:
 * policy_check follows. */
CHECKED bool policy_read(struct bytes text, const char *path, time_t now, struct arena *arena,
                         struct policy *ret, struct error *err);

/* Adds the keys in LIST, as policies and trust files have them, to the parties of their roles. */
CHECKED bool policy_read_keys(const struct cJSON *list, struct arena *arena,
                              struct parties *signers, struct parties *rebuilders,
                              struct error *err);
/* Whether the thresholds can be met at all, once all keys are there. */
CHECKED bool policy_check(const struct policy *policy, struct error *err);

/* Whoever runs KEY: the words by which rebuilders are told apart. */
const char *parties_operator(const struct parties *parties, const struct trusted_key *key);
/* How many parties there are at most to meet a threshold. */
size_t parties_count(const struct parties *parties);
/* Adds KEY under OPERATOR. ERROR_FORMAT if it is there under another one. */
CHECKED bool parties_add(struct parties *parties, const struct trusted_key *key,
                         const char *operator, struct error * err);

/* Opens a file that says whom to trust, and refuses one that somebody else could have written. */
CHECKED bool policy_open_file(const char *path, int *ret, struct error *err);
