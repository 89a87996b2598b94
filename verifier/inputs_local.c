// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/pipeline_internal.h"

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

enum step local_source(struct subject_run *run, struct error *err)
{
    const struct recipe *recipe = &run->recipe;
    struct fetched_module source = {.id = {recipe->module, recipe->version},
                                    .h1 = "",
                                    .go_mod_h1 = "",
                                    .tree = recipe->directory};
    AUTO_FD int dir = -1;
    if (!directory_open(recipe->directory, &dir, err) ||
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
