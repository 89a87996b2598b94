// SPDX-License-Identifier: Apache-2.0
/* Whoever made a recipe (the derivation from a stranger's file, a stranger's JSON, a later search),
 * it is checked here before a text of it reaches argv, environment, a file or a path. */
#include <stdio.h>

#include "base/file.h"
#include "base/scanner.h"
#include "verifier/recipe/build_command.h"
#include "verifier/recipe/embed.h"
#include "verifier/recipe/flags.h"
#include "verifier/recipe/gomod.h"
#include "verifier/recipe/limits.h"
#include "verifier/recipe/modpath.h"
#include "verifier/recipe/path_check.h"
#include "verifier/recipe/platform.h"
#include "verifier/recipe/timestamp.h"

static bool refuse(struct error *err, const char *field, const char *value)
{
    return error_set(err, ERROR_UNSUPPORTED, "%s of the recipe cannot be used: %.200s", field,
                     value);
}

static bool is_plain_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((uint8_t)*c < ' ' || *c == 0x7f) {
            return false;
        }
    }
    return strlen(text) <= RECIPE_LIMIT_TEXT;
}

static bool is_working_copy(const struct recipe *recipe)
{
    return recipe->source_kind == SOURCE_MODULE_ZIP || recipe->source_kind == SOURCE_DIRECTORY;
}

/* "a/b": no ".", no "..", nothing that a file of ours would have to quote. */
static bool is_clean_below(const char *path)
{
    char absolute[RECIPE_LIMIT_TEXT + 2];
    int len = snprintf(absolute, sizeof(absolute), "/%s", path);
    return len > 1 && (size_t)len < sizeof(absolute) && path_is_usable(absolute) &&
           strpbrk(path, "\\\"'`") == NULL;
}

static bool check_package(const struct recipe *recipe, struct error *err)
{
    const char *package = recipe->main_package;
    size_t len = strlen(recipe->module);
    if (!import_path_is_valid(package)) {
        return refuse(err, "main_package", package);
    }
    if (recipe->source_kind == SOURCE_TOOLCHAIN_MODULE) {
        return strncmp(package, "cmd/", 4) == 0 || refuse(err, "main_package", package);
    }
    if (strncmp(package, recipe->module, len) != 0 ||
        (package[len] != '\0' && package[len] != '/')) {
        return error_set(err, ERROR_UNSUPPORTED, "package %.200s is not of module %.200s", package,
                         recipe->module);
    }
    return true;
}

static bool check_source(const struct recipe *recipe, struct error *err)
{
    bool local = recipe->source_kind == SOURCE_DIRECTORY;
    if (local ? !module_path_is_local(recipe->module) : !module_path_is_valid(recipe->module)) {
        return refuse(err, "module", recipe->module);
    }
    if (recipe->version[0] != '\0' &&
        !(local ? module_version_is_valid(recipe->version)
                : recipe_version_fits(recipe->module, recipe->version))) {
        return refuse(err, "version", recipe->version);
    }
    if (recipe->source_kind == SOURCE_MODULE_DEPENDENCY && recipe->version[0] == '\0') {
        return refuse(err, "version", "(none)");
    }
    if (recipe->h1[0] != '\0' && !module_sum_is_valid(recipe->h1)) {
        return refuse(err, "h1", recipe->h1);
    }
    if (local != (recipe->directory[0] != '\0') || strlen(recipe->directory) > RECIPE_LIMIT_TEXT) {
        return refuse(err, "directory", recipe->directory);
    }
    if ((recipe->workspace && !local) ||
        (recipe->module_directory[0] != '\0' &&
         (!recipe->workspace || !is_clean_below(recipe->module_directory)))) {
        return refuse(err, "module_directory", recipe->module_directory);
    }
    return check_package(recipe, err);
}

static bool is_word(const char *value, const char *further)
{
    for (const char *c = value; *c != '\0'; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!letter && !(*c >= '0' && *c <= '9') && strchr(further, *c) == NULL) {
            return false;
        }
    }
    return strlen(value) <= RECIPE_LIMIT_TEXT;
}

/* The allow-list of the environment: what goes into the bytes, and nothing that names a program. */
static bool entry_is_allowed(const struct recipe *recipe, const struct go_version *go,
                             const struct environment_entry *entry)
{
    static const char *const c_flags[] = {"CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS",
                                          "CGO_LDFLAGS"};
    const char *name = entry->name, *value = entry->value;
    const char *variant = platform_variant_name(recipe->goarch, go);
    if (variant != NULL && strcmp(name, variant) == 0) {
        return platform_variant_is_valid(name, bytes_from_string(value), go);
    }
    if (strcmp(name, "CGO_ENABLED") == 0) {
        return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
    }
    if (strcmp(name, "GOEXPERIMENT") == 0) {
        return is_word(value, ",");
    }
    if (strcmp(name, "GOFIPS140") == 0) {
        return platform_fips_is_valid(bytes_from_string(value), go);
    }
    for (size_t i = 0; i < ARRAY_LEN(c_flags); i++) {
        if (strcmp(name, c_flags[i]) == 0) {
            return is_plain_text(value) && strchr(value, '@') == NULL;
        }
    }
    return false;
}

static bool check_platform(const struct recipe *recipe, const struct go_version *go,
                           struct error *err)
{
    if (!platform_name_is_valid(bytes_from_string(recipe->goos))) {
        return refuse(err, "goos", recipe->goos);
    }
    if (!platform_name_is_valid(bytes_from_string(recipe->goarch))) {
        return refuse(err, "goarch", recipe->goarch);
    }
    if (recipe->environment_count > RECIPE_LIMIT_ENVIRONMENT) {
        return error_set(err, ERROR_LIMIT, "more than %d variables", RECIPE_LIMIT_ENVIRONMENT);
    }
    for (size_t i = 0; i < recipe->environment_count; i++) {
        const struct environment_entry *entry = &recipe->environment[i];
        if (!entry_is_allowed(recipe, go, entry)) {
            error_set(err, ERROR_UNSUPPORTED,
                      "the environment variable %.60s=%.100s cannot be used with %s for %s",
                      entry->name, entry->value, recipe->toolchain, recipe->goarch);
            return error_cure(err,
                              "variables of a recipe are CGO_ENABLED, GOEXPERIMENT, GOFIPS140, "
                              "CGO_*FLAGS and the variant's, such as GOAMD64");
        }
    }
    return true;
}

static bool check_text_flag(const char *text, const char *field,
                            bool (*check)(struct bytes, struct error *), struct error *err)
{
    if (text[0] == '\0') {
        return true;
    }
    return check(bytes_from_string(text), err) || error_prefix(err, "%s", field);
}

/* The recorded text and the list that was made of it must say the same. */
static bool check_ldflags_text(const struct recipe *recipe, struct error *err)
{
    struct arena arena = {0};
    const char *pattern, **flags = NULL;
    size_t count = 0;
    bool fits = flags_split_pattern(bytes_from_string(recipe->ldflags_text), &arena, &pattern,
                                    &flags, &count, err);
    if (fits && (count != recipe->ldflag_count || !is_plain_text(pattern))) {
        fits = error_set(err, ERROR_MISMATCH, "ldflags_text and ldflags of the recipe differ");
    }
    for (size_t i = 0; fits && i < count; i++) {
        if (strcmp(flags[i], recipe->ldflags[i]) != 0) {
            fits = error_set(err, ERROR_MISMATCH, "ldflags_text and ldflags of the recipe differ");
        }
    }
    arena_free(&arena);
    return fits;
}

static bool check_flags(const struct recipe *recipe, struct error *err)
{
    static const char *const modes[] = {"", "exe", "pie", "c-shared"};
    static const char *const profiles[] = {"", "off", "auto"};
    bool mode = false, profile = false;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        mode = mode || strcmp(recipe->buildmode, modes[i]) == 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        profile = profile || strcmp(recipe->pgo, profiles[i]) == 0;
    }
    if (!mode) {
        return refuse(err, "buildmode", recipe->buildmode);
    }
    if (!profile) {
        return refuse(err, "pgo", recipe->pgo);
    }
    if (!flags_tags_are_valid(bytes_from_string(recipe->tags))) {
        return refuse(err, "tags", recipe->tags);
    }
    for (size_t i = 0; i < recipe->order_count; i++) {
        if (!flags_check_linker(recipe->ldflags_orders[i], recipe->ldflags_order_counts[i], err)) {
            return false;
        }
    }
    return flags_check_linker(recipe->ldflags, recipe->ldflag_count, err) &&
           (recipe->ldflags_text[0] == '\0' || check_ldflags_text(recipe, err)) &&
           check_text_flag(recipe->gcflags, "gcflags", flags_check_compiler, err) &&
           check_text_flag(recipe->asmflags, "asmflags", flags_check_assembler, err);
}

static bool is_tag(const char *tag)
{
    return tag[0] == '\0' || (module_version_is_valid(tag) && strchr(tag, '+') == NULL);
}

static bool check_vcs(const struct recipe *recipe, struct error *err)
{
    const struct vcs_stamp *vcs = &recipe->vcs;
    size_t len = strlen(vcs->revision);
    uint64_t time;
    if (!vcs->present) {
        return true;
    }
    if (!is_working_copy(recipe)) {
        return error_set(err, ERROR_UNSUPPORTED, "a version control stamp without a working copy");
    }
    if ((len != 40 && len != 64) || strspn(vcs->revision, "0123456789abcdef") != len) {
        return refuse(err, "vcs.revision", vcs->revision);
    }
    if (!timestamp_parse(bytes_from_string(vcs->time), &time) || time != vcs->unix_time) {
        return refuse(err, "vcs.time", vcs->time);
    }
    if (!is_tag(vcs->tag) || !is_tag(vcs->base) || (vcs->tag[0] != '\0' && vcs->base[0] != '\0')) {
        return refuse(err, "vcs.tag", vcs->tag);
    }
    return true;
}

static bool is_inner_directory(const char *path)
{
    return (strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0) && is_plain_text(path) &&
           strpbrk(path, "\\\"'` ") == NULL;
}

static bool check_dep(const struct recipe *recipe, const struct module *dep, struct error *err)
{
    const struct module *right = dep->replace;
    bool version = module_version_is_valid(dep->version) ||
                   (recipe->workspace && gomod_is_of_workspace(dep) && dep->sum[0] == '\0');
    if (!module_path_is_local(dep->path) || (right == NULL && !version) ||
        (dep->sum[0] != '\0' && !module_sum_is_valid(dep->sum))) {
        return refuse(err, "a dependency", dep->path);
    }
    if (right == NULL) {
        return true;
    }
    if (recipe->source_kind == SOURCE_DIRECTORY && is_inner_directory(right->path)) {
        return true;
    }
    bool fits = right->replace == NULL && module_path_is_valid(right->path) &&
                module_version_is_valid(right->version) &&
                (right->sum[0] == '\0' || module_sum_is_valid(right->sum)) &&
                (version || dep->version[0] == '\0');
    return fits || refuse(err, "the replacement of a dependency", right->path);
}

static bool check_deps(const struct recipe *recipe, struct error *err)
{
    if (recipe->dep_count > RECIPE_LIMIT_DEPENDENCIES) {
        return error_set(err, ERROR_LIMIT, "%zu dependencies: at most %d are rebuilt",
                         recipe->dep_count, RECIPE_LIMIT_DEPENDENCIES);
    }
    if (recipe->vendored && !is_working_copy(recipe)) {
        return error_set(err, ERROR_UNSUPPORTED, "a vendored build needs a working copy");
    }
    for (size_t i = 0; i < recipe->dep_count; i++) {
        const struct module *dep = &recipe->deps[i];
        const struct module *right = dep->replace != NULL ? dep->replace : dep;
        if (!check_dep(recipe, dep, err)) {
            return false;
        }
        if (recipe->vendored && right->sum[0] != '\0') {
            return error_set(err, ERROR_UNSUPPORTED, "%.200s has a sum, which go vendors without",
                             right->path);
        }
    }
    return true;
}

static bool check_paths(const struct recipe *recipe, struct error *err)
{
    if (recipe->trimpath) {
        return true;
    }
    if (recipe->source_kind == SOURCE_TOOLCHAIN_MODULE) {
        return refuse(err, "trimpath", "false");
    }
    if (!path_is_usable(recipe->goroot)) {
        return refuse(err, "goroot", recipe->goroot);
    }
    if (recipe->gopath[0] != '\0' && !path_is_usable(recipe->gopath)) {
        return refuse(err, "gopath", recipe->gopath);
    }
    if (is_working_copy(recipe) && !path_is_usable(recipe->source_root)) {
        return refuse(err, "source_root", recipe->source_root);
    }
    return true;
}

/* What is put into the working copy must not get out of it, nor be source. */
static bool check_embedded(const struct recipe *recipe, struct error *err)
{
    if (recipe->embedded_count > 0 && !is_working_copy(recipe)) {
        return error_set(err, ERROR_UNSUPPORTED, "embedded files without a working copy");
    }
    for (size_t i = 0; i < recipe->embedded_count; i++) {
        const char *path = recipe->embedded[i].path;
        if (!file_path_is_plain(bytes_from_string(path)) || !embed_path_is_data(path)) {
            return refuse(err, "the path of an embedded file", path);
        }
    }
    return true;
}

bool recipe_validate(const struct recipe *recipe, struct error *err)
{
    struct go_version go;
    if (!go_version_parse(bytes_from_string(recipe->toolchain), &go) ||
        go.minor < GO_MINOR_OLDEST) {
        return refuse(err, "toolchain", recipe->toolchain);
    }
    if (recipe->toolchain_patch[0] != '\0' &&
        strcmp(recipe->toolchain_patch, RECIPE_PATCH_NO_BUILDINFO) != 0) {
        return refuse(err, "toolchain patch", recipe->toolchain_patch);
    }
    return check_source(recipe, err) && check_platform(recipe, &go, err) &&
           check_flags(recipe, err) && check_vcs(recipe, err) && check_deps(recipe, err) &&
           check_paths(recipe, err) && check_embedded(recipe, err);
}
