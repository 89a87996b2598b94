// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "cli/one_subject.h"
#include "cli/recipe_options.h"

struct settings {
    struct common_settings common;
    struct recipe_options recipe;
    struct target_options target;
    bool explain;
};

#define OPTION(name, argument, type, field, help)                                                  \
    {                                                                                              \
        name, argument, help, type, offsetof(struct settings, field)                               \
    }

static const struct option options[] = {
    OPTION("explain", NULL, OPTION_FLAG, explain,
           "show where each field comes from, instead of the JSON"),
    RECIPE_OPTIONS(struct settings, recipe),
    TARGET_OPTIONS(struct settings, target),
};

/* The width of the longest name of a field or assumption, so that values stand below each other. */
#define NAME_WIDTH 22

static void explain_line(struct buffer *out, const char *name, const char *value,
                         const char *evidence)
{
    char safe_name[64], safe_value[1024], safe_evidence[2048];
    escape_text(name, safe_name, sizeof(safe_name));
    escape_text(value, safe_value, sizeof(safe_value));
    escape_text(evidence, safe_evidence, sizeof(safe_evidence));
    buffer_printf(out, "  %-*s%s\n", NAME_WIDTH, safe_name,
                  value[0] == '\0' ? "(nothing)" : safe_value);
    buffer_printf(out, "  %-*s  %s\n", NAME_WIDTH, "", safe_evidence);
}

static void explain(const struct recipe_notes *notes, struct buffer *out)
{
    for (size_t i = 0; i < notes->inference_count; i++) {
        const struct inference *inference = &notes->inferences[i];
        explain_line(out, inference->field, inference->value, inference->evidence);
    }
    if (notes->assumption_count > 0) {
        buffer_string(out, "\nassumed, as nobody vouches for it:\n");
    }
    for (size_t i = 0; i < notes->assumption_count; i++) {
        char safe[2048];
        escape_text(notes->assumptions[i].detail, safe, sizeof(safe));
        buffer_printf(out, "  %-*s%s\n", NAME_WIDTH, notes->assumptions[i].name, safe);
    }
}

/* No recipe is an answer too, of its own exit code; with what was found out on the way. */
static enum outcome tell_refusal(const struct invocation *invocation,
                                 const struct recipe_refusal *refusal)
{
    struct error err;
    error_set(&err, ERROR_UNSUPPORTED, "%s: %s", refusal->code, refusal->detail);
    if (refusal->cure != NULL && refusal->cure[0] != '\0') {
        error_cure(&err, "%s", refusal->cure);
    }
    return command_fail(invocation, invocation->operands.items[0], &err, OUTCOME_UNDECIDED);
}

struct run {
    const struct invocation *invocation;
    struct recipe_hints hints;
};

static enum outcome print_recipe(void *context, const struct target_subject *subject)
{
    const struct run *run = context;
    const struct invocation *invocation = run->invocation;
    const struct settings *settings = invocation->settings;
    struct recipe_hints hints = run->hints;
    struct recipe recipe;
    struct recipe_notes notes;
    struct recipe_refusal refusal = {0};
    struct buffer out;
    hints.package_name = subject->package_name;
    hints.package_version = subject->package_version;
    if (!recipe_derive(subject->file, &hints, invocation->arena, &recipe, &notes, &refusal)) {
        return tell_refusal(invocation, &refusal);
    }
    buffer_init(&out, 64 * MIB);
    if (settings->explain && !settings->common.json) {
        explain(&notes, &out);
    } else {
        recipe_write_json(&recipe, &out);
        buffer_string(&out, "\n");
    }
    enum outcome outcome = command_finish(invocation, &out, OUTCOME_HOLDS);
    buffer_free(&out);
    return outcome;
}

static enum outcome run_command(const struct invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    struct run run = {.invocation = invocation};
    struct error err;
    if (!recipe_options_hints(&settings->recipe, invocation->arena, &run.hints, &err)) {
        return command_fail(invocation, NULL, &err, outcome_of_input_error(&err));
    }
    return command_on_one_subject(invocation, INSPECT_DIGEST | INSPECT_VALUES, &settings->target,
                                  "a recipe is of one file", print_recipe, &run);
}

const struct command command_recipe = {
    .name = "recipe",
    .arguments = "TARGET",
    .summary = "print the recipe by which a Go binary would be rebuilt",
    .details =
        "Prints, as JSON that `rebuild --recipe` takes, everything that determines the bytes of\n"
        "the Go binary TARGET: source, toolchain, platform, flags, version control stamp,\n"
        "dependencies. Nothing is fetched and nothing is run. With --explain: each field with\n"
        "its evidence, and what is assumed because nobody vouches for it.\n"
        "A file of which no recipe can be made is told with the reason, exit code 3.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .most_operands = 1,
    .run = run_command,
};
