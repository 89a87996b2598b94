// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/proxy.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/unit/fetch/lying_server.h"

static struct lying_server server;
static char folder[64];
static struct arena arena;

static int start_server(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--database", "sum.test:600", NULL};
    lying_server_start(arguments, &server);
    scratch_make(folder);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    lying_server_stop(&server);
    scratch_remove(folder);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* A list in which $ stands for the server, and # for the folder. */
static const char *expand(const char *pattern)
{
    struct buffer text;
    buffer_init(&text, 4096);
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '$') {
            buffer_string(&text, server.base);
        } else if (*pattern == '#') {
            buffer_string(&text, folder);
        } else {
            buffer_byte(&text, (uint8_t)*pattern);
        }
    }
    const char *copy = arena_text(&arena, buffer_view(&text));
    buffer_free(&text);
    return copy;
}

struct setup {
    struct transport *transport;
    struct proxy *proxy;
};

static void set_up(const char *goproxy, const char *gonoproxy, struct setup *ret)
{
    struct transport_settings patience = impatient();
    struct settings settings = {.goproxy = expand(goproxy), .gonoproxy = gonoproxy};
    struct error err = {0};
    assert_true(transport_open(&patience, &ret->transport, &err));
    if (!proxy_open(&settings, ret->transport, &ret->proxy, &err)) {
        fail_msg("%s: %s", goproxy, err.message);
    }
}

static void tear_down(struct setup *setup)
{
    proxy_free(&setup->proxy);
    transport_free(&setup->transport);
}

struct row {
    const char *goproxy;
    enum error_code code; /* ERROR_NONE: it is got */
    size_t entry;         /* whose answer counts */
    unsigned status;
    const char *part; /* of the body or the message */
};

/* Each list as cmd/go takes it (modfetch.TryProxies). */
static const struct row rows[] = {
    {"$/lie/ok:one", ERROR_NONE, 1, 200, "one"},
    {"$/lie/ok:one/", ERROR_NONE, 1, 200, "one"},
    {" $/lie/ok:one , off", ERROR_NONE, 1, 200, "one"},
    {"$/lie/status:404,$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"$/lie/status:410,$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"$/lie/status:403,$/lie/ok:two", ERROR_ABSENT, 1, 403, "entry 1 of GOPROXY"},
    {"$/lie/status:500,$/lie/ok:two", ERROR_NETWORK, 1, 500, "500"},
    {"http://127.0.0.1:1,$/lie/ok:two", ERROR_NETWORK, 1, 0, "entry 1"},
    {"$/lie/truncate,$/lie/ok:two", ERROR_NETWORK, 1, 200, "entry 1"},
    {"$/lie/status:403|$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"$/lie/status:500|$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"$/lie/truncate|$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"$/lie/endless|$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"http://127.0.0.1:1|$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"$/lie/status:404|$/lie/status:404,$/lie/ok:three", ERROR_NONE, 3, 200, "three"},
    {"$/lie/status:404,off,$/lie/ok:x", ERROR_ABSENT, 2, 404, "off"},
    {"$/lie/status:404,direct,$/lie/ok:x", ERROR_ABSENT, 2, 404, "404 Not Found"},
    {"$/lie/status:404,direct", ERROR_ABSENT, 2, 404, "version control"},
    {"$/lie/status:500|direct", ERROR_NETWORK, 2, 500, "version control"},
    {"off", ERROR_ABSENT, 1, 0, "off"},
    {"direct", ERROR_ABSENT, 1, 0, "version control"},
    {"$/lie/status:404,$/lie/status:410", ERROR_ABSENT, 2, 410, "410 Gone"},
    {"$/lie/status:403|$/lie/status:404", ERROR_ABSENT, 1, 404, "403 Forbidden"},
    {"$/lie/status:500|$/lie/status:404", ERROR_NETWORK, 1, 404, "500"},
    {"$/lie/status:500|$/lie/status:403", ERROR_NETWORK, 2, 403, "403"},
    {"$/lie/status:404,$/lie/status:404,", ERROR_ABSENT, 2, 404, "entry 2"},
    {"file://#/none,$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"file://#,$/lie/ok:two", ERROR_NONE, 1, 0, "filed"},
    {"http://user:secret@127.0.0.1:1|$/lie/ok:two", ERROR_NONE, 2, 200, "two"},
    {"http://user:secret@127.0.0.1:1", ERROR_NETWORK, 1, 0, "plain http"},
};

static struct proxy_request request_for(struct buffer *body)
{
    return (struct proxy_request){
        .module = "example.test/Abc",
        .suffix = "example.test/!abc/@v/v1.0.0.mod",
        .maximum = MIB,
        .fd = -1,
        .body = body,
    };
}

static void check_row(const struct row *row)
{
    struct setup setup;
    struct error err = {0};
    struct buffer body;
    set_up(row->goproxy, "", &setup);
    buffer_init(&body, MIB);
    struct proxy_request request = request_for(&body);
    assert_true(proxy_get(setup.proxy, &request, 1, NULL, NULL, &err));
    const char *words = request.ok ? buffer_cstring(&body) : request.error.message;
    bool code = request.error.code == row->code ||
                (row->code == ERROR_NETWORK && request.error.code == ERROR_USAGE);
    if (request.ok != (row->code == ERROR_NONE) || !code || request.entry != row->entry ||
        request.status != row->status || strstr(words, row->part) == NULL ||
        strstr(words, "secret") != NULL) {
        fail_msg("%s: entry %zu, status %u, %s: %.300s", row->goproxy, request.entry,
                 request.status, error_code_name(request.error.code), words);
    }
    buffer_free(&body);
    tear_down(&setup);
}

static void put_file(const char *path, const char *content)
{
    char name[256];
    snprintf(name, sizeof(name), "%s/%s", folder, path);
    for (char *slash = strchr(name + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(name, 0700);
        *slash = '/';
    }
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void walks_lists_as_go_does(void **state)
{
    (void)state;
    put_file("example.test/!abc/@v/v1.0.0.mod", "filed");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_row(&rows[i]);
    }
}

static void leaves_nothing_of_a_failed_entry(void **state)
{
    (void)state;
    struct setup setup;
    struct error err = {0};
    char name[96];
    snprintf(name, sizeof(name), "%s/out", folder);
    AUTO_FD int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    set_up("$/lie/break-always|$/lie/ok:two", "", &setup);
    struct proxy_request request = request_for(NULL);
    request.fd = fd;
    request.large = true;
    assert_true(proxy_get(setup.proxy, &request, 1, NULL, NULL, &err));
    assert_true(request.ok);
    char content[8] = {0};
    assert_int_equal(pread(fd, content, sizeof(content), 0), 3);
    assert_string_equal(content, "two");
    tear_down(&setup);

    set_up("$/lie/break-always", "", &setup);
    assert_true(proxy_get(setup.proxy, &request, 1, NULL, NULL, &err));
    assert_false(request.ok);
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_size, 0);
    tear_down(&setup);
}

static void private_modules_are_refused(void **state)
{
    (void)state;
    struct setup setup;
    struct error err = {0};
    struct buffer body;
    set_up("$/lie/ok:one", "other.test,*.test/Abc", &setup);
    buffer_init(&body, MIB);
    struct proxy_request request = request_for(&body);
    assert_true(proxy_get(setup.proxy, &request, 1, NULL, NULL, &err));
    assert_fails(request.ok, &request.error, ERROR_ABSENT, "GONOPROXY");
    assert_non_null(strstr(request.error.cure, "--source"));
    request.module = "example.test/abc";
    assert_true(proxy_get(setup.proxy, &request, 1, NULL, NULL, &err));
    assert_true(request.ok);
    buffer_free(&body);
    tear_down(&setup);
}

static bool reads_one(void *context, struct bytes body, struct error *err)
{
    (void)context;
    return bytes_equal_string(body, "two") ||
           error_set(err, ERROR_UNTRUSTED, "this is not the second");
}

static void what_is_not_accepted_is_a_failure_of_its_entry(void **state)
{
    (void)state;
    static const char *const lists[] = {"$/lie/ok:one|$/lie/ok:two", "$/lie/ok:one,$/lie/ok:two"};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct setup setup;
        struct error err = {0};
        struct buffer body;
        set_up(lists[i], "", &setup);
        buffer_init(&body, MIB);
        struct proxy_request request = request_for(&body);
        request.accept = reads_one;
        assert_true(proxy_get(setup.proxy, &request, 1, NULL, NULL, &err));
        assert_int_equal(request.ok, i == 0);
        assert_int_equal(request.error.code, i == 0 ? ERROR_NONE : ERROR_UNTRUSTED);
        assert_string_equal(buffer_cstring(&body), i == 0 ? "two" : "");
        buffer_free(&body);
        tear_down(&setup);
    }
}

static void many_files_each_find_their_entry(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    struct setup setup;
    struct error err = {0};
    static struct buffer bodies[COUNT];
    static struct proxy_request requests[COUNT];
    static char suffixes[COUNT][64];
    set_up("file://#,$/lie/ok:there", "hidden.test", &setup);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(suffixes[i], sizeof(suffixes[i]), "m%zu.test/@v/v1.0.0.mod", i);
        if (i % 4 == 0) {
            put_file(suffixes[i], "here");
        }
        buffer_init(&bodies[i], 64);
        requests[i] = (struct proxy_request){.module = i == 1 ? "hidden.test/x" : "m.test",
                                             .suffix = suffixes[i],
                                             .maximum = 64,
                                             .fd = -1,
                                             .body = &bodies[i]};
    }
    assert_true(proxy_get(setup.proxy, requests, COUNT, NULL, NULL, &err));
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(requests[i].ok, i != 1);
        assert_int_equal(requests[i].entry, i == 1 ? 0 : i % 4 == 0 ? 1 : 2);
        assert_string_equal(buffer_cstring(&bodies[i]), i == 1       ? ""
                                                        : i % 4 == 0 ? "here"
                                                                     : "there");
        buffer_free(&bodies[i]);
    }
    tear_down(&setup);
}

static void bad_lists_are_refused_without_showing_them(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "",
        " ",
        ",",
        "|,|",
        "word",
        "/absolute/path",
        "ftp://host.test",
        "file://host.test/secret",
        "file://",
        "file:relative",
        "file:/absolute",
        "file:///a?b",
        "file:///a#b",
        "file:///a%zz",
        "file:///a%0",
        "file:///a%00b",
        "https://",
        "https:///secret",
        "https:/host.test",
        "https://user:secret@",
        "https://ho st.test",
        "https://host.test/a b",
        "https://ho\x1bst.test",
        "https://h\xc3\xb6st.test",
        "https://secret%41.test",
        "https://good.test,secret",
        "https://:80",
        "https://host.test:",
        "https://host.test:99999",
        "https://host.test:8a",
        "https://[::1",
        "https://[::1]x",
        "https://[secret]",
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct proxy_list list;
        struct error err = {0};
        if (proxy_list_parse(bytes_from_string(lists[i]), &arena, &list, &err) ||
            err.code != ERROR_USAGE || strstr(err.message, "secret") != NULL) {
            fail_msg("\"%s\": %s", lists[i], err.message);
        }
    }
}

static void entries_become_urls_as_go_writes_them(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *url;
    } urls[] = {
        {"host.test", "https://host.test/a.test/%21b/@v/v1+x.mod"},
        {"host.test:8080/p/", "https://host.test:8080/p/a.test/%21b/@v/v1+x.mod"},
        {"HTTPS://host.test//", "https://host.test/a.test/%21b/@v/v1+x.mod"},
        {"http://u:p@host.test/%41", "http://u:p@host.test/%41/a.test/%21b/@v/v1+x.mod"},
        {"https://host.test/p?t=1#f", "https://host.test/p/a.test/%21b/@v/v1+x.mod?t=1"},
        {"https://[::1]:80", "https://[::1]:80/a.test/%21b/@v/v1+x.mod"},
    };
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct proxy_list list;
        struct error err = {0};
        assert_true(proxy_list_parse(bytes_from_string(urls[i].entry), &arena, &list, &err));
        assert_int_equal(list.count, 1);
        assert_string_equal(
            fetch_place_url(&list.entries[0].place, "a.test/!b/@v/v1+x.mod", &arena), urls[i].url);
    }
    struct fetch_place place;
    struct error err = {0};
    assert_true(fetch_place_parse(BYTES("file:///a%20b"), &arena, &place, &err));
    assert_string_equal(place.directory, "/a b");
}

static void an_info_file_names_the_version_that_was_asked(void **state)
{
    (void)state;
    struct module_info info;
    struct error err;
    struct bytes good = BYTES("{\"Version\": \"v1.2.3\", \"Time\": \"2026-01-02T03:04:05Z\", "
                              "\"Origin\": {\"VCS\": \"git\", \"Hash\": \"abc\"}}");
    assert_true(proxy_read_info(good, "a.test/b", "v1.2.3", &arena, &info, &err));
    assert_string_equal(info.version, "v1.2.3");
    assert_string_equal(info.time, "2026-01-02T03:04:05Z");
    assert_string_equal(info.origin_hash, "abc");
    assert_string_equal(info.origin_ref, "");
    assert_true(proxy_read_info(good, "a.test/b", "main", &arena, &info, &err));
    assert_true(proxy_read_info(good, "a.test/b", NULL, &arena, &info, &err));
    assert_fails(proxy_read_info(good, "a.test/b", "v1.2.4", &arena, &info, &err), &err,
                 ERROR_UNTRUSTED, "v1.2.3");
    assert_fails(proxy_read_info(good, "a.test/b/v2", "main", &arena, &info, &err), &err,
                 ERROR_NETWORK, "no version");
    static const char *const bad[] = {"",
                                      "x",
                                      "[]",
                                      "{}",
                                      "{\"Version\": 1}",
                                      "{\"version\": \"v1.2.3\"}",
                                      "{\"Version\": \"v1\"}",
                                      "{\"Version\": \"../v1.2.3\"}",
                                      "{\"Version\": \"v1.2.3\"} x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_fails(
            proxy_read_info(bytes_from_string(bad[i]), "a.test/b", NULL, &arena, &info, &err), &err,
            ERROR_NETWORK, ".info");
    }
}

static struct sumdb_request latest(const char *goproxy, const char *url)
{
    struct setup setup;
    struct error err = {0};
    set_up(goproxy, "", &setup);
    struct sumdb_request request = {.path = "/latest"};
    buffer_init(&request.content, LIMIT_NOTE_BYTES);
    assert_true(proxy_set_database(setup.proxy, "sum.test", expand(url), &err));
    proxy_get_database(setup.proxy, &request, 1);
    tear_down(&setup);
    return request;
}

static void check_latest(const char *goproxy, const char *url, enum error_code code,
                         const char *part)
{
    struct sumdb_request request = latest(goproxy, url);
    const char *words =
        request.error.code == ERROR_NONE ? buffer_cstring(&request.content) : request.error.message;
    if (request.error.code != code || strstr(words, part) == NULL) {
        fail_msg("%s %s: %s: %s", goproxy, url, error_code_name(request.error.code), words);
    }
    buffer_free(&request.content);
}

static void finds_the_database_as_go_does(void **state)
{
    (void)state;
    put_file("mirror/sumdb/sum.test/supported", "");
    put_file("mirror/sumdb/sum.test/latest", "a mirrored head");
    check_latest("$", "", ERROR_NONE, "go.sum database tree");
    check_latest("$/lie/status:404,$", "", ERROR_NONE, "go.sum database tree");
    check_latest("$/lie/status:500|$", "", ERROR_NONE, "go.sum database tree");
    check_latest("file://#/mirror,$", "", ERROR_NONE, "a mirrored head");
    check_latest("file://#,$", "", ERROR_NONE, "go.sum database tree");
    /* Any other answer: the database is unavailable. */
    check_latest("$/lie/status:500,$", "", ERROR_NETWORK, "500");
    check_latest("$/lie/status:403", "", ERROR_NETWORK, "403");
    /* A proxy that says yes is not gone round. */
    check_latest("$/lie/ok:yes,$", "", ERROR_NONE, "yes");
    /* The second word of GOSUMDB bypasses the proxies. */
    check_latest("$/lie/status:500", "$", ERROR_NONE, "go.sum database tree");
    check_latest("off", "file://#/mirror/sumdb/sum.test", ERROR_NONE, "a mirrored head");
    /* No proxy: the database itself, which is nowhere. */
    check_latest("off", "", ERROR_NETWORK, "sum.test");
    check_latest("direct", "", ERROR_NETWORK, "https://sum.test/latest");
    check_latest("$/lie/status:404,$/lie/status:410", "", ERROR_NETWORK, "https://sum.test/latest");
}

static void a_strange_database_name_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "/", "a/", "a b", "u@host", "host?x", "host#x", "a\nb"};
    struct setup setup;
    set_up("off", "", &setup);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct error err = {0};
        assert_fails(proxy_set_database(setup.proxy, names[i], "", &err), &err, ERROR_USAGE,
                     "GOSUMDB");
    }
    struct error err = {0};
    assert_fails(proxy_set_database(setup.proxy, "sum.test", "ftp://x", &err), &err, ERROR_USAGE,
                 "second word");
    tear_down(&setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(walks_lists_as_go_does, drop_arena),
        cmocka_unit_test_teardown(leaves_nothing_of_a_failed_entry, drop_arena),
        cmocka_unit_test_teardown(private_modules_are_refused, drop_arena),
        cmocka_unit_test_teardown(what_is_not_accepted_is_a_failure_of_its_entry, drop_arena),
        cmocka_unit_test_teardown(many_files_each_find_their_entry, drop_arena),
        cmocka_unit_test_teardown(bad_lists_are_refused_without_showing_them, drop_arena),
        cmocka_unit_test_teardown(entries_become_urls_as_go_writes_them, drop_arena),
        cmocka_unit_test_teardown(an_info_file_names_the_version_that_was_asked, drop_arena),
        cmocka_unit_test_teardown(finds_the_database_as_go_does, drop_arena),
        cmocka_unit_test_teardown(a_strange_database_name_is_refused, drop_arena),
    };
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
