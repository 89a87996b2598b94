// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fetch/lying_server.h"
#include "tests/unit/target/target_fixture.h"

static char served[64], certificate[96], key[96];
static struct lying_server secure, plain;
static bool can_run;

static const char *write_rules(void)
{
    static char path[96];
    snprintf(path, sizeof(path), "%s/rules.json", served);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("{\"/cut\": \"truncate\", \"/huge\": \"length_huge\", \"/broken\": \"break\", "
          "\"/always\": \"break_always\"}",
          file);
    fclose(file);
    return path;
}

static int start_servers(void **state)
{
    (void)state;
    scratch_make(served);
    snprintf(certificate, sizeof(certificate), "%s/certificate.pem", served);
    snprintf(key, sizeof(key), "%s/key.pem", served);
    can_run = lying_server_certificate(certificate, key);
    if (can_run) {
        const char *rules = write_rules();
        const char *const arguments[] = {"--root", served,      "--rules", rules,
                                         "--tls",  certificate, key,       NULL};
        lying_server_start(arguments, &secure);
        lying_server_start(NULL, &plain);
        setenv("SSL_CERT_FILE", certificate, 1);
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
    scratch_remove(served);
    return 0;
}

static const char *url_of(const char *path)
{
    return arena_printf(&arena, "https://localhost:%u/%s", secure.port, path);
}

static void serve(const char *name, struct bytes content)
{
    FILE *file = fopen(arena_printf(&arena, "%s/%s", served, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    fclose(file);
}

static struct target_settings settings_here(void)
{
    return (struct target_settings){.scratch = path_of("scratch"),
                                    .store = path_of("store"),
                                    .state = path_of("state"),
                                    .jobs = 1};
}

static bool open_url(const char *url, const struct target_settings *settings)
{
    if (!can_run) {
        skip();
    }
    target_free(&target);
    return target_open_any(url, inspector, settings, &arena, &target, &err);
}

/* Whether the server that speaks no TLS was asked for PATH. */
static bool plain_was_asked(const char *path)
{
    char *log = lying_server_ask(&plain, "/control/log");
    bool asked = strstr(log, path) != NULL;
    free(log);
    return asked;
}

/* What came is read and gone: nothing is left in the store. */
static void expect_no_partial(void)
{
    size_t count;
    support_list(path_of("store/partial"), "", &arena, &count);
    assert_int_equal(count, 0);
}

static void an_archive_at_an_address_is_taken_apart(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    serve("tool.tgz", load(npm_package()));
    assert_true(open_url(url_of("tool.tgz?token=secret"), &settings));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, "package/bin/tool");
    assert_int_equal(target.container_count, 1);
    assert_string_equal(target.containers[0].name, url_of("tool.tgz"));
    expect_no_partial();
    target_free(&target);
    expect_empty_scratch();
}

static void a_binary_at_an_address_is_a_subject(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    serve("tool", program());
    assert_true(open_url(url_of("tool"), &settings));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, url_of("tool"));
    assert_int_equal(target.subjects[0].source.size, program().len);
    serve("text", BYTES("hello\n"));
    assert_false(open_url(url_of("text"), &settings));
    assert_int_equal(err.code, ERROR_UNSUPPORTED);
    serve("SHA256SUMS",
          BYTES("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  tool\n"));
    assert_fails(open_url(url_of("SHA256SUMS"), &settings), &err, ERROR_UNSUPPORTED, "not fetched");
    expect_no_partial();
}

static void the_wanted_digest_decides(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    struct sha256 right = sha256_of(program());
    struct sha256 wrong = sha256_of(BYTES("other"));
    serve("tool", program());
    settings.sha256 = &right;
    assert_true(open_url(url_of("tool"), &settings));
    settings.sha256 = &wrong;
    assert_fails(open_url(url_of("tool"), &settings), &err, ERROR_UNTRUSTED, "--sha256");
    assert_false(open_url(put("tool", program()), &settings));
    assert_int_equal(err.code, ERROR_UNTRUSTED);
    assert_fails(open_url(folder, &settings), &err, ERROR_USAGE, "directory");
}

static void other_schemes_and_offline_are_refused(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    static const char *const urls[] = {"http://localhost/tool", "ftp://localhost/tool",
                                       "file:///etc/passwd", "HTTPS://localhost/tool"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        assert_fails(open_url(urls[i], &settings), &err, ERROR_USAGE, "only https");
        assert_true(err.cure[0] != '\0');
    }
    settings.offline = true;
    assert_fails(open_url(url_of("tool"), &settings), &err, ERROR_USAGE, "not offline");
    assert_true(err.cure[0] != '\0');
    assert_fails(open_url("pkg:npm/tool@1.2.3", &settings), &err, ERROR_USAGE, "not offline");
    /* Nobody was asked. */
    assert_false(plain_was_asked("tool"));
}

static void what_cannot_be_got_is_told_without_its_secrets(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    const char *url =
        arena_printf(&arena, "https://user:secret@localhost:%u/absent?token=secret", secure.port);
    assert_fails(open_url(url, &settings), &err, ERROR_ABSENT, "404");
    assert_null(strstr(err.message, "secret"));
    assert_null(strstr(err.cure, "secret"));
    assert_fails(open_url("https://localhost:1/tool", &settings), &err, ERROR_NETWORK, "");
    expect_no_partial();
}

static void redirects_are_followed_to_https_alone(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    serve("tool", program());
    const char *to =
        arena_printf(&arena, "lie/redirect:http:%%2F%%2F127.0.0.1:%u%%2Ftool/x", plain.port);
    assert_false(open_url(url_of(to), &settings));
    assert_int_equal(err.code, ERROR_NETWORK);
    assert_false(plain_was_asked("\"/tool\""));
}

static void a_body_that_is_cut_is_no_target(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    serve("cut", program());
    assert_false(open_url(url_of("cut"), &settings));
    assert_int_equal(err.code, ERROR_NETWORK);
    assert_false(open_url(url_of("huge"), &settings));
    assert_int_equal(err.code, ERROR_LIMIT);
}

static void a_download_that_breaks_off_is_gone_on_with(void **state)
{
    (void)state;
    struct target_settings settings = settings_here();
    struct sha256 right = sha256_of(program());
    settings.sha256 = &right;
    serve("broken", program());
    assert_true(open_url(url_of("broken"), &settings));
    expect_no_partial();
    /* One that never ends leaves what came to the next run. */
    serve("always", program());
    size_t count;
    assert_fails(open_url(url_of("always"), &settings), &err, ERROR_NETWORK, "");
    support_list(path_of("store/partial"), "", &arena, &count);
    assert_int_equal(count, 2);
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(an_archive_at_an_address_is_taken_apart),
    TARGET_CASE(a_binary_at_an_address_is_a_subject),
    TARGET_CASE(the_wanted_digest_decides),
    TARGET_CASE(other_schemes_and_offline_are_refused),
    TARGET_CASE(what_cannot_be_got_is_told_without_its_secrets),
    TARGET_CASE(redirects_are_followed_to_https_alone),
    TARGET_CASE(a_body_that_is_cut_is_no_target),
    TARGET_CASE(a_download_that_breaks_off_is_gone_on_with),
};

int main(void)
{
    support_helpers();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
