// SPDX-License-Identifier: Apache-2.0
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
    int dir;
};

static struct arena arena;

static void copy_program(const char *from, const char *to)
{
    struct error err;
    AUTO_FD int source = open(from, O_RDONLY | O_CLOEXEC);
    AUTO_FD int target = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    assert_true(source >= 0 && target >= 0);
    assert_true(file_copy(source, target, &err));
    assert_int_equal(fchmod(target, 0755), 0);
}

static int set_up(void **state)
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
    snprintf(place->hostile, sizeof(place->hostile), "%s/hostile", place->top);
    assert_true(directory_open(place->top, &place->dir, &err));
    assert_true(directory_make(place->dir, "out", 0755, &out, &err));
    assert_true(sandbox_give(out, &err));
    assert_true(directory_make(place->dir, "in", 0755, NULL, &err));
    copy_program(hostile, place->hostile);
    *state = place;
    return 0;
}

static int tear_down(void **state)
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
static bool run_with(const struct place *place, const char *act, const char *argument,
                     struct sandbox_limits limits, enum sandbox_kind kind,
                     struct sandbox_result *ret, struct error *err)
{
    const struct sandbox_mount mounts[] = {
        {.host = place->out, .box = "/out", .writable = true},
        {.host = place->in, .box = "/deep/er/in"},
        {.box = "/tmp", .writable = true, .tmpfs_bytes = 16 * MIB},
        {.host = place->hostile, .box = "/hostile"},
    };
    const struct sandbox_file files[] = {
        {.box = "/etc/small", .content = bytes_from_string("small content")},
    };
    const char *program = kind == SANDBOX_NONE ? place->hostile : "/hostile";
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

static struct sandbox_result run(void **state, const char *act, const char *argument,
                                 struct sandbox_limits limits)
{
    struct sandbox_result result;
    struct error err = {0};
    limits.seconds = limits.seconds == 0 ? 60 : limits.seconds;
    if (!run_with(*state, act, argument, limits, SANDBOX_BUBBLEWRAP, &result, &err)) {
        fail_msg("%s: %s", act, err.message);
    }
    return result;
}

static struct sandbox_result run_plainly(void **state, const char *act, const char *argument)
{
    return run(state, act, argument, (struct sandbox_limits){0});
}

static bool says(const struct sandbox_result *result, const char *text)
{
    return bytes_find(result->log, 0, bytes_from_string(text)) != SIZE_MAX;
}

static void assert_says(const struct sandbox_result *result, const char *text)
{
    if (!says(result, text)) {
        fail_msg("no \"%s\" in \"%.*s\"", text, (int)result->log.len,
                 (const char *)result->log.data);
    }
}

static void assert_nothing_worked(const struct sandbox_result *result)
{
    assert_true(result->log.len > 0);
    if (says(result, "WORKED")) {
        fail_msg("%.*s", (int)result->log.len, (const char *)result->log.data);
    }
}

static void program_is_an_ordinary_user(void **state)
{
    struct sandbox_result result = run_plainly(state, "identity", "");
    assert_int_equal(result.status, 0);
    assert_says(&result, "user 65534 65534 65534 group 65534 65534 65534");
    assert_says(&result, "capabilities 0 0 0 0 0 0");
    if (geteuid() == 0) {
        assert_says(&result, "groups 0");
    }
    assert_nothing_worked(&result);
}

static void box_holds_nothing_but_what_was_given(void **state)
{
    struct sandbox_result result = run_plainly(state, "list", "/");
    static const char *const expected[] = {"entry .\n",   "entry ..\n",   "entry .box\n",
                                           "entry dev\n", "entry deep\n", "entry etc\n",
                                           "entry out\n", "entry tmp\n",  "entry hostile\n"};
    size_t len = 0;
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_says(&result, expected[i]);
        len += strlen(expected[i]);
    }
    assert_int_equal(result.log.len, len);
}

static void host_files_cannot_be_read(void **state)
{
    const struct place *place = *state;
    const char *const paths[] = {"/etc/passwd", "/proc/self/environ",
                                 "/root",       place->top,
                                 "/home",       "/run",
                                 "/dev/tty",    "/sys",
                                 "/usr",        "/deep/er/in/../../../../etc/passwd"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct sandbox_result result = run_plainly(state, "read", paths[i]);
        assert_nothing_worked(&result);
    }
}

static void inputs_can_be_read_and_not_written(void **state)
{
    const struct place *place = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/file", place->in);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("input", file);
    assert_int_equal(fchmod(fileno(file), 0644), 0);
    fclose(file);
    struct sandbox_result result = run_plainly(state, "read", "/deep/er/in/file");
    assert_says(&result, "content input");
    result = run_plainly(state, "read", "/etc/small");
    assert_says(&result, "content small content");
    static const char *const read_only[] = {
        "/deep/er/in/file", "/deep/er/in/new", "/etc/small",   "/new",    "/deep/new",
        "/dev/new",         "/.box/new",       "/.box/launch", "/hostile"};
    for (size_t i = 0; i < ARRAY_LEN(read_only); i++) {
        result = run_plainly(state, "write", read_only[i]);
        assert_nothing_worked(&result);
    }
    result = run_plainly(state, "write", "/out/result");
    assert_says(&result, "/out/result: WORKED");
    result = run_plainly(state, "write", "/tmp/x");
    assert_says(&result, "/tmp/x: WORKED");
}

static void environment_is_what_was_given(void **state)
{
    setenv("SECRET", "host", 1);
    struct sandbox_result result = run_plainly(state, "environment", "");
    assert_says(&result, "environment NAME=value\n");
    assert_says(&result, "environment EMPTY=\n");
    assert_false(says(&result, "SECRET"));
    assert_false(says(&result, "PATH"));
}

static void no_descriptors_get_in(void **state)
{
    AUTO_FD int leaked = open("/etc/passwd", O_RDONLY); /* without close-on-exec */
    struct sandbox_result result = run_plainly(state, "descriptors", "");
    assert_string_equal(arena_text(&arena, result.log),
                        "descriptor 0\ndescriptor 1\ndescriptor 2\nstdin 0\n");
}

static void there_is_no_network(void **state)
{
    struct sandbox_result result = run_plainly(state, "network", "");
    static const char *const refused[] = {"tcp: EPERM",   "tcp6: EPERM",   "udp: EPERM",
                                          "raw: EPERM",   "unix: EPERM",   "netlink: EPERM",
                                          "pair: WORKED", "packet: EPERM", "abstract: EPERM"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_says(&result, refused[i]);
    }
}

/* In a session of its own with a terminal, as a user's shell has it. */
static void terminal_cannot_be_typed_into(void **state)
{
    int terminal;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    if (pid == 0) {
        struct sandbox_result result;
        struct error err;
        bool ran = run_with(*state, "terminal", "", (struct sandbox_limits){.seconds = 60},
                            SANDBOX_BUBBLEWRAP, &result, &err);
        _exit(ran && result.log.len > 0 && !says(&result, "WORKED") &&
                      says(&result, "TIOCSTI high: EPERM")
                  ? 0
                  : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(terminal);
    assert_int_equal(status, 0);
}

static void calls_that_break_out_are_refused(void **state)
{
    struct sandbox_result result = run_plainly(state, "break-out", "");
    assert_nothing_worked(&result);
    assert_says(&result, "clone3: ENOSYS");
    assert_says(&result, "fsopen: ENOSYS");
    assert_says(&result, "unshare: EPERM");
    assert_says(&result, "setuid file: EPERM");
}

static void foreign_calls_kill(void **state)
{
#ifdef __x86_64__
    struct sandbox_result result = run_plainly(state, "foreign", "");
    assert_int_equal(result.status, 128 + SIGSYS);
#else
    (void)state;
    skip();
#endif
}

/* Processes of the hostile program that are alive, on the whole machine. */
static unsigned hostile_processes(void)
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
        count += len > 0 && strcmp(name, "hostile\n") == 0;
    }
    arena_free(&names_arena);
    return count;
}

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
        assert_int_equal(hostile_processes(), 0);
        assert_true(result.seconds < 60);
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
    assert_int_equal(hostile_processes(), 0);
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

static void status_and_log_are_told(void **state)
{
    struct sandbox_result result = run_plainly(state, "nothing-known", "");
    assert_int_equal(result.status, 99);
    assert_string_equal(result.limit_hit, "");
    result = run_plainly(state, "crash", "");
    assert_int_equal(result.status, 128 + SIGSEGV);
    result = run_plainly(state, "controls", "");
    assert_int_equal(result.log.len, 16);
    assert_memory_equal(result.log.data, "\x1b[2Jred\x07\0after", 15);
}

static void expect_refusal(const struct sandbox_mount *mounts, size_t count)
{
    const char *const argv[] = {"/x", NULL};
    struct sandbox_job job = {.mounts = mounts, .mount_count = count, .argv = argv};
    struct sandbox_result result = {.status = 77};
    struct error err = {0};
    assert_false(sandbox_run(&job, &arena, &result, &err));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_int_equal(result.status, 77);
}

/* bubblewrap GHSA-pxhw-h44j-8pfx: a mount point below a tree that holds a link is made on the host.
 */
static void refuses_mount_points_in_foreign_trees(void **state)
{
    const struct place *place = *state;
    const struct sandbox_mount below[] = {{.host = place->in, .box = "/in"},
                                          {.host = place->out, .box = "/in/link/x"}};
    const struct sandbox_mount below_tmpfs[] = {{.box = "/in/link/x"},
                                                {.host = place->in, .box = "/in"}};
    const struct sandbox_mount twice[] = {{.host = place->in, .box = "/in"}, {.box = "/in"}};
    expect_refusal(below, 2);
    expect_refusal(below_tmpfs, 2);
    expect_refusal(twice, 2);
}

static void refuses_unclean_paths(void **state)
{
    const struct place *place = *state;
    static const char *const paths[] = {"",      "/",       "in",        "/in/",         "//in",
                                        "/a//b", "/a/../b", "/dev/null", "/.box/launch", "/a/./b"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const struct sandbox_mount mount = {.host = place->in, .box = paths[i]};
        expect_refusal(&mount, 1);
    }
    const struct sandbox_mount relative = {.host = "in", .box = "/in"};
    expect_refusal(&relative, 1);
}

static void missing_input_is_an_error(void **state)
{
    (void)state;
    const struct sandbox_mount mount = {.host = "/nowhere/at/all", .box = "/in"};
    const char *const argv[] = {"/x", NULL};
    struct sandbox_job job = {.mounts = &mount, .mount_count = 1, .argv = argv};
    struct sandbox_result result;
    struct error err = {0};
    assert_false(sandbox_run(&job, &arena, &result, &err));
    assert_int_equal(err.code, ERROR_TOOL);
    assert_non_null(strstr(err.message, "/nowhere/at/all"));
    assert_true(err.cure[0] != '\0');
}

static void count_calls(void *context, double seconds)
{
    unsigned *calls = context;
    (void)seconds;
    (*calls)++;
}

static void progress_is_told_while_it_runs(void **state)
{
    const struct place *place = *state;
    unsigned calls = 0;
    const struct sandbox_mount mount = {.host = place->hostile, .box = "/hostile"};
    const char *const argv[] = {"/hostile", "sleep", NULL};
    const struct sandbox_job job = {.mounts = &mount,
                                    .mount_count = 1,
                                    .argv = argv,
                                    .limits = {.seconds = 2},
                                    .progress = count_calls,
                                    .progress_context = &calls};
    struct sandbox_result result;
    struct error err;
    assert_true(sandbox_run(&job, &arena, &result, &err));
    assert_in_range(calls, 8, 30);
}

static void probe_tells_the_version(void **state)
{
    (void)state;
    const char *version;
    struct error err = {0};
    if (!sandbox_probe(&arena, &version, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(version[0] >= '0' && version[0] <= '9');
}

/* In a place where no namespaces can be made: this program again, with "probe". */
static void no_namespaces_is_an_error_with_a_cure(void **state)
{
    (void)state;
    struct sandbox_result result;
    struct error err;
    char self[512];
    const char *bubblewrap;
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    assert_true(len > 0);
    self[len] = '\0';
    assert_true(process_find("bwrap", "bubblewrap", &arena, &bubblewrap, &err));
    const char *const argv[] = {
        bubblewrap, "--dev-bind", "/",     "/", "--unshare-user", "--disable-userns", "--cap-drop",
        "ALL",      self,         "probe", NULL};
    const char *const variables[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};
    /* The address sanitizer maps more than any limit; 2^60 is none. */
    const struct sandbox_job job = {.kind = SANDBOX_NONE,
                                    .argv = argv,
                                    .environment = variables,
                                    .limits = {.seconds = 60, .memory = 1ULL << 60}};
    assert_true(sandbox_run(&job, &arena, &result, &err));
    if (result.status != 3) {
        fail_msg("%d: %.*s", result.status, (int)result.log.len, (const char *)result.log.data);
    }
}

static int probe(void)
{
    const char *version;
    struct error err = {0};
    if (sandbox_probe(&arena, &version, &err)) {
        return 0;
    }
    printf("%s\n%s\n", err.message, err.cure);
    return err.code == ERROR_TOOL && err.cure[0] != '\0' ? 3 : 1;
}

/* Waits until the hostile program runs. */
static void wait_for_hostile(void)
{
    for (int i = 0; i < 500 && hostile_processes() == 0; i++) {
        usleep(20000);
    }
    assert_true(hostile_processes() > 0);
}

static void wait_for_no_hostile(void)
{
    for (int i = 0; i < 500 && hostile_processes() > 0; i++) {
        usleep(20000);
    }
    assert_int_equal(hostile_processes(), 0);
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
    wait_for_hostile();
    return pid;
}

static void signal_ends_the_box(void **state)
{
    pid_t pid = sleep_in_child(state, SANDBOX_BUBBLEWRAP);
    kill(pid, SIGTERM);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(hostile_processes(), 0);
    assert_int_equal(WEXITSTATUS(status), 42);
}

static void death_of_the_parent_ends_the_box(void **state)
{
    pid_t pid = sleep_in_child(state, SANDBOX_BUBBLEWRAP);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    wait_for_no_hostile();
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
    assert_int_equal(hostile_processes(), 0);
    const struct place *place = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/result", place->out);
    assert_true(run_with(*state, "stay-behind", path, limits, SANDBOX_NONE, &result, &err));
    assert_int_equal(result.status, 0);
    assert_int_equal(hostile_processes(), 0);
}

static void signal_ends_an_unboxed_build(void **state)
{
    pid_t pid = sleep_in_child(state, SANDBOX_NONE);
    kill(pid, SIGTERM);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(hostile_processes(), 0);
    assert_int_equal(WEXITSTATUS(status), 42);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "probe") == 0) {
        return probe();
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        CASE(program_is_an_ordinary_user),
        CASE(box_holds_nothing_but_what_was_given),
        CASE(host_files_cannot_be_read),
        CASE(inputs_can_be_read_and_not_written),
        CASE(environment_is_what_was_given),
        CASE(no_descriptors_get_in),
        CASE(there_is_no_network),
        CASE(terminal_cannot_be_typed_into),
        CASE(calls_that_break_out_are_refused),
        CASE(foreign_calls_kill),
        CASE(limits_end_the_box),
        CASE(log_is_cut_at_its_limit),
        CASE(one_file_is_limited_as_well),
        CASE(temporary_files_are_limited),
        CASE(unreadable_directories_end_the_box),
        CASE(daemon_is_dead_before_the_result),
        CASE(status_and_log_are_told),
        CASE(refuses_mount_points_in_foreign_trees),
        CASE(refuses_unclean_paths),
        CASE(missing_input_is_an_error),
        CASE(progress_is_told_while_it_runs),
        CASE(probe_tells_the_version),
        CASE(no_namespaces_is_an_error_with_a_cure),
        CASE(signal_ends_the_box),
        CASE(death_of_the_parent_ends_the_box),
        CASE(unboxed_runs_with_limits),
        CASE(signal_ends_an_unboxed_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
