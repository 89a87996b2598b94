// SPDX-License-Identifier: Apache-2.0
/* The dep lines: which of them can be fetched, and what they assume. */
#include "verifier/recipe/derive.h"
#include "verifier/recipe/gomod.h"
#include "verifier/recipe/limits.h"
#include "verifier/recipe/modpath.h"

#define CURE_DIRECTORY                                                                             \
    "reproof rebuild FILE --source DIR, with the whole repository it was built from"

#define CURE_WORKSPACE                                                                             \
    "reproof rebuild FILE --source DIR, with the workspace it was built in: the directory of "     \
    "go.work"

static bool is_directory_path(const char *path)
{
    return strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0 || path[0] == '/' ||
           strcmp(path, ".") == 0 || strcmp(path, "..") == 0 || strchr(path, '\\') != NULL;
}

static bool check_replacement(struct derivation *d, const struct module *line)
{
    const struct module *right = line->replace;
    if (is_directory_path(right->path)) {
        if (d->recipe.source_kind == SOURCE_DIRECTORY && right->path[0] != '/' &&
            strchr(right->path, '\\') == NULL) {
            return true;
        }
        return derive_refuse(d, "source-unavailable", CURE_DIRECTORY,
                             "%.200s is replaced by the directory %.200s of the builder",
                             line->path, right->path);
    }
    if (!module_path_is_valid(right->path) || !module_version_is_valid(right->version)) {
        return derive_refuse(d, "unsupported", "", "%.200s is replaced by %.200s %.100s",
                             line->path, right->path, right->version);
    }
    return true;
}

bool derive_without_workspace(struct derivation *d)
{
    const struct buildinfo *info = &d->file->info;
    for (size_t i = 0; i < info->dep_count; i++) {
        if (gomod_is_of_workspace(&info->deps[i])) {
            return derive_refuse(
                d, "source-unavailable", CURE_WORKSPACE,
                "built in a workspace (go.work): %.200s came from the builder's disk, "
                "and the file does not say which version",
                info->deps[i].path);
        }
    }
    return true;
}

/* What a line without sum tells: a workspace has (devel), a vendored build no sum at all. */
static bool check_line(struct derivation *d, const struct module *line)
{
    if (!module_path_is_local(line->path)) {
        return derive_refuse(d, "unsupported", "", "a dep line names %.200s", line->path);
    }
    if (line->replace != NULL) {
        return check_replacement(d, line);
    }
    if (gomod_is_of_workspace(line)) {
        d->recipe.workspace = true;
        return d->recipe.source_kind == SOURCE_DIRECTORY || derive_without_workspace(d);
    }
    if (!module_version_is_valid(line->version)) {
        return derive_refuse(d, "unsupported", "", "a dep line names %.200s %.100s", line->path,
                             line->version);
    }
    return true;
}

static const struct module *without_sum(const struct buildinfo *info)
{
    for (size_t i = 0; i < info->dep_count; i++) {
        const struct module *right =
            info->deps[i].replace != NULL ? info->deps[i].replace : &info->deps[i];
        bool local = is_directory_path(right->path) || gomod_is_of_workspace(&info->deps[i]);
        if (right->sum[0] == '\0' && !local) {
            return right;
        }
    }
    return NULL;
}

/* No module zip holds vendored files, but -mod=vendor leaves no trace beside the missing sums: the
 * modules' own zips give the same bytes, unless the vendored files were changed. */
static bool check_sums(struct derivation *d)
{
    const struct module *bare = without_sum(&d->file->info);
    if (bare == NULL) {
        return true;
    }
    if (d->recipe.source_kind == SOURCE_MODULE_DEPENDENCY) {
        return derive_refuse(d, "recipe-unknown", "",
                             "the mod line has an h1 sum, but %.200s has none: no go command "
                             "vendors for a module that it takes from a zip",
                             bare->path);
    }
    d->recipe.vendored = true;
    recipe_infer(&d->notes, d->arena, "vendored", "true",
                 d->recipe.source_kind == SOURCE_DIRECTORY
                     ? "%s has no h1 sum: built with -mod=vendor"
                     : "%s has no h1 sum: built with -mod=vendor, whose files are taken from the "
                       "zips of the modules that the dep lines name",
                 bare->path);
    return true;
}

bool derive_dependencies(struct derivation *d)
{
    const struct buildinfo *info = &d->file->info;
    if (info->dep_count > RECIPE_LIMIT_DEPENDENCIES) {
        return derive_refuse(d, "limit", "", "%zu dep lines: at most %d are rebuilt",
                             info->dep_count, RECIPE_LIMIT_DEPENDENCIES);
    }
    for (size_t i = 0; i < info->dep_count; i++) {
        if (!check_line(d, &info->deps[i])) {
            return false;
        }
    }
    if (d->recipe.workspace) {
        recipe_infer(&d->notes, d->arena, "workspace", "true",
                     "dep lines that say (devel): built with a go.work");
    }
    d->recipe.deps = info->deps;
    d->recipe.dep_count = info->dep_count;
    return d->recipe.source_kind == SOURCE_TOOLCHAIN_MODULE || check_sums(d);
}
