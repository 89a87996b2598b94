// SPDX-License-Identifier: Apache-2.0
/* Operating system, architecture, variant and what else of the environment goes into the bytes. */
#include "verifier/recipe/derive.h"
#include "verifier/recipe/limits.h"
#include "verifier/recipe/platform.h"

/* Sets NAME in the recipe's environment, in place of an earlier value. */
static void set(struct derivation *d, const char *name, const char *value)
{
    struct recipe *recipe = &d->recipe;
    for (size_t i = 0; i < recipe->environment_count; i++) {
        if (strcmp(recipe->environment[i].name, name) == 0) {
            recipe->environment[i].value = value;
            return;
        }
    }
    recipe->environment[recipe->environment_count++] =
        (struct environment_entry){.name = name, .value = value};
}

static bool derive_pair(struct derivation *d)
{
    const char *goos = derive_setting(d, "GOOS"), *goarch = derive_setting(d, "GOARCH");
    d->recipe.goos = goos[0] != '\0' ? goos : d->file->goos;
    d->recipe.goarch = goarch[0] != '\0' ? goarch : d->file->goarch;
    if (!platform_name_is_valid(bytes_from_string(d->recipe.goos)) ||
        !platform_name_is_valid(bytes_from_string(d->recipe.goarch))) {
        return derive_refuse(d, "unsupported", "--env GOOS=... is not enough: report this file",
                             "the file does not tell its platform (GOOS %.20s, GOARCH %.20s)",
                             d->recipe.goos, d->recipe.goarch);
    }
    recipe_infer(&d->notes, d->arena, "platform",
                 arena_printf(d->arena, "%s/%s", d->recipe.goos, d->recipe.goarch),
                 goos[0] != '\0' ? "recorded in the file's build information"
                                 : "read off the file's headers");
    return true;
}

static bool derive_variant(struct derivation *d)
{
    const char *name = platform_variant_name(d->recipe.goarch, &d->go);
    if (name == NULL) {
        return true;
    }
    const char *recorded = buildinfo_setting(&d->file->info, name);
    const char *value = recorded != NULL
                            ? recorded
                            : platform_variant_default(d->recipe.goos, d->recipe.goarch, &d->go);
    if (!platform_variant_is_valid(name, bytes_from_string(value), &d->go)) {
        return derive_refuse(d, "unsupported", "", "%s=%.60s is not one that %s knows", name, value,
                             d->recipe.toolchain);
    }
    if (value[0] != '\0') {
        set(d, name, value);
        recipe_infer(&d->notes, d->arena, name, value,
                     recorded != NULL ? "recorded in the file's build information"
                                      : "not recorded: the toolchain's default (else --env)");
    }
    return true;
}

static void derive_cgo(struct derivation *d)
{
    static const char *const flags[] = {"CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS",
                                        "CGO_LDFLAGS"};
    const char *cgo = derive_setting(d, "CGO_ENABLED");
    set(d, "CGO_ENABLED", cgo[0] != '\0' ? cgo : "0");
    recipe_infer(&d->notes, d->arena, "CGO_ENABLED", cgo[0] != '\0' ? cgo : "0",
                 cgo[0] != '\0' ? "recorded in the file's build information"
                                : "not recorded before Go 1.18; no C code is linked in");
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        const char *value = derive_setting(d, flags[i]);
        if (value[0] != '\0') {
            set(d, flags[i], value);
        }
    }
}

static void derive_recorded(struct derivation *d, const char *name)
{
    const char *value = derive_setting(d, name);
    if (value[0] != '\0') {
        set(d, name, value);
        recipe_infer(&d->notes, d->arena, name, value, "recorded in the file's build information");
    }
}

/* What --env says wins over what was derived. */
static bool take_hints(struct derivation *d)
{
    size_t count = d->hints == NULL ? 0 : d->hints->environment_count;
    for (size_t i = 0; i < count; i++) {
        const struct environment_entry *entry = &d->hints->environment[i];
        if (d->recipe.environment_count == RECIPE_LIMIT_ENVIRONMENT) {
            return derive_refuse(d, "limit", "", "more than %d variables of --env",
                                 RECIPE_LIMIT_ENVIRONMENT);
        }
        set(d, entry->name, entry->value);
        recipe_infer(&d->notes, d->arena, entry->name, entry->value, "given by --env");
    }
    return true;
}

bool derive_platform(struct derivation *d)
{
    d->recipe.environment =
        ARENA_ARRAY(d->arena, RECIPE_LIMIT_ENVIRONMENT, struct environment_entry);
    if (!derive_pair(d) || !derive_variant(d)) {
        return false;
    }
    derive_cgo(d);
    derive_recorded(d, "GOEXPERIMENT");
    derive_recorded(d, "GOFIPS140");
    return take_hints(d);
}
