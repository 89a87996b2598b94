// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/command.h"
#include "cli/recipe_options.h"
#include "verifier/pipeline.h"
#include "verifier/target/target.h"

struct settings {
    struct common_settings common;
    struct recipe_options recipe;
    struct strings accept, expect;
    const char *recipe_file, *sandbox, *keep, *output;
    unsigned time_limit, memory_limit;
    bool no_compare;
};

#define OPTION(name, argument, type, field, help)                                                  \
    {                                                                                              \
        name, argument, help, type, offsetof(struct settings, field)                               \
    }

static const struct option options[] = {
    OPTION("expect", "MODULE[@VERSION]", OPTION_STRINGS, expect,
           "the source that is wanted; another one is unproven (repeatable)"),
    OPTION("accept", "NAME,...", OPTION_LIST, accept,
           "assumptions and equivalences that still count as holding"),
    OPTION("recipe", "FILE", OPTION_STRING, recipe_file, "build by this recipe, as `recipe` prints"),
    RECIPE_OPTIONS(struct settings, recipe),
    OPTION("sandbox", "KIND", OPTION_STRING, sandbox,
           "bwrap, or none (then every verdict assumes unsandboxed)"),
    OPTION("time-limit", "SECONDS", OPTION_NUMBER, time_limit, "most seconds for one build"),
    OPTION("memory-limit", "MIB", OPTION_NUMBER, memory_limit, "most memory for one build"),
    OPTION("keep", "DIR", OPTION_STRING, keep, "keep rebuilds and build logs there"),
    OPTION("no-compare", NULL, OPTION_FLAG, no_compare, "only build; wants --output"),
    OPTION("output", "FILE", OPTION_STRING, output, "with --no-compare: where the rebuild goes"),
};

/* One run of the command. */
struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    struct rebuilder *rebuilder;
    struct recipe_hints hints;
    struct arena *arena;
    const char *stage, *subject;

    struct subject_result *results;
    size_t result_count, result_capacity;
    struct container_result *containers;
    size_t container_count, container_capacity;
    enum outcome outcome;
    struct buffer text;
};
