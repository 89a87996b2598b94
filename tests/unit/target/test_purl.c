// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.h"

/* A program NAME, first on PATH, that does what SCRIPT says. */
static void fake_client(const char *name, const char *script)
{
    const char *path = put(arena_printf(&arena, "bin/%s", name),
                           bytes_from_string(arena_printf(&arena, "#!/bin/sh\n%s", script)));
    assert_int_equal(chmod(path, 0700), 0);
    setenv("PATH", arena_printf(&arena, "%s:/usr/bin:/bin", path_of("bin")), 1);
}

static void a_package_url_is_got_by_the_registrys_client(void **state)
{
    (void)state;
    const char *npm = npm_package();
    const char *told = path_of("told");
    fake_client("npm", arena_printf(&arena, "echo \"$@\" >%s; cp %s \"$5\"/x.tgz", told, npm));
    assert_true(open_target("pkg:npm/%40scope/tool@1.2.3?x=y"));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.containers[0].name, "pkg:npm/%40scope/tool@1.2.3?x=y");
    const char *words = arena_text(&arena, load(told));
    assert_non_null(strstr(words, "pack --ignore-scripts --silent --pack-destination"));
    assert_non_null(strstr(words, " @scope/tool@1.2.3\n"));
    target_free(&target);
    expect_empty_scratch();
}

static void a_client_that_fails_or_brings_nothing_is_told(void **state)
{
    (void)state;
    fake_client("npm", "exit 7");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_NETWORK, "status 7");
    fake_client("npm", "exit 0");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_UNSUPPORTED, "0 files");
    fake_client("npm", "echo a >$5/a; echo b >$5/b");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_UNSUPPORTED, "2 files");
    fake_client("npm", "ln -s /etc/passwd $5/a");
    assert_false(open_target("pkg:npm/tool@1.2.3"));
    expect_empty_scratch();
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(a_package_url_is_got_by_the_registrys_client),
    TARGET_CASE(a_client_that_fails_or_brings_nothing_is_told),
};

TARGET_MAIN(tests)
