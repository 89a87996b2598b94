/* What a gate found out about each pair of a release, and what that means for all of it.
 *
 * A pair is judged in a process of its own, on this machine or another, and leaves a file
 * NAME.json (reproof/pair/v1: the result of its rebuild, the artifact's digest) and the SBOMs of
 * what is in it, NAME.INDEX.spdx.json. All that decides is read off these files again, by the same
 * code for a run on one machine and for shards of many. */
#pragma once

#include "attest/release/manifest.h"
#include "base/json_read.h"

#define PAIR_SCHEMA "reproof/pair/v1"

/* The zero value is "undecided". */
enum pair_state {
    PAIR_UNDECIDED,
    PAIR_HOLDS,
    PAIR_REFUTED,  /* different, or not what the manifest says it is */
    PAIR_UNUSABLE, /* cannot be read */
    PAIR_TAMPERED, /* an input contradicts what was promised for it */
    PAIR_ABSENT,   /* not there, and not required */
};

enum release_decision { RELEASE_UNDECIDED, RELEASE_YES, RELEASE_NO };

struct pair_result {
    const struct manifest_pair *pair;
    enum pair_state state;
    const char *why, *cure; /* of what does not hold; "" */
    bool has_artifact;
    struct sha256 sha256; /* of the artifact */
    uint64_t size;
    struct json_document *document; /* of the pair's file; NULL: there is none */
    const struct cJSON *result;     /* reproof/rebuild/v1; NULL: it came to none */
};

struct release {
    const struct manifest *manifest;
    struct pair_result *results; /* one for each of the manifest's pairs */
    const char **strangers; /* files in the artifacts' folder that the manifest does not name */
    size_t stranger_count;
    const char *tool_version;
};

const char *pair_state_name(enum pair_state state);
const char *release_decision_name(enum release_decision decision);

/* What is known of a pair, to be written by whoever judged it. */
struct pair_record {
    const struct manifest *manifest;
    const struct manifest_pair *pair;
    bool has_artifact;
    struct sha256 sha256;
    uint64_t size;
    int exit;                  /* as `rebuild` would end */
    struct bytes result;       /* the rebuild's document; empty: none */
    const struct error *error; /* NULL: none */
};
void pair_record_write(const struct pair_record *record, struct buffer *out);

/* Reads what pair_record_write wrote of PAIR and judges it. ERROR_FORMAT; ERROR_MISMATCH if it is
 * of another pair or another manifest. pair_result_free afterwards. */
CHECKED bool pair_result_read(struct bytes text, const struct manifest *manifest,
                              const struct manifest_pair *pair, struct arena *arena,
                              struct pair_result *ret, struct error *err);
void pair_result_free(struct pair_result *result);

/* Yes only if every pair that is required holds, no other fails, and no file is a stranger. */
enum release_decision release_decide(const struct release *release);
/* As the table of exit codes has it. */
int release_exit(const struct release *release);

/* The document `gate --json` prints; as a SUMMARY it has nothing in it that differs from one run to
 * the next: times, tree heads, tries. */
void release_write(const struct release *release, bool summary, struct buffer *out);
