// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "verifier/fetch/module_path.h"

static void accepts_module_paths(void **state)
{
    (void)state;
    static const char *const good[] = {
        "example.com/a",    "example.com",          "github.com/BurntSushi/toml",
        "gopkg.in/yaml.v3", "gopkg.in/yaml.v0",     "gopkg.in/a/b.v2-unstable",
        "example.com/a/v2", "example.com/a/v10",    "example.com/a_b~c",
        "example.com/con1", "example.com/v1a",      "example.com/av1",
        "example.com/a~x1", "golang.org/toolchain", "1-2.example/a",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct error err;
        assert_true(module_path_check(good[i], &err));
    }
}

static void refuses_malformed_module_paths(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-example.com/a",
        "example",
        "/example.com",
        "example.com/",
        "example.com//a",
        "example.com/../a",
        "example.com/./a",
        "example.com/.git",
        "example.com/a.",
        "example.com/a b",
        "example.com/a+b",
        "example.com/a!b",
        "example.com/a\\b",
        "example.com/a:b",
        "example.com/a@b",
        "example.com/\xc3\xa9",
        "example.com/\xff",
        "example.com/a\n",
        "example.com/\x1b[31m",
        "example.com/CON",
        "example.com/aux.go",
        "example.com/lpt9",
        "example.com/a~1",
        "example.com/a~12.x",
        "Example.com/a",
        "ex_ample.com/a",
        "example.com/a/v1",
        "example.com/a/v0",
        "example.com/a/v02",
        "example.com/a/v2.0",
        "gopkg.in/yaml",
        "gopkg.in/yaml.v03",
        "gopkg.in/yaml.v0-unstable",
        "...",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err;
        assert_false(module_path_check(bad[i], &err));
        assert_int_equal(err.code, ERROR_FORMAT);
    }
}

static void refuses_a_path_beyond_the_limit(void **state)
{
    (void)state;
    char path[LIMIT_MODULE_PATH + 2] = "example.com/";
    for (size_t i = strlen(path); i < sizeof(path) - 1; i++) {
        path[i] = 'a';
    }
    struct error err;
    assert_false(module_path_check(path, &err));
    path[LIMIT_MODULE_PATH] = '\0';
    assert_true(module_path_check(path, &err));
}

static void import_paths_are_looser(void **state)
{
    (void)state;
    struct error err;
    assert_true(module_import_path_check("cmd/go", &err));
    assert_true(module_import_path_check("example.com/c++/.x", &err));
    assert_false(module_import_path_check("example.com/a b", &err));
    assert_false(module_import_path_check("../a", &err));
    assert_false(module_import_path_check("-a", &err));
}

static void pairs_paths_with_major_versions(void **state)
{
    (void)state;
    static const struct {
        const char *path, *version;
        bool good;
    } rows[] = {
        {"example.com/a", "v1.2.3", true},
        {"example.com/a", "v0.0.0-20200131235959-0123456789ab", true},
        {"example.com/a", "v2.0.0+incompatible", true},
        {"example.com/a/v2", "v2.0.0", true},
        {"gopkg.in/a.v1", "v1.0.0", true},
        {"gopkg.in/a.v1", "v0.0.0-20200131235959-0123456789ab", true},
        {"gopkg.in/a.v2-unstable", "v2.1.0", true},
        {"golang.org/toolchain", "v0.0.1-go1.23.5.linux-amd64", true},
        {"example.com/a", "v2.0.0", false},
        {"example.com/a/v2", "v1.0.0", false},
        {"example.com/a/v2", "v3.0.0", false},
        {"example.com/a/v2", "v2", false},
        {"example.com/a", "v1.0.0/../x", false},
        {"example.com/a", "--upload-pack=x", false},
        {"example.com/a", "", false},
        {"gopkg.in/a.v2", "v0.0.0-20200131235959-0123456789ab", false},
        {"gopkg.in/a.v2-unstable", "v1.1.0", false},
        {"example.com/a/v1", "v1.0.0", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct error err;
        assert_int_equal(module_check(rows[i].path, rows[i].version, &err), rows[i].good);
    }
}

static void splits_off_the_major_version(void **state)
{
    (void)state;
    static const struct {
        const char *path, *prefix, *major;
    } rows[] = {
        {"example.com/a", "example.com/a", ""},
        {"example.com/a/v12", "example.com/a", "/v12"},
        {"gopkg.in/a.v2", "gopkg.in/a", ".v2"},
        {"gopkg.in/a.v2-unstable", "gopkg.in/a", ".v2-unstable"},
    };
    struct arena arena = {0};
    const char *prefix, *major;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(module_path_split(rows[i].path, &arena, &prefix, &major));
        assert_string_equal(prefix, rows[i].prefix);
        assert_string_equal(major, rows[i].major);
    }
    assert_false(module_path_split("example.com/a/v1", &arena, &prefix, &major));
    arena_free(&arena);
}

static void escapes_upper_case(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err;
    const char *escaped = "unchanged";
    assert_true(module_path_escape("github.com/BurntSushi/toml", &arena, &escaped, &err));
    assert_string_equal(escaped, "github.com/!burnt!sushi/toml");
    assert_true(module_version_escape("v1.0.0-RC1", &arena, &escaped, &err));
    assert_string_equal(escaped, "v1.0.0-!r!c1");
    assert_false(module_path_escape("github.com/!burnt", &arena, &escaped, &err));
    assert_false(module_version_escape("v1!0", &arena, &escaped, &err));
    assert_false(module_version_escape("a/b", &arena, &escaped, &err));
    assert_false(module_version_escape("..", &arena, &escaped, &err));
    assert_false(module_version_escape("", &arena, &escaped, &err));
    assert_string_equal(escaped, "v1.0.0-!r!c1");
    arena_free(&arena);
}

static void matches_patterns_over_leading_elements(void **state)
{
    (void)state;
    static const struct {
        const char *patterns, *path;
        bool good;
    } rows[] = {
        {"example.com", "example.com/a/b", true},
        {"*.corp.example,other.example/x", "git.corp.example/a", true},
        {"*.corp.example,other.example/x", "other.example/x/y", true},
        {"*.corp.example,other.example/x", "other.example/xy", false},
        {"example.com/*/b", "example.com/a/b/c", true},
        {"example.com/*", "example.com", false},
        {"example.com/", "example.com/a", true},
        {"*", "anything.example/a", true},
        {"*a*", "bab/c", true},
        {"a?c", "abc/d", true},
        {"a?c", "a/c", false},
        {"a*c", "a/c", false},
        {"[a-c]x", "bx/y", true},
        {"[^a-c]x", "bx", false},
        {"[^a-c]x", "dx", true},
        {"[b", "b", false},
        {"[]b]", "b", false},
        {"a\\*", "a*", true},
        {"a\\", "a", false},
        {"", "a", false},
        {",,", "a", false},
        {" example.com", "example.com", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(module_patterns_match(rows[i].patterns, rows[i].path), rows[i].good);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_module_paths),
        cmocka_unit_test(refuses_malformed_module_paths),
        cmocka_unit_test(refuses_a_path_beyond_the_limit),
        cmocka_unit_test(import_paths_are_looser),
        cmocka_unit_test(pairs_paths_with_major_versions),
        cmocka_unit_test(splits_off_the_major_version),
        cmocka_unit_test(escapes_upper_case),
        cmocka_unit_test(matches_patterns_over_leading_elements),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
