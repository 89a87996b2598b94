// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sandbox/box_place.h"

struct limit_row {
    const char *act, *argument, *hit;
    struct sandbox_limits limits;
};

static void limits_end_the_box(void **state)
{
    static const struct limit_row rows[] = {
        {"sleep", "", "time", {.seconds = 2}},
        {"spin", "", "time", {.seconds = 2}},
        {"fork-bomb", "", "processes", {.processes = 40}},
        {"memory", "", "memory", {.memory = 256 * MIB}},
        {"share-memory", "", "memory", {.memory = 200 * MIB}},
        {"flood-log", "", "log", {.log_bytes = 100000}},
        {"fill-with-files", "/out", "disk", {.disk_bytes = 64 * MIB}},
        {"fill-with-empty-files", "/out", "disk", {.disk_bytes = 64 * MIB}},
        {"nest", "/out", "disk", {.disk_bytes = 64 * MIB}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sandbox_result result = run(state, rows[i].act, rows[i].argument, rows[i].limits);
        if (strcmp(result.limit_hit, rows[i].hit) != 0) {
            fail_msg("%s: \"%s\" instead of \"%s\"; status %d, %.*s", rows[i].act, result.limit_hit,
                     rows[i].hit, result.status, (int)(result.log.len < 500 ? result.log.len : 500),
                     (const char *)result.log.data);
        }
        /* The time that it may have it gets; how much later a busy machine ends it, nobody knows.
         */
        assert_true(result.seconds >= rows[i].limits.seconds);
        assert_int_equal(hostile_processes(*state), 0);
    }
}

static void log_is_cut_at_its_limit(void **state)
{
    struct sandbox_result result =
        run(state, "flood-log", "", (struct sandbox_limits){.log_bytes = 100000});
    assert_int_equal(result.log.len, 100000);
}

static void one_file_is_limited_as_well(void **state)
{
    struct sandbox_result result =
        run(state, "fill-disk", "/out/big", (struct sandbox_limits){.disk_bytes = 8 * MIB});
    assert_true(result.status == 128 + SIGXFSZ || strcmp(result.limit_hit, "disk") == 0);
}

static void temporary_files_are_limited(void **state)
{
    struct sandbox_result result = run_plainly(state, "fill-disk", "/tmp/big");
    assert_says(&result, "fill: ENOSPC");
    assert_says(&result, "filled 16");
}

static void unreadable_directories_end_the_box(void **state)
{
    if (geteuid() == 0) {
        skip(); /* root can look into them */
    }
    struct sandbox_result result =
        run(state, "hide", "/out", (struct sandbox_limits){.seconds = 10});
    assert_string_equal(result.limit_hit, "disk");
}

static void daemon_is_dead_before_the_result(void **state)
{
    const struct place *place = *state;
    struct sandbox_result result = run_plainly(state, "stay-behind", "/out/result");
    assert_int_equal(result.status, 0);
    assert_says(&result, "done");
    assert_int_equal(hostile_processes(*state), 0);
    char path[128];
    char before[4];
    char after[4];
    snprintf(path, sizeof(path), "%s/result", place->out);
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(pread(fd, before, 4, 0), 4);
    usleep(50000);
    assert_int_equal(pread(fd, after, 4, 0), 4);
    assert_memory_equal(before, after, 4);
}

/* Waits until the hostile program runs. */
static void wait_for_hostile(void **state)
{
    for (int i = 0; i < 500 && hostile_processes(*state) == 0; i++) {
        usleep(20000);
    }
    assert_true(hostile_processes(*state) > 0);
}

static void wait_for_no_hostile(void **state)
{
    for (int i = 0; i < 500 && hostile_processes(*state) > 0; i++) {
        usleep(20000);
    }
    assert_int_equal(hostile_processes(*state), 0);
}

static pid_t sleep_in_child(void **state, enum sandbox_kind kind)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct sandbox_result result;
        struct error err;
        interrupt_install();
        bool ran = run_with(*state, "sleep", "", (struct sandbox_limits){.seconds = 60}, kind,
                            &result, &err);
        _exit(!ran && err.code == ERROR_INTERRUPTED ? 42 : 1);
    }
    wait_for_hostile(state);
    return pid;
}

static void signal_ends_the_box(void **state)
{
    pid_t pid = sleep_in_child(state, SANDBOX_BUBBLEWRAP);
    kill(pid, SIGTERM);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(hostile_processes(*state), 0);
    assert_int_equal(WEXITSTATUS(status), 42);
}

static void death_of_the_parent_ends_the_box(void **state)
{
    pid_t pid = sleep_in_child(state, SANDBOX_BUBBLEWRAP);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    wait_for_no_hostile(state);
}

static void unboxed_runs_with_limits(void **state)
{
    struct sandbox_result result;
    struct error err;
    const struct sandbox_limits limits = {.seconds = 2};
    assert_true(run_with(*state, "environment", "", limits, SANDBOX_NONE, &result, &err));
    assert_int_equal(result.status, 0);
    assert_says(&result, "environment NAME=value\n");
    assert_false(says(&result, "PATH"));
    assert_true(run_with(*state, "sleep", "", limits, SANDBOX_NONE, &result, &err));
    assert_string_equal(result.limit_hit, "time");
    assert_int_equal(hostile_processes(*state), 0);
    const struct place *place = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/result", place->out);
    assert_true(run_with(*state, "stay-behind", path, limits, SANDBOX_NONE, &result, &err));
    assert_int_equal(result.status, 0);
    assert_int_equal(hostile_processes(*state), 0);
}

static void signal_ends_an_unboxed_build(void **state)
{
    pid_t pid = sleep_in_child(state, SANDBOX_NONE);
    kill(pid, SIGTERM);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(hostile_processes(*state), 0);
    assert_int_equal(WEXITSTATUS(status), 42);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        CASE(limits_end_the_box),
        CASE(log_is_cut_at_its_limit),
        CASE(one_file_is_limited_as_well),
        CASE(temporary_files_are_limited),
        CASE(unreadable_directories_end_the_box),
        CASE(daemon_is_dead_before_the_result),
        CASE(signal_ends_the_box),
        CASE(death_of_the_parent_ends_the_box),
        CASE(unboxed_runs_with_limits),
        CASE(signal_ends_an_unboxed_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
