// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/unit.h"
#include "verifier/target/registry.h"

static struct arena arena;
static struct error err;

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void no_client_sees_a_name_that_is_none(void **state)
{
    (void)state;
    static const char *const names[] = {
        "pkg:npm/tool",
        "pkg:npm/tool@latest",
        "pkg:npm/tool@^1.2.3",
        "pkg:npm/tool@1",
        "pkg:npm/--help@1.2.3",
        "pkg:npm/..%2fx@1.2.3",
        "pkg:npm/a/b@1.2.3",
        "pkg:npm/@1.2.3",
        "pkg:npm/a%20b@1.2.3",
        "pkg:npm/a%00b@1.2.3",
        "pkg:npm/a%zz@1.2.3",
        "pkg:npm/a%4@1.2.3",
        "pkg:npm/@../x@1.2.3",
        "pkg:npm/@a/b/c@1.2.3",
        "pkg:gem/a@1.2.3",
        "pkg:",
        "pkg:npm/@a/-b@1.2.3",
        "pkg:deb/debian/-x@1.2",
        "pkg:deb/debian/x@1.2?arch=-o",
        "pkg:deb/debian/x@1.2?arch=a%20b",
        "pkg:rpm/fedora/x@latest",
        "pkg:golang/example.com/m",
        "pkg:golang/example.com/m@latest",
        "pkg:golang/../m@v1.0.0",
        "pkg:golang/example.com/m@v1",
        "pkg:golang/Ex%00ample.com/m@v1.0.0",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct registry_request request;
        if (registry_parse(names[i], &arena, &request, &err)) {
            fail_msg("accepted %s", names[i]);
        }
        assert_int_equal(err.code, ERROR_USAGE);
    }
}

static void the_version_that_is_missing_is_told_how_to_find(void **state)
{
    (void)state;
    static const struct {
        const char *purl, *message, *cure;
    } rows[] = {
        {"pkg:deb/debian/age", "no version is named", "apt-cache policy"},
        {"pkg:deb/debian/age@latest", "no version of one package", "apt-cache policy"},
        {"pkg:npm/tool", "no version is named", "npm view"},
        {"pkg:npm/tool@1", "no version of one package", "npm view"},
        {"pkg:pypi/tool", "no version is named", "pip index"},
        {"pkg:apk/alpine/age", "no client", "npm, pypi"},
        {"pkg:age", "no package URL", "pkg:pypi/"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct registry_request request;
        assert_false(registry_parse(rows[i].purl, &arena, &request, &err));
        assert_non_null(strstr(err.message, rows[i].message));
        assert_non_null(strstr(err.cure, rows[i].cure));
    }
}

static void reads_package_urls(void **state)
{
    static const struct {
        const char *purl, *type, *name, *version, *platform, *architecture;
    } rows[] = {
        {"pkg:npm/%40esbuild/linux-x64@0.25.0", "npm", "@esbuild/linux-x64", "0.25.0", "", ""},
        {"pkg:npm/@esbuild/linux-x64@0.25.0", "npm", "@esbuild/linux-x64", "0.25.0", "", ""},
        {"pkg:npm/tool@1.0.0-rc.1?a=b", "npm", "tool", "1.0.0-rc.1", "", ""},
        {"pkg:pypi/shfmt-py@4.2.0?platform=manylinux_2_17_x86_64", "pypi", "shfmt-py", "4.2.0",
         "manylinux_2_17_x86_64", ""},
        {"pkg:deb/debian/gh@2.23.0%2Bdfsg1-1", "deb", "gh", "2.23.0+dfsg1-1", "", ""},
        {"pkg:deb/debian/gh@2.23.0%2Bdfsg1-1?arch=arm64&distro=bookworm", "deb", "gh",
         "2.23.0+dfsg1-1", "", "arm64"},
        {"pkg:deb/debian/tzdata@2025b-0%2Bdeb12u2", "deb", "tzdata", "2025b-0+deb12u2", "", ""},
        {"pkg:rpm/fedora/gh@2.65.0-1.fc41?arch=x86_64", "rpm", "gh", "2.65.0-1.fc41", "", "x86_64"},
        {"pkg:golang/example.com/m/v2@v2.0.1#cmd/tool", "golang", "example.com/m/v2", "v2.0.1", "",
         ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct registry_request request;
        assert_true(registry_parse(rows[i].purl, &arena, &request, &err));
        assert_string_equal(request.type, rows[i].type);
        assert_string_equal(request.name, rows[i].name);
        assert_string_equal(request.version, rows[i].version);
        assert_string_equal(request.platform, rows[i].platform);
        assert_string_equal(request.architecture, rows[i].architecture);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(no_client_sees_a_name_that_is_none, drop),
    cmocka_unit_test_teardown(the_version_that_is_missing_is_told_how_to_find, drop),
    cmocka_unit_test_teardown(reads_package_urls, drop),
};

UNIT_MAIN(tests)
