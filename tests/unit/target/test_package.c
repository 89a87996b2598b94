// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "verifier/target/package.h"

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static bool npm(const char *text, struct package *ret)
{
    return package_parse_npm(bytes_from_string(text), &arena, ret);
}

static bool metadata(const char *text, struct package *ret)
{
    return package_parse_metadata(bytes_from_string(text), &arena, ret);
}

static void reads_a_package_json(void **state)
{
    (void)state;
    struct package package;
    assert_true(npm("{\"name\": \"@esbuild/linux-x64\", \"version\": \"0.25.0\"}", &package));
    assert_string_equal(package.name, "@esbuild/linux-x64");
    assert_string_equal(package.version, "0.25.0");
    assert_string_equal(package_purl(&package, &arena), "pkg:npm/%40esbuild/linux-x64@0.25.0");
}

static void refuses_what_names_no_package(void **state)
{
    (void)state;
    struct package package;
    const char *const texts[] = {
        "",
        "{}",
        "[]",
        "{\"name\": \"x\"}",
        "{\"name\": \"x\", \"version\": 1}",
        "{\"name\": \"\", \"version\": \"1\"}",
        "{\"name\": \"a b\", \"version\": \"1\"}",
        "{\"name\": \"x\", \"name\": \"y\", \"version\": \"1\"}",
        "{\"name\": \"x\", \"version\": \"1\"} trailing",
        "{\"name\": \"x\\u001b[2J\", \"version\": \"1\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_false(npm(texts[i], &package));
    }
}

static void reads_the_metadata_of_a_wheel(void **state)
{
    (void)state;
    struct package package;
    assert_true(metadata("Metadata-Version: 2.1\nName: shfmt_py\nVersion: 4.2.0\n\nName: body\n",
                         &package));
    assert_string_equal(package.version, "4.2.0");
    assert_string_equal(package_purl(&package, &arena), "pkg:pypi/shfmt-py@4.2.0");
}

static void refuses_metadata_with_two_names_or_none(void **state)
{
    (void)state;
    struct package package;
    assert_false(metadata("Name: a\nName: b\nVersion: 1\n", &package));
    assert_false(metadata("Name: a\n\nVersion: 1\n", &package));
    assert_false(metadata("Version: 1\n", &package));
    assert_false(metadata("", &package));
}

static void encodes_what_a_package_url_does_not_take(void **state)
{
    (void)state;
    struct package package = {.kind = PACKAGE_NPM, .name = "a?b#c", .version = "1+2"};
    assert_string_equal(package_purl(&package, &arena), "pkg:npm/a%3Fb%23c@1%2B2");
    package.kind = PACKAGE_NONE;
    assert_string_equal(package_purl(&package, &arena), "");
}

static void finds_the_nearest_package_around_a_file(void **state)
{
    (void)state;
    char place[] = "/tmp/test-package-XXXXXX";
    struct error err;
    int root;
    int nested;
    assert_non_null(mkdtemp(place));
    assert_true(directory_open(place, &root, &err));
    assert_true(directory_make(root, "package/bin", 0755, &nested, &err));
    fd_close(&nested);
    assert_int_equal(package_around(root, "package/bin/x", &arena).kind, PACKAGE_NONE);
    assert_true(directory_open_beneath(root, "package", &nested, &err));
    const char *text = "{\"name\": \"inner\", \"version\": \"1.0.0\"}";
    assert_true(file_write_atomic(nested, "package.json", 0644, bytes_from_string(text), &err));
    fd_close(&nested);
    assert_string_equal(package_around(root, "package/bin/x", &arena).name, "inner");
    assert_int_equal(package_around(root, "other/x", &arena).kind, PACKAGE_NONE);
    fd_close(&root);
    assert_true(directory_open("/tmp", &root, &err));
    assert_true(directory_remove(root, place + strlen("/tmp/"), &err));
    fd_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_package_json),
        cmocka_unit_test(refuses_what_names_no_package),
        cmocka_unit_test(reads_the_metadata_of_a_wheel),
        cmocka_unit_test(refuses_metadata_with_two_names_or_none),
        cmocka_unit_test(encodes_what_a_package_url_does_not_take),
        cmocka_unit_test(finds_the_nearest_package_around_a_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, drop_arena);
}
