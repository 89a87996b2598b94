/* go.mod files: reading them, and writing the go.mod and go.sum that our build uses.
 *
 * A build never uses the module's own go.mod for its requirements: ours names exactly the modules
 * of the artifact's dep lines, so that the set of inputs follows from the artifact and each is
 * proven. What the real go.mod selects is compared with that (gomod_compare). Grammar:
 * go.dev/ref/mod#go-mod-file. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "verifier/fetch/fetch.h"
#include "verifier/recipe/recipe.h"

struct gomod_require {
    const char *path, *version;
    bool indirect;
};

struct gomod_replace {
    const char *old_path, *old_version; /* version "" = all */
    const char *new_path, *new_version; /* version "" = a directory */
};

struct gomod {
    const char *module;   /* "" if there is no module line */
    const char *go;       /* "1.21", "" if there is no go line */
    const char **godebug; /* "name=value" */
    size_t godebug_count;
    const char **ignore;
    size_t ignore_count;
    const char **use; /* of a go.work */
    size_t use_count;
    struct gomod_require *requires;
    size_t require_count;
    struct gomod_replace *replaces;
    size_t replace_count;
    struct gomod_require *excludes;
    size_t exclude_count;
};

/* Parses TEXT, a go.mod or a go.work. Directives unknown to us are passed over, as Go does in the
 * go.mod of others. ERROR_FORMAT names the line. */
CHECKED bool gomod_parse(struct bytes text, struct arena *arena, struct gomod *ret,
                         struct error *err);

/* True if module graph pruning holds: go 1.17 or later in it. */
bool gomod_is_pruned(const struct gomod *gomod);

/* The version by which our go.mod requires the module of LINE: a replaced one may have none of its
 * own, and go wants one all the same. */
const char *gomod_version_of(const struct module *line);

/* True for the dep line of a module that a go.work uses: "(devel)", and nothing in its place. */
bool gomod_is_of_workspace(const struct module *line);

/* A file to be made beneath build_layout.own. */
struct gomod_file {
    const char *path; /* "go.mod", "go.sum", "stub/12/go.mod" */
    struct bytes content;
};

/* The files that the build of RECIPE needs in OWN (build_layout.own). REAL_GO_MOD is the main
 * module's own go.mod (with SOURCE_MODULE_DEPENDENCY: that of MAIN; its go line is used). MAIN is
 * NULL unless SOURCE_MODULE_DEPENDENCY; DEPS are the fetched modules of the recipe's dep lines in
 * their order (right sides). No files at all for SOURCE_TOOLCHAIN_MODULE, and for a directory that
 * has a vendor directory of its own: that one goes with its own go.mod.
 * ERROR_FORMAT if a go.mod cannot be read, ERROR_MISMATCH if DEPS do not fit the lines. */
CHECKED bool gomod_own_files(const struct recipe *recipe, const char *own, struct bytes real_go_mod,
                             const struct fetched_module *main, const struct fetched_module *deps,
                             size_t dep_count, struct arena *arena, struct gomod_file **ret,
                             size_t *ret_count, struct error *err);

/* A module that a go.work uses. */
struct gowork_module {
    const char *path;      /* as its go.mod says */
    const char *directory; /* beneath that of go.work; "" is the same */
    struct bytes go_mod;   /* its own */
};

/* The directory that a use line means, beneath that of go.work: "./a/b/" is "a/b", "." is "". False
 * where it leads out, or is no name that our own go.work could say. */
CHECKED bool gowork_directory(const char *use, struct arena *arena, const char **ret);

/* True if the program needs the module PATH of its workspace: it is the main module or a dep line.
 */
bool gowork_is_needed(const struct recipe *recipe, const char *path);

/* The files of a workspace build: go.work, go.work.sum and each module's go.mod for ROOT (the
 * workspace, where they stand in for the real ones), and stub modules for OWN, as gomod_own_files
 * has them. The dep lines are the requirements of every module; REAL_GO_WORK gives go version and
 * godebug lines. MODULES are those that are needed. */
CHECKED bool gowork_own_files(const struct recipe *recipe, const char *own,
                              struct bytes real_go_work, const struct gowork_module *modules,
                              size_t module_count, const struct fetched_module *deps,
                              size_t dep_count, struct arena *arena, struct gomod_file **ret_root,
                              size_t *ret_root_count, struct gomod_file **ret_own,
                              size_t *ret_own_count, struct error *err);

/* Whether the dep lines are what the real go.mod selects. */
struct gomod_comparison {
    bool checked; /* false: could not be told from these files alone; DETAIL says why */
    bool differs;
    const char *detail; /* names the lines, for the assumption `dependencies-differ` */
};
CHECKED bool gomod_compare(const struct recipe *recipe, struct bytes real_go_mod,
                           const struct fetched_module *deps, size_t dep_count, struct arena *arena,
                           struct gomod_comparison *ret, struct error *err);
