/* A recipe as the box needs it: where things lie, which command runs, in which environment, and
 * what the stub git answers.
 *
 * Pure: nothing is run and no file touched. Every text of the recipe that reaches argv, environment
 * or a path is checked here once more (recipe_validate), whoever made the recipe. What go is given
 * follows docs/architecture.md: our own go.mod by -modfile, -mod=readonly, GOENV=off. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "verifier/recipe/recipe.h"

/* Absolute paths in the box. Those of an untrimmed build are the artifact's own, and ours then lie
 * below one directory that no artifact may use. */
struct build_layout {
    const char *goroot;    /* the toolchain; bin/go is beneath */
    const char *source;    /* root of the main module, a working copy; "" if the kind of source has
                              none (SOURCE_MODULE_DEPENDENCY, SOURCE_TOOLCHAIN_MODULE) */
    const char *workspace; /* the directory of go.work, at or above SOURCE; "" without */
    const char
        *dot_git; /* empty directory to be made in the working copy; "" if there is no stamp */
    const char *gopath;    /* need not exist */
    const char *modcache;  /* GOMODCACHE */
    const char *own;       /* our go.mod, go.sum and stub modules: the files of gomod.h, beneath */
    const char *cache;     /* GOCACHE */
    const char *home;      /* HOME and TMPDIR: a tmpfs */
    const char *stub;      /* directory with the stub `git` and its `answers`; all of PATH */
    const char *output;    /* directory for the result, writable */
    const char *artifact;  /* the result */
    const char *directory; /* the working directory of the build */
};

/* Where the build of RECIPE has its things. ERROR_UNSUPPORTED if the paths of an untrimmed build
 * cannot be made in a box (Windows paths, /dev, not clean). */
CHECKED bool build_layout_of(const struct recipe *recipe, struct arena *arena,
                             struct build_layout *ret, struct error *err);

/* The command, NULL-terminated; argv[0] is a path in the box. LDFLAGS stand in for the recipe's own
 * unless NULL (LDFLAG_COUNT 0 with LDFLAGS not NULL: none). */
CHECKED bool build_command_argv(const struct recipe *recipe, const struct build_layout *layout,
                                const char *const *ldflags, size_t ldflag_count,
                                struct arena *arena, const char *const **ret, struct error *err);

/* "NAME=value", NULL-terminated: all that the build gets. */
CHECKED bool build_command_environment(const struct recipe *recipe,
                                       const struct build_layout *layout, struct arena *arena,
                                       const char *const **ret, struct error *err);

/* What the file LAYOUT->stub/answers holds; empty without a stamp. */
CHECKED bool build_stub_answers(const struct recipe *recipe, const struct build_layout *layout,
                                struct arena *arena, struct bytes *ret, struct error *err);

/* The stub git itself, a static program. */
struct bytes build_stub_git(void);

/* Checks all that a recipe may say, field by field: paths, versions, names of the environment's
 * allow-list and their values for this Go version, flags that would run programs or read files
 * (-toolexec, -overlay, -extld, @file), sizes. ERROR_UNSUPPORTED or ERROR_FORMAT names the field.
 */
CHECKED bool recipe_validate(const struct recipe *recipe, struct error *err);
