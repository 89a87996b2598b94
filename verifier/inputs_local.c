// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/pipeline_internal.h"
#include "verifier/recipe/gomod.h"

#define VERSION_FILE_MAXIMUM 4096

/* The first line of the toolchain's VERSION file: "go1.22.3". */
static bool read_version(int goroot, struct arena *arena, const char **ret, struct error *err)
{
    struct bytes text, line;
    if (!file_read(goroot, "VERSION", VERSION_FILE_MAXIMUM, arena, &text, err)) {
        return false;
    }
    struct scanner scanner = scanner_over(text);
    if (!scanner_line(&scanner, VERSION_FILE_MAXIMUM, &line) || line.len == 0) {
        return error_set(err, ERROR_FORMAT, "its file VERSION names no version of Go");
    }
    *ret = arena_text(arena, line);
    return true;
}

/* The box mounts what it is given by its absolute name. */
static const char *absolute(struct subject_run *run, const char *directory)
{
    char *real = realpath(directory, NULL);
    if (real == NULL) {
        return NULL;
    }
    const char *copy = arena_string(run->arena, real);
    free(real);
    return copy;
}

static bool open_toolchain(struct subject_run *run, const char *goarch, struct error *err)
{
    struct fetched_toolchain *toolchain = &run->result->toolchain;
    const char *directory = run->recipe.toolchain_directory;
    AUTO_FD int goroot = -1;
    const char *version, *path;
    if (!directory_open(directory, &goroot, err) ||
        !read_version(goroot, run->arena, &version, err)) {
        return false;
    }
    if (!file_exists(goroot, "bin/go") || (path = absolute(run, directory)) == NULL) {
        return error_set(err, ERROR_ABSENT, "there is no bin/go in it");
    }
    *toolchain = (struct fetched_toolchain){
        .version = version,
        .platform = arena_printf(run->arena, "linux/%s", goarch),
        .module = {.id = {"", ""}, .h1 = "", .go_mod_h1 = "", .tree = path},
    };
    return true;
}

enum step local_toolchain(struct subject_run *run, const char *goarch, struct error *err)
{
    if (!open_toolchain(run, goarch, err)) {
        error_prefix(err, "--toolchain %s", run->recipe.toolchain_directory);
        error_cure(err, "name a directory with Go in it, as `go env GOROOT` prints one");
        err->code = ERROR_USAGE;
        return STEP_FAILED;
    }
    const char *stated = run->file->info.go_version;
    if (strcmp(run->result->toolchain.version, stated) != 0) {
        recipe_infer(&run->result->notes, run->arena, "toolchain", run->result->toolchain.version,
                     "the directory's own VERSION; the file says %s", stated);
    }
    run->result->has_toolchain = true;
    return STEP_GO_ON;
}

static enum step settle_no_workspace(struct subject_run *run, const char *why)
{
    return settle_unproven(
        run, "source-unavailable",
        arena_printf(run->arena, "built in a workspace (go.work), but %s", why),
        arena_printf(run->arena,
                     "reproof rebuild %s --source DIR, with the directory of the go.work (if it is "
                     "in no commit, make it again: go work init, go work use)",
                     target_of(run)));
}

/* True if the go.mod in BELOW of the workspace OPEN is that of the main module. */
static bool is_main_module(struct subject_run *run, int open, const char *below)
{
    struct bytes text;
    struct gomod gomod;
    const char *path = arena_printf(run->arena, "%s%sgo.mod", below, below[0] == '\0' ? "" : "/");
    return file_read(open, path, LIMIT_ZIP_GO_MOD, run->arena, &text, NULL) &&
           gomod_parse(text, run->arena, &gomod, NULL) &&
           strcmp(gomod.module, run->recipe.module) == 0;
}

/* Finds the main module among those that the go.work in DIRECTORY uses. */
static enum step enter_workspace(struct subject_run *run, const char *directory, struct error *err)
{
    struct bytes text;
    struct gomod work;
    AUTO_FD int open = -1;
    if (!directory_open(directory, &open, err) ||
        !file_read(open, "go.work", LIMIT_ZIP_GO_MOD, run->arena, &text, err) ||
        !gomod_parse(text, run->arena, &work, err)) {
        error_prefix(err, "%s/go.work", directory);
        return settle_no_workspace(run, err->message);
    }
    for (size_t i = 0; i < work.use_count; i++) {
        const char *below;
        if (gowork_directory(work.use[i], run->arena, &below) && is_main_module(run, open, below)) {
            run->recipe.directory = directory;
            run->recipe.module_directory = below;
            return STEP_GO_ON;
        }
    }
    return settle_no_workspace(run, arena_printf(run->arena,
                                                 "%s/go.work uses no module %s (beneath its own "
                                                 "directory)",
                                                 directory, run->recipe.module));
}

/* The go.work in DIR or, as go looks for it, above. */
static enum step find_workspace(struct subject_run *run, struct error *err)
{
    const char *place = absolute(run, run->recipe.directory);
    while (place != NULL) {
        AUTO_FD int open = -1;
        const char *slash = strrchr(place, '/');
        if (directory_open(place, &open, NULL) && file_exists(open, "go.work")) {
            return enter_workspace(run, place, err);
        }
        place = slash == NULL || slash == place
                    ? NULL
                    : arena_text(run->arena, bytes_from(place, (size_t)(slash - place)));
    }
    return settle_no_workspace(run, arena_printf(run->arena,
                                                 "neither in %s nor above it is there a go.work",
                                                 run->recipe.directory));
}

enum step local_source(struct subject_run *run, struct error *err)
{
    const struct recipe *recipe = &run->recipe;
    if (recipe->workspace) {
        enum step step = find_workspace(run, err);
        if (step != STEP_GO_ON) {
            return step;
        }
    }
    struct fetched_module source = {.id = {recipe->module, recipe->version},
                                    .h1 = "",
                                    .go_mod_h1 = "",
                                    .tree = recipe->directory};
    if (recipe->module_directory[0] != '\0') {
        source.tree =
            arena_printf(run->arena, "%s/%s", recipe->directory, recipe->module_directory);
    }
    AUTO_FD int dir = -1;
    if (!directory_open(source.tree, &dir, err) ||
        (file_exists(dir, "go.mod") &&
         !file_read(dir, "go.mod", LIMIT_ZIP_GO_MOD, run->arena, &source.go_mod, err))) {
        error_prefix(err, "--source %s", recipe->directory);
        err->code = ERROR_USAGE;
        error_cure(err, "name the module's root directory, or MODULE@VERSION");
        return STEP_FAILED;
    }
    run->result->source = source;
    run->result->has_source = true;
    return STEP_GO_ON;
}
