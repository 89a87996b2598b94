// SPDX-License-Identifier: Apache-2.0
/* Which Go toolchain linked the file, and whether it is one that can be had. */
#include "base/scanner.h"
#include "verifier/recipe/derive.h"

#define CURE_TOOLCHAIN "reproof rebuild FILE --toolchain DIR, if you have that toolchain"
#define CURE_PUBLISHER "ask the publisher for a file that the go command built"

/* Roots where distributions keep a Go of their own making. */
static const struct {
    const char *prefix, *owner;
} foreign_roots[] = {
    {"/nix/store/", "Nix"},
    {"/gnu/store/", "Guix"},
    {"/usr/lib/golang", "Fedora or Red Hat"},
    {"/usr/lib/go", "Debian, Alpine or Arch"},
    {"/usr/share/go-", "Debian"},
    {"/opt/homebrew/", "Homebrew"},
    {"/usr/local/Cellar/", "Homebrew"},
    {"/usr/lib64/go", "openSUSE"},
};

static bool is_bazel(const struct inspection *file)
{
    /* rules_go links with -buildid=redacted and names its root GOROOT. */
    return strcmp(file->traits.build_id, "redacted") == 0 ||
           strcmp(file->traits.goroot, "GOROOT") == 0;
}

/* "gccgo", "TinyGo 0.30.0"; "" for all that Go's own toolchain makes. */
static const char *other_compiler(const struct inspection *file)
{
    static const char *const names[] = {"gccgo", "TinyGo"};
    const char *first = file->traits.compiler_count == 1 ? file->traits.compilers[0] : "";
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strncmp(first, names[i], strlen(names[i])) == 0) {
            return first;
        }
    }
    return "";
}

static bool refuse_without_information(struct derivation *d)
{
    const char *compiler = other_compiler(d->file);
    if (compiler[0] != '\0') {
        return derive_refuse(d, "toolchain-unavailable", CURE_PUBLISHER,
                             "compiled by %.60s, not by the Go toolchain, and without build "
                             "information",
                             compiler);
    }
    if (is_bazel(d->file)) {
        return derive_refuse(d, "toolchain-unavailable", CURE_PUBLISHER,
                             "built by Bazel (rules_go): no go command gives these bytes");
    }
    if (d->file->traits.packer[0] != '\0') {
        return derive_refuse(
            d, "no-build-information", "unpack a copy (upx -d COPY), and rebuild that",
            "packed by %.60s: its build information is inside", d->file->traits.packer);
    }
    if (d->file->traits.pclntab_go[0] != '\0') {
        return derive_refuse(d, "no-build-information", "",
                             "a Go program (function table of Go %s) without build information: "
                             "linked by a changed linker, or Go before 1.13",
                             d->file->traits.pclntab_go);
    }
    return derive_refuse(d, "no-build-information", "", "the file holds no Go build information");
}

/* The version and what stands behind it: "go1.25.7 (Red Hat 1.25.7-1)", "go1.22.1-X:rangefunc". */
static bool split_version(const char *text, struct bytes *ret_version, struct bytes *ret_rest)
{
    size_t len = strcspn(text, " -(+");
    *ret_version = bytes_from(text, len);
    *ret_rest = scan_trimmed(bytes_from_string(text + len));
    return len > 0;
}

/* An experiment chosen at build time shows in the version and in the settings alike. */
static bool is_chosen_experiment(const struct derivation *d, struct bytes rest)
{
    return (bytes_start_with(rest, "X:") || bytes_start_with(rest, "-X:")) &&
           derive_setting(d, "GOEXPERIMENT")[0] != '\0';
}

static bool check_settings(struct derivation *d)
{
    const struct buildinfo *info = &d->file->info;
    for (size_t i = 0; i < info->setting_count; i++) {
        if (strncmp(info->settings[i].key, "microsoft_", 10) == 0) {
            return derive_refuse(d, "toolchain-unavailable", CURE_TOOLCHAIN,
                                 "linked by Microsoft's build of Go (setting %s=%.100s), which is "
                                 "in no module proxy",
                                 info->settings[i].key, info->settings[i].value);
        }
    }
    const char *compiler = derive_setting(d, "-compiler");
    if (compiler[0] != '\0' && strcmp(compiler, "gc") != 0) {
        return derive_refuse(d, "unsupported", "", "compiled by %.60s, not by the Go toolchain",
                             compiler);
    }
    return true;
}

static bool check_root(struct derivation *d)
{
    const char *goroot = d->file->traits.goroot;
    for (size_t i = 0; i < ARRAY_LEN(foreign_roots); i++) {
        const char *prefix = foreign_roots[i].prefix;
        if (strncmp(goroot, prefix, strlen(prefix)) == 0) {
            return derive_refuse(d, "toolchain-unavailable", CURE_TOOLCHAIN,
                                 "linked by the Go of a distribution (%s): its GOROOT was %.200s",
                                 foreign_roots[i].owner, goroot);
        }
    }
    return true;
}

static bool is_directory_hint(const char *toolchain)
{
    return strchr(toolchain, '/') != NULL || toolchain[0] == '.';
}

/* --toolchain: a version replaces the file's own, a directory stands for whatever it is. */
static bool take_hint(struct derivation *d, const char *hint)
{
    if (is_directory_hint(hint)) {
        recipe_infer(&d->notes, d->arena, "toolchain", hint, "given by --toolchain");
        d->recipe.toolchain_directory = hint;
        return true;
    }
    const char *version = strncmp(hint, "go", 2) == 0 ? hint : arena_printf(d->arena, "go%s", hint);
    if (!go_version_parse(bytes_from_string(version), &d->go)) {
        return derive_refuse(d, "toolchain-unavailable", "--toolchain go1.23.5, or a directory",
                             "%.60s is no version of Go", hint);
    }
    recipe_infer(&d->notes, d->arena, "toolchain", version,
                 "given by --toolchain; the file says %s", d->file->info.go_version);
    d->recipe.toolchain = version;
    return true;
}

static bool check_range(struct derivation *d)
{
    if (d->go.minor < GO_MINOR_OLDEST) {
        return derive_refuse(d, "unsupported", "",
                             "linked by %s: rebuilding is known for Go 1.%d and later",
                             d->recipe.toolchain, GO_MINOR_OLDEST);
    }
    if (d->go.minor > GO_MINOR_NEWEST_TRIED) {
        recipe_infer(&d->notes, d->arena, "toolchain", d->recipe.toolchain,
                     "newer than the newest Go that was tried (1.%d), whose rules are used",
                     GO_MINOR_NEWEST_TRIED);
    }
    return true;
}

bool derive_toolchain(struct derivation *d)
{
    const struct inspection *file = d->file;
    const char *hint = d->hints == NULL ? "" : derive_hint(d->hints->toolchain);
    if (!file->has_buildinfo && (!file->headerless || file->info.go_version[0] == '\0')) {
        return refuse_without_information(d);
    }
    if (strncmp(file->info.go_version, "devel ", 6) == 0 ||
        strncmp(file->info.go_version, "unknown", 7) == 0) {
        return derive_refuse(d, "toolchain-unavailable", CURE_TOOLCHAIN,
                             "linked by an unreleased Go (%.100s), which is in no module proxy",
                             file->info.go_version);
    }
    struct bytes version, rest;
    bool known =
        split_version(file->info.go_version, &version, &rest) && go_version_parse(version, &d->go);
    if (!known) {
        return derive_refuse(d, "toolchain-unavailable", CURE_TOOLCHAIN,
                             "linked by %.100s, which is no version of Go's own toolchain",
                             file->info.go_version);
    }
    d->recipe.toolchain = arena_text(d->arena, version);
    if (file->headerless && !is_directory_hint(hint)) {
        d->recipe.toolchain_patch = RECIPE_PATCH_NO_BUILDINFO;
    }
    if (hint[0] != '\0') {
        return take_hint(d, hint) && check_range(d);
    }
    if (is_bazel(file)) {
        return derive_refuse(d, "toolchain-unavailable", CURE_PUBLISHER,
                             "built by Bazel (rules_go): no go command gives these bytes");
    }
    if (rest.len > 0 && !is_chosen_experiment(d, rest)) {
        return derive_refuse(
            d, "toolchain-unavailable", CURE_TOOLCHAIN,
            "linked by a vendor's build of Go (%.100s), which is in no module proxy",
            file->info.go_version);
    }
    if (!check_settings(d) || !check_root(d) || !check_range(d)) {
        return false;
    }
    recipe_infer(&d->notes, d->arena, "toolchain", d->recipe.toolchain, "%s",
                 file->headerless
                     ? "read off the file's data; the header of the build information is missing, "
                       "as of a linker without ctxt.buildinfo(), while its text is there"
                     : "recorded in the file's build information");
    return true;
}
