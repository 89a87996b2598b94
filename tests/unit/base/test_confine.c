// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/confine.h"
#include "base/confine_calls.h"
#include "base/confine_landlock.h"
#include "base/file.h"
#include "base/seccomp.h"

#define SIGNALLED 1000
#define NOT_CONFINED 250

/* What the children look at: made before they are confined. */
struct surroundings {
    char path[64]; /* of a directory of the test's own */
    int dir, file, pipe[2];
};

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

/* An act answers 0 or an errno. */
typedef int act_function(const struct surroundings *here);

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

static int answer(long result)
{
    return result < 0 ? errno : 0;
}

static int set_up(void **state)
{
    struct surroundings *here = calloc(1, sizeof(*here));
    assert_non_null(here);
    snprintf(here->path, sizeof(here->path), "/tmp/confine-XXXXXX");
    assert_non_null(mkdtemp(here->path));
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
    struct error err;
    const char *name = strrchr(here->path, '/') + 1;
    int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory_remove(parent, name, &err));
    close(parent);
    close(here->dir);
    close(here->file);
    close(here->pipe[0]);
    close(here->pipe[1]);
    free(here);
    return 0;
}

static int read_open_file(const struct surroundings *here)
{
    char text[5];
    struct stat status;
    if (fstat(here->file, &status) != 0 || status.st_size != 5) {
        return EIO;
    }
    return pread(here->file, text, 5, 0) == 5 && memcmp(text, "hello", 5) == 0 ? 0 : EIO;
}

static int use_memory(const struct surroundings *here)
{
    (void)here;
    for (size_t size = 16; size < 64 << 20; size *= 4) {
        char *memory = malloc(size);
        if (memory == NULL) {
            return ENOMEM;
        }
        memset(memory, 1, size);
        memory = realloc(memory, size * 2);
        if (memory == NULL || memory[size - 1] != 1) {
            return ENOMEM;
        }
        free(memory);
    }
    return 0;
}

static int write_pipe(const struct surroundings *here)
{
    return answer(write(here->pipe[1], "x", 1));
}

static int open_root(const struct surroundings *here)
{
    (void)here;
    return answer(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int open_beneath(const struct surroundings *here)
{
    return answer(openat(here->dir, "file", O_RDONLY | O_CLOEXEC));
}

static int make_socket(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_unix_socket(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int make_netlink(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int make_packet_socket(const struct surroundings *here)
{
    (void)here;
    return answer(socket(AF_PACKET, SOCK_RAW, 0));
}

static int make_pair(const struct surroundings *here)
{
    (void)here;
    int pair[2];
    return answer(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static int run_program(const struct surroundings *here)
{
    (void)here;
    char *const argv[] = {(char[]){"true"}, NULL};
    return answer(execv("/bin/true", argv));
}

static int fork_child(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int signal_parent(const struct surroundings *here)
{
    (void)here;
    return answer(kill(getppid(), 0));
}

static int signal_thread_of_parent(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int abort_itself(const struct surroundings *here)
{
    (void)here;
    signal(SIGABRT, SIG_DFL);
    abort();
}

static int map_executable(const struct surroundings *here)
{
    (void)here;
    void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return map == MAP_FAILED ? errno : 0;
}

static int trace_parent(const struct surroundings *here)
{
    (void)here;
    return answer(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int new_thread_call(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_clone3, NULL, 0));
}

static int new_mount_call(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_fsopen, "tmpfs", 0));
}

static int make_beneath(const struct surroundings *here)
{
    struct error err;
    AUTO_FD int dir = -1;
    AUTO_FD int file = -1;
    bool made = directory_make(here->dir, "a/b", 0755, &dir, &err) &&
                file_open_beneath(dir, "c", O_WRONLY | O_CREAT | O_EXCL, 0644, &file, &err) &&
                file_write_all(file, bytes_from_string("text"), &err);
    return made && unlinkat(dir, "c", 0) == 0 ? 0 : EIO;
}

static int make_outside(const struct surroundings *here)
{
    (void)here;
    return answer(open("/tmp/confine-outside", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int make_link(const struct surroundings *here)
{
    return answer(symlinkat("/etc/passwd", here->dir, "link"));
}

static int make_fifo(const struct surroundings *here)
{
    return answer(mkfifoat(here->dir, "fifo", 0600));
}

static int write_beneath(const struct surroundings *here)
{
    return answer(openat(here->dir, "file", O_WRONLY | O_CLOEXEC));
}

static int open_own_directory(const struct surroundings *here)
{
    return answer(open(here->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int bind_port(const struct surroundings *here)
{
    (void)here;
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return answer(bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

static void *nothing(void *argument)
{
    return argument;
}

static int start_thread(const struct surroundings *here)
{
    (void)here;
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, nothing, NULL);
    return failed != 0 ? failed : pthread_join(thread, NULL);
}

static int new_user_namespace(const struct surroundings *here)
{
    (void)here;
    return answer(unshare(CLONE_NEWUSER));
}

static int clone_user_namespace(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

static int join_namespace(const struct surroundings *here)
{
    return answer(setns(here->file, 0));
}

static int mount_something(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL));
}

static int use_bpf(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_bpf, 0, NULL, 0));
}

static int use_io_uring(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_io_uring_setup, 1, NULL));
}

static int use_keys(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(SYS_keyctl, 0, -3, 0, 0, 0));
}

static int type_into_terminal(const struct surroundings *here)
{
    return answer(ioctl(here->pipe[0], TIOCSTI, "x"));
}

/* The kernel looks at 32 bits of the request; a filter that compares 64 lets this one through. */
static int type_with_high_bits(const struct surroundings *here)
{
    return answer(syscall(SYS_ioctl, here->pipe[0], 0x100000000UL | TIOCSTI, "x"));
}

static int linux_console(const struct surroundings *here)
{
    return answer(ioctl(here->pipe[0], TIOCLINUX, "x"));
}

static int make_set_user_id(const struct surroundings *here)
{
    return answer(fchmod(here->file, 04755));
}

static int change_mode(const struct surroundings *here)
{
    return answer(fchmod(here->file, 0755));
}

static int run_and_wait(const struct surroundings *here)
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(run_program(here));
    }
    int status;
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : EIO;
}

#ifdef __x86_64__
static int foreign_call(const struct surroundings *here)
{
    (void)here;
    return answer(syscall(0x40000000 | SYS_getpid));
}

static int call_of_32_bits(const struct surroundings *here)
{
    (void)here;
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
    return result < 0 ? (int)-result : 0;
}
#endif

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
    return answer(syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static void confinement_cannot_be_undone(void **state)
{
    assert_int_equal(in_confined_child(PARSER, is_not_dumpable, *state), EPERM);
    assert_int_equal(in_confined_child(FETCHER, is_not_dumpable, *state), EPERM);
}

static void first_fitting_rule_decides(void **state)
{
    (void)state;
    const struct seccomp_rule rules[] = {
        SECCOMP_CALL_IF(getppid, 0, 0xff, 7),
        SECCOMP_CALL_MISSING(getppid),
    };
    const struct seccomp_rules list = {.rules = rules, .count = ARRAY_LEN(rules)};
    AUTO(buffer) struct buffer program;
    buffer_init(&program, 1 << 20);
    struct error err;
    assert_true(seccomp_assemble(&list, 1, &program, &err));
    /* Prologue, a rule of six instructions, one of two, and the answer for all others. */
    size_t instructions = program.len / sizeof(struct sock_filter);
    assert_in_range(instructions, 4 + 6 + 2 + 1, 6 + 6 + 2 + 1);
}

/* What PROGRAM answers, as the kernel runs it; only the instructions that the assembler emits. */
static uint32_t run_filter(const struct buffer *program, const struct seccomp_data *data)
{
    const struct sock_filter *code = (const void *)program->data;
    size_t count = program->len / sizeof(*code);
    uint32_t accumulator = 0;
    for (size_t at = 0; at < count; at++) {
        const struct sock_filter *one = &code[at];
        switch (one->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_in_range(one->k, 0, sizeof(*data) - sizeof(accumulator));
            memcpy(&accumulator, (const uint8_t *)data + one->k, sizeof(accumulator));
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            accumulator &= one->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            at += accumulator == one->k ? one->jt : one->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            at += accumulator >= one->k ? one->jt : one->jf;
            break;
        case BPF_JMP | BPF_JA:
            at += one->k;
            break;
        case BPF_RET | BPF_K:
            return one->k;
        default:
            fail_msg("instruction %zu is none of ours", at);
        }
    }
    fail_msg("no answer");
    return 0;
}

/* What the rules say, tried one after the other. */
static uint32_t run_rules(const struct seccomp_rules *lists, size_t count,
                          const struct seccomp_data *data)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < lists[i].count; j++) {
            const struct seccomp_rule *rule = &lists[i].rules[j];
            if (rule->call == data->nr &&
                ((uint32_t)data->args[rule->argument] & rule->mask) == rule->value) {
                return rule->action == SECCOMP_ALLOWED  ? SECCOMP_RET_ALLOW
                       : rule->action == SECCOMP_ENOSYS ? SECCOMP_RET_ERRNO | ENOSYS
                                                        : SECCOMP_RET_ERRNO | EPERM;
            }
        }
    }
    return SECCOMP_RET_ERRNO | EPERM;
}

/* The architecture's number stands in the program itself: the second instruction compares it. */
static void answers_what_its_rules_say(void **state)
{
    (void)state;
    const struct seccomp_rules lists[] = {
        confine_fetcher_calls,  confine_build_files,   confine_build_calls,  confine_common_calls,
        confine_unpacker_calls, confine_data_mappings, confine_missing_calls};
    for (size_t used = 0; used <= ARRAY_LEN(lists); used++) {
        AUTO(buffer) struct buffer program;
        struct error err;
        buffer_init(&program, 1 << 20);
        assert_true(seccomp_assemble(lists, used, &program, &err));
        struct seccomp_data data = {
            .arch = ((const struct sock_filter *)(const void *)program.data)[1].k};
        for (data.nr = 0; data.nr < 1000; data.nr++) {
            for (uint64_t i = 0; i < 64; i++) {
                for (size_t k = 0; k < ARRAY_LEN(data.args); k++) {
                    data.args[k] = i < 24 ? 1ULL << i : (i - 24) * (k + 1);
                }
                assert_int_equal(run_filter(&program, &data), run_rules(lists, used, &data));
            }
        }
        data.arch ^= 1;
        assert_int_equal(run_filter(&program, &data), SECCOMP_RET_KILL_PROCESS);
    }
}

static void refuses_a_program_that_is_too_long(void **state)
{
    (void)state;
    struct seccomp_rule *rules = calloc(BPF_MAXINSNS, sizeof(*rules));
    const struct seccomp_rules list = {.rules = rules, .count = BPF_MAXINSNS};
    AUTO(buffer) struct buffer program;
    buffer_init(&program, 1 << 20);
    struct error err;
    assert_false(seccomp_assemble(&list, 1, &program, &err));
    assert_int_equal(err.code, ERROR_INTERNAL);
    free(rules);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_holds),
        cmocka_unit_test(landlock_keeps_files_away),
        cmocka_unit_test(confinement_cannot_be_undone),
        cmocka_unit_test(first_fitting_rule_decides),
        cmocka_unit_test(answers_what_its_rules_say),
        cmocka_unit_test(refuses_a_program_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
