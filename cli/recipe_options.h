/* The options that say more of a recipe than the artifact does; `rebuild` and `recipe` have them.
 */
#pragma once

#include <stddef.h>

#include "cli/options.h"
#include "verifier/recipe/recipe.h"

struct recipe_options {
    const char *source, *toolchain, *rootfs, *ldflags, *tags;
    struct strings environment;
};

#define RECIPE_OPTION(type, field, name, argument, kind, member, help)                             \
    {                                                                                              \
        name, argument, help, kind,                                                                \
            offsetof(type, field) + offsetof(struct recipe_options, member)                        \
    }

#define RECIPE_OPTIONS(type, field)                                                                \
    RECIPE_OPTION(type, field, "source", "MODULE@VERSION|DIR", OPTION_STRING, source,              \
                  "the source, where the file does not say or nobody serves it"),                  \
        RECIPE_OPTION(type, field, "toolchain", "VERSION|DIR", OPTION_STRING, toolchain,           \
                      "the Go release to build with, as go1.23.5, or where one lies"),             \
        RECIPE_OPTION(type, field, "rootfs", "DIR", OPTION_STRING, rootfs,                         \
                      "the root of a system whose C compiler and libraries are used"),             \
        RECIPE_OPTION(type, field, "ldflags", "FLAGS", OPTION_STRING, ldflags,                     \
                      "what -ldflags was, as for go build"),                                       \
        RECIPE_OPTION(type, field, "tags", "LIST", OPTION_STRING, tags, "what -tags was"),         \
        RECIPE_OPTION(type, field, "env", "NAME=VALUE", OPTION_STRINGS, environment,               \
                      "a variable that shapes the build, as CGO_ENABLED=0 (repeatable)")

/* OPTIONS as hints for recipe_derive. ERROR_USAGE names the option. */
CHECKED bool recipe_options_hints(const struct recipe_options *options, struct arena *arena,
                                  struct recipe_hints *ret, struct error *err);
