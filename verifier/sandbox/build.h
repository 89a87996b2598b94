/* A recipe and its proven inputs made into a job for the sandbox, and the rebuild taken out of it.
 *
 * Layout in the box: /go (toolchain), /src (the main module, a copy, with our go.mod and go.sum and
 * an empty .git), /mod (module cache: unpacked trees bound as leaves, .mod and .ziphash of our
 * writing), /cache and /out (directories of the workspace, so that relinks
 * find the build cache), /tmp (tmpfs), /stub/git. An untrimmed build has the paths
 * that the artifact shows instead. */
#pragma once

#include "verifier/fetch/fetch.h"
#include "verifier/recipe/recipe.h"
#include "verifier/sandbox/sandbox.h"

struct build_inputs {
    const struct recipe *recipe;
    const struct fetched_toolchain *toolchain;
    const struct fetched_module *main; /* NULL with SOURCE_DIRECTORY */
    const struct fetched_module *deps; /* one for each of the recipe's dep lines, right sides */
    size_t dep_count;
};

/* The box of one subject: laid out once, built in several times (relinks share its build cache). */
struct build_box;

struct build_settings {
    enum sandbox_kind kind;
    struct sandbox_limits limits;
    unsigned jobs;
    bool standard; /* the toolchain alone, nothing of the program: see build_standard.h */
    bool hash_log; /* let go tell what it hashes; build_output.hashes then holds that */
    sandbox_progress *progress;
    void *progress_context;
};

/* Lays out INPUTS in WORKSPACE. */
CHECKED bool build_box_open(const struct build_inputs *inputs,
                            const struct build_settings *settings, struct workspace *workspace,
                            struct build_box **ret, struct error *err);
void build_box_free(struct build_box **box);

/* Whether the toolchain builds for the recipe's GOOS and GOARCH, as it says itself (`go tool dist
 * list`, run in the box). ERROR_TOOL if it does not say. */
CHECKED bool build_box_knows_platform(struct build_box *box, struct arena *arena, bool *ret,
                                      struct error *err);

/* Makes the file PATH of the working copy anew, empty, and opens it to be written; what had that
 * name before is gone, if it was a file. Nothing outside of the copy is ever reached. ERROR_ABSENT
 * if the build has no working copy. */
CHECKED bool build_box_replace(struct build_box *box, const char *path, int *ret,
                               struct error *err);

struct build_output {
    int fd;                    /* the rebuild, open for reading; -1 if the build failed */
    struct sandbox_result run; /* its log without what go tells of hashes */
    struct bytes hashes;       /* for link_hash.h */
    const char *failure;       /* reason code of a failed build: "build-failed", "limit", ... */
    const char *detail;        /* the first telling line of the log, escaped */
};

/* Runs the build with LDFLAGS in place of the recipe's (NULL: the recipe's own). False only where
 * sandbox_run fails; a build that fails is an output with fd -1. */
CHECKED bool build_box_run(struct build_box *box, const char *const *ldflags, size_t ldflag_count,
                           struct arena *arena, struct build_output *ret, struct error *err);
/* True if LOG says that files are missing that the source embeds. */
bool build_lacks_embedded(struct bytes log);
void build_output_free(struct build_output *output);
