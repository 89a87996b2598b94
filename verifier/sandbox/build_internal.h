/* The parts of a build box, for the files build_*.c alone.
 *
 * In the workspace a box has one directory, with in it: source (the working copy), own (our go.mod
 * and go.sum), mod/cache/download (.mod and .ziphash), cache and out (writable in the box). */
#pragma once

#include <sys/stat.h>

#include "verifier/recipe/build_command.h"
#include "verifier/sandbox/build.h"

#define BUILD_SOURCE "source"
#define BUILD_OWN "own"
#define BUILD_MODULES "mod"
#define BUILD_DOWNLOAD BUILD_MODULES "/cache/download"
#define BUILD_CACHE "cache"
#define BUILD_OUTPUT "out"
#define BUILD_ARTIFACT "artifact"

struct build_box {
    struct arena arena;
    const struct recipe *recipe;
    struct build_settings settings;
    struct build_layout layout;
    const struct workspace *workspace;
    const char *name, *path; /* of the box's directory, beneath the workspace and absolute */
    int dir, out;
    const char *module_root; /* of the working copy, beneath DIR; NULL where there is none */
    const char *const *environment;
    struct gomod_file *work_files; /* of a workspace, for the own directory */
    size_t work_file_count;
    struct sandbox_mount *mounts;
    size_t mount_count, mount_capacity;
    struct sandbox_file *files;
    size_t file_count, file_capacity;
};

static inline bool build_is_boxed(const struct build_box *box)
{
    return box->settings.kind != SANDBOX_NONE;
}

/* Shows HOST at PLACE in the box; HOST NULL: a tmpfs. Only for boxed builds. */
void build_add_mount(struct build_box *box, const char *host, const char *place, bool writable);

/* Makes FILE: in the box, or at its place beneath the box's directory for an unboxed build. */
CHECKED bool build_add_file(struct build_box *box, const char *place, struct bytes content,
                            bool executable, struct error *err);

/* Where things lie without a box: real directories beneath PATH. ERROR_UNSUPPORTED for a recipe
 * whose paths only a box can give. */
CHECKED bool build_layout_unboxed(const struct recipe *recipe, const char *path,
                                  const char *toolchain, struct arena *arena,
                                  struct build_layout *ret, struct error *err);

/* Copies the regular files (0644, or 0755 if executable), directories and relative links of FROM
 * into TO; .git at its top is left out. */
CHECKED bool build_copy_tree(int from, int to, struct error *err);
/* Writes CONTENT to the new file PATH beneath DIR, with the directories above it. */
CHECKED bool build_write_file(int dir, const char *path, struct bytes content, mode_t mode,
                              struct error *err);

CHECKED bool build_lay_source(struct build_box *box, const struct build_inputs *inputs,
                              struct error *err);
/* build_vendor.c: makes the vendor directory in ROOT, the copy of a module zip, for a vendored
 * build: each dep line's module as its zip has it, and a modules.txt that fits our go.mod. */
CHECKED bool build_lay_vendor(struct build_box *box, const struct build_inputs *inputs, int root,
                              struct error *err);
/* build_workspace.c: puts our go.work and go.mod files into ROOT, the copy of a workspace, and
 * those for the own directory into BOX. */
CHECKED bool build_lay_workspace(struct build_box *box, const struct build_inputs *inputs, int root,
                                 struct error *err);
/* The main module's own go.mod; empty where there is none. */
CHECKED bool build_real_go_mod(const struct build_inputs *inputs, struct arena *arena,
                               struct bytes *ret, struct error *err);
CHECKED bool build_lay_modules(struct build_box *box, const struct build_inputs *inputs,
                               struct error *err);
/* The toolchain at its GOROOT; of one on the host also what its links lead to. */
CHECKED bool build_add_toolchain(struct build_box *box, const char *toolchain, struct error *err);
/* The root file system of the recipe's C toolchain. */
CHECKED bool build_add_rootfs(struct build_box *box, struct error *err);
/* The C library of the host, if the toolchain's bin/go wants one (up to Go 1.20). */
CHECKED bool build_add_libraries(struct build_box *box, const char *toolchain, struct error *err);

/* Makes the change to the toolchain that the recipe names, if it names one; takes a build. */
CHECKED bool build_patch_toolchain(struct build_box *box, const struct build_inputs *inputs,
                                   struct error *err);

/* Runs ARGV in the box. */
CHECKED bool build_box_execute(struct build_box *box, const char *const *argv, struct arena *arena,
                               struct sandbox_result *ret, struct error *err);

/* Opens what the build left as its result, which is to be one regular file with one name. False
 * with *RET_DETAIL saying what it is instead. */
CHECKED bool build_take_output(int out, int *ret, const char **ret_detail, struct arena *arena);

/* Why a build failed: a reason code, and the first telling line of its log, escaped. */
void build_explain_failure(const struct sandbox_result *run, const struct sandbox_limits *limits,
                           struct arena *arena, const char **ret_failure, const char **ret_detail);
/* Entry INDEX of the catalogue that it goes by: the text that is looked for; NULL behind the last.
 */
const char *build_failure_sign(size_t index);
