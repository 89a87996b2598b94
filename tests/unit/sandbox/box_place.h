/* A place for a hostile program to run in: a private directory, the usual box, and what came of it.
 */
#pragma once

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/process.h"
#include "verifier/sandbox/sandbox.h"

/* A private directory, as the store is: nobody else can pass it. */
struct place {
    char top[64];
    char out[96], in[96], hostile[96];
    char program[16]; /* in the box; the name is nobody else's */
    int dir;
};

static struct arena arena; /* of the whole test program */

static inline void copy_program(const char *from, const char *to)
{
    struct error err;
    AUTO_FD int source = open(from, O_RDONLY | O_CLOEXEC);
    AUTO_FD int target = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    assert_true(source >= 0 && target >= 0);
    assert_true(file_copy(source, target, &err));
    assert_int_equal(fchmod(target, 0755), 0);
}

static inline int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    struct error err;
    AUTO_FD int out = -1;
    const char *hostile = getenv("HOSTILE");
    assert_non_null(hostile);
    snprintf(place->top, sizeof(place->top), "/tmp/sandbox-test-XXXXXX");
    assert_non_null(mkdtemp(place->top));
    snprintf(place->out, sizeof(place->out), "%s/out", place->top);
    snprintf(place->in, sizeof(place->in), "%s/in", place->top);
    snprintf(place->program, sizeof(place->program), "/h%d", (int)getpid());
    snprintf(place->hostile, sizeof(place->hostile), "%s%s", place->top, place->program);
    assert_true(directory_open(place->top, &place->dir, &err));
    assert_true(directory_make(place->dir, "out", 0755, &out, &err));
    assert_true(sandbox_give(out, &err));
    assert_true(directory_make(place->dir, "in", 0755, NULL, &err));
    copy_program(hostile, place->hostile);
    *state = place;
    return 0;
}

static inline int tear_down(void **state)
{
    struct place *place = *state;
    struct error err;
    AUTO_FD int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory_remove(parent, strrchr(place->top, '/') + 1, &err));
    close(place->dir);
    free(place);
    arena_free(&arena);
    return 0;
}

static const char *const environment[] = {"NAME=value", "EMPTY=", NULL};

/* Runs ACT in the usual box: /in read-only, /out writable, /tmp of 16 MiB. */
static inline bool run_with(const struct place *place, const char *act, const char *argument,
                            struct sandbox_limits limits, enum sandbox_kind kind,
                            struct sandbox_result *ret, struct error *err)
{
    const struct sandbox_mount mounts[] = {
        {.host = place->out, .box = "/out", .writable = true},
        {.host = place->in, .box = "/deep/er/in"},
        {.box = "/tmp", .writable = true, .tmpfs_bytes = 16 * MIB},
        {.host = place->hostile, .box = place->program},
    };
    const struct sandbox_file files[] = {
        {.box = "/etc/small", .content = bytes_from_string("small content")},
    };
    const char *program = kind == SANDBOX_NONE ? place->hostile : place->program;
    const char *const argv[] = {program, act, argument, NULL};
    const struct sandbox_job job = {
        .kind = kind,
        .mounts = mounts,
        .mount_count = ARRAY_LEN(mounts),
        .files = files,
        .file_count = ARRAY_LEN(files),
        .environment = environment,
        .argv = argv,
        .directory = "/tmp",
        .limits = limits,
    };
    return sandbox_run(&job, &arena, ret, err);
}

static inline struct sandbox_result run(void **state, const char *act, const char *argument,
                                        struct sandbox_limits limits)
{
    struct sandbox_result result;
    struct error err = {0};
    /* So that no other limit loses the race against this one on a busy machine. */
    limits.seconds = limits.seconds == 0 ? 600 : limits.seconds;
    if (!run_with(*state, act, argument, limits, SANDBOX_BUBBLEWRAP, &result, &err)) {
        fail_msg("%s: %s", act, err.message);
    }
    return result;
}

static inline struct sandbox_result run_plainly(void **state, const char *act, const char *argument)
{
    return run(state, act, argument, (struct sandbox_limits){0});
}

static inline bool says(const struct sandbox_result *result, const char *text)
{
    return bytes_find(result->log, 0, bytes_from_string(text)) != SIZE_MAX;
}

static inline void assert_says(const struct sandbox_result *result, const char *text)
{
    if (!says(result, text)) {
        const char *log = result->log.data == NULL ? "" : (const char *)result->log.data;
        fail_msg("no \"%s\" in \"%.*s\"", text, (int)result->log.len, log);
    }
}

static inline void assert_nothing_worked(const struct sandbox_result *result)
{
    assert_true(result->log.len > 0);
    if (says(result, "WORKED")) {
        fail_msg("%.*s", (int)result->log.len, (const char *)result->log.data);
    }
}

/* Processes of the hostile program that are alive, on the whole machine. */
static inline unsigned hostile_processes(const struct place *place)
{
    unsigned count = 0;
    AUTO_FD int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct arena names_arena = {0};
    char **names;
    size_t name_count;
    struct error err;
    assert_true(directory_list(proc, &names_arena, &names, &name_count, &err));
    for (size_t i = 0; i < name_count; i++) {
        char path[300];
        char name[32] = "";
        snprintf(path, sizeof(path), "%s/comm", names[i]);
        AUTO_FD int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
        ssize_t len = fd < 0 ? 0 : read(fd, name, sizeof(name) - 1);
        count += len > 0 && len == (ssize_t)strlen(place->program) &&
                 strncmp(name, place->program + 1, (size_t)len - 1) == 0;
    }
    arena_free(&names_arena);
    return count;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
