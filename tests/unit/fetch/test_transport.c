// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "tests/unit/fetch/lying_server.h"
#include "verifier/fetch/transport_internal.h"

/* A server for all cases; lies that remember are kept apart by their paths. */
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

struct lie {
    const char *path;
    enum error_code code; /* ERROR_NONE: it is got all the same */
    const char *part;     /* of the message, or of the body */
    uint64_t maximum;     /* 0: enough */
};

static const struct lie lies[] = {
    {"/lie/ok:hello/x", ERROR_NONE, "hello", 0},
    {"/lie/ok:hello/x", ERROR_LIMIT, "limit", 4},
    {"/lie/ok:hello/x", ERROR_NONE, "hello", 5},
    {"/lie/status:404/x", ERROR_ABSENT, "404 Not Found: this is status 404", 0},
    {"/lie/status:410/x", ERROR_ABSENT, "410 Gone", 0},
    {"/lie/status:403/x", ERROR_NETWORK, "403 Forbidden", 0},
    {"/lie/status:500/x", ERROR_NETWORK, "500 Internal Server Error", 0},
    {"/lie/status:204/x", ERROR_NETWORK, "204", 0},
    {"/lie/status:304/x", ERROR_NETWORK, "304", 0},
    {"/lie/garbage/x", ERROR_NETWORK, "", 0},
    {"/lie/close/x", ERROR_NETWORK, "", 0},
    {"/lie/truncate/x", ERROR_NETWORK, "", 0},
    /* A length that is too small cuts the body: only its digest can tell. */
    {"/lie/length-small/x", ERROR_NONE, "reproof", 0},
    {"/lie/junk/x", ERROR_NONE, "", 0},
    {"/lie/length-large/x", ERROR_NETWORK, "", 0},
    {"/lie/length-huge/x", ERROR_LIMIT, "limit", 0},
    {"/lie/length-negative/x", ERROR_NETWORK, "", 0},
    {"/lie/length-junk/x", ERROR_NETWORK, "", 0},
    {"/lie/length-twice/x", ERROR_NETWORK, "Content-Length", 0},
    {"/lie/slow/x", ERROR_NETWORK, "", 0},
    {"/lie/slow-headers/x", ERROR_NETWORK, "", 0},
    {"/lie/silent/x", ERROR_NETWORK, "", 0},
    {"/lie/mute/x", ERROR_NETWORK, "", 0},
    {"/lie/endless/x", ERROR_LIMIT, "limit", 0},
    {"/lie/endless-plain/x", ERROR_LIMIT, "limit", 0},
    {"/lie/endless-error/x", ERROR_NETWORK, "500", 0},
    {"/lie/endless-headers/x", ERROR_NETWORK, "headers", 0},
    {"/lie/endless-line/x", ERROR_NETWORK, "", 0},
    {"/lie/endless-interim/x", ERROR_NETWORK, "", 0},
    {"/lie/trailers/x", ERROR_NETWORK, "", 0},
    {"/lie/gzip/x", ERROR_NETWORK, "encoded", 0},
    {"/lie/loop/x", ERROR_NETWORK, "redirects", 0},
    {"/lie/hops:5/x", ERROR_NONE, "arrived", 0},
    {"/lie/hops:6/x", ERROR_NETWORK, "redirects", 0},
    {"/lie/redirect:ftp:%2F%2F127.0.0.1%2Fx/x", ERROR_NETWORK, "redirect", 0},
    {"/lie/redirect:file:%2F%2F%2Fetc%2Fpasswd/x", ERROR_NETWORK, "redirect", 0},
    {"/lie/redirect:gopher:%2F%2F127.0.0.1%2Fx/x", ERROR_NETWORK, "redirect", 0},
    {"/lie/redirect:http:%2F%2Fuser:word@127.0.0.1:1%2Fx/x", ERROR_NETWORK, "redirect", 0},
    {"/lie/part/x", ERROR_NETWORK, "part", 0},
    {"/lie/then:503/once", ERROR_NONE, "reproof", 0},
    {"/lie/break/once", ERROR_NONE, "reproof", 0},
    {"/lie/break-always/x", ERROR_NETWORK, "", 0},
};

/* In bounded time, with the right class, and with no more than was asked for. */
static void tell(const struct lie *lie)
{
    struct buffer body;
    uint64_t maximum = lie->maximum == 0 ? MIB : lie->maximum;
    buffer_init(&body, maximum);
    int64_t before = clock_ms();
    struct transfer transfer = get_once(server.base, lie->path, maximum, &body);
    int64_t took = clock_ms() - before;
    const char *words = transfer.ok ? buffer_cstring(&body) : transfer.error.message;
    if (transfer.ok != (lie->code == ERROR_NONE) || transfer.error.code != lie->code ||
        strstr(words, lie->part) == NULL || transfer.received > maximum) {
        fail_msg("%s: %s \"%.200s\"", lie->path, error_code_name(transfer.error.code), words);
    }
    if (took > 20000) {
        fail_msg("%s: took %lld ms", lie->path, (long long)took);
    }
    buffer_free(&body);
}

static void withstands_every_lie(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        tell(&lies[i]);
    }
}

static void runs_many_at_once(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct transport_settings settings = impatient();
    struct transport *transport;
    struct error err = {0};
    static struct transfer transfers[COUNT];
    static struct buffer bodies[COUNT];
    static char urls[COUNT][128];
    for (size_t i = 0; i < COUNT; i++) {
        buffer_init(&bodies[i], 64);
        snprintf(urls[i], sizeof(urls[i]), "%s/lie/%s:%zu/x", server.base,
                 i % 3 == 0 ? "status" : "ok", i % 3 == 0 ? 404 : i);
        transfers[i] = (struct transfer){
            .url = urls[i], .maximum = 64, .allow_http = true, .fd = -1, .body = &bodies[i]};
    }
    assert_true(transport_open(&settings, &transport, &err));
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            buffer_clear(&bodies[i]);
            transfers[i].received = 0;
        }
        assert_true(transport_run(transport, transfers, COUNT, NULL, NULL, &err));
        for (size_t i = 0; i < COUNT; i++) {
            char number[32];
            snprintf(number, sizeof(number), "%zu", i);
            assert_int_equal(transfers[i].ok, i % 3 != 0);
            assert_string_equal(buffer_cstring(&bodies[i]), i % 3 != 0 ? number : "");
        }
    }
    transport_free(&transport);
    for (size_t i = 0; i < COUNT; i++) {
        buffer_free(&bodies[i]);
    }
}

/* FILLER of lies.py: what an honest answer to these paths holds. */
static void assert_filler(int fd, size_t len)
{
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_size, len);
    char piece[8];
    for (size_t at = 0; at < len; at += sizeof(piece)) {
        assert_int_equal(pread(fd, piece, sizeof(piece), (off_t)at), sizeof(piece));
        assert_memory_equal(piece, "reproof ", sizeof(piece));
    }
}

static int memory_file(void)
{
    char name[] = "/tmp/reproof-unit-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    assert_true(fd >= 0);
    unlink(name);
    return fd;
}

static struct transfer download(const char *path, int fd, unsigned tries)
{
    struct transport_settings settings = impatient();
    settings.tries = tries;
    struct transport *transport;
    struct error err = {0};
    static char url[256];
    snprintf(url, sizeof(url), "%s%s", server.base, path);
    struct transfer transfer = {
        .url = url, .maximum = MIB, .large = true, .allow_http = true, .fd = fd};
    assert_true(transport_open(&settings, &transport, &err));
    assert_true(transport_run(transport, &transfer, 1, NULL, NULL, &err));
    transport_free(&transport);
    return transfer;
}

static void resumes_a_broken_download(void **state)
{
    (void)state;
    AUTO_FD int fd = memory_file();
    struct transfer transfer = download("/lie/break/resumed", fd, 0);
    assert_true(transfer.ok);
    assert_filler(fd, 65536);
    char *log = lying_server_ask(&server, "/control/log");
    assert_non_null(strstr(log, "\"range\": \"bytes=32768-\""));
    assert_non_null(strstr(log, "\"if-range\": "));
    free(log);
}

static void begins_anew_where_resuming_is_a_lie(void **state)
{
    (void)state;
    static const char *const paths[] = {"/lie/break-no-range/x", "/lie/break-wrong-range/x",
                                        "/lie/break-other-etag/x"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        AUTO_FD int fd = memory_file();
        struct transfer transfer = download(paths[i], fd, 3);
        assert_true(transfer.ok);
        assert_filler(fd, 65536);
    }
}

static void takes_the_new_file_whole_where_it_changed(void **state)
{
    (void)state;
    AUTO_FD int fd = memory_file();
    struct transfer transfer = download("/lie/break-changed/x", fd, 0);
    assert_true(transfer.ok);
    assert_int_equal(transfer.received, 65536 + 8);
    char start[8];
    assert_int_equal(pread(fd, start, 8, 0), 8);
    assert_memory_equal(start, "changed ", 8);
}

static void continues_what_an_earlier_run_got(void **state)
{
    (void)state;
    AUTO_FD int fd = memory_file();
    struct transfer first = download("/lie/break/later", fd, 1);
    assert_false(first.ok);
    assert_int_equal(first.received, 32768);
    assert_true(first.etag[0] == '"');

    struct transport_settings settings = impatient();
    struct transport *transport;
    struct error err = {0};
    first.fd = fd;
    assert_true(transport_open(&settings, &transport, &err));
    assert_true(transport_run(transport, &first, 1, NULL, NULL, &err));
    transport_free(&transport);
    assert_true(first.ok);
    assert_filler(fd, 65536);
}

static void a_full_disk_is_our_error(void **state)
{
    (void)state;
    AUTO_FD int full = open("/dev/full", O_RDWR | O_CLOEXEC);
    struct transfer transfer = download("/lie/ok:hello/x", full, 0);
    assert_false(transfer.ok);
    /* Neither can be emptied nor written; no retry helps. */
    assert_true(transfer.error.code == ERROR_LIMIT || transfer.error.code == ERROR_IO);
}

static void refuses_http_unless_allowed(void **state)
{
    (void)state;
    struct transport_settings settings = impatient();
    struct transport *transport;
    struct error err = {0};
    struct buffer body;
    buffer_init(&body, 64);
    char url[128];
    snprintf(url, sizeof(url), "%s/lie/ok:secret/refused", server.base);
    struct transfer transfer = {.url = url, .maximum = 64, .fd = -1, .body = &body};
    assert_true(transport_open(&settings, &transport, &err));
    assert_true(transport_run(transport, &transfer, 1, NULL, NULL, &err));
    transport_free(&transport);
    assert_false(transfer.ok);
    assert_non_null(strstr(transfer.error.message, "https"));
    char *log = lying_server_ask(&server, "/control/log");
    assert_null(strstr(log, "/refused"));
    free(log);
    buffer_free(&body);
}

static void credentials_stay_with_their_host(void **state)
{
    (void)state;
    struct lying_server other;
    struct buffer body;
    char base[64], path[128];
    lying_server_start(NULL, &other);
    buffer_init(&body, 64);
    snprintf(base, sizeof(base), "http://user:pass%%40word@127.0.0.1:%u", server.port);
    /* Another name for the same machine is another host. */
    snprintf(path, sizeof(path), "/lie/redirect:http:%%2F%%2Flocalhost:%u%%2Flie%%2Fok:away%%2Fx/x",
             other.port);
    struct transfer transfer = get_once(base, path, 64, &body);
    assert_true(transfer.ok);
    assert_string_equal(buffer_cstring(&body), "away");
    char *here = lying_server_ask(&server, "/control/log");
    char *there = lying_server_ask(&other, "/control/log");
    assert_non_null(strstr(here, "Basic dXNlcjpwYXNzQHdvcmQ=")); /* user:pass@word */
    assert_non_null(strstr(there, "/lie/ok:away/x"));
    assert_null(strstr(there, "authorization"));
    free(here);
    free(there);
    buffer_free(&body);
    lying_server_stop(&other);
}

static void shows_no_password(void **state)
{
    (void)state;
    char shown[64];
    transport_show_url("https://user:word@host:8/a/b?token=1#x", shown, sizeof(shown));
    assert_string_equal(shown, "https://host:8/a/b");
    transport_show_url("https://a@b:c@host/@v/x", shown, sizeof(shown));
    assert_string_equal(shown, "https://host/@v/x");
    transport_show_url("nonsense", shown, sizeof(shown));
    assert_string_equal(shown, "nonsense");
    transport_show_url("", shown, sizeof(shown));
    assert_string_equal(shown, "");
    char small[12];
    transport_show_url("https://user:word@host/path", small, sizeof(small));
    assert_string_equal(small, "https://hos");

    struct buffer body;
    buffer_init(&body, 64);
    char base[64];
    snprintf(base, sizeof(base), "http://user:word@127.0.0.1:%u", server.port);
    struct transfer transfer = get_once(base, "/lie/status:500/x", 64, &body);
    assert_null(strstr(transfer.error.message, "word"));
    buffer_free(&body);
}

struct told {
    size_t calls;
    uint64_t last;
};

static void note_progress(void *context, const struct transfer *transfers, size_t count)
{
    struct told *told = context;
    assert_int_equal(count, 1);
    told->calls++;
    assert_true(transfers[0].received >= told->last);
    told->last = transfers[0].received;
}

static void tells_progress_ten_times_a_second(void **state)
{
    (void)state;
    struct transport_settings settings = impatient();
    struct transport *transport;
    struct error err = {0};
    struct buffer body;
    struct told told = {0};
    char url[128];
    buffer_init(&body, MIB);
    snprintf(url, sizeof(url), "%s/lie/delay:0.55/x", server.base);
    struct transfer transfer = {
        .url = url, .maximum = MIB, .allow_http = true, .fd = -1, .body = &body};
    assert_true(transport_open(&settings, &transport, &err));
    int64_t before = clock_ms();
    assert_true(transport_run(transport, &transfer, 1, note_progress, &told, &err));
    transport_free(&transport);
    buffer_free(&body);
    /* A busy machine takes longer, and is told more often then. */
    assert_in_range(told.calls, 3, (uint64_t)(clock_ms() - before) / 100 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(withstands_every_lie),
        cmocka_unit_test(runs_many_at_once),
        cmocka_unit_test(resumes_a_broken_download),
        cmocka_unit_test(begins_anew_where_resuming_is_a_lie),
        cmocka_unit_test(takes_the_new_file_whole_where_it_changed),
        cmocka_unit_test(continues_what_an_earlier_run_got),
        cmocka_unit_test(a_full_disk_is_our_error),
        cmocka_unit_test(refuses_http_unless_allowed),
        cmocka_unit_test(credentials_stay_with_their_host),
        cmocka_unit_test(shows_no_password),
        cmocka_unit_test(tells_progress_ten_times_a_second),
    };
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
