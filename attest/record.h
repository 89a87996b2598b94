/* The record of a rebuild: the `reproof/rebuild/v1` document that `rebuild --json` wrote, read back
 * to be attested.
 *
 * Read strictly, and refused where it contradicts itself: what is signed must at least agree with
 * itself. One path for all: `rebuild --out` renders its result and reads it here too. */
#pragma once

#include "base/digest.h"
#include "base/json_read.h"
#include "verifier/report/result.h"

struct record_container {
    const char *name, *purl; /* purl "" if it does not say what package it is */
    struct sha256 sha256;
};

struct record_subject {
    const char *name; /* as the result has it: a path, or a member's name */
    const char *file; /* what files of evidence begin with: a plain name, safe whatever NAME is */
    const struct record_container *container; /* NULL: none */
    struct sha256 sha256;
    uint64_t size;
    const char *platform;
    enum verdict verdict;
    bool accepted;
    bool has_rebuilt;
    struct sha256 rebuilt;
    const char *module, *version; /* of the source; "" while there is none */
    const char *purl;             /* with version, platform and digest */
    struct bytes recipe;          /* as recipe_write_json makes it; empty: there is none */
    const struct cJSON *json;     /* all of the subject */
};

struct record {
    struct json_document *document;
    const char *tool_version;
    struct record_subject *subjects;
    size_t subject_count;
    struct record_container *containers;
    size_t container_count;
};

/* The names of files that were given, so that subjects of several records do not share one. Zeroed
 * at first. */
struct record_names {
    struct arena arena;
    const char **slots; /* CAPACITY of them, by hash */
    size_t count, capacity;
};
void record_names_free(struct record_names *names);

/* Views live as long as RET and ARENA. ERROR_FORMAT: malformed; ERROR_UNSUPPORTED: another kind of
 * document; ERROR_MISMATCH: digests or verdict contradict each other. */
CHECKED bool record_read(struct bytes text, struct arena *arena, struct record *ret,
                         struct error *err);
/* The same for one record of several, whose subjects are called by none of NAMES. */
CHECKED bool record_read_next(struct bytes text, struct record_names *names, struct arena *arena,
                              struct record *ret, struct error *err);
/* Accepts a zeroed one. */
void record_free(struct record *record);

/* The subject, or the subjects' container, that has DIGEST: true if there is any. */
CHECKED bool record_knows(const struct record *record, const struct sha256 *digest);
