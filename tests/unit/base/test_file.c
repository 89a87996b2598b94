// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void a_base_name_is_what_follows_the_last_slash(void **state)
{
    (void)state;
    assert_string_equal(file_base_name("a/b/c.txt"), "c.txt");
    assert_string_equal(file_base_name("c.txt"), "c.txt");
    assert_string_equal(file_base_name("/c"), "c");
    assert_string_equal(file_base_name("a/"), "");
    assert_string_equal(file_base_name(""), "");
}

static void a_plain_path_leads_nowhere_else(void **state)
{
    (void)state;
    static const char *const plain[] = {"a", "a/b", "...", "a/.b", ".git", "a b", "\xc3\xa9"};
    static const char *const others[] = {"",    "/",   "/a",   "a/",     "a//b", ".",    "..",
                                         "./a", "a/.", "../a", "a/../b", "a\nb", "a\\b", "a\x7f"};
    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        assert_true(file_path_is_plain(bytes_from_string(plain[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_false(file_path_is_plain(bytes_from_string(others[i])));
    }
    assert_false(file_path_is_plain(bytes_from("a\0b", 3)));
    char name[257];
    memset(name, 'x', 256);
    name[256] = '\0';
    assert_false(file_path_is_plain(bytes_from(name, 256)));
    assert_true(file_path_is_plain(bytes_from(name, 255)));
}

static void write_file(int dir, const char *name, const char *content)
{
    struct error err;
    assert_true(file_write_atomic(dir, name, 0600, bytes_from_string(content), &err));
}

static void assert_content(int dir, const char *name, const char *content)
{
    struct arena arena = {0};
    struct bytes found;
    struct error err;
    assert_true(file_read(dir, name, 1 << 20, &arena, &found, &err));
    assert_bytes(found, bytes_from_string(content));
    arena_free(&arena);
}

static size_t entries(int dir)
{
    struct arena arena = {0};
    char **names;
    size_t count;
    struct error err;
    assert_true(directory_list(dir, &arena, &names, &count, &err));
    arena_free(&arena);
    return count;
}

static void a_file_is_written_whole_with_its_mode(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    struct stat info;
    mode_t before = umask(077);
    assert_true(file_write_atomic(scratch->fd, "f", 0644, BYTES("one\0two"), &err));
    umask(before);
    assert_int_equal(fstatat(scratch->fd, "f", &info, 0), 0);
    assert_int_equal(info.st_mode & 07777, 0644);
    assert_int_equal(info.st_size, 7);
    write_file(scratch->fd, "f", "other");
    assert_content(scratch->fd, "f", "other");
    assert_int_equal(entries(scratch->fd), 1);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    write_file(scratch->fd, "f", "old");
    {
        AUTO(atomic_file) struct atomic_file file = {.fd = -1};
        assert_true(atomic_file_open(scratch->fd, 0600, &file, &err));
        assert_true(file_write_all(file.fd, BYTES("half"), &err));
        assert_int_equal(entries(scratch->fd), 2);
    }
    assert_int_equal(entries(scratch->fd), 1);
    assert_content(scratch->fd, "f", "old");
}

static void a_commit_that_fails_leaves_nothing_either(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    assert_true(directory_make(scratch->fd, "taken/inside", 0700, NULL, &err));
    assert_false(file_write_atomic(scratch->fd, "taken", 0600, BYTES("x"), &err));
    assert_int_equal(entries(scratch->fd), 1);
}

static void nothing_leads_out_of_the_directory(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    int fd = -7;
    assert_int_equal(symlinkat("/etc/passwd", scratch->fd, "absolute"), 0);
    assert_int_equal(symlinkat("..", scratch->fd, "up"), 0);
    assert_int_equal(symlinkat("real", scratch->fd, "sideways"), 0);
    write_file(scratch->fd, "real", "x");
    static const char *const paths[] = {"/etc/passwd", "../x",     "absolute",          "up",
                                        "up/x",        "sideways", "./../../etc/passwd"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_fails(file_open_beneath(scratch->fd, paths[i], O_RDONLY, 0, &fd, &err), &err,
                     ERROR_UNTRUSTED, "leads out");
        assert_int_equal(fd, -7);
        assert_false(file_open_beneath(scratch->fd, paths[i], O_WRONLY | O_CREAT, 0600, &fd, NULL));
        assert_false(directory_open_beneath(scratch->fd, paths[i], &fd, &err));
    }
    assert_false(directory_make(scratch->fd, "up/new", 0700, NULL, &err));
    assert_false(directory_make(scratch->fd, "../new", 0700, NULL, &err));
    assert_false(directory_make(scratch->fd, "/new", 0700, NULL, &err));
    assert_false(directory_make(scratch->fd, "a/../b", 0700, NULL, &err));
    assert_false(directory_make(scratch->fd, "a//b", 0700, NULL, &err));
}

static void descriptors_are_closed_on_exec(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    AUTO_FD int file = -1;
    AUTO_FD int directory = -1;
    AUTO_FD int lock = -1;
    write_file(scratch->fd, "f", "x");
    assert_true(file_open_beneath(scratch->fd, "f", O_RDONLY, 0, &file, &err));
    assert_true(directory_make(scratch->fd, "d", 0700, &directory, &err));
    assert_true(file_lock(scratch->fd, "lock", true, &lock, &err));
    assert_true(fcntl(file, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(directory, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(lock, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(scratch->fd, F_GETFD) & FD_CLOEXEC);
}

static void reads_no_more_than_allowed(void **state)
{
    struct scratch *scratch = *state;
    struct arena arena = {0};
    struct bytes content;
    struct error err;
    write_file(scratch->fd, "f", "12345");
    assert_true(file_read(scratch->fd, "f", 5, &arena, &content, &err));
    assert_fails(file_read(scratch->fd, "f", 4, &arena, &content, &err), &err, ERROR_LIMIT, "f:");
    assert_fails(file_read(scratch->fd, "absent", 4, &arena, &content, &err), &err, ERROR_ABSENT,
                 "absent");
    assert_false(file_read(scratch->fd, ".", 4, &arena, &content, &err));
    arena_free(&arena);
}

static void a_named_input_never_blocks(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    int fd = -7;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    AUTO_FD int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", scratch->path);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(mkfifoat(scratch->fd, "fifo", 0600), 0);
    assert_fails(file_open_input(scratch->fd, "fifo", &fd, &err), &err, ERROR_USAGE, "regular");
    assert_fails(file_open_input(scratch->fd, "socket", &fd, &err), &err, ERROR_USAGE, "regular");
    assert_fails(file_open_input(scratch->fd, ".", &fd, &err), &err, ERROR_USAGE, "a directory");
    assert_fails(file_open_input(AT_FDCWD, "/dev/null", &fd, &err), &err, ERROR_USAGE, "regular");
    assert_fails(file_open_input(scratch->fd, "absent", &fd, &err), &err, ERROR_ABSENT, "absent");
    assert_int_equal(fd, -7);
    write_file(scratch->fd, "f", "x");
    assert_true(file_open_input(scratch->fd, "f", &fd, &err));
    assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    close(fd);
    assert_int_equal(symlinkat("f", scratch->fd, "link"), 0);
    assert_true(file_open_input(scratch->fd, "link", &fd, &err));
    close(fd);
}

static void existing_is_told_from_absent(void **state)
{
    struct scratch *scratch = *state;
    write_file(scratch->fd, "f", "");
    assert_true(file_exists(scratch->fd, "f"));
    assert_true(file_exists(scratch->fd, "."));
    assert_false(file_exists(scratch->fd, "g"));
    assert_false(file_exists(scratch->fd, "f/g"));
    assert_false(file_exists(scratch->fd, "../x"));
}

static void copies_from_the_start_whatever_the_offset(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    AUTO_FD int from = -1;
    AUTO_FD int to = -1;
    static char large[300000];
    memset(large, 'x', sizeof(large) - 1);
    write_file(scratch->fd, "from", large);
    assert_true(file_open_beneath(scratch->fd, "from", O_RDONLY, 0, &from, &err));
    assert_true(file_open_beneath(scratch->fd, "to", O_RDWR | O_CREAT, 0600, &to, &err));
    assert_int_equal(lseek(from, 1000, SEEK_SET), 1000);
    assert_true(file_copy(from, to, &err));
    assert_content(scratch->fd, "to", large);
}

static void copies_where_the_kernel_cannot(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    AUTO_FD int from = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    AUTO_FD int to = -1;
    struct stat info;
    assert_true(file_open_beneath(scratch->fd, "to", O_RDWR | O_CREAT, 0600, &to, &err));
    if (from < 0) {
        skip();
    }
    assert_true(file_copy(from, to, &err));
    assert_int_equal(fstat(to, &info), 0);
    assert_true(info.st_size >= 0);
}

static void a_full_disk_is_a_limit(void **state)
{
    (void)state;
    AUTO_FD int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct error err;
    if (full < 0) {
        skip();
    }
    assert_fails(file_write_all(full, BYTES("x"), &err), &err, ERROR_LIMIT, "write");
    assert_true(err.cure[0] != '\0');
}

static void a_lock_holds_until_its_descriptor_closes(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    int lock;
    int second = -1;
    assert_true(file_lock(scratch->fd, "lock", false, &lock, &err));
    assert_fails(file_lock(scratch->fd, "lock", false, &second, &err), &err, ERROR_IO, "locked");
    close(lock);
    assert_true(file_lock(scratch->fd, "lock", false, &second, &err));
    close(second);
}

/* Who waits for a lock that is removed gets one that others see too. */
static void a_removed_lock_leaves_nothing_and_locks_nobody_out(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    int lock, second;
    assert_true(file_lock(scratch->fd, "lock", false, &lock, &err));
    pid_t pid = fork();
    if (pid == 0) {
        struct error own;
        int theirs;
        close(lock); /* a descriptor of the parent's lock would keep it */
        _exit(file_lock(scratch->fd, "lock", true, &theirs, &own) &&
                      !file_lock(scratch->fd, "lock", false, &second, &own) &&
                      file_exists(scratch->fd, "lock")
                  ? 0
                  : 1);
    }
    usleep(50000);
    file_lock_remove(scratch->fd, "lock", &lock);
    assert_int_equal(lock, -1);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(file_lock(scratch->fd, "lock", false, &lock, &err));
    file_lock_remove(scratch->fd, "lock", &lock);
    assert_false(file_exists(scratch->fd, "lock"));
    file_lock_remove(scratch->fd, "lock", &lock);
}

static void a_lock_dies_with_its_process(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    int lock;
    pid_t child = fork();
    if (child == 0) {
        _exit(file_lock(scratch->fd, "lock", false, &lock, &err) ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(file_lock(scratch->fd, "lock", false, &lock, &err));
    close(lock);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
static const struct CMUnitTest tests[] = {
    CASE(a_base_name_is_what_follows_the_last_slash),
    CASE(a_plain_path_leads_nowhere_else),
    CASE(a_file_is_written_whole_with_its_mode),
    CASE(what_is_not_committed_leaves_nothing),
    CASE(a_commit_that_fails_leaves_nothing_either),
    CASE(nothing_leads_out_of_the_directory),
    CASE(descriptors_are_closed_on_exec),
    CASE(reads_no_more_than_allowed),
    CASE(a_named_input_never_blocks),
    CASE(existing_is_told_from_absent),
    CASE(copies_from_the_start_whatever_the_offset),
    CASE(copies_where_the_kernel_cannot),
    CASE(a_full_disk_is_a_limit),
    CASE(a_lock_holds_until_its_descriptor_closes),
    CASE(a_removed_lock_leaves_nothing_and_locks_nobody_out),
    CASE(a_lock_dies_with_its_process),
};
UNIT_MAIN(tests)
