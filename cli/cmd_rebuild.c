// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/one_subject.h"
#include "cli/rebuild_evidence.h"
#include "cli/recipe_options.h"
#include "verifier/pipeline.h"
#include "verifier/source_files.h"
#include "verifier/target/target.h"

/* The checksum database shows a new head every minute. */
#define STALE_DAYS 30

struct settings {
    struct common_settings common;
    struct recipe_options recipe;
    struct target_options target;
    struct evidence_options evidence;
    struct strings accept, expect;
    const char *recipe_file, *sandbox, *keep, *output;
    unsigned time_limit, memory_limit, search;
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
    OPTION("recipe", "FILE", OPTION_STRING, recipe_file,
           "build by this recipe, as `recipe` prints"),
    RECIPE_OPTIONS(struct settings, recipe),
    OPTION("search", "N", OPTION_NUMBER, search, "most candidates for link flags (a million)"),
    OPTION("sandbox", "KIND", OPTION_STRING, sandbox,
           "bwrap, or none (then every verdict assumes unsandboxed)"),
    OPTION("time-limit", "SECONDS", OPTION_NUMBER, time_limit, "most seconds for one build"),
    OPTION("memory-limit", "MIB", OPTION_NUMBER, memory_limit, "most memory for one build"),
    OPTION("keep", "DIR", OPTION_STRING, keep, "keep rebuilds and build logs there"),
    OPTION("no-compare", NULL, OPTION_FLAG, no_compare, "only build; wants --output"),
    OPTION("output", "FILE", OPTION_STRING, output, "with --no-compare: where the rebuild goes"),
    TARGET_OPTIONS(struct settings, target),
    EVIDENCE_OPTIONS(struct settings, evidence),
};

/* One run of the command. */
struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    struct rebuilder *rebuilder;
    struct target_settings target;
    struct recipe_hints hints;
    struct arena *arena;
    const char *stage, *subject;
    struct rebuild_evidence evidence;

    struct subject_result *results;
    size_t result_count, result_capacity;
    struct container_result *containers;
    size_t container_count, container_capacity;
    const char **warnings;
    size_t warning_count, warning_capacity;
    bool has_outcome;
    size_t container_base; /* of the target at hand */
    const char *failed;    /* the last operand that could not be opened */
    struct error failure;
    enum outcome outcome;
};

static void on_stage(void *context, const char *text)
{
    struct run *run = context;
    run->stage = text;
    terminal_progress(run->invocation->terminal, true, "%s: %s", run->subject, text);
}

/* A bar of WIDTH characters for DONE of TOTAL. */
static const char *bar(uint64_t done, uint64_t total, char *ret, size_t width)
{
    size_t full = total == 0 ? 0 : (size_t)((double)width * (double)done / (double)total);
    for (size_t i = 0; i < width; i++) {
        ret[i] = i < full ? '#' : '.';
    }
    ret[width] = '\0';
    return ret;
}

static void on_transfer(void *context, const char *what, uint64_t done, uint64_t total)
{
    struct run *run = context;
    char drawn[25];
    char safe[160];
    escape_text(what, safe, sizeof(safe));
    if (total > 0) {
        terminal_progress(run->invocation->terminal, false, "[%s] %5.1f of %.1f MB  %s",
                          bar(done, total, drawn, sizeof(drawn) - 1), (double)done / 1e6,
                          (double)total / 1e6, safe);
    } else {
        terminal_progress(run->invocation->terminal, false, "%5.1f MB  %s", (double)done / 1e6,
                          safe);
    }
}

static void on_build(void *context, const char *change, double seconds)
{
    struct run *run = context;
    (void)change;
    terminal_progress(run->invocation->terminal, false, "%s: building in the sandbox, %.0f s  (%s)",
                      run->subject, seconds, run->stage);
}

static void on_search(void *context, uint64_t tried, double seconds)
{
    struct run *run = context;
    terminal_progress(run->invocation->terminal, false,
                      "%s: link flags, %llu candidates hashed, %.0f a second", run->subject,
                      (unsigned long long)tried, seconds > 0 ? (double)tried / seconds : 0);
}

/* Keeps what one subject left behind under the digest of the artifact: names from outside never
 * become names of files. */
static bool keep(const struct run *run, const struct subject_result *result, int rebuild_fd,
                 struct error *err)
{
    char hex[SHA256_HEX_LEN + 1];
    AUTO_FD int dir = -1;
    sha256_hex(&result->file->sha256, hex);
    if (!directory_make_path(run->settings->keep, &dir, err)) {
        return false;
    }
    const char *log = arena_printf(run->arena, "%s.log", hex);
    if (result->build_log.len > 0 && !file_write_atomic(dir, log, 0644, result->build_log, err)) {
        return error_prefix(err, "--keep %s", run->settings->keep);
    }
    if (rebuild_fd < 0) {
        return true;
    }
    AUTO(atomic_file) struct atomic_file file = {.fd = -1};
    const char *name = arena_printf(run->arena, "%s.rebuilt", hex);
    return (atomic_file_open(dir, 0755, &file, err) && file_copy(rebuild_fd, file.fd, err) &&
            atomic_file_commit(&file, name, err)) ||
           error_prefix(err, "--keep %s", run->settings->keep);
}

static bool write_output(const struct run *run, int rebuild_fd, struct error *err)
{
    struct bytes folder = bytes_from_string(".");
    struct bytes name = bytes_from_string(run->settings->output);
    AUTO_FD int dir = -1;
    AUTO(atomic_file) struct atomic_file file = {.fd = -1};
    if (scan_cut_last(name, '/', &folder, &name) && folder.len == 0) {
        folder = bytes_from_string("/");
    }
    return (directory_open(arena_text(run->arena, folder), &dir, err) &&
            atomic_file_open(dir, 0755, &file, err) && file_copy(rebuild_fd, file.fd, err) &&
            atomic_file_commit(&file, arena_text(run->arena, name), err)) ||
           error_prefix(err, "--output %s", run->settings->output);
}

static enum outcome outcome_of(const struct run *run, const struct subject_result *result)
{
    if (result->tampered) {
        return OUTCOME_TAMPERED;
    }
    if (result->verdict == VERDICT_DIFFERENT) {
        return OUTCOME_REFUTED;
    }
    bool built = run->settings->no_compare && result->has_rebuild;
    return result->accepted || built ? OUTCOME_HOLDS : OUTCOME_UNDECIDED;
}

/* The first outcome of a run stands; further ones can only make it worse. */
static void merge_outcome(struct run *run, enum outcome outcome)
{
    run->outcome = run->has_outcome ? outcome_worse(run->outcome, outcome) : outcome;
    run->has_outcome = true;
}

static void add_warning(struct run *run, const char *object, const struct error *err)
{
    arena_grow(run->arena, &run->warnings, run->warning_count, &run->warning_capacity,
               sizeof(*run->warnings));
    run->warnings[run->warning_count++] = arena_printf(run->arena, "%s: %s", object, err->message);
}

static bool save_rebuild(const struct run *run, const struct subject_result *result, int rebuild_fd,
                         struct error *err)
{
    if (run->settings->keep != NULL && !keep(run, result, rebuild_fd, err)) {
        return false;
    }
    return !run->settings->no_compare || rebuild_fd < 0 || write_output(run, rebuild_fd, err);
}

/* A release has the same program bare, in archives and in packages: once reproduced is enough. */
static bool judged_before(const struct run *run, const struct target_subject *subject,
                          struct subject_result *ret)
{
    for (size_t i = 0; i < run->result_count; i++) {
        const struct subject_result *earlier = &run->results[i];
        if (earlier->verdict == VERDICT_REPRODUCED &&
            sha256_equal(&earlier->file->sha256, &subject->file->sha256)) {
            *ret = *earlier;
            ret->getting_seconds = ret->proving_seconds = ret->build_seconds = ret->seconds = 0;
            /* So that what is noted now is not put behind the earlier one's notes. */
            ret->notes.inference_capacity = ret->notes.inference_count;
            recipe_infer(&ret->notes, run->arena, "verdict", "reproduced",
                         "the same bytes as %.200s, judged before in this run", earlier->name);
            return true;
        }
    }
    return false;
}

static bool rebuild(struct run *run, const struct target_subject *subject,
                    struct subject_result *ret, struct error *err)
{
    AUTO_FD int rebuild_fd = -1;
    struct recipe_hints hints = run->hints;
    hints.package_name = subject->package_name;
    hints.package_version = subject->package_version;
    return rebuild_subject(run->rebuilder, &subject->source, subject->file, &hints, run->arena, ret,
                           &rebuild_fd, err) &&
           save_rebuild(run, ret, rebuild_fd, err);
}

static bool judge(struct run *run, const struct target_subject *subject, struct error *err)
{
    struct subject_result result;
    char safe[256];
    escape_text(subject->name, safe, sizeof(safe));
    run->subject = safe;
    if (!judged_before(run, subject, &result) && !rebuild(run, subject, &result, err)) {
        return false;
    }
    result.name = subject->name;
    bool bare = subject->container == TARGET_NO_CONTAINER;
    result.container = bare ? SIZE_MAX : run->container_base + subject->container;
    merge_outcome(run, outcome_of(run, &result));
    if (!rebuild_evidence_keep(&run->evidence, &result, &subject->source, err)) {
        return false;
    }
    arena_grow(run->arena, &run->results, run->result_count, &run->result_capacity,
               sizeof(*run->results));
    run->results[run->result_count++] = result;
    return true;
}

/* Text appears as soon as a subject is judged; JSON is one document at the end. */
static bool show(struct run *run, struct error *err)
{
    struct buffer out;
    if (run->settings->common.json) {
        return true;
    }
    buffer_init(&out, 64 * MIB);
    report_subject_text(&run->results[run->result_count - 1], run->invocation->terminal->color,
                        &out);
    bool ok = terminal_write(run->invocation->terminal, &out, err);
    buffer_free(&out);
    return ok;
}

static void add_container(struct run *run, const struct target_container *from,
                          const struct source_files *files)
{
    struct container_result container = {
        .name = from->name,
        .sha256 = from->sha256,
        .purl = from->purl,
        .members = from->member_count,
    };
    source_files_judge(files, from, run->arena, &container);
    arena_grow(run->arena, &run->containers, run->container_count, &run->container_capacity,
               sizeof(*run->containers));
    run->containers[run->container_count++] = container;
}

/* FIRST: the target's first result; FOLDER: that it lies in. */
static void add_containers(struct run *run, const struct target *target, const char *folder,
                           size_t first)
{
    struct source_files files = {.artifacts = folder};
    bool others = false;
    for (size_t i = 0; i < target->container_count; i++) {
        others |= target->containers[i].other_count > 0;
    }
    for (size_t i = first; others && i < run->result_count; i++) {
        source_files_add(&files, &run->results[i], run->settings->common.jobs, run->arena);
    }
    for (size_t i = 0; i < target->container_count; i++) {
        add_container(run, &target->containers[i], &files);
    }
}

/* What looks like an executable and cannot be read may be the one that matters. */
static void tell_others(struct run *run, const struct target *target)
{
    for (size_t i = 0; i < target->note_count; i++) {
        struct error note;
        error_set(&note, ERROR_NONE, "%s", target->notes[i].text);
        add_warning(run, target->notes[i].name, &note);
    }
    for (size_t i = 0; i < target->refused_count; i++) {
        merge_outcome(run, outcome_of_input_error(&target->refused[i].error));
        add_warning(run, target->refused[i].name, &target->refused[i].error);
    }
    (void)command_tell_target(run->invocation, target);
}

/* Judges what the operand NAME holds. An unusable operand is told and the others go on; false if
 * the whole run must end. */
static bool judge_target(struct run *run, const char *name, struct error *err)
{
    struct target target = {.scratch = -1, .scratch_parent = -1};
    if (!target_open_any(name, rebuilder_inspector(run->rebuilder), &run->target, run->arena,
                         &target, err)) {
        if (err->code == ERROR_INTERRUPTED || err->code == ERROR_INTERNAL) {
            return false;
        }
        name = target_shown(name, run->arena);
        merge_outcome(run, outcome_of_input_error(err));
        run->failed = name;
        run->failure = *err;
        add_warning(run, name, err);
        terminal_error(run->invocation->terminal, name, err);
        return true;
    }
    bool ok = true;
    size_t first = run->result_count;
    run->container_base = run->container_count;
    for (size_t i = 0; ok && i < target.subject_count; i++) {
        run->hints.target =
            target_naming(&target, &target.subjects[i], target_shown(name, run->arena));
        ok = judge(run, &target.subjects[i], err) && show(run, err);
    }
    add_containers(run, &target, target_folder(name, run->arena), first);
    tell_others(run, &target);
    target_free(&target);
    return ok;
}

/* A database that grows every minute and looks the same for weeks is being withheld. */
static void warn_of_stale_database(struct run *run)
{
    unsigned days = 0;
    for (size_t i = 0; i < run->result_count; i++) {
        const struct subject_result *result = &run->results[i];
        if (result->has_tree_head && result->tree_head.days_unchanged > days) {
            days = result->tree_head.days_unchanged;
        }
    }
    if (days > STALE_DAYS) {
        struct error err;
        error_set(&err, ERROR_NETWORK, "no newer head for %u days: it may be withheld from you",
                  days);
        add_warning(run, "checksum database", &err);
        terminal_note(run->invocation->terminal, "reproof: checksum database: %s", err.message);
    }
}

static enum outcome finish(struct run *run)
{
    const struct invocation *invocation = run->invocation;
    warn_of_stale_database(run);
    struct rebuild_result result = {
        .tool_version = REPROOF_VERSION,
        .exit_code = exit_code(run->outcome),
        .subjects = run->results,
        .subject_count = run->result_count,
        .containers = run->containers,
        .container_count = run->container_count,
        .warnings = run->warnings,
        .warning_count = run->warning_count,
    };
    if (run->result_count == 0 && run->failed != NULL) {
        return command_fail_told(invocation, run->failed, &run->failure, run->outcome);
    }
    struct error err;
    if (!rebuild_evidence_write(&run->evidence, &result, &err)) {
        return command_fail(invocation, NULL, &err, outcome_of_error(&err));
    }
    struct buffer out;
    buffer_init(&out, 256 * MIB);
    if (run->settings->common.json) {
        report_rebuild_json(&result, &out);
    } else {
        report_summary_text(&result, &out);
    }
    enum outcome outcome = command_finish(invocation, &out, run->outcome);
    buffer_free(&out);
    return outcome;
}

static bool read_sandbox(const char *text, enum sandbox_kind *ret, struct error *err)
{
    if (text == NULL || strcmp(text, "bwrap") == 0) {
        *ret = SANDBOX_BUBBLEWRAP;
        return true;
    }
    if (strcmp(text, "none") == 0) {
        *ret = SANDBOX_NONE;
        return true;
    }
    error_set(err, ERROR_USAGE, "--sandbox %s", text);
    return error_cure(err, "--sandbox bwrap or --sandbox none");
}

static bool read_settings(struct run *run, struct rebuild_settings *ret, struct error *err)
{
    const struct settings *settings = run->settings;
    *ret = (struct rebuild_settings){
        .store = settings->common.store,
        .state = settings->common.state,
        .offline = settings->common.offline,
        .jobs = settings->common.jobs,
        .limits = {.seconds = settings->time_limit, .memory = settings->memory_limit * MIB},
        .search = settings->search,
        .accept = settings->accept.items,
        .accept_count = settings->accept.count,
        .expect = settings->expect.items,
        .expect_count = settings->expect.count,
        .recipe_name = settings->recipe_file,
        .no_compare = settings->no_compare,
        .progress = {on_stage, on_transfer, on_build, on_search, run},
    };
    if (settings->no_compare != (settings->output != NULL)) {
        return error_set(err, ERROR_USAGE, "--no-compare and --output go together");
    }
    if (!read_sandbox(settings->sandbox, &ret->sandbox, err) ||
        !recipe_options_hints(&settings->recipe, run->arena, &run->hints, err)) {
        return false;
    }
    if (settings->recipe_file == NULL) {
        return true;
    }
    AUTO_FD int fd = -1;
    struct source source;
    return file_open_input(AT_FDCWD, settings->recipe_file, &fd, err) &&
           source_from_fd(fd, &source, err) &&
           source_load(&source, 0, source.size, LIMIT_JSON_BYTES, run->arena, &ret->recipe, err);
}

static enum outcome run_command(const struct invocation *invocation)
{
    struct run run = {
        .invocation = invocation,
        .settings = invocation->settings,
        .arena = invocation->arena,
        .stage = "",
        .subject = "",
        .evidence = {.out = {.dir = -1}},
    };
    struct rebuild_settings settings;
    struct error err;
    if (!target_options_settings(invocation, &run.settings->target, NULL, &run.target, &err) ||
        !read_settings(&run, &settings, &err) ||
        !rebuild_evidence_open(&run.evidence, invocation, &run.settings->evidence,
                               &run.settings->accept, &err)) {
        return command_fail(invocation, NULL, &err, outcome_of_input_error(&err));
    }
    bool ok = rebuilder_open(&settings, &run.rebuilder, &err);
    if (ok) {
        run.target.scratch = rebuilder_workspace(run.rebuilder)->path;
    }
    for (size_t i = 0; ok && i < invocation->operands.count; i++) {
        ok = judge_target(&run, invocation->operands.items[i], &err);
    }
    rebuilder_free(&run.rebuilder);
    enum outcome outcome =
        ok ? finish(&run) : command_fail(invocation, NULL, &err, outcome_of_error(&err));
    rebuild_evidence_free(&run.evidence);
    return outcome;
}

const struct command command_rebuild = {
    .name = "rebuild",
    .arguments = "TARGET...",
    .summary = "rebuild a Go binary from its source and compare every byte",
    .details =
        "Takes published Go binaries and nothing else: finds out how each was built, fetches the\n"
        "exact toolchain and sources, proves both against the public checksum database, rebuilds\n"
        "in a sandbox without network, compares every byte, and says why where they differ.\n"
        "A TARGET is a Go binary, a directory, an archive or package (tar, zip, npm tgz, wheel,\n"
        "deb, rpm, apk, OCI image; archives within are looked through too), a list of checksums\n"
        "(SHA256SUMS), GoReleaser's dist, an https address, or a package URL (pkg:npm/...).",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .run = run_command,
};
