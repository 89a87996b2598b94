// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "cli/one_subject.h"
#include "verifier/image/image_fat.h"
#include "verifier/report/inspect_json.h"
#include "verifier/report/inspect_text.h"
#include "verifier/target/goreleaser.h"
#include "verifier/target/target.h"

/* How much output is gathered before it is written. */
#define FLUSH_BYTES 65536

struct settings {
    struct common_settings common;
    struct target_options target;
    bool no_digest, no_archives;
};

struct failure {
    struct failure *next;
    const char *name;
    struct error error;
};

struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    struct inspector *inspector;
    struct target_settings target;
    struct inspect_queue *queue; /* of the directory that is being looked at */
    struct buffer out;
    struct json_writer json;
    size_t count;      /* files told so far */
    size_t file_count; /* files looked at in directories */
    size_t archive_count;
    size_t passed_over;
    struct failure *failures, **last_failure;
    const struct failure *failed_target; /* the first one */
    bool last;                           /* this target is */
    enum outcome outcome;
};

static bool flush(struct run *run, struct error *err)
{
    bool written = terminal_write(run->invocation->terminal, &run->out, err);
    buffer_clear(&run->out);
    return written;
}

static bool tell(struct run *run, const struct inspection *file, struct error *err)
{
    bool json = run->settings->common.json;
    if (json && run->count == 0) {
        inspect_json_begin(&run->json, &run->out);
    }
    if (json) {
        inspect_json_file(&run->json, file);
    } else {
        inspect_text(file, &run->out);
    }
    run->count++;
    return run->out.len < FLUSH_BYTES || flush(run, err);
}

static const struct failure *keep_failure(struct run *run, const char *name,
                                          const struct error *why)
{
    struct arena *arena = run->invocation->arena;
    struct failure *failure = ARENA_NEW(arena, struct failure);
    failure->name = arena_string(arena, name);
    failure->error = *why;
    *run->last_failure = failure;
    run->last_failure = &failure->next;
    return failure;
}

/* A file in a directory that could not be read: it may be no Go binary at all, so it is counted and
 * told in JSON, and the others go on. */
static void pass_over(struct run *run, const char *name, const struct error *why)
{
    run->passed_over++;
    keep_failure(run, name, why);
}

static bool ends_run(const struct error *err)
{
    return err->code == ERROR_INTERRUPTED || err->code == ERROR_INTERNAL;
}

static bool inspect_open_file(struct run *run, int fd, const char *name, struct error *err)
{
    struct arena arena = {0};
    struct inspection *files;
    size_t count;
    if (run->last) {
        inspector_last(run->inspector);
    }
    bool ok = inspector_run(run->inspector, fd, name, &arena, &files, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        ok = tell(run, &files[i], err);
    }
    arena_free(&arena);
    return ok;
}

/* What is no Go binary is passed over in silence within a directory, as `go version` has it. */
static bool tell_found(void *context, const char *name, const struct inspection *files,
                       size_t count, const struct error *why, struct error *err)
{
    struct run *run = context;
    if (why != NULL && ends_run(why)) {
        *err = *why;
        return false;
    }
    if (why != NULL && why->code != ERROR_UNSUPPORTED) {
        pass_over(run, name, why);
    }
    for (size_t i = 0; i < count; i++) {
        if (!tell(run, &files[i], err)) {
            return false;
        }
    }
    return true;
}

/* Once those before it are told, so that failures stand in the order of the files; and with their
 * descriptors free again. */
static bool pass_over_in_order(struct run *run, const char *path, const struct error *why,
                               struct error *err)
{
    if (!inspect_queue_finish(run->queue, err)) {
        return false;
    }
    pass_over(run, path, why);
    return true;
}

static const char *join(struct arena *arena, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    if (strcmp(folder, ".") == 0) {
        return arena_string(arena, name);
    }
    return arena_printf(arena, "%s%s%s", folder, len > 0 && folder[len - 1] == '/' ? "" : "/",
                        name);
}

/* An archive that is large enough to hold a Go binary. */
static bool is_archive(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_size >= (off_t)LIMIT_INSPECT_ARCHIVE_LEAST &&
           target_is_archive(fd);
}

static bool tell_members(struct run *run, const struct target *target, const char *path,
                         struct arena *arena, struct error *err)
{
    for (size_t i = 0; i < target->subject_count; i++) {
        struct inspection file = *target->subjects[i].file;
        file.name = join(arena, path, file.name);
        if (!tell(run, &file, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < target->refused_count; i++) {
        pass_over(run, join(arena, path, target->refused[i].name), &target->refused[i].error);
    }
    return true;
}

static bool look_into(struct run *run, int fd, const char *path, struct error *err)
{
    struct arena arena = {0};
    struct target target;
    struct error why;
    struct target_settings settings = run->target;
    settings.programs_only = true;
    bool ok = target_open_archive(fd, path, run->inspector, &settings, &arena, &target, &why);
    if (ok) {
        ok = tell_members(run, &target, path, &arena, err);
        target_free(&target);
    } else if (ends_run(&why)) {
        *err = why;
    } else {
        /* One without a Go binary is like any other file without one. */
        ok = true;
        if (why.code != ERROR_ABSENT) {
            pass_over(run, path, &why);
        }
    }
    arena_free(&arena);
    return ok;
}

/* Once the files before it are told; the queue has the inspector as long as there is one. */
static bool visit_archive(struct run *run, int fd, const char *path, struct error *err)
{
    struct error why;
    if (++run->archive_count > LIMIT_TARGET_ARCHIVES) {
        error_set(&why, ERROR_LIMIT, "more than %d archives: none is looked into from here on",
                  LIMIT_TARGET_ARCHIVES);
        return run->archive_count > LIMIT_TARGET_ARCHIVES + 1 ||
               pass_over_in_order(run, path, &why, err);
    }
    if (!inspect_queue_finish(run->queue, err)) {
        return false;
    }
    inspect_queue_free(&run->queue);
    bool ok = look_into(run, fd, path, err);
    run->queue = inspect_queue_new(run->inspector, run->settings->common.jobs, tell_found, run);
    return ok;
}

static bool visit_file(struct run *run, int dir, const char *entry, const char *path,
                       struct error *err)
{
    AUTO_FD int fd = -1;
    struct error why;
    if (++run->file_count > LIMIT_TARGET_FILES) {
        return error_set(err, ERROR_LIMIT, "more than %d files", LIMIT_TARGET_FILES);
    }
    if (!file_open_beneath(dir, entry, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, &why)) {
        return pass_over_in_order(run, path, &why, err);
    }
    return !run->settings->no_archives && is_archive(fd)
               ? visit_archive(run, fd, path, err)
               : inspect_queue_add(run->queue, fd_steal(&fd), path, err);
}

static bool visit(struct run *run, int dir, const char *folder, unsigned depth, struct error *err);

static bool visit_entry(struct run *run, int dir, const char *entry, const char *path,
                        unsigned depth, struct error *err)
{
    struct stat info;
    AUTO_FD int fd = -1;
    struct error why;
    if (fstatat(dir, entry, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return true; /* gone meanwhile */
    }
    if (S_ISREG(info.st_mode)) {
        return visit_file(run, dir, entry, path, err);
    }
    if (!S_ISDIR(info.st_mode)) {
        return true;
    }
    if (!directory_open_beneath(dir, entry, &fd, &why)) {
        return pass_over_in_order(run, path, &why, err);
    }
    return visit(run, fd, path, depth + 1, err);
}

static bool visit(struct run *run, int dir, const char *folder, unsigned depth, struct error *err)
{
    struct arena arena = {0};
    char **names = NULL;
    size_t count = 0;
    struct error why;
    bool ok = true;
    if (depth > LIMIT_TARGET_DEPTH) {
        return error_set(err, ERROR_LIMIT, "%s: folders nested more than %d deep", folder,
                         LIMIT_TARGET_DEPTH);
    }
    if (!directory_list(dir, &arena, &names, &count, &why)) {
        ok = pass_over_in_order(run, folder, &why, err);
    }
    for (size_t i = 0; ok && i < count; i++) {
        ok = interrupt_check(err) &&
             visit_entry(run, dir, names[i], join(&arena, folder, names[i]), depth, err);
    }
    arena_free(&arena);
    return ok;
}

/* Tells what was found before a limit was met, too. */
static bool visit_queued(struct run *run, int dir, const char *path, struct error *err)
{
    struct error why = {0};
    run->queue = inspect_queue_new(run->inspector, run->settings->common.jobs, tell_found, run);
    bool visited = visit(run, dir, path, 0, err);
    if (run->last) {
        inspector_last(run->inspector);
    }
    bool finished = (!visited && ends_run(err)) || inspect_queue_finish(run->queue, &why);
    inspect_queue_free(&run->queue);
    if (!finished) {
        *err = why;
    }
    return visited && finished;
}

static bool inspect_directory(struct run *run, const char *path, struct error *err)
{
    AUTO_FD int dir = -1;
    size_t before = run->count;
    if (!directory_open(path, &dir, err) || !visit_queued(run, dir, path, err)) {
        return false;
    }
    if (run->count == before) {
        error_set(err, ERROR_ABSENT, "no Go binary in this directory: nothing to check");
        return error_cure(err, "name a Go binary, or a package or directory that holds one");
    }
    return true;
}

/* What of TARGET is refused is told as an operand that cannot be read is. */
static void tell_others(struct run *run, const struct target *target)
{
    for (size_t i = 0; i < target->refused_count; i++) {
        keep_failure(run, target->refused[i].name, &target->refused[i].error);
    }
    run->outcome = outcome_worse(run->outcome, command_tell_target(run->invocation, target));
}

/* The members of an archive that the user named go by its name and theirs. */
static const char *full_name(const struct target *target, const char *path, const char *name,
                             struct arena *arena)
{
    bool archive = target->container_count == 1 && strcmp(target->containers[0].name, path) == 0;
    return archive ? join(arena, path, name) : name;
}

static bool inspect_several(struct run *run, const char *path, struct error *err)
{
    struct arena arena = {0};
    struct target target;
    bool ok = target_open_any(path, run->inspector, &run->target, &arena, &target, err);
    if (ok) {
        for (size_t i = 0; ok && i < target.subject_count; i++) {
            struct inspection file = *target.subjects[i].file;
            file.name = full_name(&target, target_shown(path, &arena), file.name, &arena);
            ok = tell(run, &file, err);
        }
        tell_others(run, &target);
        target_free(&target);
    }
    arena_free(&arena);
    return ok;
}

/* Whether the directory at PATH says what its files are. */
static bool is_dist(const char *path)
{
    AUTO_FD int dir = -1;
    return directory_open(path, &dir, NULL) && file_exists(dir, GORELEASER_ARTIFACTS);
}

static bool inspect_target(struct run *run, const char *path, struct error *err)
{
    struct stat info;
    AUTO_FD int fd = -1;
    if (target_is_remote(path) || run->target.sha256 != NULL) {
        return inspect_several(run, path, err);
    }
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return is_dist(path) ? inspect_several(run, path, err) : inspect_directory(run, path, err);
    }
    if (!file_open_input(AT_FDCWD, path, &fd, err)) {
        return false;
    }
    if (target_holds_files(fd, path)) {
        return inspect_several(run, path, err);
    }
    if (inspect_open_file(run, fd, path, err)) {
        return true;
    }
    if (err->code == ERROR_UNSUPPORTED) {
        error_cure(err, "name a Go binary, or a package or directory that holds one");
    }
    return false;
}

static bool inspect_all(struct run *run, struct error *err)
{
    const struct strings *targets = &run->invocation->operands;
    for (size_t i = 0; i < targets->count; i++) {
        struct error why;
        run->last = i + 1 == targets->count;
        if (inspect_target(run, targets->items[i], &why)) {
            continue;
        }
        if (ends_run(&why) || (why.code == ERROR_LIMIT && !buffer_ok(&run->out))) {
            *err = why;
            return false;
        }
        const char *name = target_shown(targets->items[i], run->invocation->arena);
        const struct failure *kept = keep_failure(run, name, &why);
        run->failed_target = run->failed_target == NULL ? kept : run->failed_target;
        terminal_error(run->invocation->terminal, name, &why);
        run->outcome = outcome_worse(run->outcome, outcome_of_input_error(&why));
    }
    return true;
}

static enum outcome finish(struct run *run)
{
    bool json = run->settings->common.json;
    if (run->passed_over > 0) {
        terminal_note(
            run->invocation->terminal,
            "reproof: %zu files begin like programs or archives but cannot be read as such%s",
            run->passed_over, json ? "" : "; --json names them");
    }
    if (run->count == 0 && run->failed_target != NULL) {
        const struct failure *first = run->failed_target;
        return command_fail_told(run->invocation, first->name, &first->error, run->outcome);
    }
    if (json) {
        inspect_json_errors(&run->json);
        for (const struct failure *one = run->failures; one != NULL; one = one->next) {
            inspect_json_error(&run->json, one->name, &one->error);
        }
        inspect_json_end(&run->json);
    }
    return command_finish(run->invocation, &run->out, run->outcome);
}

static enum outcome run_inspect(const struct invocation *invocation)
{
    struct error err;
    struct run run = {
        .invocation = invocation,
        .settings = invocation->settings,
        .outcome = OUTCOME_HOLDS,
    };
    const char *scratch = arena_printf(invocation->arena, "%s/inspect", run.settings->common.store);
    run.last_failure = &run.failures;
    if (!target_options_settings(invocation, &run.settings->target, scratch, &run.target, &err)) {
        return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
    }
    if (!inspector_open(run.settings->no_digest ? 0 : INSPECT_DIGEST, &run.inspector, &err)) {
        return command_fail(invocation, NULL, &err, OUTCOME_INTERNAL);
    }
    buffer_init(&run.out, GIB);
    enum outcome outcome = inspect_all(&run, &err)
                               ? finish(&run)
                               : command_fail(invocation, NULL, &err, outcome_of_error(&err));
    buffer_free(&run.out);
    inspector_free(&run.inspector);
    return outcome;
}

static const struct option options[] = {
    {"no-digest", NULL, "read no whole file: neither SHA-256 nor linker hash", OPTION_FLAG,
     offsetof(struct settings, no_digest)},
    {"no-archives", NULL, "do not look into the archives in a directory", OPTION_FLAG,
     offsetof(struct settings, no_archives)},
    TARGET_OPTIONS(struct settings, target),
};

const struct command command_inspect = {
    .name = "inspect",
    .arguments = "TARGET...",
    .summary = "show what Go binaries say of themselves, and what their bytes tell",
    .details =
        "Prints for each Go binary what `go version -m` prints, then traits read off the bytes:\n"
        "whether it is as the linker left it (linker_hash), how it was linked and stripped, the\n"
        "paths that it was built under, who signed it. A TARGET is a file, a directory (every\n"
        "regular file in it, whatever its mode), an archive or a list of checksums. Nothing is "
        "run.\n"
        "What a file says of itself is a claim; linker_hash tells of accidents and careless\n"
        "changes, since who edits a file can also write a new build ID.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .run = run_inspect,
};
