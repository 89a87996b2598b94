// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport.h"

#include <signal.h>
#include <unistd.h>

#include "tests/unit/fetch/lying_server.h"

static char folder[64], certificate[96], key[96], trusted[128];
static struct lying_server secure, plain;
static bool can_run;

static int start_servers(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(certificate, sizeof(certificate), "%s/certificate.pem", folder);
    snprintf(key, sizeof(key), "%s/key.pem", folder);
    snprintf(trusted, sizeof(trusted), "SSL_CERT_FILE=%s", certificate);
    can_run = lying_server_certificate(certificate, key);
    if (can_run) {
        const char *const arguments[] = {"--tls", certificate, key, NULL};
        lying_server_start(arguments, &secure);
        lying_server_start(NULL, &plain);
    }
    return 0;
}

static int stop_servers(void **state)
{
    (void)state;
    if (can_run) {
        lying_server_stop(&secure);
        lying_server_stop(&plain);
    }
    scratch_remove(folder);
    return 0;
}

/* Gets URL with ENTRY as all of the environment; the content or the message into RET. */
static bool get(const char *url, const char *entry, bool allow_http, char ret[256])
{
    if (!can_run) {
        skip();
    }
    const char *const environment[] = {entry, NULL};
    struct transport_settings settings = impatient();
    settings.environment = environment;
    struct transport *transport;
    struct error err = {0};
    struct buffer body;
    buffer_init(&body, 200);
    struct transfer transfer = {
        .url = url, .maximum = 200, .allow_http = allow_http, .fd = -1, .body = &body};
    assert_true(transport_open(&settings, &transport, &err));
    assert_true(transport_run(transport, &transfer, 1, NULL, NULL, &err));
    transport_free(&transport);
    snprintf(ret, 256, "%.250s", transfer.ok ? buffer_cstring(&body) : transfer.error.message);
    buffer_free(&body);
    assert_true(transfer.ok || transfer.error.code == ERROR_NETWORK);
    return transfer.ok;
}

static const char *url_of(const char *scheme, const char *host, unsigned port, const char *path)
{
    static char url[1024];
    snprintf(url, sizeof(url), "%s://%s:%u%s", scheme, host, port, path);
    return url;
}

static void trusts_the_certificates_it_is_given(void **state)
{
    (void)state;
    char words[256];
    assert_true(
        get(url_of("https", "localhost", secure.port, "/lie/ok:safe/x"), trusted, false, words));
    assert_string_equal(words, "safe");
}

static void refuses_a_certificate_of_nobody(void **state)
{
    (void)state;
    char words[256];
    assert_false(
        get(url_of("https", "localhost", secure.port, "/lie/ok:safe/x"), "X=", false, words));
    assert_non_null(strstr(words, "certificate"));
}

static void refuses_a_certificate_of_another_host(void **state)
{
    (void)state;
    char words[256];
    assert_false(
        get(url_of("https", "127.0.0.1", secure.port, "/lie/ok:safe/x"), trusted, false, words));
    assert_non_null(strstr(words, "certificate"));
}

static void refuses_what_is_expired_or_not_valid_yet(void **state)
{
    (void)state;
    static const struct {
        const char *from, *until, *words;
    } cases[] = {{"20000101000000Z", "20010101000000Z", "expired"},
                 {"20900101000000Z", "20910101000000Z", "not yet valid"},
                 {"20000101000000Z", "20910101000000Z", NULL}};
    char other[96], other_key[96], entry[128], words[256];
    snprintf(other, sizeof(other), "%s/other.pem", folder);
    snprintf(other_key, sizeof(other_key), "%s/other.key", folder);
    snprintf(entry, sizeof(entry), "SSL_CERT_FILE=%s", other);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lying_server server;
        const char *const arguments[] = {"--tls", other, other_key, NULL};
        if (!can_run || !lying_server_dated_certificate(folder, cases[i].from, cases[i].until)) {
            skip();
        }
        lying_server_start(arguments, &server);
        bool got =
            get(url_of("https", "localhost", server.port, "/lie/ok:safe/x"), entry, false, words);
        lying_server_stop(&server);
        if (got != (cases[i].words == NULL) || (!got && strstr(words, cases[i].words) == NULL)) {
            fail_msg("valid from %s to %s: %s", cases[i].from, cases[i].until, words);
        }
    }
}

static void never_goes_from_https_to_http(void **state)
{
    (void)state;
    char words[256], path[256];
    snprintf(path, sizeof(path),
             "/lie/redirect:http:%%2F%%2F127.0.0.1:%u%%2Flie%%2Fok:bare%%2Fdowngraded/x",
             plain.port);
    assert_false(get(url_of("https", "localhost", secure.port, path), trusted, false, words));
    assert_non_null(strstr(words, "redirect"));
    /* Nor where http was allowed for the URL: this one is https. */
    assert_false(get(url_of("https", "localhost", secure.port, path), trusted, true, words));
    assert_non_null(strstr(words, "redirect"));

    /* Nor by way of http to https to http. */
    char first[512];
    snprintf(first, sizeof(first),
             "/lie/redirect:https:%%2F%%2Flocalhost:%u%%2Flie%%2Fredirect:http:%%252F%%252F127.0.0."
             "1:%u%%252Flie%%252Fok:bare%%252Fdowngraded%%2Fx/x",
             secure.port, plain.port);
    assert_false(get(url_of("http", "127.0.0.1", plain.port, first), trusted, true, words));
    char *log = lying_server_ask(&plain, "/control/log");
    assert_null(strstr(log, "/lie/ok:bare/downgraded"));
    assert_non_null(strstr(log, "localhost"));
    free(log);
}

static void may_go_from_http_to_https(void **state)
{
    (void)state;
    char words[256], path[256];
    snprintf(path, sizeof(path), "/lie/redirect:https:%%2F%%2Flocalhost:%u%%2Flie%%2Fok:up%%2Fx/x",
             secure.port);
    assert_true(get(url_of("http", "127.0.0.1", plain.port, path), trusted, true, words));
    assert_string_equal(words, "up");
}

static void asks_the_http_proxy_of_the_environment(void **state)
{
    (void)state;
    char words[256], entry[128];
    const char *url = "http://module-proxy.test/lie/ok:proxied/x";
    snprintf(entry, sizeof(entry), "HTTP_PROXY=http://127.0.0.1:%u", plain.port);
    assert_true(get(url, entry, true, words));
    assert_string_equal(words, "proxied");
    snprintf(entry, sizeof(entry), "http_proxy=http://127.0.0.1:%u", plain.port);
    assert_true(get(url, entry, true, words));
    snprintf(entry, sizeof(entry), "ALL_PROXY=http://127.0.0.1:%u", plain.port);
    assert_false(get(url, entry, true, words));
    snprintf(entry, sizeof(entry), "HTTPS_PROXY=http://127.0.0.1:%u", plain.port);
    assert_false(get("https://module-proxy.test/x", entry, false, words));
    char *log = lying_server_ask(&plain, "/control/log");
    assert_non_null(strstr(log, "\"CONNECT\""));
    free(log);
}

static void asks_no_http_proxy_for_this_machine(void **state)
{
    (void)state;
    char words[256];
    assert_true(get(url_of("http", "127.0.0.1", plain.port, "/lie/ok:near/x"),
                    "HTTP_PROXY=http://127.0.0.1:1", true, words));
    assert_string_equal(words, "near");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trusts_the_certificates_it_is_given),
        cmocka_unit_test(refuses_a_certificate_of_nobody),
        cmocka_unit_test(refuses_a_certificate_of_another_host),
        cmocka_unit_test(refuses_what_is_expired_or_not_valid_yet),
        cmocka_unit_test(never_goes_from_https_to_http),
        cmocka_unit_test(may_go_from_http_to_https),
        cmocka_unit_test(asks_the_http_proxy_of_the_environment),
        cmocka_unit_test(asks_no_http_proxy_for_this_machine),
    };
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
