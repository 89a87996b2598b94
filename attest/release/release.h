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
    bool has_record;      /* it has been judged */
    bool has_result;      /* and its record has a reproof/rebuild/v1 */
    struct sha256 record; /* of the pair's file */
};

/* Reads the file of a pair again. However many pairs a release has, one is in memory at a time. */
typedef bool release_read(void *context, const struct pair_result *result, struct arena *arena,
                          struct bytes *ret, struct error *err);

struct release {
    const struct manifest *manifest;
    struct pair_result *results; /* one for each of the manifest's pairs */
    const char **strangers; /* files in the artifacts' folder that the manifest does not name */
    size_t stranger_count;
    const char *tool_version;
    release_read *read;
    void *read_context;

    /* The one that was read last: see release_result. */
    struct json_document *open;
    struct arena open_arena;
    size_t open_pair;
    struct error failure; /* ERROR_NONE, or why a file could not be read again */
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
 * of another pair or another manifest. */
CHECKED bool pair_result_read(struct bytes text, const struct manifest *manifest,
                              const struct manifest_pair *pair, struct arena *arena,
                              struct pair_result *ret, struct error *err);

/* The rebuild's document of the pair INDEX, until the next call; NULL if it has none. If its file
 * cannot be read any more, or is another one, that is NULL too, and release_ok says so from then
 * on: ask it after whatever was made of these. */
const struct cJSON *release_result(struct release *release, size_t index);
CHECKED bool release_ok(const struct release *release, struct error *err);
/* Lets go of what was read; accepts a zeroed one. */
void release_close(struct release *release);

/* Yes only if every pair that is required holds, no other fails, and no file is a stranger. */
enum release_decision release_decide(const struct release *release);
/* As the table of exit codes has it. */
int release_exit(const struct release *release);

/* Takes what is written, piece after piece. */
struct release_sink {
    bool (*put)(void *context, struct bytes piece, struct error *err);
    void *context;
};

/* The document `gate --json` prints; as a SUMMARY it has nothing in it that differs from one run to
 * the next: times, tree heads, tries. */
CHECKED bool release_write(struct release *release, bool summary, const struct release_sink *sink,
                           struct error *err);
