/* The main job: a published Go binary and nothing else, proven or refuted.
 *
 *     inspection → recipe → inputs (fetched, proven) → rebuild (sandbox) → comparison → verdict
 *
 * A subject that cannot be proven is a result with its reason, not an error. */
#pragma once

#include "verifier/report/result.h"
#include "verifier/sandbox/sandbox.h"

/* What is going on, for people who wait; called from the caller's thread. TOTAL 0: not known. */
struct rebuild_progress {
    void (*stage)(void *context, const char *text);
    void (*transfer)(void *context, const char *what, uint64_t done, uint64_t total);
    void (*build)(void *context, const char *change, double seconds);
    /* Candidates for link flags that were hashed. */
    void (*search)(void *context, uint64_t tried, double seconds);
    void *context;
};

struct rebuild_settings {
    const char *store, *state; /* absolute directories */
    bool offline;
    unsigned jobs;
    enum sandbox_kind sandbox;
    struct sandbox_limits limits;
    const char **accept; /* names of assumptions and equivalences */
    size_t accept_count;
    const char **expect; /* MODULE or MODULE@VERSION; none: any source will do */
    size_t expect_count;
    uint64_t search;         /* most candidates for link flags; 0: the default */
    struct bytes recipe;     /* JSON of --recipe; empty: derive one */
    const char *recipe_name; /* the file it came from */
    bool no_compare;         /* only build */
    bool standard_cache;     /* keep the standard library compiled, and use what is kept */
    struct rebuild_progress progress;
};

struct rebuilder;

/* Opens store, state and settings for any number of subjects. */
CHECKED bool rebuilder_open(const struct rebuild_settings *settings, struct rebuilder **ret,
                            struct error *err);
void rebuilder_free(struct rebuilder **rebuilder);

/* Where targets are unpacked to, beneath the store; gone with the rebuilder. */
struct workspace *rebuilder_workspace(struct rebuilder *rebuilder);
/* The confined process that looks at files. */
struct inspector *rebuilder_inspector(struct rebuilder *rebuilder);

/* Judges the artifact in SOURCE, which FILE was read off. RET_REBUILD_FD (may be NULL) gets the
 * last rebuild, open for reading, or -1. False only where nothing can be said of any subject: a
 * signal, a store that cannot be written, our own fault. */
CHECKED bool rebuild_subject(struct rebuilder *rebuilder, const struct source *source,
                             const struct inspection *file, const struct recipe_hints *hints,
                             struct arena *arena, struct subject_result *ret, int *ret_rebuild_fd,
                             struct error *err);
