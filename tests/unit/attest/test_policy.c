// SPDX-License-Identifier: Apache-2.0
#include "attest/policy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/attest/attest_fixture.h"

#define KEY_A "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define KEY_B "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"
#define NOW 1772323200 /* 2026-03-01 */

static const char whole[] =
    "{\n"
    "  \"schema\": \"reproof/policy/v1\",\n"
    "  \"description\": \"two of three\",\n"
    "  \"expires\": \"2027-01-01T00:00:00Z\",\n"
    "  \"require\": [\"signature\", \"attestation\", \"sbom\"],\n"
    "  \"keys\": [\n"
    "    {\"key\": \"" KEY_A "\", \"owner\": \"alice\", \"operator\": \"one.example\",\n"
    "     \"roles\": [\"rebuilder\"], \"valid_from\": \"2026-01-01T00:00:00Z\",\n"
    "     \"valid_until\": \"2028-01-01T00:00:00Z\", \"revoked\": false},\n"
    "    {\"key\": \"" KEY_B "\", \"owner\": \"bob\", \"operator\": \"two.example\",\n"
    "     \"roles\": [\"rebuilder\", \"signer\"]}\n"
    "  ],\n"
    "  \"thresholds\": {\"rebuilders\": 2, \"signers\": 1},\n"
    "  \"sources\": [{\"module\": \"example.com/tool\", \"minimal_version\": \"v1.2.0\"}],\n"
    "  \"platforms\": [\"linux/amd64\"],\n"
    "  \"accept\": [\"code-signature\"],\n"
    "  \"forbid\": [\"replaced-module\"],\n"
    "  \"maximal_age_days\": 90\n"
    "}\n";

static void reads_all_of_it(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct policy policy;
    struct error err;
    if (!policy_read(bytes_from_string(whole), "p.json", NOW, &arena, &policy, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(policy.rebuilders.trust.count, 2);
    assert_int_equal(policy.signers.trust.count, 1);
    assert_string_equal(policy.rebuilders.operators[0], "one.example");
    assert_string_equal(policy.rebuilders.trust.keys[0].owner, "alice");
    assert_int_equal(policy.rebuilders.trust.keys[0].from, 1767225600);
    assert_int_equal(policy.rebuilder_threshold, 2);
    assert_int_equal(policy.signer_threshold, 1);
    assert_string_equal(policy.sources[0].minimal_version, "v1.2.0");
    assert_true(policy_requires(&policy, "sbom"));
    assert_true(names_have(&policy.accepted, "code-signature"));
    assert_true(names_have(&policy.forbidden, "replaced-module"));
    assert_true(names_have(&policy.platforms, "linux/amd64"));
    assert_int_equal(policy.maximal_age, 90 * 86400);
    arena_free(&arena);
}

static void refuses_what_is_wrong(void **state)
{
    static const struct {
        const char *from, *to, *part;
    } rows[] = {
        {"reproof/policy/v1", "reproof/policy/v2", "schema"},
        {"\"description\"", "\"descriptoin\"", "descriptoin"},
        {"\"maximal_age_days\": 90", "\"maximal_age_days\": 90, \"maximal_age_days\": 9",
         "same key twice"},
        {"\"maximal_age_days\": 90", "\"maximal_age_days\": 0", "maximal_age_days"},
        {"\"maximal_age_days\": 90", "\"maximal_age_days\": -90", "maximal_age_days"},
        {"\"maximal_age_days\": 90", "\"maximal_age_days\": \"90\"", "maximal_age_days"},
        {"\"maximal_age_days\": 90", "\"Maximal_age_days\": 90", "Maximal_age_days"},
        {"\"rebuilders\": 2", "\"rebuilders\": 0", "rebuilders"},
        {"\"rebuilders\": 2", "\"rebuilders\": -1", "rebuilders"},
        {"\"rebuilders\": 2, ", "", "how many rebuilders"},
        {"\"rebuilders\": 2", "\"rebuilders\": 3", "3 rebuilders are wanted of 2"},
        {"\"signers\": 1", "\"signers\": 2", "2 signers are wanted of 1"},
        {", \"signers\": 1", "", "how many signers"},
        {"\"two.example\"", "\"one.example\"", "2 rebuilders are wanted of 1"},
        {KEY_B, KEY_A, "one.example and two.example have the same key"},
        {KEY_B, "ssh-ed25519 AAAA", ""},
        {"\"" KEY_B "\"", "7", "key is no text"},
        {"\"operator\": \"two.example\",", "", "no operator"},
        {"[\"rebuilder\", \"signer\"]", "[]", "no roles"},
        {"[\"rebuilder\", \"signer\"]", "[\"builder\"]", "builder"},
        {"\"revoked\": false", "\"revoked\": \"no\"", "revoked"},
        {"2028-01-01T00:00:00Z", "2028-01-01", "valid_until"},
        {"2027-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "expired at 2026-03-01T00:00:00Z"},
        {"\"sbom\"]", "\"sboms\"]", "sboms"},
        {"\"require\": [\"signature\", \"attestation\", \"sbom\"]", "\"require\": []",
         "requires nothing"},
        {"\"sources\": [{\"module\": \"example.com/tool\", \"minimal_version\": \"v1.2.0\"}],", "",
         "which module"},
        {"v1.2.0", "1.2.0", "minimal_version"},
        {"\"example.com/tool\"", "\"../tool\"", ""},
        {"[\"linux/amd64\"]", "\"linux/amd64\"", "platforms"},
        {"\"keys\": [", "\"keys\": [[],", "keys"},
        {"}\n", "}\nx", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct policy policy;
        struct error err;
        const char *text = fixture_replace(whole, rows[i].from, rows[i].to, &arena);
        if (policy_read(bytes_from_string(text), "p.json", NOW, &arena, &policy, &err) &&
            policy_check(&policy, &err)) {
            fail_msg("accepted: %s", rows[i].to);
        }
        if (strstr(err.message, rows[i].part) == NULL) {
            fail_msg("%s: %s", rows[i].to, err.message);
        }
        arena_free(&arena);
    }
}

static void refuses_a_cut_policy(void **state)
{
    (void)state;
    for (size_t len = 0; len + 2 < sizeof(whole); len++) {
        struct arena arena = {0};
        struct policy policy;
        assert_false(policy_read(bytes_from(whole, len), "p.json", NOW, &arena, &policy, NULL));
        arena_free(&arena);
    }
}

static void refuses_a_file_that_others_may_write(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct policy policy;
    struct error err;
    char folder[64];
    scratch_make(folder);
    const char *path = arena_printf(&arena, "%s/p.json", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, whole, sizeof(whole) - 1), sizeof(whole) - 1);
    close(fd);
    if (!policy_load(path, NOW, &arena, &policy, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(chmod(path, 0664), 0);
    assert_fails(policy_load(path, NOW, &arena, &policy, &err), &err, ERROR_USAGE, "mode 0664");
    assert_int_equal(chmod(path, 0646), 0);
    assert_fails(policy_load(path, NOW, &arena, &policy, &err), &err, ERROR_USAGE, "mode 0646");
    assert_int_equal(chmod(path, 0644), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, 12345), 0);
        assert_fails(policy_load(path, NOW, &arena, &policy, &err), &err, ERROR_USAGE,
                     "belongs to user 12345");
    }
    scratch_remove(folder);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_all_of_it),
    cmocka_unit_test(refuses_what_is_wrong),
    cmocka_unit_test(refuses_a_cut_policy),
    cmocka_unit_test(refuses_a_file_that_others_may_write),
};

UNIT_MAIN(tests)
