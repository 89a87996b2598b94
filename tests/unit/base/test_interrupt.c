// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "tests/unit/unit.h"

/* The flag lasts as long as the process, so each case has one of its own; BODY's value is its exit
 * code. */
static int in_child(int (*body)(void))
{
    pid_t child = fork();
    if (child == 0) {
        _exit(body());
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

static int quiet_before(void)
{
    struct error err;
    interrupt_install();
    struct pollfd wait = {.fd = interrupt_fd(), .events = POLLIN};
    return interrupt_check(&err) && interrupt_signal() == 0 && poll(&wait, 1, 0) == 0 ? 0 : 1;
}

static int told_after(void)
{
    struct error err;
    interrupt_install();
    raise(SIGTERM);
    struct pollfd wait = {.fd = interrupt_fd(), .events = POLLIN};
    return !interrupt_check(&err) && err.code == ERROR_INTERRUPTED &&
                   interrupt_signal() == SIGTERM && poll(&wait, 1, 0) == 1
               ? 0
               : 1;
}

static int ignored_stays_ignored(void)
{
    struct error err;
    signal(SIGHUP, SIG_IGN);
    interrupt_install();
    raise(SIGHUP);
    return interrupt_check(&err) ? 0 : 1;
}

static int broken_pipe_is_an_error(void)
{
    int ends[2];
    interrupt_install();
    if (pipe(ends) != 0) {
        return 1;
    }
    close(ends[0]);
    return write(ends[1], "x", 1) == -1 ? 0 : 1;
}

static int ends_a_wait(void)
{
    static const char *const argv[] = {"/bin/sleep", "100", NULL};
    static const char *const environment[] = {NULL};
    struct process_spec spec = {
        .argv = argv, .environment = environment, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1};
    struct process process;
    struct error err;
    int status;
    interrupt_install();
    if (!process_start(&spec, &process, &err)) {
        return 1;
    }
    alarm(20);
    pid_t self = getpid();
    if (fork() == 0) {
        usleep(50000);
        kill(self, SIGINT);
        _exit(0);
    }
    bool waited = process_wait(&process, -1, &status, &err);
    process_free(&process);
    return !waited && err.code == ERROR_INTERRUPTED ? 0 : 1;
}

static void nothing_is_told_before_a_signal(void **state)
{
    (void)state;
    assert_int_equal(in_child(quiet_before), 0);
}

static void a_signal_is_told_by_flag_and_descriptor(void **state)
{
    (void)state;
    assert_int_equal(in_child(told_after), 0);
}

static void what_was_ignored_stays_ignored(void **state)
{
    (void)state;
    assert_int_equal(in_child(ignored_stays_ignored), 0);
}

static void a_broken_pipe_is_an_error_not_a_death(void **state)
{
    (void)state;
    assert_int_equal(in_child(broken_pipe_is_an_error), 0);
}

static void a_signal_ends_the_wait_for_a_process(void **state)
{
    (void)state;
    assert_int_equal(in_child(ends_a_wait), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_is_told_before_a_signal),
    cmocka_unit_test(a_signal_is_told_by_flag_and_descriptor),
    cmocka_unit_test(what_was_ignored_stays_ignored),
    cmocka_unit_test(a_broken_pipe_is_an_error_not_a_death),
    cmocka_unit_test(a_signal_ends_the_wait_for_a_process),
};
UNIT_MAIN(tests)
