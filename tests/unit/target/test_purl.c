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
    assert_non_null(strstr(err.cure, "npm pack --ignore-scripts --pack-destination . tool@1.2.3"));
    fake_client("npm", "exit 0");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_UNSUPPORTED, "0 files");
    fake_client("npm", "echo a >$5/a; echo b >$5/b");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_UNSUPPORTED, "2 files");
    fake_client("npm", "ln -s /etc/passwd $5/a");
    assert_false(open_target("pkg:npm/tool@1.2.3"));
    expect_empty_scratch();
}

static void a_debian_package_is_got_by_apt(void **state)
{
    (void)state;
    const char *deb = path_of("tool.deb");
    const char *told = path_of("told");
    struct bytes control =
        load(archive_of("control.tar.gz", "./control",
                        BYTES("Package: tool\nVersion: 1.2.3-1\nArchitecture: arm64\n")));
    struct bytes data = load(archive_of("data.tar.gz", "./usr/bin/tool", program()));
    struct archive *out = start_archive(deb);
    add_file(out, "debian-binary", BYTES("2.0\n"));
    add_file(out, "control.tar.gz", control);
    add_file(out, "data.tar.gz", data);
    finish_archive(out);
    fake_client("apt-get", arena_printf(&arena, "echo \"$@\" >%s; cp %s ./x.deb", told, deb));
    assert_true(open_target("pkg:deb/debian/tool@1.2.3-1?arch=arm64"));
    assert_string_equal(arena_text(&arena, load(told)), "-qq download tool:arm64=1.2.3-1\n");
    assert_string_equal(target.containers[0].purl, "pkg:deb/debian/tool@1.2.3-1?arch=arm64");
    target_free(&target);
    expect_empty_scratch();
}

static void an_rpm_package_is_got_by_dnf_or_refused(void **state)
{
    (void)state;
    const char *npm = npm_package();
    const char *told = path_of("told");
    setenv("PATH", path_of("nowhere"), 1);
    if (open_target("pkg:rpm/fedora/tool@1.2.3-1.fc41")) {
        skip(); /* the system has a dnf */
    }
    assert_int_equal(err.code, ERROR_ABSENT);
    assert_non_null(strstr(err.cure, "install dnf"));
    fake_client("dnf", arena_printf(&arena, "echo \"$@\" >%s; cp %s \"$4\"/x.rpm", told, npm));
    assert_true(open_target("pkg:rpm/fedora/tool@1.2.3-1.fc41?arch=x86_64"));
    const char *words = arena_text(&arena, load(told));
    assert_non_null(strstr(words, "-q download --destdir "));
    assert_non_null(strstr(words, " --arch x86_64 tool-1.2.3-1.fc41\n"));
}

static void a_module_is_source_and_no_target(void **state)
{
    (void)state;
    static const char *const purls[] = {"pkg:golang/example.com/m@v1.2.3",
                                        "pkg:golang/example.com/m/v3@v3.14.1#cmd/tool"};
    for (size_t i = 0; i < ARRAY_LEN(purls); i++) {
        assert_fails(open_target(purls[i]), &err, ERROR_USAGE, "a module is source");
        assert_non_null(strstr(err.cure, "--expect example.com/m"));
    }
    const struct target_settings settings = {
        .scratch = path_of("scratch"), .store = path_of("store"), .state = path_of("state")};
    static const char *const versions[] = {"v0.0.1-go1.23.5", "v0.0.1-go1.23.5.linux",
                                           "v0.0.2-go1.23.5.linux-amd64",
                                           "v0.0.1-devel.linux-amd64"};
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        const char *purl = arena_printf(&arena, "pkg:golang/golang.org/toolchain@%s", versions[i]);
        assert_fails(target_open_any(purl, inspector, &settings, &arena, &target, &err), &err,
                     ERROR_USAGE, "no version of a toolchain");
    }
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(a_package_url_is_got_by_the_registrys_client),
    TARGET_CASE(a_client_that_fails_or_brings_nothing_is_told),
    TARGET_CASE(a_debian_package_is_got_by_apt),
    TARGET_CASE(an_rpm_package_is_got_by_dnf_or_refused),
    TARGET_CASE(a_module_is_source_and_no_target),
};

TARGET_MAIN(tests)
