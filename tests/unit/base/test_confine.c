// SPDX-License-Identifier: Apache-2.0
/* What each kind of confined process can still do, and what it cannot. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/confine_landlock.h"
#include "base/file.h"
#include "base/seccomp.h"
#include "tests/unit/base/confine_acts.h"
#include "tests/unit/unit.h"

#define SIGNALLED 1000
#define NOT_CONFINED 250

enum kind { PARSER, UNPACKER, FETCHER, BUILD };

static bool confine(enum kind kind, const struct surroundings *here)
{
    struct error err;
    if (kind == PARSER) {
        return confine_parser(&err);
    }
    if (kind == UNPACKER) {
        return confine_unpacker(here->dir, &err);
    }
    if (kind == FETCHER) {
        return confine_fetcher(&err);
    }
    AUTO(buffer) struct buffer program;
    buffer_init(&program, 1 << 20);
    return confine_build_program(&program, &err) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           seccomp_apply(&program, &err);
}

/* What ACT answered in a confined child; SIGNALLED + the signal if it was killed. */
static int in_confined_child(enum kind kind, act_function *act, const struct surroundings *here)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(confine(kind, here) ? act(here) : NOT_CONFINED);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

static int set_up(void **state)
{
    struct surroundings *here = calloc(1, sizeof(*here));
    assert_non_null(here);
    scratch_make(here->path);
    here->dir = open(here->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    here->file = openat(here->dir, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(here->file >= 0);
    assert_int_equal(write(here->file, "hello", 5), 5);
    assert_int_equal(pipe2(here->pipe, O_CLOEXEC), 0);
    *state = here;
    return 0;
}

static int tear_down(void **state)
{
    struct surroundings *here = *state;
    close(here->dir);
    close(here->file);
    close(here->pipe[0]);
    close(here->pipe[1]);
    scratch_remove(here->path);
    free(here);
    return 0;
}

struct row {
    const char *name;
    enum kind kind;
    act_function *act;
    int expected;
};

static const struct row rows[] = {
    {"parser_reads_what_is_open", PARSER, read_open_file, 0},
    {"parser_has_memory", PARSER, use_memory, 0},
    {"parser_writes_what_is_open", PARSER, write_pipe, 0},
    {"parser_can_abort", PARSER, abort_itself, SIGNALLED + SIGABRT},
    {"parser_cannot_open_files", PARSER, open_root, EPERM},
    {"parser_cannot_open_beneath_a_directory", PARSER, open_beneath, EPERM},
    {"parser_cannot_make_sockets", PARSER, make_socket, EPERM},
    {"parser_cannot_make_unix_sockets", PARSER, make_unix_socket, EPERM},
    {"parser_cannot_run_programs", PARSER, run_program, EPERM},
    {"parser_cannot_fork", PARSER, fork_child, EPERM},
    {"parser_cannot_signal_its_parent", PARSER, signal_parent, EPERM},
    {"parser_cannot_signal_threads_of_others", PARSER, signal_thread_of_parent, EPERM},
    {"parser_cannot_map_code", PARSER, map_executable, EPERM},
    {"parser_cannot_trace", PARSER, trace_parent, EPERM},
    {"parser_cannot_change_modes", PARSER, change_mode, EPERM},
    {"parser_has_no_clone3", PARSER, new_thread_call, ENOSYS},
    {"unpacker_makes_files_beneath", UNPACKER, make_beneath, 0},
    {"unpacker_reads_what_is_open", UNPACKER, read_open_file, 0},
    {"unpacker_cannot_make_links", UNPACKER, make_link, EPERM},
    {"unpacker_cannot_make_fifos", UNPACKER, make_fifo, EPERM},
    {"unpacker_cannot_make_sockets", UNPACKER, make_socket, EPERM},
    {"unpacker_cannot_run_programs", UNPACKER, run_program, EPERM},
    {"fetcher_reads_settings_of_the_system", FETCHER, open_root, 0},
    {"fetcher_has_sockets", FETCHER, make_socket, 0},
    {"fetcher_has_unix_sockets", FETCHER, make_unix_socket, 0},
    {"fetcher_asks_for_interfaces", FETCHER, make_netlink, 0},
    {"fetcher_starts_threads", FETCHER, start_thread, 0},
    {"fetcher_cannot_make_packet_sockets", FETCHER, make_packet_socket, EPERM},
    {"fetcher_cannot_write_files", FETCHER, write_beneath, EPERM},
    {"fetcher_cannot_make_files", FETCHER, make_outside, EPERM},
    {"fetcher_cannot_run_programs", FETCHER, run_program, EPERM},
    {"fetcher_cannot_fork", FETCHER, fork_child, EPERM},
    {"build_runs_programs", BUILD, run_and_wait, 0},
    {"build_starts_threads", BUILD, start_thread, 0},
    {"build_changes_modes", BUILD, change_mode, 0},
    {"build_has_socket_pairs", BUILD, make_pair, 0},
    {"build_cannot_make_sockets", BUILD, make_socket, EPERM},
    {"build_cannot_make_unix_sockets", BUILD, make_unix_socket, EPERM},
    {"build_cannot_make_netlink_sockets", BUILD, make_netlink, EPERM},
    {"build_cannot_make_set_user_id_files", BUILD, make_set_user_id, EPERM},
    {"build_cannot_unshare", BUILD, new_user_namespace, EPERM},
    {"build_cannot_clone_namespaces", BUILD, clone_user_namespace, EPERM},
    {"build_cannot_join_namespaces", BUILD, join_namespace, EPERM},
    {"build_cannot_mount", BUILD, mount_something, EPERM},
    {"build_has_no_new_mount_calls", BUILD, new_mount_call, ENOSYS},
    {"build_has_no_clone3", BUILD, new_thread_call, ENOSYS},
    {"build_cannot_trace", BUILD, trace_parent, EPERM},
    {"build_cannot_use_bpf", BUILD, use_bpf, EPERM},
    {"build_cannot_use_io_uring", BUILD, use_io_uring, EPERM},
    {"build_cannot_use_keys", BUILD, use_keys, EPERM},
    {"build_cannot_type_into_a_terminal", BUILD, type_into_terminal, EPERM},
    {"build_cannot_hide_a_request_in_high_bits", BUILD, type_with_high_bits, EPERM},
    {"build_cannot_use_the_console", BUILD, linux_console, EPERM},
#ifdef __x86_64__
    {"parser_is_killed_by_x32_calls", PARSER, foreign_call, SIGNALLED + SIGSYS},
    {"build_is_killed_by_x32_calls", BUILD, foreign_call, SIGNALLED + SIGSYS},
    {"build_is_killed_by_32_bit_calls", BUILD, call_of_32_bits, SIGNALLED + SIGSYS},
#endif
};

static void every_row_holds(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int got = in_confined_child(rows[i].kind, rows[i].act, *state);
        if (got != rows[i].expected) {
            fail_msg("%s: %d instead of %d", rows[i].name, got, rows[i].expected);
        }
    }
}

static void landlock_keeps_files_away(void **state)
{
    if (landlock_version() == 0) {
        print_message("the kernel has no Landlock\n");
        skip();
    }
    assert_int_equal(in_confined_child(UNPACKER, open_root, *state), EACCES);
    assert_int_equal(in_confined_child(UNPACKER, make_outside, *state), EACCES);
    assert_int_equal(in_confined_child(UNPACKER, open_own_directory, *state), 0);
    assert_int_equal(in_confined_child(FETCHER, open_own_directory, *state), EACCES);
    assert_int_equal(in_confined_child(FETCHER, open_beneath, *state), EACCES);
    if (landlock_version() >= 4) {
        assert_int_equal(in_confined_child(FETCHER, bind_port, *state), EACCES);
    }
}

static int is_not_dumpable(const struct surroundings *here)
{
    /* The list of a parser has no prctl; the kernel tells in the owner of the process's files. */
    (void)here;
    return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? errno : 0;
}

static void confinement_cannot_be_undone(void **state)
{
    assert_int_equal(in_confined_child(PARSER, is_not_dumpable, *state), EPERM);
    assert_int_equal(in_confined_child(FETCHER, is_not_dumpable, *state), EPERM);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_holds),
        cmocka_unit_test(landlock_keeps_files_away),
        cmocka_unit_test(confinement_cannot_be_undone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
