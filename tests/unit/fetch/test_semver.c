// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "verifier/fetch/semver.h"

static void accepts_canonical_versions(void **state)
{
    (void)state;
    static const char *const good[] = {
        "v0.0.0",
        "v1.2.3",
        "v10.20.30",
        "v1.0.0-rc.1",
        "v1.0.0-0a.b-c",
        "v2.0.0+incompatible",
        "v1.0.0-alpha-1",
        "v0.0.1-go1.23.5.linux-amd64",
        "v99999999999999999999999.0.0",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(semver_is_canonical(good[i]));
    }
}

static void refuses_other_forms_as_canonical(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "v",
        "1.2.3",
        "v1",
        "v1.2",
        "v1.2.3.4",
        "v01.2.3",
        "v1.02.3",
        "v1.2.03",
        "v1.2.3-",
        "v1.2.3+",
        "v1.2.3-01",
        "v1.2.3-a..b",
        "v1.2.3-a.",
        "v1.2.3+meta",
        "v1.2-rc1",
        "v1.2.3 ",
        "v1.2.3\n",
        "v1.2.3-\xc3\xa9",
        "v1.2.3-a_b",
        "v-1.2.3",
        "V1.2.3",
        "v1.2.3+a+b",
        "v1.2.3-rc/1",
        "(devel)",
        "latest",
        "v1..3",
        "v1.2.x",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(semver_is_canonical(bad[i]));
    }
}

static void parses_short_forms(void **state)
{
    (void)state;
    struct semver version;
    assert_true(semver_parse("v1", &version));
    assert_true(version.is_short);
    assert_true(bytes_equal_string(version.patch, "0"));
    assert_true(semver_parse("v1.5", &version));
    assert_true(bytes_equal_string(version.minor, "5"));
    assert_false(semver_parse("v1.5-rc1", &version));
    assert_true(semver_parse("v1.5.2-rc1+x.01", &version));
    assert_true(bytes_equal_string(version.prerelease, "-rc1"));
    assert_true(bytes_equal_string(version.build, "+x.01"));
}

static void orders_versions_by_precedence(void **state)
{
    (void)state;
    static const char *const rising[] = {
        "bad",
        "v0.1.0-0.20200101000000-abcdefabcdef",
        "v0.1.0-alpha",
        "v0.1.0-alpha.1",
        "v0.1.0-alpha.2",
        "v0.1.0-alpha.10",
        "v0.1.0-alpha.beta",
        "v0.1.0-beta",
        "v0.1.0",
        "v0.2.0",
        "v0.10.0",
        "v1.0.0",
        "v9.0.0",
        "v10.0.0",
    };
    for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
        for (size_t j = 0; j < ARRAY_LEN(rising); j++) {
            int order = semver_compare(rising[i], rising[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(semver_compare("v1", "v1.0.0+incompatible"), 0);
}

static void finds_the_tag_behind_a_pseudo_version(void **state)
{
    (void)state;
    static const struct {
        const char *version, *base;
    } rows[] = {
        {"v0.0.0-20200131235959-0123456789ab", ""},
        {"v3.0.0-20200131235959-0123456789ab", ""},
        {"v1.2.4-0.20200131235959-0123456789ab", "v1.2.3"},
        {"v1.2.10-0.20200131235959-0123456789ab", "v1.2.9"},
        {"v1.2.100-0.20200131235959-0123456789ab", "v1.2.99"},
        {"v2.2.4-0.20200131235959-0123456789ab+incompatible", "v2.2.3+incompatible"},
        {"v1.2.3-rc1.0.20200131235959-0123456789ab", "v1.2.3-rc1"},
        {"v1.2.3-a-b.c.0.20200131235959-0123456789ab", "v1.2.3-a-b.c"},
        {"v1.0.0-0.20200131235959-0123456789ab", ""},
        {"v2.0.0-20200131235959-0123456789ab+incompatible", ""},
    };
    struct arena arena = {0};
    struct pseudo_version pseudo;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(pseudo_version_parse(rows[i].version, &arena, &pseudo));
        assert_string_equal(pseudo.base, rows[i].base);
        assert_string_equal(pseudo.time, "20200131235959");
        assert_string_equal(pseudo.revision, "0123456789ab");
    }
    arena_free(&arena);
}

static void takes_no_tag_for_a_pseudo_version(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "v1.2.3",
        "v1.2.3-rc1",
        "v1.2.3-20200131235959-0123456789ab",
        "v0.0.0-2020013123595-0123456789ab",
        "v0.0.0-20200131235959",
        "v1.2.3-rc1.20200131235959-0123456789ab",
        "v1.2.3-rc10.20200131235959-0123456789ab",
        "v0.0.0-20200131235959-01234567.89ab",
        "v0.0-20200131235959-0123456789ab",
    };
    struct arena arena = {0};
    struct pseudo_version pseudo;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(pseudo_version_parse(bad[i], &arena, &pseudo));
    }
    arena_free(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_canonical_versions),
        cmocka_unit_test(refuses_other_forms_as_canonical),
        cmocka_unit_test(parses_short_forms),
        cmocka_unit_test(orders_versions_by_precedence),
        cmocka_unit_test(finds_the_tag_behind_a_pseudo_version),
        cmocka_unit_test(takes_no_tag_for_a_pseudo_version),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
