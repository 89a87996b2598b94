// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define SHELL "/bin/sh"
static const char *const no_environment[] = {NULL};

/* Runs SCRIPT in a shell; its output into RET (NUL-terminated), its status returned. */
static int run_script(const char *script, const struct process_spec *like, char *ret,
                      size_t ret_len)
{
    const char *const argv[] = {SHELL, "-c", script, NULL};
    struct process_spec spec = *like;
    struct error err;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    spec.argv = argv;
    spec.environment = spec.environment == NULL ? no_environment : spec.environment;
    spec.stdin_fd = -1;
    spec.stderr_fd = -1;
    spec.stdout_fd = ends[1];
    AUTO(process) struct process process = {.pidfd = -1};
    if (!process_start(&spec, &process, &err)) {
        fail_msg("%s", err.message);
    }
    close(ends[1]);
    size_t used = 0;
    ssize_t got;
    while ((got = read(ends[0], ret + used, ret_len - 1 - used)) > 0) {
        used += (size_t)got;
    }
    ret[used] = '\0';
    close(ends[0]);
    int status = -1;
    assert_true(process_wait(&process, 10000, &status, &err));
    return status;
}

static void tells_exit_codes_and_signals(void **state)
{
    (void)state;
    char out[64];
    struct process_spec spec = {0};
    assert_int_equal(run_script("exit 0", &spec, out, sizeof(out)), 0);
    assert_int_equal(run_script("exit 7", &spec, out, sizeof(out)), 7);
    assert_int_equal(run_script("kill -9 $$", &spec, out, sizeof(out)), 128 + 9);
}

static void inherits_no_environment(void **state)
{
    (void)state;
    char out[1024];
    const char *const one[] = {"ONLY=this", NULL};
    struct process_spec spec = {.environment = one};
    setenv("REPROOF_LEAK", "x", 1);
    run_script("echo \"[$ONLY][$REPROOF_LEAK]\"", &spec, out, sizeof(out));
    assert_string_equal(out, "[this][]\n");
}

static void inherits_no_descriptor_but_those_named(void **state)
{
    (void)state;
    char out[1024];
    AUTO_FD int leak = open("/dev/null", O_RDONLY);
    AUTO_FD int kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(leak >= 3 && kept >= 3);
    struct process_spec spec = {0};
    char script[128];
    snprintf(script, sizeof(script), "[ -e /proc/self/fd/%d ] && echo yes || echo no", leak);
    run_script(script, &spec, out, sizeof(out));
    assert_string_equal(out, "no\n");
    spec.descriptors = &kept;
    spec.descriptor_count = 1;
    snprintf(script, sizeof(script), "[ -e /proc/self/fd/%d ] && echo yes || echo no", kept);
    run_script(script, &spec, out, sizeof(out));
    assert_string_equal(out, "yes\n");
    assert_true(fcntl(kept, F_GETFD) & FD_CLOEXEC);
}

static void standard_descriptors_may_come_in_any_order(void **state)
{
    (void)state;
    int out[2];
    int errors[2];
    struct error err;
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
    const char *const argv[] = {SHELL, "-c", "echo out; echo err >&2", NULL};
    /* Numbers 1 and 2 themselves, swapped, as the caller's own descriptors. */
    int kept[2] = {dup(1), dup(2)};
    dup2(out[1], 2);
    dup2(errors[1], 1);
    struct process_spec spec = {.argv = argv,
                                .environment = no_environment,
                                .stdin_fd = -1,
                                .stdout_fd = 2,
                                .stderr_fd = 1};
    struct process process;
    bool started = process_start(&spec, &process, &err);
    dup2(kept[0], 1);
    dup2(kept[1], 2);
    close(kept[0]);
    close(kept[1]);
    assert_true(started);
    close(out[1]);
    close(errors[1]);
    char text[16] = "";
    int status;
    assert_true(process_wait(&process, 10000, &status, &err));
    assert_int_equal(read(out[0], text, sizeof(text)), 4);
    assert_memory_equal(text, "out\n", 4);
    assert_int_equal(read(errors[0], text, sizeof(text)), 4);
    assert_memory_equal(text, "err\n", 4);
    close(out[0]);
    close(errors[0]);
}

static void signals_are_as_at_birth(void **state)
{
    (void)state;
    char out[256];
    struct process_spec spec = {0};
    signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    run_script("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '0\\n\\t'", &spec, out,
               sizeof(out));
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_DFL);
    assert_string_equal(out, "SigBlk:SigIgn:");
}

static void limits_hold_in_the_child_alone(void **state)
{
    (void)state;
    char out[64];
    struct process_limit limits[] = {{RLIMIT_NOFILE, 100}, {RLIMIT_CORE, 0}};
    struct process_spec spec = {.limits = limits, .limit_count = 2};
    run_script("ulimit -n", &spec, out, sizeof(out));
    assert_string_equal(out, "100\n");
    struct rlimit mine;
    getrlimit(RLIMIT_NOFILE, &mine);
    assert_true(mine.rlim_cur != 100);
}

static void a_limit_above_the_hard_one_is_lowered_to_it(void **state)
{
    (void)state;
    char out[64];
    struct process_limit limits[] = {{RLIMIT_NOFILE, 1ULL << 40}};
    struct process_spec spec = {.limits = limits, .limit_count = 1};
    assert_int_equal(run_script("exit 0", &spec, out, sizeof(out)), 0);
}

static void starts_with_few_descriptors_left(void **state)
{
    (void)state;
    char out[64];
    struct process_spec spec = {0};
    struct rlimit before, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 24;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int status = run_script("echo here", &spec, out, sizeof(out));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(status, 0);
    assert_string_equal(out, "here\n");
}

static void what_cannot_run_is_told_at_the_start(void **state)
{
    (void)state;
    const char *const argv[] = {"/nonexistent/program", NULL};
    struct process_spec spec = {.argv = argv,
                                .environment = no_environment,
                                .stdin_fd = -1,
                                .stdout_fd = -1,
                                .stderr_fd = -1};
    struct process process = {.pid = 0, .pidfd = -1};
    struct error err;
    assert_fails(process_start(&spec, &process, &err), &err, ERROR_ABSENT, "/nonexistent/program");
    assert_int_equal(process.pid, 0);
    process_free(&process);
    const char *const directory[] = {"/", NULL};
    spec.argv = directory;
    assert_fails(process_start(&spec, &process, &err), &err, ERROR_IO, "cannot run /");
}

static void waiting_has_an_end_and_freeing_kills(void **state)
{
    (void)state;
    const char *const argv[] = {SHELL, "-c", "sleep 100", NULL};
    struct process_spec spec = {.argv = argv,
                                .environment = no_environment,
                                .stdin_fd = -1,
                                .stdout_fd = -1,
                                .stderr_fd = -1};
    struct process process;
    struct error err;
    int status = 42;
    assert_true(process_start(&spec, &process, &err));
    assert_fails(process_wait(&process, 50, &status, &err), &err, ERROR_TIMEOUT, "50 ms");
    assert_int_equal(status, 42);
    pid_t pid = process.pid;
    process_free(&process);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(process.pid, 0);
    process_free(&process);
}

static void a_new_session_is_one(void **state)
{
    (void)state;
    char out[64];
    struct process_spec spec = {.new_session = true};
    run_script("[ \"$(cut -d' ' -f6 /proc/$$/stat)\" = $$ ] && echo leader", &spec, out,
               sizeof(out));
    assert_string_equal(out, "leader\n");
}

static void make_program(const char *folder, const char *name, mode_t mode)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void programs_are_found_in_absolute_folders_only(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err;
    char folder[64];
    char path[256];
    const char *found = NULL;
    scratch_make(folder);
    char *kept_path = strdup(getenv("PATH"));
    char *kept_folder = getcwd(NULL, 0);
    make_program(folder, "runs-here", 0755);
    make_program(folder, "no-program", 0644);
    assert_int_equal(chdir(folder), 0);
    setenv("PATH", ".::", 1);
    assert_fails(process_find("runs-here", "some-package", &arena, &found, &err), &err,
                 ERROR_ABSENT, "runs-here");
    assert_non_null(strstr(err.cure, "some-package"));
    snprintf(path, sizeof(path), "relative:%s", folder);
    setenv("PATH", path, 1);
    assert_true(process_find("runs-here", "p", &arena, &found, &err));
    assert_non_null(strstr(found, folder));
    assert_false(process_find("no-program", "p", &arena, &found, &err));
    unsetenv("PATH");
    assert_true(process_find("sh", "dash", &arena, &found, &err));
    assert_int_equal(found[0], '/');
    setenv("PATH", kept_path, 1);
    assert_int_equal(chdir(kept_folder), 0);
    free(kept_path);
    free(kept_folder);
    scratch_remove(folder);
    arena_free(&arena);
}

static void a_missing_helper_has_a_cure(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *found;
    struct error err;
    assert_fails(process_find_helper("reproof-none", &arena, &found, &err), &err, ERROR_ABSENT,
                 "reproof-none");
    assert_true(err.cure[0] != '\0');
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(tells_exit_codes_and_signals),
    cmocka_unit_test(inherits_no_environment),
    cmocka_unit_test(inherits_no_descriptor_but_those_named),
    cmocka_unit_test(standard_descriptors_may_come_in_any_order),
    cmocka_unit_test(signals_are_as_at_birth),
    cmocka_unit_test(limits_hold_in_the_child_alone),
    cmocka_unit_test(a_limit_above_the_hard_one_is_lowered_to_it),
    cmocka_unit_test(starts_with_few_descriptors_left),
    cmocka_unit_test(what_cannot_run_is_told_at_the_start),
    cmocka_unit_test(waiting_has_an_end_and_freeing_kills),
    cmocka_unit_test(a_new_session_is_one),
    cmocka_unit_test(programs_are_found_in_absolute_folders_only),
    cmocka_unit_test(a_missing_helper_has_a_cure),
};
UNIT_MAIN(tests)
