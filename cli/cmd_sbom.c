// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attest/sbom/sbom_require.h"
#include "attest/sbom/sbom_result.h"
#include "attest/sbom/sbom_store.h"
#include "attest/sbom/sbom_write.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/file_batch.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/one_subject.h"
#include "cli/recipe_options.h"
#include "cli/sbom_check.h"

struct settings {
    struct common_settings common;
    struct recipe_options recipe;
    struct target_options target;
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
    OPTION("output", "FILE|DIR", OPTION_STRING, output,
           "write it there; DIR: a document for each binary, and one of them all"),
    OPTION("source", "MODULE@VERSION", OPTION_STRING, recipe.source,
           "the main module, where the file does not say its version"),
    OPTION("require", "RULES,...", OPTION_LIST, require,
           "fail unless it is complete by ntia, fsct3 or bsi"),
    OPTION("check", "FILE", OPTION_STRING, check,
           "compare the SPDX document FILE, of whatever tool, with the binary"),
    OPTION("fetch", NULL, OPTION_FLAG, fetch, "get the modules that the store has not"),
    OPTION("author", "NAME", OPTION_STRING, author, "the organization that makes the document"),
    OPTION("contact", "ADDRESS|URL", OPTION_STRING, contact, "where its author can be reached"),
    TARGET_OPTIONS(struct settings, target),
};

/* One run of the command. */
struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    enum sbom_format format;
    bool into_directory;
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
        .name = file_base_name(subject->name),
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
        terminal_note(run->invocation->terminal, "reproof: warning: %s%s%s: %s",
                      run->into_directory ? sbom->name : "", run->into_directory ? ": " : "",
                      sbom->findings[i].code, warning.message);
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

/* What tells the binaries of a release apart. */
static const char *platform_of(const struct run *run, const struct inspection *file)
{
    const char *tags = file->has_buildinfo ? buildinfo_setting(&file->info, "-tags") : NULL;
    return arena_printf(run->arena, "%s/%s%s%s%s%s", file->goos, file->goarch,
                        file->variant[0] == '\0' ? "" : " ", file->variant,
                        tags == NULL || tags[0] == '\0' ? "" : " tags=", tags == NULL ? "" : tags);
}

/* DIR/NAME with SUFFIX: the path within an archive as one word. */
static const char *document_path(const struct run *run, const char *name, const char *suffix)
{
    char *word = arena_printf(run->arena, "%s%s", name, suffix);
    for (char *at = word; *at != '\0'; at++) {
        *at = *at == '/' ? '-' : *at;
    }
    return arena_printf(run->arena, "%s/%s", run->settings->output, word);
}

/* A release while its documents are written. */
struct release {
    struct file_batch batch;
    struct sbom_release_part *parts;
    const char *version, *created; /* of the main modules if they agree; of the newest */
    const char *object;            /* the binary at hand, for errors */
};

static bool add_document(const struct run *run, const struct target_subject *subject,
                         const struct sbom *sbom, struct release *release,
                         struct sbom_release_part *ret, struct error *err)
{
    const char *suffix = run->format == SBOM_SPDX_23 ? ".spdx.json" : ".spdx3.json";
    struct buffer out;
    buffer_init(&out, LIMIT_SBOM_BYTES);
    bool ok = is_complete(run, sbom, err) && sbom_write(sbom, run->format, &out, err) &&
              file_batch_add(&release->batch, document_path(run, subject->name, suffix), 0644, true,
                             buffer_view(&out), err);
    if (ok) {
        ret->name = subject->name;
        ret->platform = platform_of(run, subject->file);
        ret->document = buffer_view(&out);
        ok = sbom_release_settle(ret, run->arena, err);
        bool same = release->version == NULL || strcmp(release->version, sbom->version) == 0;
        release->version = same ? arena_string(run->arena, sbom->version) : "";
        if (release->created == NULL || strcmp(release->created, sbom->created) < 0) {
            release->created = arena_string(run->arena, sbom->created);
        }
    }
    buffer_free(&out);
    return ok;
}

static bool describe_each(const struct run *run, const struct target *target,
                          struct release *release, struct error *err)
{
    for (size_t i = 0; i < target->subject_count; i++) {
        const struct target_subject *subject = &target->subjects[i];
        struct sbom sbom = {0};
        release->object = subject->name;
        bool ok = build(run, subject, &sbom, err);
        if (ok) {
            tell_findings(run, &sbom);
            ok = add_document(run, subject, &sbom, release, &release->parts[i], err);
        }
        sbom_clear(&sbom);
        if (!ok) {
            return false;
        }
    }
    release->object = NULL;
    return true;
}

/* SPDX 3 has no form yet that its readers follow from one document to another, so the document of
 * the whole is 2.3's. */
static bool add_release(const struct run *run, const struct target *target, struct release *release,
                        struct error *err)
{
    struct buffer out;
    if (run->format != SBOM_SPDX_23) {
        return true;
    }
    buffer_init(&out, LIMIT_SBOM_BYTES);
    bool ok =
        sbom_write_release(
            file_base_name(target_shown(run->invocation->operands.items[0], run->arena)),
            release->version, release->created, release->parts, target->subject_count, &out, err) &&
        file_batch_add(&release->batch, document_path(run, "release", ".spdx.json"), 0644, true,
                       buffer_view(&out), err);
    buffer_free(&out);
    return ok;
}

/* A document for each binary, and one that refers to them; all or none. */
static enum outcome describe_release(void *context, const struct target *target)
{
    const struct run *run = context;
    struct error err;
    struct release release = {
        .parts = ARENA_ARRAY(run->arena, target->subject_count, struct sbom_release_part)};
    bool ok = describe_each(run, target, &release, &err) &&
              add_release(run, target, &release, &err) && file_batch_commit(&release.batch, &err);
    file_batch_free(&release.batch);
    return ok ? OUTCOME_HOLDS
              : command_fail(run->invocation, release.object, &err,
                             err.code == ERROR_ABSENT ? OUTCOME_UNDECIDED : outcome_of_error(&err));
}

static bool read_settings(struct run *run, struct error *err)
{
    const char *format = run->settings->format;
    if (format != NULL && !sbom_format_parse(format, &run->format)) {
        error_set(err, ERROR_USAGE, "--format %s", format);
        return error_cure(err, "--format spdx-2.3 or --format spdx-3.0");
    }
    struct stat info;
    run->into_directory = run->settings->output != NULL && run->settings->check == NULL &&
                          stat(run->settings->output, &info) == 0 && S_ISDIR(info.st_mode);
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
    if (run.into_directory) {
        return command_on_target(invocation, 0, &run.settings->target, describe_release, &run);
    }
    return command_on_one_subject(
        invocation, 0, &run.settings->target,
        "a document is of one file, or --output DIR for a document of each", describe, &run);
}

const struct command command_sbom = {
    .name = "sbom",
    .arguments = "TARGET",
    .summary = "write the SBOM of a Go binary",
    .details =
        "Writes what is in the Go binary TARGET as an SPDX document: the file with its hashes,\n"
        "main module, dependencies, standard library, toolchain, C libraries, build settings.\n"
        "The same file gives the same bytes everywhere. Nothing is fetched and nothing is run.\n"
        "What deserves a second look is told as a warning on standard error.\n"
        "A TARGET with several Go binaries wants --output DIR.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .most_operands = 1,
    .run = run_command,
};
