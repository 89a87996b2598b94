// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/scanner.h"
#include "verifier/fetch/container_kind.h"
#include "verifier/fetch/file_tree.h"
#include "verifier/fetch/zip_rules.h"

#define REPORT_MAXIMUM (1 * MIB)
#define SKIPPED_NAMES_MAXIMUM 1000
#define TIMEOUT_MS 600000

struct unpack_task {
    const char *kind, *prefix;
    int archive, dir;
    uint64_t entries, bytes;
};

/* Everything the helper wrote, until it closed its end. */
static bool read_report(int pipe, struct buffer *report, struct error *err)
{
    for (;;) {
        struct pollfd waits[2] = {{.fd = pipe, .events = POLLIN},
                                  {.fd = interrupt_fd(), .events = POLLIN}};
        int ready = poll(waits, 2, TIMEOUT_MS);
        if (!interrupt_check(err)) {
            return false;
        }
        if (ready == 0) {
            return error_set(err, ERROR_LIMIT, "unpacking took longer than %d s",
                             TIMEOUT_MS / 1000);
        }
        uint8_t *place = buffer_reserve(report, 4096);
        if (place == NULL) {
            return error_set(err, ERROR_LIMIT, "unpacking has too much to tell");
        }
        ssize_t got = read(pipe, place, 4096);
        if (got == 0) {
            return true;
        }
        if (got > 0) {
            buffer_advance(report, (size_t)got);
        } else if (errno != EINTR) {
            return error_errno(err, "cannot read what the unpacker says");
        }
    }
}

static enum error_code code_from_name(struct bytes name)
{
    static const enum error_code codes[] = {ERROR_IO,     ERROR_FORMAT,      ERROR_LIMIT,
                                            ERROR_ABSENT, ERROR_UNSUPPORTED, ERROR_UNTRUSTED,
                                            ERROR_TOOL};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (bytes_equal_string(name, error_code_name(codes[i]))) {
            return codes[i];
        }
    }
    return ERROR_TOOL;
}

static bool set_reported_error(struct bytes line, struct error *err)
{
    struct bytes code, message;
    char text[512];
    if (!scan_cut(line, ' ', &code, &message)) {
        return error_set(err, ERROR_TOOL, "the unpacker failed without saying why");
    }
    size_t len = message.len < sizeof(text) ? message.len : sizeof(text) - 1;
    memcpy(text, message.data, len);
    text[len] = '\0';
    error_set(err, code_from_name(code), "%s", text);
    if (err != NULL && err->code == ERROR_LIMIT) {
        error_cure(err, "if the disk is full, free some space or name another place with --store");
    }
    return false;
}

static void note_skipped(struct bytes line, struct arena *arena, struct unpacked_package *package,
                         size_t *capacity)
{
    if (package->skipped_name_count < SKIPPED_NAMES_MAXIMUM) {
        arena_grow(arena, &package->skipped_names, package->skipped_name_count, capacity,
                   sizeof(*package->skipped_names));
        package->skipped_names[package->skipped_name_count++] = arena_text(arena, line);
    }
}

static bool read_done(struct bytes line, struct unpacked_package *ret)
{
    struct scanner scanner = scanner_over(line);
    return scanner_number(&scanner, UINT64_MAX, &ret->files) && scanner_expect(&scanner, " ") &&
           scanner_number(&scanner, UINT64_MAX, &ret->bytes) && scanner_expect(&scanner, " ") &&
           scanner_number(&scanner, UINT64_MAX, &ret->skipped) && scanner_done(&scanner);
}

static bool parse_report(struct bytes report, struct arena *arena, struct unpacked_package *ret,
                         struct error *err)
{
    struct scanner scanner = scanner_over(report);
    struct unpacked_package package = {0};
    struct bytes line;
    size_t capacity = 0;
    while (scanner_line(&scanner, LIMIT_LINE, &line)) {
        struct scanner words = scanner_over(line);
        if (scanner_expect(&words, "skipped ")) {
            note_skipped(scanner_rest(&words), arena, &package, &capacity);
        } else if (scanner_expect(&words, "failed ")) {
            return set_reported_error(scanner_rest(&words), err);
        } else if (scanner_expect(&words, "done ") && read_done(scanner_rest(&words), &package)) {
            *ret = package;
            return true;
        } else {
            break;
        }
    }
    return error_set(err, ERROR_TOOL, "the unpacker ended without a result");
}

/* The limits are far above what the caps allow an honest run to take. */
static const struct process_limit LIMITS[] = {
    {.resource = RLIMIT_CPU, .value = 300},
    {.resource = RLIMIT_FSIZE, .value = LIMIT_PACKAGE_UNPACKED},
    {.resource = RLIMIT_CORE, .value = 0},
    {.resource = RLIMIT_NOFILE, .value = 64},
#ifndef __SANITIZE_ADDRESS__
    {.resource = RLIMIT_AS, .value = 512 * MIB},
#endif
};

static bool start(const struct unpack_task *task, int report, struct arena *arena,
                  struct process *ret, struct error *err)
{
    const char *helper;
    if (!process_find_helper("reproof-unpack", arena, &helper, err)) {
        return false;
    }
    const char *argv[] = {helper,
                          task->kind,
                          task->prefix,
                          arena_printf(arena, "%d", task->archive),
                          arena_printf(arena, "%d", task->dir),
                          arena_printf(arena, "%llu", (unsigned long long)task->entries),
                          arena_printf(arena, "%llu", (unsigned long long)task->bytes),
                          NULL};
    const char *environment[] = {NULL};
    int descriptors[] = {task->archive, task->dir};
    struct process_spec spec = {.argv = argv,
                                .environment = environment,
                                .stdin_fd = -1,
                                .stdout_fd = report,
                                .stderr_fd = -1,
                                .descriptors = descriptors,
                                .descriptor_count = ARRAY_LEN(descriptors),
                                .limits = LIMITS,
                                .limit_count = ARRAY_LEN(LIMITS)};
    return process_start(&spec, ret, err);
}

static bool run(const struct unpack_task *task, struct arena *arena, struct unpacked_package *ret,
                struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_errno(err, "cannot make a pipe");
    }
    AUTO_FD int reading = ends[0];
    AUTO_FD int writing = ends[1];
    AUTO(process) struct process process = {.pidfd = -1};
    AUTO(buffer) struct buffer report;
    buffer_init(&report, REPORT_MAXIMUM);
    int status;
    if (lseek(task->archive, 0, SEEK_SET) != 0) {
        return error_errno(err, "cannot rewind the archive");
    }
    if (!start(task, writing, arena, &process, err)) {
        return false;
    }
    fd_close(&writing);
    if (!read_report(reading, &report, err) || !process_wait(&process, TIMEOUT_MS, &status, err)) {
        return false;
    }
    if (status == 128 + SIGXCPU || status == 128 + SIGKILL) {
        return error_set(err, ERROR_LIMIT, "unpacking took more time than allowed");
    }
    if (status != 0) {
        return error_set(err, ERROR_TOOL, "the unpacker ended with status %d", status);
    }
    return parse_report(buffer_view(&report), arena, ret, err);
}

bool unpack_module(int zip, const char *prefix, int dir, struct arena *arena,
                   struct zip_directory *ret_directory, struct error *err)
{
    struct source source;
    struct zip_directory directory;
    struct unpacked_package counts;
    if (!source_from_fd(zip, &source, err) ||
        !zip_directory_read(&source, &ZIP_MODULE_LIMITS, arena, &directory, err) ||
        !zip_rules_check(&directory, prefix, arena, err)) {
        return false;
    }
    struct unpack_task task = {.kind = "module",
                               .prefix = prefix,
                               .archive = zip,
                               .dir = dir,
                               .entries = LIMIT_ZIP_ENTRIES,
                               .bytes = LIMIT_ZIP_UNPACKED};
    /* libarchive does not take a zip without entries for a zip. */
    if (directory.count > 0 && !run(&task, arena, &counts, err)) {
        return false;
    }
    *ret_directory = directory;
    return true;
}

/* No honest archive is that much smaller than what is in it; a bomb is found before the disk is
 * full. */
static uint64_t most_bytes(uint64_t size, uint64_t allowed)
{
    uint64_t most = LIMIT_PACKAGE_RATIO_FREE + size * LIMIT_PACKAGE_RATIO;
    return most < allowed ? most : allowed;
}

/* What begins like a zip has to pass our own reading of its directory too. */
static bool check_package(int package, const struct unpack_budget *budget, struct arena *arena,
                          struct unpack_task *task, struct error *err)
{
    struct source source;
    struct container_kind kind;
    struct zip_directory directory;
    if (!source_from_fd(package, &source, err)) {
        return false;
    }
    if (source.size > LIMIT_PACKAGE_BYTES) {
        return error_set(err, ERROR_LIMIT, "the package has more than the %llu bytes allowed",
                         LIMIT_PACKAGE_BYTES);
    }
    task->bytes = most_bytes(source.size, budget->bytes);
    const struct zip_limits limits = {
        .bytes = LIMIT_PACKAGE_BYTES, .unpacked = task->bytes, .entries = budget->entries};
    return !container_kind_detect(&source, &kind) || kind.format != CONTAINER_ZIP ||
           zip_directory_read(&source, &limits, arena, &directory, err);
}

static bool unpack(const char *kind, int package, int dir, struct unpack_budget *budget,
                   struct arena *arena, struct unpacked_package *ret, struct error *err)
{
    struct unpack_task task = {.kind = kind,
                               .prefix = budget->rooted ? "/" : "",
                               .archive = package,
                               .dir = dir,
                               .entries = budget->entries};
    struct unpacked_package unpacked;
    if (!check_package(package, budget, arena, &task, err) || !run(&task, arena, &unpacked, err)) {
        return false;
    }
    uint64_t entries = unpacked.files + unpacked.skipped;
    budget->entries -= entries < budget->entries ? entries : budget->entries;
    budget->bytes -= unpacked.bytes < budget->bytes ? unpacked.bytes : budget->bytes;
    *ret = unpacked;
    return true;
}

bool unpack_package(int package, int dir, struct unpack_budget *budget, struct arena *arena,
                    struct unpacked_package *ret, struct error *err)
{
    return unpack("package", package, dir, budget, arena, ret, err);
}

bool unpack_programs(int package, int dir, struct unpack_budget *budget, struct arena *arena,
                     struct unpacked_package *ret, struct error *err)
{
    return unpack("programs", package, dir, budget, arena, ret, err);
}

bool unpack_matches(const struct zip_directory *directory, const char *prefix,
                    const struct file_tree *tree, struct error *err)
{
    size_t lead = strlen(prefix);
    size_t files = 0;
    for (size_t i = 0; i < directory->count; i++) {
        const struct zip_entry *entry = &directory->entries[i];
        if (entry->directory) {
            continue;
        }
        struct arena arena = {0};
        const char *path =
            arena_text(&arena, bytes_from(entry->name.data + lead, entry->name.len - lead));
        const struct file_entry *found = file_tree_find(tree, path);
        bool same = found != NULL && found->size == entry->size;
        if (!same) {
            error_set(err, ERROR_INTERNAL, "%s was not unpacked as the zip has it", path);
        }
        arena_free(&arena);
        if (!same) {
            return false;
        }
        files++;
    }
    return files == tree->count ||
           error_set(err, ERROR_INTERNAL, "%zu files were unpacked, the zip has %zu", tree->count,
                     files);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

void unpack_add_directories(const struct zip_directory *directory, const char *prefix,
                            const struct file_tree *files, struct arena *arena,
                            struct file_tree *ret)
{
    struct file_tree all = {
        .entries = ARENA_ARRAY(arena, files->count + directory->count, struct file_entry),
        .count = files->count};
    if (files->count > 0) {
        memcpy(all.entries, files->entries, files->count * sizeof(*all.entries));
    }
    size_t lead = strlen(prefix);
    for (size_t i = 0; i < directory->count; i++) {
        struct bytes name = directory->entries[i].name;
        if (directory->entries[i].directory) {
            name = bytes_from(name.data + lead, name.len - lead);
            name.len -= name.len > 0;
            all.entries[all.count++] = (struct file_entry){.kind = FILE_KIND_DIRECTORY,
                                                           .mode = 0755,
                                                           .digest = sha256_of(bytes_from(NULL, 0)),
                                                           .path = arena_text(arena, name)};
        }
    }
    if (all.count > 1) {
        qsort(all.entries, all.count, sizeof(*all.entries), by_path);
    }
    *ret = all;
}
