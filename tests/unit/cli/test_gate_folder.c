// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/gate_folder.h"
#include "tests/unit/unit.h"

static char scratch[64];
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    scratch_make(scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(scratch);
    arena_free(&arena);
    return 0;
}

static const char *place(const char *name)
{
    return arena_printf(&arena, "%s/%s", scratch, name);
}

static bool is_there(const char *name)
{
    struct stat info;
    return lstat(place(name), &info) == 0;
}

static void write_into(const char *folder, const char *name)
{
    int fd = open(place(arena_printf(&arena, "%s/%s", folder, name)),
                  O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void appears_whole_or_not_at_all(void **state)
{
    (void)state;
    struct error err = {0};
    struct gate_folder folder;
    assert_true(gate_folder_open(place("a/out"), &arena, &folder, &err));
    assert_true(is_there("a/out.partial") && !is_there("a/out"));
    gate_folder_free(&folder);
    assert_false(is_there("a/out.partial") || is_there("a/out"));
    assert_true(gate_folder_open(place("a/out"), &arena, &folder, &err));
    write_into("a/out.partial", "summary.json");
    write_into("a/out.partial", "index.json");
    assert_true(gate_folder_commit(&folder, &err));
    gate_folder_free(&folder);
    assert_true(is_there("a/out/summary.json") && !is_there("a/out.partial"));
    /* Once more, in place of the first. */
    assert_true(gate_folder_open(place("a/out"), &arena, &folder, &err));
    assert_true(gate_folder_commit(&folder, &err));
    gate_folder_free(&folder);
    assert_true(is_there("a/out") && !is_there("a/out/summary.json") && !is_there("a/out.partial"));
}

static void takes_away_nothing_of_another_run(void **state)
{
    (void)state;
    struct error err = {0};
    struct gate_folder first, second;
    assert_true(gate_folder_open(place("out"), &arena, &first, &err));
    write_into("out.partial", "half");
    assert_fails(gate_folder_open(place("out"), &arena, &second, &err), &err, ERROR_IO,
                 "another run");
    assert_true(is_there("out.partial/half"));
    assert_true(gate_folder_commit(&first, &err));
    gate_folder_free(&first);
    assert_true(is_there("out/half"));
}

static void what_a_killed_run_left_is_removed(void **state)
{
    (void)state;
    struct error err = {0};
    struct gate_folder folder;
    int status;
    pid_t child = fork();
    if (child == 0) {
        bool ok = gate_folder_open(place("out"), &arena, &folder, &err);
        write_into("out.partial", "half");
        kill(getpid(), ok ? SIGKILL : SIGTERM);
    }
    assert_true(waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGKILL);
    assert_true(is_there("out.partial/half"));
    assert_true(gate_folder_open(place("out"), &arena, &folder, &err));
    assert_false(is_there("out.partial/half"));
    gate_folder_free(&folder);
}

/* By whoever takes no notice of locks. */
static void gives_the_name_to_nothing_else(void **state)
{
    (void)state;
    struct error err = {0};
    struct gate_folder folder;
    assert_true(gate_folder_open(place("out"), &arena, &folder, &err));
    assert_int_equal(rename(place("out.partial"), place("aside")), 0);
    assert_int_equal(mkdir(place("out.partial"), 0700), 0);
    assert_fails(gate_folder_commit(&folder, &err), &err, ERROR_IO, "replaced");
    gate_folder_free(&folder);
    assert_true(is_there("out.partial") && !is_there("out"));
}

static void leaves_the_files_of_others(void **state)
{
    (void)state;
    struct error err = {0};
    struct gate_folder folder;
    assert_int_equal(mkdir(place("out"), 0700), 0);
    write_into("out", "letter");
    assert_fails(gate_folder_open(place("out"), &arena, &folder, &err), &err, ERROR_USAGE,
                 "other files");
    assert_true(is_there("out/letter") && !is_there("out.partial"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    CASE(appears_whole_or_not_at_all),       CASE(takes_away_nothing_of_another_run),
    CASE(what_a_killed_run_left_is_removed), CASE(gives_the_name_to_nothing_else),
    CASE(leaves_the_files_of_others),
};

UNIT_MAIN(tests)
