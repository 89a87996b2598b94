// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "tests/unit/fetch/lying_server.h"
#include "verifier/fetch/transport_internal.h"

static struct lying_server server;

static int start_server(void **state)
{
    (void)state;
    lying_server_start(NULL, &server);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    lying_server_stop(&server);
    return 0;
}

/* A helper of our own making: SCRIPT is Python, with the channel as `c` and one request awaited. */
static void run_false_helper(const char *script, enum error_code code, const char *part)
{
    char name[64], path[96], url[128];
    struct transport_settings settings = impatient();
    settings.small_ms = 1;
    struct transport *transport;
    struct error err = {0};
    struct buffer body;
    scratch_make(name);
    snprintf(path, sizeof(path), "%s/helper", name);
    FILE *file = fopen(path, "w");
    fprintf(file,
            "#!/usr/bin/python3\nimport os, socket, struct, sys\nc = "
            "socket.socket(fileno=int(sys.argv[1]))\n"
            "m, a, _, _ = c.recvmsg(65536, 1024)\nout = struct.unpack('i', a[0][2])[0]\n"
            "id = m[1:5]\n%s\n",
            script);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
    settings.helper = path;
    buffer_init(&body, 16);
    snprintf(url, sizeof(url), "%s/lie/ok:x/x", server.base);
    struct transfer transfer = {
        .url = url, .maximum = 16, .allow_http = true, .fd = -1, .body = &body};
    assert_true(transport_open(&settings, &transport, &err));
    bool ran = transport_run(transport, &transfer, 1, NULL, NULL, &err);
    const struct error *shown = ran ? &transfer.error : &err;
    if (transfer.ok || shown->code != code || strstr(shown->message, part) == NULL ||
        body.len > 16) {
        fail_msg("%s: %s %s", script, error_code_name(shown->code), shown->message);
    }
    transport_free(&transport);
    buffer_free(&body);
    scratch_remove(name);
}

#define START "c.send(b'\\x02' + id + struct.pack('<BQH', 0, 2**64-1, 0))\n"
#define DONE(written) "c.send(b'\\x03' + id + struct.pack('<BHQH', 0, 200, " written ", 0))\n"

static void a_false_helper_is_an_error(void **state)
{
    (void)state;
    run_false_helper("sys.exit(3)", ERROR_TOOL, "status 3");
    run_false_helper("os.kill(os.getpid(), 9)", ERROR_TOOL, "signal 9");
    run_false_helper("c.send(b'nonsense'); c.recv(1)", ERROR_TOOL, "no sense");
    run_false_helper("c.send(b'\\x04\\x03\\x00why'); c.recv(1)", ERROR_TOOL, "why");
    run_false_helper(DONE("0") "c.recv(1)", ERROR_TOOL, "no sense");
    run_false_helper(START START "c.recv(1)", ERROR_TOOL, "no sense");
    run_false_helper("id = b'abcd'\n" START "c.recv(1)", ERROR_TOOL, "no sense");
    run_false_helper(START "os.write(out, b'abc')\nos.close(out)\n" DONE("4") "c.recv(1)",
                     ERROR_TOOL, "no sense");
    run_false_helper(START "os.write(out, b'y' * 17)\nos.close(out)\n" DONE("17") "c.recv(1)",
                     ERROR_LIMIT, "limit");
    run_false_helper("c.send(b'\\x02' + id + struct.pack('<BQH', 1, 5, 0)); c.recv(1)", ERROR_TOOL,
                     "no sense");
}

static void a_missing_helper_is_an_error(void **state)
{
    (void)state;
    struct transport_settings settings = {.helper = "/nonexistent/reproof-fetch"};
    struct transport *transport;
    struct error err = {0};
    struct buffer body;
    buffer_init(&body, 16);
    struct transfer transfer = {
        .url = "https://localhost/", .maximum = 16, .fd = -1, .body = &body};
    assert_true(transport_open(&settings, &transport, &err));
    assert_fails(transport_run(transport, &transfer, 1, NULL, NULL, &err), &err, ERROR_ABSENT,
                 "reproof-fetch");
    assert_int_equal(transfer.error.code, ERROR_ABSENT);
    transport_free(&transport);
}

static pid_t child_called(const char *name)
{
    char path[64], line[256];
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "r");
    int pid, found = 0;
    while (file != NULL && fscanf(file, "%d", &pid) == 1) {
        snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        FILE *comm = fopen(path, "r");
        if (comm != NULL && fgets(line, sizeof(line), comm) != NULL &&
            strncmp(line, name, strlen(name)) == 0) {
            found = pid;
        }
        if (comm != NULL) {
            fclose(comm);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

static void a_dead_helper_is_started_again(void **state)
{
    (void)state;
    struct transport_settings settings = impatient();
    struct transport *transport;
    struct error err = {0};
    struct buffer body;
    char url[128];
    buffer_init(&body, 16);
    snprintf(url, sizeof(url), "%s/lie/ok:x/x", server.base);
    struct transfer transfer = {
        .url = url, .maximum = 16, .allow_http = true, .fd = -1, .body = &body};
    assert_true(transport_open(&settings, &transport, &err));
    assert_true(transport_run(transport, &transfer, 1, NULL, NULL, &err));
    pid_t helper = child_called("reproof-fetch");
    if (helper == 0) {
        transport_free(&transport);
        buffer_free(&body);
        skip();
    }
    kill(helper, SIGKILL);
    buffer_clear(&body);
    transfer.received = 0;
    assert_fails(transport_run(transport, &transfer, 1, NULL, NULL, &err), &err, ERROR_TOOL,
                 "signal 9");
    assert_true(transport_run(transport, &transfer, 1, NULL, NULL, &err));
    assert_true(transfer.ok);
    transport_free(&transport);
    assert_int_equal(child_called("reproof-fetch"), 0);
    buffer_free(&body);
}

/* In a child of its own, as the flag that a signal came stays. */
static void a_signal_ends_the_wait(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct transport_settings settings = impatient();
        struct transport *transport;
        struct error err = {0};
        struct buffer body;
        char url[128];
        settings.stall_ms = settings.small_ms = 60000;
        buffer_init(&body, 16);
        snprintf(url, sizeof(url), "%s/lie/mute/x", server.base);
        struct transfer transfer = {
            .url = url, .maximum = 16, .allow_http = true, .fd = -1, .body = &body};
        interrupt_install();
        bool ran = transport_open(&settings, &transport, &err) &&
                   transport_run(transport, &transfer, 1, NULL, NULL, &err);
        bool left = child_called("reproof-fetch") != 0;
        _exit(!ran && !left && err.code == ERROR_INTERRUPTED &&
                      transfer.error.code == ERROR_INTERRUPTED
                  ? 0
                  : 1);
    }
    int status;
    usleep(500000);
    int64_t before = clock_ms();
    kill(child, SIGINT);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(clock_ms() - before < 2000);
}

static pid_t child_of(pid_t parent)
{
    char path[64];
    int pid = 0;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%d", &pid) != 1) {
        pid = 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return pid;
}

static void the_helper_dies_with_its_parent(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct buffer body;
        buffer_init(&body, 16);
        (void)get_once(server.base, "/lie/mute/x", 16, &body);
        _exit(0);
    }
    usleep(500000);
    pid_t helper = child_of(child);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(helper > 0);
    for (unsigned i = 0; i < 100 && kill(helper, 0) == 0; i++) {
        usleep(20000);
    }
    char path[64], line[512] = {0};
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)helper);
    FILE *file = fopen(path, "r");
    /* A zombie that nobody has reaped yet is as dead as can be. */
    bool dead = file == NULL || fgets(line, sizeof(line), file) == NULL ||
                strstr(line, ") Z ") != NULL || strstr(line, "reproof-fetch") == NULL;
    if (file != NULL) {
        fclose(file);
    }
    assert_true(dead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_false_helper_is_an_error),
        cmocka_unit_test(a_missing_helper_is_an_error),
        cmocka_unit_test(a_dead_helper_is_started_again),
        cmocka_unit_test(a_signal_ends_the_wait),
        cmocka_unit_test(the_helper_dies_with_its_parent),
    };
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
