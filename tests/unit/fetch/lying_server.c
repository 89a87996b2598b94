// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fetch/lying_server.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"

extern char **environ;

static pid_t spawn(const char *const *argv, int in, int out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    if (in >= 0) {
        posix_spawn_file_actions_adddup2(&actions, in, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    assert_int_equal(
        posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static unsigned read_port(int fd)
{
    char line[32] = {0};
    size_t len = 0;
    while (len + 1 < sizeof(line) && memchr(line, '\n', len) == NULL) {
        ssize_t got = read(fd, line + len, 1);
        assert_true(got == 1);
        len++;
    }
    assert_memory_equal(line, "PORT ", 5);
    return (unsigned)strtoul(line + 5, NULL, 10);
}

void lying_server_start(const char *const *arguments, struct lying_server *ret)
{
    char script[512];
    const char *argv[16] = {"python3", script};
    int in[2], out[2];
    snprintf(script, sizeof(script), "%s/tests/server/server.py", getenv("MESON_SOURCE_ROOT"));
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++) {
        argv[2 + i] = arguments[i];
    }
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    ret->pid = spawn(argv, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    ret->keep = in[1];
    ret->port = read_port(out[0]);
    close(out[0]);
    snprintf(ret->base, sizeof(ret->base), "http://127.0.0.1:%u", ret->port);
}

void lying_server_stop(struct lying_server *server)
{
    close(server->keep);
    waitpid(server->pid, NULL, 0);
}

bool run_program(const char *const *argv)
{
    int status;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t pid = spawn(argv, -1, null);
    close(null);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool lying_server_certificate(const char *certificate, const char *key)
{
    const char *const argv[] = {"openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=localhost",
                                "-addext",
                                "subjectAltName=DNS:localhost",
                                "-keyout",
                                key,
                                "-out",
                                certificate,
                                NULL};
    return run_program(argv);
}

/* What `openssl req` makes is valid from now on; `openssl ca` takes dates. */
static const char DATED[] =
    "exec >/dev/null 2>&1; cd \"$1\" && rm -rf ca && mkdir ca && : >ca/index && cat >ca/conf "
    "<<END\n"
    "[ca]\ndefault_ca=d\n[d]\ndatabase=ca/index\nrand_serial=yes\nnew_certs_dir=ca\n"
    "default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n"
    "[x]\nsubjectAltName=DNS:localhost\nbasicConstraints=CA:true\n"
    "[req]\ndistinguished_name=n\n[n]\nEND\n"
    "openssl req -new -config ca/conf -newkey rsa:2048 -nodes -keyout other.key"
    " -subj /CN=localhost -out ca/csr && "
    "openssl ca -batch -selfsign -config ca/conf -keyfile other.key -in ca/csr -startdate \"$2\""
    " -enddate \"$3\" -notext -out other.pem\n";

bool lying_server_dated_certificate(const char *folder, const char *from, const char *until)
{
    const char *const argv[] = {"sh", "-c", DATED, "sh", folder, from, until, NULL};
    return run_program(argv);
}

const char *helper_path(void)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/cli/helpers/reproof-fetch", getenv("MESON_BUILD_ROOT"));
    return path;
}

struct transport_settings impatient(void)
{
    return (struct transport_settings){
        .helper = helper_path(),
        .pause_ms = 10,
        .connect_ms = 5000,
        .stall_ms = 2000,
        .small_ms = 8000,
        .large_ms = 15000,
    };
}

struct transfer get_once(const char *base, const char *path, uint64_t maximum, struct buffer *body)
{
    struct transport_settings settings = impatient();
    struct transport *transport;
    struct error err = {0};
    static char url[1024];
    snprintf(url, sizeof(url), "%s%s", base, path);
    struct transfer transfer = {
        .url = url, .maximum = maximum, .allow_http = true, .fd = -1, .body = body};
    assert_true(transport_open(&settings, &transport, &err));
    if (!transport_run(transport, &transfer, 1, NULL, NULL, &err)) {
        transport_free(&transport);
        fail_msg("%s", err.message);
    }
    transport_free(&transport);
    return transfer;
}

char *lying_server_ask(const struct lying_server *server, const char *path)
{
    struct buffer body;
    buffer_init(&body, MIB);
    struct transfer transfer = get_once(server->base, path, MIB, &body);
    if (!transfer.ok) {
        fail_msg("%s", transfer.error.message);
    }
    char *text = strndup((const char *)buffer_cstring(&body), body.len);
    buffer_free(&body);
    return text;
}
