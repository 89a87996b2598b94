// SPDX-License-Identifier: Apache-2.0
/* Where the source comes from: the kind of build, the main module and its version, the dep lines.
 */
#include "base/scanner.h"
#include "verifier/fetch/semver.h"
#include "verifier/recipe/derive.h"
#include "verifier/recipe/limits.h"
#include "verifier/recipe/modpath.h"

#define CURE_DIRECTORY "reproof rebuild FILE --source DIR, with the sources it was built from"

static const char *source_hint(const struct derivation *d)
{
    return d->hints == NULL ? "" : derive_hint(d->hints->source_directory);
}

static bool is_toolchain_program(const struct buildinfo *info)
{
    return !info->has_main && strncmp(info->path, "cmd/", 4) == 0;
}

/* bin/go and its kin: since 1.21 the toolchain is built with -trimpath and without C, so the module
 * that carries it carries all that is needed. */
static bool derive_toolchain_program(struct derivation *d)
{
    if (d->go.minor <= 20) {
        return derive_refuse(
            d, "toolchain-file", "compare its digest with the same file of that toolchain's module",
            "%s is a program of the Go distribution %s, which up to 1.20 cannot be "
            "rebuilt from its sources byte for byte",
            d->file->info.path, d->recipe.toolchain);
    }
    if (source_hint(d)[0] != '\0') {
        return derive_refuse(d, "unsupported", "leave --source out",
                             "%s is a program of the Go distribution: its source is the toolchain "
                             "itself",
                             d->file->info.path);
    }
    d->recipe.source_kind = SOURCE_TOOLCHAIN_MODULE;
    d->recipe.module = "golang.org/toolchain";
    d->recipe.main_package = d->file->info.path;
    recipe_infer(&d->notes, d->arena, "source", d->recipe.module,
                 "the program %s has no mod line: it is part of the Go distribution",
                 d->file->info.path);
    return true;
}

static bool check_main(struct derivation *d)
{
    const struct buildinfo *info = &d->file->info;
    if (strcmp(info->path, "command-line-arguments") == 0) {
        return derive_refuse(
            d, "source-unavailable",
            "no option helps; its maker can build the package (go build DIR) instead of its files",
            "built from .go files named on the command line: the file does not say "
            "which");
    }
    if (info->path[0] == '\0' || !info->has_main) {
        return derive_refuse(d, "source-unavailable",
                             "no option helps: Debian's packages, among others, are built so; its "
                             "maker can build it where its go.mod lies",
                             "built in GOPATH mode (package %.200s, no module line): no version of "
                             "its sources is recorded",
                             info->path[0] == '\0' ? "unknown" : info->path);
    }
    if (info->main.replace != NULL) {
        return derive_refuse(d, "unsupported", "", "the main module itself is replaced by %.200s",
                             info->main.replace->path);
    }
    if (!import_path_is_valid(info->path)) {
        return derive_refuse(d, "unsupported", "", "%.200s is no package path", info->path);
    }
    if (!module_path_is_local(info->main.path)) {
        return derive_refuse(d, "unsupported", "", "%.200s is no module path", info->main.path);
    }
    return true;
}

/* The version on the mod line without what only says that the working copy was changed. */
static const char *clean_version(struct derivation *d, const char *version)
{
    struct bytes text = bytes_from_string(version), before, behind;
    if (scan_cut_last(text, '+', &before, &behind)) {
        if (bytes_equal_string(behind, "dirty")) {
            return arena_text(d->arena, before);
        }
        if (bytes_equal_string(behind, "incompatible.dirty")) {
            return arena_text(d->arena, bytes_from(text.data, text.len - strlen(".dirty")));
        }
    }
    return version;
}

/* A mod line with version and h1: the main package's module was a dependency (`go install M@V`). */
static bool derive_dependency_build(struct derivation *d)
{
    const struct module *main = &d->file->info.main;
    const char *hint = d->hints == NULL ? "" : derive_hint(d->hints->source_version);
    if (source_hint(d)[0] != '\0') {
        return derive_refuse(
            d, "unsupported", "leave --source DIR out",
            "built from the module zip of %.200s@%.100s, as its mod line has an h1 "
            "sum: a directory cannot give that line",
            main->path, main->version);
    }
    if (hint[0] != '\0' && strcmp(hint, main->version) != 0) {
        return derive_refuse(d, "unexpected-source", "leave --source out",
                             "the file says it is %.200s@%.100s, not version %.100s", main->path,
                             main->version, hint);
    }
    d->recipe.source_kind = SOURCE_MODULE_DEPENDENCY;
    d->recipe.version = main->version;
    d->recipe.h1 = main->sum;
    recipe_infer(&d->notes, d->arena, "source", main->version,
                 "the mod line has a version and an h1 sum: built as by `go install %s@%s`",
                 d->file->info.path, main->version);
    return true;
}

/* "0.25.0" of an npm package, as the version of a module; NULL if it cannot be one. */
static const char *package_version(struct derivation *d)
{
    const char *hint = d->hints == NULL ? "" : derive_hint(d->hints->package_version);
    if (hint[0] == '\0' || strlen(hint) > 128) {
        return NULL;
    }
    const char *version = arena_printf(d->arena, "%s%s", hint[0] == 'v' ? "" : "v", hint);
    if (recipe_version_fits(d->recipe.module, version)) {
        return version;
    }
    const char *incompatible = arena_printf(d->arena, "%s+incompatible", version);
    return recipe_version_fits(d->recipe.module, incompatible) ? incompatible : NULL;
}

/* A mod line that says (devel): the version has to come from elsewhere. */
static bool find_version(struct derivation *d)
{
    const char *given = d->hints == NULL ? "" : derive_hint(d->hints->source_version);
    const char *package = package_version(d);
    if (given[0] != '\0') {
        d->recipe.version = given;
        recipe_infer(&d->notes, d->arena, "version", given, "given by --source");
        return true;
    }
    if (package != NULL) {
        d->recipe.version = package;
        recipe_assume(&d->notes, d->arena, "version-from-package",
                      "%s, as the package around the file has version %s", package,
                      d->hints->package_version);
        recipe_infer(&d->notes, d->arena, "version", package,
                     "the mod line says %.100s; version of the package around the file",
                     d->file->info.main.version);
        return true;
    }
    const char *revision = derive_setting(d, "vcs.revision");
    const char *by = revision[0] == '\0'
                         ? "dep lines and texts of the file among the versions that are listed"
                         : arena_printf(d->arena, "revision %.64s", revision);
    recipe_infer(&d->notes, d->arena, "version", "",
                 "the mod line says %.100s: to be found by %s at the module proxy",
                 d->file->info.main.version, by);
    return true;
}

static bool take_directory(struct derivation *d)
{
    d->recipe.source_kind = SOURCE_DIRECTORY;
    d->recipe.directory = source_hint(d);
    recipe_infer(&d->notes, d->arena, "source", d->recipe.directory, "given by --source");
    return true;
}

/* Another module than the one that the file names cannot give its mod line. */
static bool take_module(struct derivation *d)
{
    const char *given = d->hints == NULL ? "" : derive_hint(d->hints->source_module);
    d->recipe.module = d->file->info.main.path;
    return given[0] == '\0' || strcmp(given, d->recipe.module) == 0 ||
           derive_refuse(d, "unexpected-source", "name the module of the file, or --source DIR",
                         "the file says its module is %.200s, not %.200s", d->recipe.module, given);
}

static bool derive_working_copy(struct derivation *d)
{
    const struct module *main = &d->file->info.main;
    const char *given = d->hints == NULL ? "" : derive_hint(d->hints->source_version);
    bool devel = main->version[0] == '\0' || strcmp(main->version, "(devel)") == 0;
    const char *version = devel ? "" : clean_version(d, main->version);
    struct pseudo_version pseudo;
    /* Go 1.24 stamps the repository around the module, be it another's, without looking at the
     * module's path: v0.0.0-TIME-REVISION for a path that ends in /v3. */
    bool foreign = !devel && !recipe_version_fits(d->recipe.module, version) &&
                   pseudo_version_parse(version, d->arena, &pseudo);
    if (!devel && !module_version_is_valid(version)) {
        return derive_refuse(d, "unsupported", "", "the mod line's version is %.100s",
                             main->version);
    }
    if (source_hint(d)[0] != '\0') {
        d->recipe.version = foreign ? "" : version;
        return take_directory(d);
    }
    if (!derive_without_workspace(d)) {
        return false;
    }
    if (!module_path_is_valid(d->recipe.module)) {
        return derive_refuse(d, "source-unavailable", CURE_DIRECTORY,
                             "the main module is called %.200s, which no module proxy can have",
                             d->recipe.module);
    }
    d->recipe.source_kind = SOURCE_MODULE_ZIP;
    if (devel || foreign) {
        return find_version(d);
    }
    if (given[0] != '\0' && strcmp(given, version) != 0) {
        return derive_refuse(d, "unexpected-source", "leave --source out",
                             "the file says it is version %.100s, not %.100s", version, given);
    }
    d->recipe.version = version;
    recipe_infer(&d->notes, d->arena, "version", version, "the mod line, %s", main->version);
    return true;
}

bool derive_source(struct derivation *d)
{
    const struct module *main = &d->file->info.main;
    if (is_toolchain_program(&d->file->info)) {
        return derive_toolchain_program(d);
    }
    if (!check_main(d)) {
        return false;
    }
    d->recipe.main_package = d->file->info.path;
    if (!take_module(d)) {
        return false;
    }
    return main->sum[0] != '\0' ? derive_dependency_build(d) : derive_working_copy(d);
}
