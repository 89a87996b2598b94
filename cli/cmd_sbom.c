// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "attest/sbom/sbom_require.h"
#include "attest/sbom/sbom_store.h"
#include "attest/sbom/sbom_write.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/one_subject.h"
#include "cli/recipe_options.h"
#include "cli/sbom_check.h"

struct settings {
    struct common_settings common;
    struct recipe_options recipe;
    const char *format, *output;
    const char *author, *contact, *check;
    struct strings require;
    bool fetch;
};

#define OPTION(name, argument, type, field, help)                                                  \
    {                                                                                              \
        name, argument, help, type, offsetof(struct settings, field)                               \
    }

static const struct option options[] = {
    OPTION("format", "FORMAT", OPTION_STRING, format,
           "spdx-2.3 (JSON) or spdx-3.0 (3.0.1, JSON-LD)"),
    OPTION("output", "FILE", OPTION_STRING, output, "write it there, not to standard output"),
    OPTION("source", "MODULE@VERSION", OPTION_STRING, recipe.source,
           "the main module, where the file does not say its version"),
    OPTION("require", "RULES,...", OPTION_LIST, require,
           "fail unless it is complete by ntia, fsct3 or bsi"),
    OPTION("check", "FILE", OPTION_STRING, check,
           "compare the SPDX document FILE, of whatever tool, with the binary"),
    OPTION("fetch", NULL, OPTION_FLAG, fetch, "get the modules that the store has not"),
    OPTION("author", "NAME", OPTION_STRING, author, "the organization that makes the document"),
    OPTION("contact", "ADDRESS|URL", OPTION_STRING, contact, "where its author can be reached"),
};

/* One run of the command. */
struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    enum sbom_format format;
    struct recipe_hints hints;
    struct arena *arena;
};

static bool read_epoch(struct sbom_request *request, struct error *err)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    if (text == NULL || text[0] == '\0') {
        return true;
    }
    request->has_epoch = true;
    return scan_number(bytes_from_string(text), INT64_MAX, &request->epoch) ||
           error_set(err, ERROR_USAGE, "SOURCE_DATE_EPOCH=%s is no number of seconds", text);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* What the surroundings tell of the main module; a file of which no recipe can be made has an SBOM
 * too. */
static const struct recipe *derive(const struct run *run, const struct target_subject *subject)
{
    struct recipe *recipe = ARENA_NEW(run->arena, struct recipe);
    struct recipe_hints hints = run->hints;
    struct recipe_notes notes;
    struct recipe_refusal refusal = {0};
    hints.package_name = subject->package_name;
    hints.package_version = subject->package_version;
    return recipe_derive(subject->file, &hints, run->arena, recipe, &notes, &refusal) ? recipe
                                                                                      : NULL;
}

static void on_transfer(void *context, const char *what, uint64_t done, uint64_t total)
{
    const struct run *run = context;
    char safe[160];
    (void)total;
    escape_text(what, safe, sizeof(safe));
    terminal_progress(run->invocation->terminal, false, "%5.1f MB  %s", (double)done / 1e6, safe);
}

/* What the store adds to what the file says. */
static bool enrich(const struct run *run, struct sbom *sbom, struct error *err)
{
    struct run context = *run;
    struct sbom_sources sources = {
        .store = run->settings->common.store,
        .state = run->settings->common.state,
        .fetch = run->settings->fetch && !run->settings->common.offline,
        .jobs = run->settings->common.jobs,
        .progress = on_transfer,
        .progress_context = &context,
    };
    if (!sbom_enrich(sbom, &sources, run->arena, err)) {
        return false;
    }
    sbom_conclude(sbom, run->arena);
    return true;
}

static bool build(const struct run *run, const struct target_subject *subject, struct sbom *ret,
                  struct error *err)
{
    struct file_digests digests;
    struct sbom_request request = {
        .name = base_name(subject->name),
        .file = subject->file,
        .digests = &digests,
        .author = run->settings->author,
        .author_contact = run->settings->contact,
    };
    if (!read_epoch(&request, err) || !file_digests_read(&subject->source, false, &digests, err)) {
        return false;
    }
    request.recipe = derive(run, subject);
    sbom_build(&request, run->arena, ret);
    return enrich(run, ret, err);
}

static void tell_findings(const struct run *run, const struct sbom *sbom)
{
    for (size_t i = 0; i < sbom->finding_count; i++) {
        struct error warning;
        error_set(&warning, ERROR_MISMATCH, "%s", sbom->findings[i].detail);
        terminal_note(run->invocation->terminal, "reproof: warning: %s: %s", sbom->findings[i].code,
                      warning.message);
    }
}

static bool write_file(const char *path, const struct buffer *text, struct error *err)
{
    struct bytes folder = bytes_from_string(".");
    struct bytes name = bytes_from_string(path);
    struct arena arena = {0};
    AUTO_FD int dir = -1;
    if (scan_cut_last(name, '/', &folder, &name) && folder.len == 0) {
        folder = bytes_from_string("/");
    }
    bool ok = directory_open(arena_text(&arena, folder), &dir, err) &&
              file_write_atomic(dir, arena_text(&arena, name), 0644, buffer_view(text), err);
    arena_free(&arena);
    return ok || error_prefix(err, "--output %s", path);
}

/* The document of one binary: to standard output, or where --output says. */
static enum outcome publish(const struct run *run, const struct sbom *sbom)
{
    const struct invocation *invocation = run->invocation;
    AUTO(buffer) struct buffer out;
    struct error err;
    buffer_init(&out, LIMIT_SBOM_BYTES);
    if (!sbom_write(sbom, run->format, &out, &err)) {
        return command_fail(invocation, sbom->name, &err, OUTCOME_UNUSABLE);
    }
    if (run->settings->output == NULL) {
        return command_finish(invocation, &out, OUTCOME_HOLDS);
    }
    return write_file(run->settings->output, &out, &err)
               ? OUTCOME_HOLDS
               : command_fail(invocation, NULL, &err, outcome_of_error(&err));
}

static bool is_complete(const struct run *run, const struct sbom *sbom, struct error *err)
{
    const struct strings *wanted = &run->settings->require;
    for (size_t i = 0; i < wanted->count; i++) {
        enum sbom_rules rules;
        if (!sbom_rules_parse(wanted->items[i], &rules)) {
            bug("--require was not checked");
        }
        if (!sbom_require(sbom, rules, run->format, err)) {
            return false;
        }
    }
    return true;
}

static bool read_document(const struct run *run, struct sbom_document *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    struct bytes text;
    return (file_open_input(AT_FDCWD, run->settings->check, &fd, err) &&
            source_from_fd(fd, &source, err) &&
            source_load(&source, 0, source.size, LIMIT_JSON_BYTES, run->arena, &text, err) &&
            sbom_read(text, run->arena, ret, err)) ||
           error_prefix(err, "--check %s", run->settings->check);
}

static enum outcome check(const struct run *run, const struct sbom *sbom)
{
    struct sbom_document document;
    struct sbom_comparison comparison;
    struct error err;
    AUTO(buffer) struct buffer out = {0};
    if (!read_document(run, &document, &err)) {
        return command_fail(run->invocation, NULL, &err, outcome_of_input_error(&err));
    }
    sbom_compare(sbom, &document, run->arena, &comparison);
    buffer_init(&out, LIMIT_SBOM_BYTES);
    if (run->settings->common.json) {
        sbom_check_json(sbom, run->settings->check, &comparison, &out);
    } else {
        sbom_check_text(sbom, run->settings->check, &comparison, &out);
    }
    return command_finish(run->invocation, &out,
                          comparison.agrees ? OUTCOME_HOLDS : OUTCOME_REFUTED);
}

static enum outcome describe(void *context, const struct target_subject *subject)
{
    const struct run *run = context;
    struct sbom sbom = {0};
    struct error err;
    if (!build(run, subject, &sbom, &err)) {
        sbom_clear(&sbom);
        return command_fail(run->invocation, subject->name, &err, outcome_of_error(&err));
    }
    tell_findings(run, &sbom);
    enum outcome outcome;
    if (run->settings->check != NULL) {
        outcome = check(run, &sbom);
    } else if (is_complete(run, &sbom, &err)) {
        outcome = publish(run, &sbom);
    } else {
        outcome = command_fail(run->invocation, subject->name, &err, OUTCOME_UNDECIDED);
    }
    sbom_clear(&sbom);
    return outcome;
}

static bool read_settings(struct run *run, struct error *err)
{
    const char *format = run->settings->format;
    if (format != NULL && !sbom_format_parse(format, &run->format)) {
        error_set(err, ERROR_USAGE, "--format %s", format);
        return error_cure(err, "--format spdx-2.3 or --format spdx-3.0");
    }
    const struct strings *wanted = &run->settings->require;
    for (size_t i = 0; i < wanted->count; i++) {
        enum sbom_rules rules;
        if (!sbom_rules_parse(wanted->items[i], &rules)) {
            error_set(err, ERROR_USAGE, "--require %s", wanted->items[i]);
            return error_cure(err, "--require ntia, fsct3 or bsi, or several with commas");
        }
    }
    return recipe_options_hints(&run->settings->recipe, run->arena, &run->hints, err);
}

static enum outcome run_command(const struct invocation *invocation)
{
    struct run run = {
        .invocation = invocation,
        .settings = invocation->settings,
        .arena = invocation->arena,
    };
    struct error err;
    if (!read_settings(&run, &err)) {
        return command_fail(invocation, NULL, &err, outcome_of_input_error(&err));
    }
    return command_on_one_subject(invocation, 0, "a document is of one file", describe, &run);
}

const struct command command_sbom = {
    .name = "sbom",
    .arguments = "TARGET",
    .summary = "write the SBOM of a Go binary",
    .details =
        "Writes what is in the Go binary TARGET as an SPDX document: the file with its hashes,\n"
        "main module, dependencies, standard library, toolchain, C libraries, build settings.\n"
        "The same file gives the same bytes everywhere. Nothing is fetched and nothing is run.\n"
        "What deserves a second look is told as a warning on standard error.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .most_operands = 1,
    .run = run_command,
};
