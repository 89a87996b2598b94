// SPDX-License-Identifier: Apache-2.0
#include <pty.h>

#include "tests/unit/sandbox/box_place.h"

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
    const struct place *place = *state;
    const char *program = arena_printf(&arena, "entry %s\n", place->program + 1);
    const char *const expected[] = {"entry .\n",   "entry ..\n",   "entry .box\n",
                                    "entry dev\n", "entry deep\n", "entry etc\n",
                                    "entry out\n", "entry tmp\n",  program};
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
    const char *const read_only[] = {
        "/deep/er/in/file", "/deep/er/in/new", "/etc/small",   "/new",        "/deep/new",
        "/dev/new",         "/.box/new",       "/.box/launch", place->program};
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

static void expect_refusal(const struct sandbox_mount *mounts, size_t count, enum error_code code)
{
    const char *const argv[] = {"/x", NULL};
    struct sandbox_job job = {.mounts = mounts, .mount_count = count, .argv = argv};
    struct sandbox_result result = {.status = 77};
    struct error err = {0};
    assert_false(sandbox_run(&job, &arena, &result, &err));
    assert_int_equal(err.code, code);
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
    expect_refusal(below, 2, ERROR_UNSUPPORTED);
    expect_refusal(below_tmpfs, 2, ERROR_UNSUPPORTED);
    expect_refusal(twice, 2, ERROR_UNSUPPORTED);
}

static void refuses_unclean_paths(void **state)
{
    const struct place *place = *state;
    static const char *const paths[] = {"",      "/",       "in",        "/in/",         "//in",
                                        "/a//b", "/a/../b", "/dev/null", "/.box/launch", "/a/./b"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const struct sandbox_mount mount = {.host = place->in, .box = paths[i]};
        expect_refusal(&mount, 1, ERROR_UNSUPPORTED);
    }
    const struct sandbox_mount relative = {.host = "in", .box = "/in"};
    expect_refusal(&relative, 1, ERROR_USAGE);
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
    const struct sandbox_mount mount = {.host = place->hostile, .box = place->program};
    const char *const argv[] = {place->program, "sleep", NULL};
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
        CASE(status_and_log_are_told),
        CASE(refuses_mount_points_in_foreign_trees),
        CASE(refuses_unclean_paths),
        CASE(missing_input_is_an_error),
        CASE(progress_is_told_while_it_runs),
        CASE(probe_tells_the_version),
        CASE(no_namespaces_is_an_error_with_a_cure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
