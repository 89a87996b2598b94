// SPDX-License-Identifier: Apache-2.0
/* Whether the way in which the file was built can be repeated here: build mode, instrumentation, C.
 */
#include "verifier/recipe/derive.h"

#define CURE_ROOTFS                                                                                \
    "reproof rebuild FILE --rootfs DIR, the root of a system with that very compiler and "         \
    "libraries"

static const struct {
    const char *mode, *why;
} refused_modes[] = {
    {"c-archive", "a Go archive inside a C program: the last link was not Go's"},
    {"plugin", "a Go plugin"},
    {"shared", "a Go shared library of packages"},
    {"archive", "an archive, no program"},
};

static bool check_build_mode(struct derivation *d)
{
    const char *mode = derive_setting(d, "-buildmode");
    for (size_t i = 0; i < ARRAY_LEN(refused_modes); i++) {
        if (strcmp(mode, refused_modes[i].mode) == 0) {
            return derive_refuse(d, "unsupported", "", "-buildmode=%s: %s", mode,
                                 refused_modes[i].why);
        }
    }
    bool known = strcmp(mode, "") == 0 || strcmp(mode, "exe") == 0 || strcmp(mode, "pie") == 0 ||
                 strcmp(mode, "c-shared") == 0;
    if (!known) {
        return derive_refuse(d, "unsupported", "", "-buildmode=%.60s is not one that is known",
                             mode);
    }
    return true;
}

/* Instrumented programs need C, or files that are nowhere recorded. */
static bool check_instrumentation(struct derivation *d, bool has_c)
{
    static const char *const keys[] = {"-race", "-msan", "-asan"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (!has_c && strcmp(derive_setting(d, keys[i]), "true") == 0) {
            return derive_refuse(d, "c-toolchain-unavailable", CURE_ROOTFS,
                                 "built with %s, which needs a C toolchain", keys[i]);
        }
    }
    if (strcmp(derive_setting(d, "-cover"), "true") == 0) {
        return derive_refuse(d, "unsupported", "", "built with -cover, for measuring tests");
    }
    return true;
}

static bool is_windows_path(const char *path)
{
    return path[0] != '\0' && path[1] == ':' &&
           ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z'));
}

static bool check_paths(struct derivation *d)
{
    const struct traits *traits = &d->file->traits;
    const char *const paths[] = {traits->goroot, traits->gopath, traits->source_root};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        if (is_windows_path(paths[i])) {
            return derive_refuse(d, "unsupported", "",
                                 "built on Windows without -trimpath: its paths (%.200s) cannot be "
                                 "made again here",
                                 paths[i]);
        }
    }
    return true;
}

bool derive_mode(struct derivation *d)
{
    return check_build_mode(d) && check_paths(d);
}

/* The C compiler as the file names it, or what else shows that there was one. */
static const char *c_evidence(const struct derivation *d)
{
    const struct traits *traits = &d->file->traits;
    if (traits->compiler_count > 0) {
        return arena_printf(d->arena, "C code compiled by %.200s", traits->compilers[0]);
    }
    return traits->external_link ? "linked by a C linker" : "C code is linked in";
}

bool derive_c_toolchain(struct derivation *d)
{
    const struct traits *traits = &d->file->traits;
    const char *cgo = derive_setting(d, "CGO_ENABLED");
    const char *rootfs = d->hints == NULL ? "" : derive_hint(d->hints->rootfs);
    if (!check_instrumentation(d, rootfs[0] != '\0')) {
        return false;
    }
    if (rootfs[0] != '\0') {
        d->recipe.rootfs = rootfs;
        recipe_infer(&d->notes, d->arena, "rootfs", rootfs, "given by --rootfs");
        return true;
    }
    /* The linker's own signs; CGO_ENABLED=1 alone is no sign of C. */
    bool shared = traits->shared || strcmp(derive_setting(d, "-buildmode"), "c-shared") == 0;
    if ((traits->cgo || traits->external_link || shared) && strcmp(cgo, "0") != 0) {
        return derive_refuse(
            d, "c-toolchain-unavailable", CURE_ROOTFS,
            "%s: the C toolchain is part of the recipe, and it is not known how to "
            "get the same one",
            shared ? arena_printf(d->arena,
                                  "a C shared library, which go links with a C compiler's help "
                                  "alone (%s)",
                                  c_evidence(d))
                   : c_evidence(d));
    }
    return true;
}
