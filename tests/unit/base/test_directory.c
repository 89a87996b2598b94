// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/unit.h"

static mode_t mode_of(int dir, const char *name)
{
    struct stat info;
    assert_int_equal(fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW), 0);
    return info.st_mode & 07777;
}

static void makes_what_is_missing_with_the_mode_asked_for(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    mode_t before = umask(077);
    assert_true(directory_make(scratch->fd, "a/b/c", 0755, NULL, &err));
    umask(before);
    assert_int_equal(mode_of(scratch->fd, "a"), 0755);
    assert_int_equal(mode_of(scratch->fd, "a/b/c"), 0755);
    assert_true(directory_make(scratch->fd, "a/b", 0700, NULL, &err));
    assert_int_equal(mode_of(scratch->fd, "a/b"), 0755);
}

static void a_file_in_the_way_is_an_error(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    assert_true(file_write_atomic(scratch->fd, "f", 0600, BYTES("x"), &err));
    assert_false(directory_make(scratch->fd, "f/b", 0700, NULL, &err));
    assert_false(directory_make(scratch->fd, "f", 0700, NULL, &err));
    assert_false(directory_open_beneath(scratch->fd, "f", &(int){0}, &err));
}

static void a_path_is_made_privately(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    char path[128];
    AUTO_FD int fd = -1;
    snprintf(path, sizeof(path), "%s/x//y/", scratch->path);
    mode_t before = umask(0);
    assert_true(directory_make_path(path, &fd, &err));
    umask(before);
    assert_int_equal(mode_of(scratch->fd, "x"), 0700);
    assert_int_equal(mode_of(scratch->fd, "x/y"), 0700);
    int unused;
    assert_false(directory_make_path("", &unused, &err));
    assert_false(directory_make_path("/proc/nowhere/x", &unused, &err));
}

static void lists_sorted_without_the_dots(void **state)
{
    struct scratch *scratch = *state;
    struct arena arena = {0};
    struct error err;
    char **names;
    size_t count = 99;
    assert_true(directory_list(scratch->fd, &arena, &names, &count, &err));
    assert_int_equal(count, 0);
    static const char *const made[] = {"b", "\xff", ".hidden", "a", "B", "...", " "};
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        assert_true(file_write_atomic(scratch->fd, made[i], 0600, BYTES(""), &err));
    }
    static const char *const sorted[] = {" ", "...", ".hidden", "B", "a", "b", "\xff"};
    for (int twice = 0; twice < 2; twice++) {
        assert_true(directory_list(scratch->fd, &arena, &names, &count, &err));
        assert_int_equal(count, ARRAY_LEN(sorted));
        for (size_t i = 0; i < count; i++) {
            assert_string_equal(names[i], sorted[i]);
        }
    }
    arena_free(&arena);
}

static void removing_follows_no_link(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    assert_true(directory_make(scratch->fd, "kept", 0700, NULL, &err));
    assert_true(directory_make(scratch->fd, "tree/inside", 0700, NULL, &err));
    assert_true(file_write_atomic(scratch->fd, "safe", 0600, BYTES("x"), &err));
    assert_int_equal(symlinkat("../kept", scratch->fd, "tree/link"), 0);
    assert_int_equal(symlinkat("../../safe", scratch->fd, "tree/inside/link"), 0);
    assert_true(directory_remove(scratch->fd, "tree", &err));
    assert_false(file_exists(scratch->fd, "tree"));
    assert_true(file_exists(scratch->fd, "kept"));
    assert_true(file_exists(scratch->fd, "safe"));
    assert_int_equal(symlinkat("kept", scratch->fd, "link"), 0);
    assert_true(directory_remove(scratch->fd, "link", &err));
    assert_true(file_exists(scratch->fd, "kept"));
    assert_true(directory_remove(scratch->fd, "safe", &err));
    assert_true(directory_remove(scratch->fd, "absent", &err));
}

static void removes_read_only_trees(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    assert_true(directory_make(scratch->fd, "tree/a/b", 0755, NULL, &err));
    assert_int_equal(fchmodat(scratch->fd, "tree/a/b", 0500, 0), 0);
    assert_int_equal(fchmodat(scratch->fd, "tree/a", 0500, 0), 0);
    assert_int_equal(fchmodat(scratch->fd, "tree", 0000, 0), 0);
    assert_true(directory_remove(scratch->fd, "tree", &err));
    assert_false(file_exists(scratch->fd, "tree"));
}

static void removes_trees_deeper_than_any_path(void **state)
{
    struct scratch *scratch = *state;
    struct error err;
    AUTO_FD int at = -1;
    assert_true(directory_make(scratch->fd, "deep", 0700, &at, &err));
    for (int i = 0; i < 3000; i++) {
        int next;
        assert_true(directory_make(at, "aaaa", 0700, &next, &err));
        assert_true(file_write_atomic(at, "f", 0600, BYTES(""), &err));
        fd_close(&at);
        at = next;
    }
    assert_true(directory_remove(scratch->fd, "deep", &err));
    assert_false(file_exists(scratch->fd, "deep"));
}

static void fresh_directories_differ(void **state)
{
    struct scratch *scratch = *state;
    struct arena arena = {0};
    struct error err;
    const char *names[2];
    for (int i = 0; i < 2; i++) {
        AUTO_FD int fd = -1;
        assert_true(directory_make_fresh(scratch->fd, "work-", 0711, &arena, &names[i], &fd, &err));
        assert_true(bytes_start_with(bytes_from_string(names[i]), "work-"));
        assert_int_equal(mode_of(scratch->fd, names[i]), 0711);
    }
    assert_string_not_equal(names[0], names[1]);
    arena_free(&arena);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
static const struct CMUnitTest tests[] = {
    CASE(makes_what_is_missing_with_the_mode_asked_for),
    CASE(a_file_in_the_way_is_an_error),
    CASE(a_path_is_made_privately),
    CASE(lists_sorted_without_the_dots),
    CASE(removing_follows_no_link),
    CASE(removes_read_only_trees),
    CASE(removes_trees_deeper_than_any_path),
    CASE(fresh_directories_differ),
};
UNIT_MAIN(tests)
