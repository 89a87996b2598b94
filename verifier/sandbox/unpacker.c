// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/unpacker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/scanner.h"
#include "verifier/sandbox/build_internal.h"

#define SECONDS 120
#define MEMORY (2 * GIB)
#define LOG_BYTES (64 * KIB)
#define PIECE 65536
#define LONGEST_NAME 64
#define MOST_OPTIONS 2
/* Places in the box. */
#define PROGRAM "/unpack/upx"
#define INPUT "/unpack/packed"
#define RESULT "/unpack/out"

struct unpacking {
    struct arena *arena;
    const char *const *options; /* what upx is to do; NULL-terminated */
    const char *program, *path; /* of upx, and of our directory */
    int dir, out;
};

static bool copy_source(const struct source *source, int fd, struct error *err)
{
    uint8_t piece[PIECE];
    for (uint64_t at = 0; at < source->size; at += sizeof(piece)) {
        uint64_t left = source->size - at;
        size_t len = left < sizeof(piece) ? (size_t)left : sizeof(piece);
        if (!source_read(source, at, piece, len, err) ||
            !file_write_all(fd, bytes_from(piece, len), err)) {
            return false;
        }
    }
    return true;
}

static bool lay_out(const struct unpacking *work, const struct source *packed, struct error *err)
{
    AUTO_FD int input = -1;
    if (!file_open_beneath(work->dir, "packed", O_WRONLY | O_CREAT | O_EXCL, 0600, &input, err) ||
        !copy_source(packed, input, err)) {
        return false;
    }
    /* In the box it is another user who reads it; upx packs nothing that cannot be run. */
    return fchmod(input, 0555) == 0 ? sandbox_give(work->out, err)
                                    : error_errno(err, "cannot show a file to the sandbox");
}

/* The machine's programs and libraries, where there are such directories; they may be links. */
static size_t add_machine(struct arena *arena, struct sandbox_mount *mounts)
{
    static const char *const directories[] = {"/usr", "/bin", "/lib", "/lib64"};
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(directories); i++) {
        char *real = realpath(directories[i], NULL);
        if (real != NULL) {
            mounts[count++] =
                (struct sandbox_mount){.host = arena_string(arena, real), .box = directories[i]};
        }
        free(real);
    }
    return count;
}

static bool run_box(const struct unpacking *work, struct sandbox_result *ret, struct error *err)
{
    const char *argv[MOST_OPTIONS + 5] = {PROGRAM};
    size_t words = 1;
    for (size_t i = 0; i < MOST_OPTIONS && work->options[i] != NULL; i++) {
        argv[words++] = work->options[i];
    }
    argv[words++] = "-o";
    argv[words++] = RESULT "/" BUILD_ARTIFACT;
    argv[words] = INPUT;
    static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C", NULL};
    struct sandbox_mount mounts[8];
    size_t count = add_machine(work->arena, mounts);
    mounts[count++] = (struct sandbox_mount){.host = work->program, .box = PROGRAM};
    mounts[count++] = (struct sandbox_mount){
        .host = arena_printf(work->arena, "%s/packed", work->path), .box = INPUT};
    mounts[count++] = (struct sandbox_mount){
        .host = arena_printf(work->arena, "%s/out", work->path), .box = RESULT, .writable = true};
    const struct sandbox_job job = {.kind = SANDBOX_BUBBLEWRAP,
                                    .mounts = mounts,
                                    .mount_count = count,
                                    .environment = environment,
                                    .argv = argv,
                                    .directory = "/",
                                    .limits = {.seconds = SECONDS,
                                               .memory = MEMORY,
                                               .log_bytes = LOG_BYTES,
                                               .disk_bytes = LIMIT_BUILD_OUTPUT}};
    return sandbox_run(&job, work->arena, ret, err);
}

/* "UPX 4.2.2", which starts a line of what it says. */
static const char *tool_name(struct bytes log, struct arena *arena)
{
    struct scanner scanner = scanner_over(log);
    struct bytes line;
    while (scanner_line(&scanner, log.len, &line)) {
        struct scanner words = scanner_over(line);
        struct bytes version;
        if (scanner_expect(&words, "UPX ") && scanner_field(&words, ' ', LONGEST_NAME, &version) &&
            version.len > 0) {
            char safe[2 * LONGEST_NAME];
            escape_bytes(version, safe, sizeof(safe));
            return arena_printf(arena, "UPX %s", safe);
        }
    }
    return "upx";
}

/* The last line that says something. */
static const char *last_words(struct bytes log, struct arena *arena)
{
    struct scanner scanner = scanner_over(log);
    struct bytes last = {0};
    struct bytes line;
    char safe[256];
    while (scanner_line(&scanner, log.len, &line)) {
        last = scan_trimmed(line).len > 0 ? scan_trimmed(line) : last;
    }
    escape_bytes(last, safe, sizeof(safe));
    return last.len == 0 ? "saying nothing" : arena_string(arena, safe);
}

static bool unpack(struct unpacking *work, const struct source *packed, int *ret_fd,
                   const char **ret_tool, struct error *err)
{
    struct sandbox_result run;
    const char *wrong = "";
    if (!lay_out(work, packed, err) || !run_box(work, &run, err)) {
        return false;
    }
    if (run.limit_hit[0] != '\0') {
        return error_set(err, ERROR_TOOL, "upx hit the limit on %s", run.limit_hit);
    }
    if (run.status != 0) {
        return error_set(err, ERROR_TOOL, "upx ended with %d: %s", run.status,
                         last_words(run.log, work->arena));
    }
    if (!build_take_output(work->out, ret_fd, &wrong, work->arena)) {
        return error_set(err, ERROR_TOOL, "upx: %s", wrong);
    }
    *ret_tool = tool_name(run.log, work->arena);
    return true;
}

/* Where temporary files go; the box wants the directory's real path. */
static char *temporary_place(void)
{
    const char *named = getenv("TMPDIR");
    char *real = named != NULL && named[0] == '/' ? realpath(named, NULL) : NULL;
    return real != NULL ? real : realpath("/tmp", NULL);
}

/* What the name on PATH leads to: it may be a link through directories that the box does not have.
 */
static bool find_program(struct arena *arena, const char **ret, struct error *err)
{
    const char *named;
    if (!process_find("upx", "upx-ucl", arena, &named, err)) {
        return false;
    }
    AUTO_FREE char *real = realpath(named, NULL);
    if (real == NULL) {
        return error_errno(err, "%s", named);
    }
    *ret = arena_string(arena, real);
    return true;
}

static bool run(const struct source *input, const char *const *options, struct arena *arena,
                int *ret_fd, const char **ret_tool, struct error *err)
{
    struct unpacking work = {.arena = arena, .options = options, .dir = -1, .out = -1};
    AUTO_FREE char *place = temporary_place();
    AUTO_FD int parent = -1;
    const char *name;
    struct error ignored;
    if (!find_program(arena, &work.program, err)) {
        return false;
    }
    if (place == NULL) {
        return error_set(err, ERROR_TOOL, "there is no directory for temporary files");
    }
    if (!directory_open(place, &parent, err) ||
        !directory_make_fresh(parent, "reproof-unpack-", 0700, arena, &name, &work.dir, err)) {
        return false;
    }
    work.path = arena_printf(arena, "%s/%s", place, name);
    bool ok = directory_make(work.dir, "out", 0700, &work.out, err) &&
              unpack(&work, input, ret_fd, ret_tool, err);
    fd_close(&work.out);
    fd_close(&work.dir);
    if (!directory_remove(parent, name, &ignored)) {
        ok = ok && error_set(err, ERROR_IO, "%s", ignored.message);
    }
    return ok;
}

bool unpacker_run(const struct source *packed, struct arena *arena, int *ret_fd,
                  const char **ret_tool, struct error *err)
{
    static const char *const options[] = {"-d", NULL};
    return run(packed, options, arena, ret_fd, ret_tool, err);
}

bool unpacker_pack(const struct source *plain, const char *method, const char *level,
                   struct arena *arena, int *ret_fd, const char **ret_tool, struct error *err)
{
    const char *const options[] = {method, level, NULL};
    return run(plain, options, arena, ret_fd, ret_tool, err);
}
