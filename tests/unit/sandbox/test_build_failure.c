// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/sandbox/build_internal.h"

static struct arena arena;

struct row {
    const char *log;
    int status;
    const char *hit, *failure, *detail; /* part of it */
};

static const struct row rows[] = {
    {"# example.org/x\n./x.go:3:1: syntax error\n", 1, "", "build-failed",
     "./x.go:3:1: syntax error"},
    {"failed to start telemetry sidecar: os.Executable: x\nreal reason\n", 1, "", "build-failed",
     "real reason"},
    {"x.go:1:1: mkdir /mod/cache/download/github.com/a/b/@v: read-only file system\n", 1, "",
     "source-unavailable", "the module github.com/a/b,"},
    {"main.go:9:12: pattern all.txt: no matching files found\n", 1, "", "build-failed",
     "pattern all.txt: no matching files found"},
    {"go: updates to go.mod needed\n", 1, "", "build-failed", "do not fit together"},
    {"x\ny\nwrite /cache/ab: no space left on device\n", 1, "", "limit", "no space left on device"},
    {"a: no space left on device\nmkdir /mod/cache/download/a/@v: read-only file system\n", 1, "",
     "limit", "no space"},
    {"fatal error: runtime: out of memory\n", 2, "", "limit", "not enough memory"},
    {"runtime: failed to create new OS thread: resource temporarily unavailable\n", 2, "", "limit",
     "too many processes"},
    {"# runtime/cgo\ncgo: C compiler \"gcc\" not found: exec: \"gcc\"\n", 1, "",
     "c-toolchain-unavailable", "C compiler"},
    {"a warning\n", 137, "time", "limit", "longer than 3600 s"},
    {"", 137, "memory", "limit", "more memory"},
    {"", 137, "processes", "limit", "more processes"},
    {"", 137, "disk", "limit", "16384 MiB"},
    {"", 137, "log", "limit", "log"},
    {"", 137, "", "limit", "signal 9"},
    {"", 139, "", "build-failed", "signal 11"},
    {"", 3, "", "build-failed", "ended with 3"},
    {"\n \n", 3, "", "build-failed", "ended with 3"},
};

static void log_names_the_cause(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct sandbox_result run = {.status = rows[i].status,
                                           .limit_hit = rows[i].hit,
                                           .log = bytes_from_string(rows[i].log)};
        const struct sandbox_limits limits = {0};
        const char *failure = NULL;
        const char *detail = NULL;
        build_explain_failure(&run, &limits, &arena, &failure, &detail);
        if (strcmp(failure, rows[i].failure) != 0 || strstr(detail, rows[i].detail) == NULL) {
            fail_msg("%s: %s: %s", rows[i].log, failure, detail);
        }
    }
}

static void detail_is_escaped_and_short(void **state)
{
    (void)state;
    char log[5000];
    memset(log, 'a', sizeof(log));
    memcpy(log, "\x1b]0;title\a\0\xe2\x80\xae", 14);
    const struct sandbox_result run = {
        .status = 1, .limit_hit = "", .log = bytes_from(log, sizeof(log))};
    const struct sandbox_limits limits = {0};
    const char *failure;
    const char *detail;
    build_explain_failure(&run, &limits, &arena, &failure, &detail);
    assert_true(strlen(detail) < 512);
    assert_non_null(strstr(detail, "\\x1b]0;title\\x07\\x00"));
    for (const char *c = detail; *c != '\0'; c++) {
        assert_in_range((unsigned char)*c, 0x20, 0x7e);
    }
}

/* A directory with whatever MAKE puts at the place of the output. */
static const char *refusal_of(void (*make)(int dir))
{
    struct error err;
    char path[] = "/tmp/output-test-XXXXXX";
    const char *detail = "";
    int fd = -1;
    assert_non_null(mkdtemp(path));
    AUTO_FD int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO_FD int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make(dir);
    bool taken = build_take_output(dir, &fd, &detail, &arena);
    if (taken) {
        assert_int_equal(faccessat(dir, "artifact", F_OK, AT_SYMLINK_NOFOLLOW), -1);
        close(fd);
    } else {
        assert_int_equal(fd, -1);
    }
    assert_true(directory_remove(parent, strrchr(path, '/') + 1, &err));
    return taken ? NULL : detail;
}

static void make_file(int dir, const char *name, off_t size)
{
    AUTO_FD int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    assert_true(fd >= 0 && ftruncate(fd, size) == 0);
}

static void make_regular(int dir)
{
    make_file(dir, "artifact", 100);
}

static void make_nothing(int dir)
{
    (void)dir;
}

static void make_symbolic(int dir)
{
    make_file(dir, "other", 100);
    assert_int_equal(symlinkat("other", dir, "artifact"), 0);
}

static void make_hard(int dir)
{
    make_file(dir, "other", 100);
    assert_int_equal(linkat(dir, "other", dir, "artifact", 0), 0);
}

static void make_fifo(int dir)
{
    assert_int_equal(mkfifoat(dir, "artifact", 0644), 0);
}

static void make_directory(int dir)
{
    assert_int_equal(mkdirat(dir, "artifact", 0755), 0);
}

static void make_sparse(int dir)
{
    make_file(dir, "artifact", (off_t)LIMIT_BUILD_OUTPUT + 1);
}

static void make_empty(int dir)
{
    make_file(dir, "artifact", 0);
}

static void make_unreadable(int dir)
{
    make_file(dir, "artifact", 100);
    assert_int_equal(fchmodat(dir, "artifact", 0, 0), 0);
}

static void output_is_one_regular_file(void **state)
{
    (void)state;
    assert_null(refusal_of(make_regular));
    assert_non_null(strstr(refusal_of(make_nothing), "no output"));
    assert_non_null(strstr(refusal_of(make_symbolic), "symbolic link"));
    assert_non_null(strstr(refusal_of(make_hard), "hard link"));
    assert_non_null(strstr(refusal_of(make_fifo), "FIFO"));
    assert_non_null(strstr(refusal_of(make_directory), "directory"));
    assert_non_null(strstr(refusal_of(make_sparse), "4294967297 bytes"));
    assert_non_null(strstr(refusal_of(make_empty), "0 bytes"));
    if (geteuid() != 0) {
        assert_non_null(strstr(refusal_of(make_unreadable), "cannot be read"));
    }
}

static void copy_takes_files_directories_and_relative_links(void **state)
{
    (void)state;
    struct error err;
    char path[] = "/tmp/copy-test-XXXXXX";
    AUTO_FD int from = -1;
    AUTO_FD int to = -1;
    struct stat info;
    assert_non_null(mkdtemp(path));
    AUTO_FD int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO_FD int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory_make(top, "from/a/.git", 0700, NULL, &err));
    assert_true(directory_make(top, "from/.git", 0700, NULL, &err));
    assert_true(directory_make(top, "to", 0700, &to, &err));
    assert_true(directory_open_beneath(top, "from", &from, &err));
    assert_true(build_write_file(from, "a/file", bytes_from_string("x"), 0400, &err));
    assert_true(build_write_file(from, "tool", bytes_from_string("y"), 0500, &err));
    assert_int_equal(symlinkat("a/file", from, "link"), 0);
    assert_int_equal(symlinkat("/etc/passwd", from, "absolute"), 0);
    assert_int_equal(mkfifoat(from, "fifo", 0600), 0);
    assert_true(build_copy_tree(from, to, &err));
    assert_int_equal(fstatat(to, "a/file", &info, 0), 0);
    assert_int_equal(info.st_mode, S_IFREG | 0644);
    assert_int_equal(fstatat(to, "tool", &info, 0), 0);
    assert_int_equal(info.st_mode, S_IFREG | 0755);
    assert_int_equal(fstatat(to, "a", &info, 0), 0);
    assert_int_equal(info.st_mode, S_IFDIR | 0755);
    assert_int_equal(fstatat(to, "link", &info, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_true(file_exists(to, "a/.git"));
    assert_false(file_exists(to, ".git"));
    assert_false(file_exists(to, "fifo"));
    assert_int_equal(fstatat(to, "absolute", &info, AT_SYMLINK_NOFOLLOW), -1);
    assert_true(directory_remove(parent, strrchr(path, '/') + 1, &err));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_names_the_cause),
        cmocka_unit_test(detail_is_escaped_and_short),
        cmocka_unit_test(output_is_one_regular_file),
        cmocka_unit_test(copy_takes_files_directories_and_relative_links),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
