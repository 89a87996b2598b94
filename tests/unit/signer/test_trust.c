// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/signer/signer_fixture.h"

#include "signer/allowed_signers.h"
#include "signer/key_format.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define OTHER "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfh4lx0Oykc9DBMtmLLssuzXB3I74f8zxXvf53ne1/8"
#define RSA "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="

static bool add(struct trust *trust, const char *text, struct error *err)
{
    return trust_add_text(trust, bytes_from_string(text), "file", err);
}

static void reads_options_and_comments(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust trust = trust_empty(&arena);
    struct error err;
    assert_true(add(&trust,
                    "# who may sign\n\n"
                    "alice@example.org,release@example.org namespaces=\"file,git\","
                    "valid-after=\"20010909Z\",valid-before=\"20380119031407Z\" " KEY " laptop\n"
                    "\"bob builder\" " OTHER "\n",
                    &err));
    assert_int_equal(trust.count, 2);
    assert_string_equal(trust.keys[0].owner, "alice@example.org,release@example.org");
    assert_string_equal(trust.keys[0].namespaces, "file,git");
    assert_int_equal(trust.keys[0].from, 999993600);
    assert_int_equal(trust.keys[0].until, 2147483647);
    assert_true(allowed_signers_namespace(trust.keys[0].namespaces, "file"));
    assert_false(allowed_signers_namespace(trust.keys[0].namespaces, "mail"));
    assert_false(allowed_signers_namespace(trust.keys[0].namespaces, "fil"));
    assert_int_equal(trusted_key_standing(&trust.keys[0], 999993599), KEY_NOT_YET);
    assert_int_equal(trusted_key_standing(&trust.keys[0], 999993600), KEY_GOOD);
    assert_int_equal(trusted_key_standing(&trust.keys[0], 2147483647), KEY_EXPIRED);
    assert_int_equal(trusted_key_standing(NULL, 1), KEY_NOT_TRUSTED);
    arena_free(&arena);
}

static void keys_of_other_kinds_are_passed_over_and_told(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust trust = trust_empty(&arena);
    struct error err;
    assert_true(add(&trust, "a " RSA "\nb " KEY "\nc cert-authority " OTHER "\n", &err));
    assert_int_equal(trust.count, 1);
    assert_int_equal(trust.passed_over_count, 2);
    assert_non_null(strstr(trust.passed_over[0], "ssh-rsa"));
    assert_non_null(strstr(trust.passed_over[1], "certificates"));
    struct trust none = trust_empty(&arena);
    assert_fails(add(&none, "a " RSA "\n", &err), &err, ERROR_UNSUPPORTED, "ssh-rsa");
    arena_free(&arena);
}

static void a_malformed_line_refuses_the_file(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "a valid-before=\"20260231Z\" " KEY,
        "a valid-before=\"2026\" " KEY,
        "a valid-before=20260101Z " KEY,
        "a valid-before=\"20260101Z\"x " KEY,
        "a unknown=\"x\" " KEY,
        "a namespaces=\"file\",, " KEY,
        "a namespaces=\"file " KEY,
        "a ssh-ed25519 AAAA",
        "a ssh-ed25519",
        "a " KEY "\nno key here",
        "\"a " KEY,
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct trust trust = trust_empty(&arena);
        struct error err;
        if (add(&trust, lines[i], &err)) {
            fail_msg("accepted: %s", lines[i]);
        }
    }
    arena_free(&arena);
}

static void revocation_is_by_key_whatever_the_file(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust trust = trust_empty(&arena);
    char folder[64];
    char path[96];
    struct error err;
    scratch_make(folder);
    snprintf(path, sizeof(path), "%s/revoked", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(KEY " old\n", file);
    fclose(file);
    assert_true(add(&trust, "alice " KEY "\nbob " OTHER "\nalso-alice " KEY "\n", &err));
    assert_true(trust_revoke_file(&trust, path, &err));
    assert_true(trust.keys[0].revoked);
    assert_false(trust.keys[1].revoked);
    assert_true(trust.keys[2].revoked);
    scratch_remove(folder);
    arena_free(&arena);
}

static void a_secret_key_is_not_trusted(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trust trust = trust_empty(&arena);
    struct buffer text;
    struct error err;
    AUTO(signing_key) struct signing_key *key = fixture_key(3);
    buffer_init(&text, 65536);
    assert_true(key_format_pem.write_secret(key, (struct bytes){0}, &text, &err));
    assert_fails(trust_add_text(&trust, buffer_view(&text), "k", &err), &err, ERROR_USAGE,
                 "a secret key");
    buffer_free(&text);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_options_and_comments),
    cmocka_unit_test(keys_of_other_kinds_are_passed_over_and_told),
    cmocka_unit_test(a_malformed_line_refuses_the_file),
    cmocka_unit_test(revocation_is_by_key_whatever_the_file),
    cmocka_unit_test(a_secret_key_is_not_trusted),
};
UNIT_MAIN(tests)
