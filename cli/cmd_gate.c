// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attest/release/release_report.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/gate.h"
#include "cli/gate_folder.h"
#include "cli/gate_shard.h"

#define OPTION(name, argument, type, field, help)                                                  \
    {                                                                                              \
        name, argument, help, type, offsetof(struct gate_settings, field)                          \
    }

static const struct option options[] = {
    OPTION("init", NULL, OPTION_FLAG, init, "write a manifest of the artifacts in DIR"),
    OPTION("source", "DIR", OPTION_STRING, source,
           "build from this working copy, in place of the manifest's \"source\""),
    OPTION("report", "FILE", OPTION_STRINGS, reports,
           "also write a report: .md, .xml (JUnit), .sarif, .html, .json (repeatable)"),
    OPTION("shard", "I/N", OPTION_STRING, shard,
           "judge a part alone, from 0; auto or auto/N: by the engine's own variables"),
    OPTION("merge", NULL, OPTION_FLAG, merge, "the operands are the --out of all shards"),
    OPTION("manifest", "FILE", OPTION_STRING, manifest, "with --merge: the manifest"),
    OPTION("attest-failures", "DIR", OPTION_STRING, failures,
           "write signed statements of what is different there; wants --out"),
    OPTION("cold", NULL, OPTION_FLAG, cold,
           "compile the standard library for each artifact, and keep none"),
    EVIDENCE_OPTIONS(struct gate_settings, evidence),
};

/* One run of the command. */
struct run {
    struct gate gate;
    struct evidence_options evidence;
    struct evidence_out out;
    struct gate_folder folder;
    struct gate_runner runner;
    struct shard_place place;
    bool opening; /* keys and the directory of --out: what is wrong with them is input */
    int lock;
    int state; /* the folder that WORK lies in */
    const char *work_name, *lock_name;
    int works[LIMIT_SHARDS];
    size_t work_count;
};

/* -- the manifest and what lies around it -- */

static bool open_manifest(struct run *run, const char *path, struct error *err)
{
    struct gate *gate = &run->gate;
    struct stat info;
    const char *name = MANIFEST_NAME;
    if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
        struct bytes folder = bytes_from_string("."), file = bytes_from_string(path);
        if (scan_cut_last(file, '/', &folder, &file) && folder.len == 0) {
            folder = bytes_from_string("/");
        }
        path = arena_text(gate->arena, folder);
        name = arena_text(gate->arena, file);
    }
    char *absolute = realpath(path, NULL);
    if (absolute == NULL) {
        return error_errno(err, "%s", path);
    }
    gate->folder = arena_string(gate->arena, absolute);
    free(absolute);
    if (!directory_open(gate->folder, &gate->dir, err)) {
        return false;
    }
    if (manifest_load(gate->dir, name, gate->arena, &gate->manifest, err)) {
        return true;
    }
    if (err->code == ERROR_ABSENT) {
        error_cure(err, "reproof gate --init DIR writes a manifest of the artifacts in DIR");
    }
    return false;
}

static bool settle_source(struct gate *gate, struct error *err)
{
    const char *given = gate->settings->source;
    const char *path =
        given != NULL ? given
        : gate->manifest.source[0] == '\0'
            ? NULL
            : arena_printf(gate->arena, "%s/%s", gate->folder, gate->manifest.source);
    gate->source = "";
    if (path != NULL) {
        char *absolute = realpath(path, NULL);
        if (absolute == NULL) {
            return error_errno(err, "source %s", path);
        }
        gate->source = arena_string(gate->arena, absolute);
        free(absolute);
    }
    return true;
}

static bool is_named(const struct manifest *manifest, const char *path)
{
    for (size_t i = 0; i < manifest->pair_count; i++) {
        if (strcmp(manifest->pairs[i].artifact, path) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < manifest->others.count; i++) {
        if (strcmp(manifest->others.items[i], path) == 0) {
            return true;
        }
    }
    return false;
}

/* Files that would be published without anybody having looked at them. */
static bool find_strangers(struct gate *gate, int dir, const char *folder, unsigned depth,
                           size_t *capacity, struct error *err)
{
    char **names;
    size_t count;
    if (depth > LIMIT_TARGET_DEPTH) {
        return error_set(err, ERROR_LIMIT, "%s: nested too deep", folder);
    }
    if (!directory_list(dir, gate->arena, &names, &count, err)) {
        return error_prefix(err, "%s", folder);
    }
    for (size_t i = 0; i < count; i++) {
        const char *path =
            folder[0] == '\0' ? names[i] : arena_printf(gate->arena, "%s/%s", folder, names[i]);
        AUTO_FD int below = -1;
        if (directory_open_beneath(dir, names[i], &below, NULL)) {
            if (!find_strangers(gate, below, path, depth + 1, capacity, err)) {
                return false;
            }
        } else if (!is_named(&gate->manifest, path)) {
            struct release *release = &gate->release;
            arena_grow(gate->arena, &release->strangers, release->stranger_count, capacity,
                       sizeof(path));
            release->strangers[release->stranger_count++] = path;
        }
    }
    return true;
}

static bool open_artifacts(struct gate *gate, struct error *err)
{
    size_t capacity = 0;
    struct error why;
    if (!directory_open_beneath(gate->dir, gate->manifest.artifacts, &gate->artifacts, &why)) {
        gate->artifacts = -1;
        return why.code == ERROR_ABSENT || error_set(err, why.code, "%s", why.message);
    }
    return strcmp(gate->manifest.artifacts, ".") == 0 ||
           find_strangers(gate, gate->artifacts, "", 0, &capacity, err) ||
           error_prefix(err, "%s", gate->manifest.artifacts);
}

static void start_release(struct gate *gate)
{
    gate->release.manifest = &gate->manifest;
    gate->release.tool_version = REPROOF_VERSION;
    gate->release.results = ARENA_ARRAY(gate->arena, gate->manifest.pair_count, struct pair_result);
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        gate->release.results[i] =
            (struct pair_result){.pair = &gate->manifest.pairs[i],
                                 .why = "nothing came of it: stopped, or out of some limit",
                                 .cure = "run the gate again"};
    }
}

/* -- where pairs leave what they found -- */

/* A folder by the manifest's digest beneath the state: a run that was stopped goes on there. */
static bool open_work(struct run *run, struct error *err)
{
    struct gate *gate = &run->gate;
    char hex[SHA256_HEX_LEN + 1];
    const char *path = arena_printf(gate->arena, "%s/gate", gate->settings->common.state);
    sha256_hex(&gate->manifest.digest, hex);
    run->work_name = arena_printf(gate->arena, "%.32s-" REPROOF_VERSION, hex);
    if (!directory_make_path(path, &run->state, err)) {
        return false;
    }
    /* Held by the processes of a run that was killed, too, until they have cleaned up. */
    run->lock_name = arena_printf(gate->arena, "%.32s.lock", hex);
    if (!file_lock(run->state, run->lock_name, false, &run->lock, err)) {
        terminal_note(gate->invocation->terminal,
                      "reproof: waiting for another run that gates this very manifest");
        if (!file_lock(run->state, run->lock_name, true, &run->lock, err)) {
            return false;
        }
    }
    return directory_make(run->state, run->work_name, 0700, &gate->work, err);
}

static bool open_shard(struct run *run, struct error *err)
{
    struct gate *gate = &run->gate;
    const char *out = gate->settings->evidence.out;
    if (out == NULL) {
        error_set(err, ERROR_USAGE, "a shard wants --out");
        return error_cure(err, "--out DIR, to be handed to gate --merge");
    }
    return directory_make_path(out, &gate->work, err);
}

static bool open_shards(struct run *run, struct error *err)
{
    const struct strings *operands = &run->gate.invocation->operands;
    if (operands->count > LIMIT_SHARDS) {
        return error_set(err, ERROR_LIMIT, "more than %d shards", LIMIT_SHARDS);
    }
    for (size_t i = 0; i < operands->count; i++) {
        if (!directory_open(operands->items[i], &run->works[run->work_count], err)) {
            return false;
        }
        run->work_count++;
    }
    return shards_check(&run->gate, run->works, run->work_count, operands->items, err);
}

/* -- the run -- */

/* Keys and the directory before any long work: what cannot be used is told at once. */
static bool open_evidence(struct run *run, struct error *err)
{
    const struct gate *gate = &run->gate;
    const struct evidence_options *given = &gate->settings->evidence;
    run->evidence = *given;
    if (given->out == NULL) {
        return given->key == NULL && given->attest_key == NULL
                   ? true
                   : error_set(err, ERROR_USAGE, "--key and --attest-key want --out");
    }
    if (!gate_folder_open(given->out, gate->arena, &run->folder, err)) {
        return false;
    }
    run->evidence.out = run->folder.partial;
    run->opening = true;
    if (!evidence_out_open(gate->invocation, &run->evidence, &run->out, err)) {
        return false;
    }
    run->opening = false;
    for (size_t i = 0; i < gate->manifest.accept.count; i++) {
        run->out.accept_secrets |= strcmp(gate->manifest.accept.items[i], ACCEPT_SECRETS) == 0;
    }
    return true;
}

static bool judge_here(struct run *run, struct error *err)
{
    if (!gate_runner_start(&run->gate, &run->runner, err) || !open_evidence(run, err) ||
        !gate_runner_wait(&run->runner, err)) {
        return false;
    }
    size_t ignored;
    run->works[0] = run->gate.work;
    run->work_count = 1;
    return gate_collect(&run->gate, run->works, 1, &ignored, err);
}

static bool judge_elsewhere(struct run *run, struct error *err)
{
    if (!open_shards(run, err) || !open_evidence(run, err)) {
        return false;
    }
    size_t bad;
    if (!gate_collect(&run->gate, run->works, run->work_count, &bad, err)) {
        return error_prefix(err, "%s", run->gate.invocation->operands.items[bad]);
    }
    return shards_rehash(&run->gate, err);
}

static bool put_in_file(void *context, struct bytes piece, struct error *err)
{
    return file_write_all(*(const int *)context, piece, err);
}

static bool write_report(struct run *run, const char *path, struct error *err)
{
    AUTO_FD int dir = -1;
    AUTO(atomic_file) struct atomic_file out = {.fd = -1};
    struct arena *arena = run->gate.arena;
    struct bytes folder = bytes_from_string("."), name = bytes_from_string(path);
    enum release_format format;
    if (scan_cut_last(name, '/', &folder, &name) && folder.len == 0) {
        folder = bytes_from_string("/");
    }
    if (!release_format_of(path, &format, err) ||
        !directory_open(arena_text(arena, folder), &dir, err) ||
        !atomic_file_open(dir, 0644, &out, err)) {
        return false;
    }
    const struct release_sink sink = {put_in_file, &out.fd};
    return release_report(&run->gate.release, format, &sink, err) &&
           atomic_file_commit(&out, arena_text(arena, name), err);
}

static bool write_reports(struct run *run, struct error *err)
{
    const struct strings *reports = &run->gate.settings->reports;
    for (size_t i = 0; i < reports->count; i++) {
        if (!write_report(run, reports->items[i], err)) {
            return error_prefix(err, "--report %s", reports->items[i]);
        }
    }
    return true;
}

static bool publish(struct run *run, struct error *err)
{
    const char *failures = run->gate.settings->failures;
    if (run->folder.path == NULL) {
        return true;
    }
    if (release_decide(&run->gate.release) != RELEASE_YES) {
        return failures == NULL || gate_attest_failures(&run->gate, failures, &run->out, err) ||
               error_prefix(err, "--attest-failures");
    }
    return (gate_publish(&run->gate, run->works, run->work_count, &run->out, err) &&
            gate_folder_commit(&run->folder, err)) ||
           error_prefix(err, "nothing was signed");
}

static enum outcome outcome_of_exit(int code)
{
    static const enum outcome outcomes[] = {OUTCOME_HOLDS, OUTCOME_REFUTED, OUTCOME_UNUSABLE,
                                            OUTCOME_UNDECIDED, OUTCOME_TAMPERED};
    return code >= 0 && (size_t)code < ARRAY_LEN(outcomes) ? outcomes[code] : OUTCOME_UNDECIDED;
}

static bool put_on_terminal(void *context, struct bytes piece, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    buffer_init(&out, piece.len);
    buffer_append(&out, piece);
    return terminal_write(context, &out, err);
}

static enum outcome finish(struct run *run)
{
    struct gate *gate = &run->gate;
    struct terminal *terminal = gate->invocation->terminal;
    const struct release_sink sink = {put_on_terminal, terminal};
    enum outcome outcome = outcome_of_exit(release_exit(&gate->release));
    struct error err;
    if (run->folder.committed) {
        terminal_note(terminal, "reproof: evidence is in %s", gate->settings->evidence.out);
    }
    if (!release_report(&gate->release, gate->settings->common.json ? RELEASE_JSON : RELEASE_TEXT,
                        &sink, &err)) {
        terminal_error(terminal, NULL, &err);
        return outcome_worse(outcome, OUTCOME_UNDECIDED);
    }
    return outcome;
}

static bool check_usage(const struct gate *gate, struct error *err)
{
    const struct gate_settings *settings = gate->settings;
    size_t operands = gate->invocation->operands.count;
    enum release_format ignored;
    if (settings->merge && settings->shard != NULL) {
        return error_set(err, ERROR_USAGE, "--merge and --shard exclude each other");
    }
    if (settings->merge ? operands == 0 : operands > 1) {
        return error_set(err, ERROR_USAGE,
                         settings->merge ? "--merge wants the shards' directories"
                                         : "gate takes one manifest");
    }
    if (settings->failures != NULL && settings->evidence.out == NULL) {
        return error_set(err, ERROR_USAGE, "--attest-failures wants --out and a key");
    }
    if (!settings->merge && settings->manifest != NULL) {
        return error_set(err, ERROR_USAGE, "--manifest goes with --merge");
    }
    for (size_t i = 0; i < settings->reports.count; i++) {
        if (!release_format_of(settings->reports.items[i], &ignored, err)) {
            return error_prefix(err, "--report %s", settings->reports.items[i]);
        }
    }
    return true;
}

static bool prepare(struct run *run, struct error *err)
{
    struct gate *gate = &run->gate;
    const struct gate_settings *settings = gate->settings;
    const char *path = settings->merge ? (settings->manifest == NULL ? "." : settings->manifest)
                       : gate->invocation->operands.count == 0
                           ? "."
                           : gate->invocation->operands.items[0];
    if (!check_usage(gate, err) || !open_manifest(run, path, err) || !settle_source(gate, err) ||
        !open_artifacts(gate, err) || !gate_check_lists(gate, err) ||
        !shard_place_find(settings->shard, &run->place, err)) {
        return false;
    }
    gate->shard = run->place.index;
    gate->shards = run->place.count;
    start_release(gate);
    return true;
}

static bool act(struct run *run, struct error *err)
{
    struct gate *gate = &run->gate;
    if (gate->settings->shard != NULL) {
        return open_shard(run, err) && shard_run(gate, err);
    }
    if (gate->settings->merge ? !judge_elsewhere(run, err)
                              : !open_work(run, err) || !judge_here(run, err)) {
        return false;
    }
    return publish(run, err) && write_reports(run, err);
}

/* What was found out is of use to a run that goes on, and to no other. */
static void drop_work(struct run *run, bool complete)
{
    struct error ignored;
    fd_close(&run->gate.work);
    if (complete && run->state >= 0 && run->work_name != NULL &&
        !directory_remove(run->state, run->work_name, &ignored)) {
        terminal_error(run->gate.invocation->terminal, NULL, &ignored);
    }
    file_lock_remove(run->state, run->lock_name, &run->lock);
    fd_close(&run->state);
}

static void close_run(struct run *run, bool complete)
{
    struct gate *gate = &run->gate;
    gate_runner_free(&run->runner);
    evidence_out_free(&run->out);
    gate_folder_free(&run->folder);
    release_close(&gate->release);
    for (size_t i = 0; gate->settings->merge && i < run->work_count; i++) {
        fd_close(&run->works[i]);
    }
    drop_work(run, complete);
    fd_close(&gate->artifacts);
    fd_close(&gate->dir);
}

static enum outcome run_gate(const struct invocation *invocation)
{
    const struct gate_settings *settings = invocation->settings;
    struct run *run = ARENA_NEW(invocation->arena, struct run);
    struct error err;
    if (settings->init) {
        return gate_init(invocation);
    }
    *run = (struct run){.gate = {.invocation = invocation,
                                 .settings = settings,
                                 .arena = invocation->arena,
                                 .dir = -1,
                                 .artifacts = -1,
                                 .work = -1},
                        .out = {.dir = -1},
                        .runner = {0, -1},
                        .lock = -1,
                        .state = -1};
    enum outcome outcome;
    bool ok = false;
    if (!prepare(run, &err)) {
        outcome = command_fail(invocation, NULL, &err, outcome_of_input_error(&err));
    } else if (ok = act(run, &err), !ok) {
        bool input = err.code == ERROR_USAGE || run->opening;
        outcome = command_fail(invocation, NULL, &err,
                               input ? outcome_of_input_error(&err) : outcome_of_error(&err));
    } else {
        outcome = settings->shard != NULL ? OUTCOME_HOLDS : finish(run);
    }
    close_run(run, ok);
    return outcome;
}

const struct command command_gate = {
    .name = "gate",
    .arguments = "[DIR|MANIFEST]",
    .summary = "rebuild a whole release, and sign it only if all of it holds",
    .details =
        "Reads reproof.json (of DIR, or here), rebuilds every artifact that it names, and says\n"
        "yes, no or undecided. Only on yes are there statements, signatures, SBOMs, SHA256SUMS\n"
        "and a signed summary in --out, all at once. --init writes the manifest.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct gate_settings),
    .run = run_gate,
};
