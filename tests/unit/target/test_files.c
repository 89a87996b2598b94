// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.h"

static void a_go_binary_is_one_subject(void **state)
{
    (void)state;
    const char *path = put("tool", program());
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.container_count, 0);
    struct target_subject *subject = &target.subjects[0];
    assert_string_equal(subject->name, path);
    assert_true(subject->container == TARGET_NO_CONTAINER);
    assert_true(subject->file->has_buildinfo);
    assert_string_equal(subject->package_name, "");
    assert_int_equal(subject->source.size, program().len);
    assert_true(fcntl(subject->fd, F_GETFD) & FD_CLOEXEC);
}

static void the_package_around_a_bare_file_is_found(void **state)
{
    (void)state;
    const char *path = put("node_modules/tool/bin/tool", program());
    put("node_modules/tool/package.json", BYTES(NPM));
    assert_true(open_target(path));
    assert_string_equal(target.subjects[0].package_name, "@scope/tool");
    assert_string_equal(target.subjects[0].package_version, "1.2.3");
}

static void what_is_neither_binary_nor_archive_is_refused(void **state)
{
    (void)state;
    assert_false(open_target(put("text", BYTES("hello, this is text\n"))));
    assert_int_equal(err.code, ERROR_UNSUPPORTED);
    assert_false(open_target(put("empty", BYTES(""))));
    assert_int_equal(err.code, ERROR_UNSUPPORTED);
    assert_fails(open_target(path_of("nothing")), &err, ERROR_ABSENT, "nothing");
    assert_fails(open_target(""), &err, ERROR_USAGE, "empty");
    struct bytes cut = bytes_first(program(), 40);
    assert_false(open_target(put("cut", cut)));
}

static void fifos_sockets_and_devices_are_refused_without_waiting(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    alarm(10);
    assert_fails(open_target(path_of("fifo")), &err, ERROR_USAGE, "not a regular file");
    assert_fails(open_target("/dev/null"), &err, ERROR_USAGE, "not a regular file");
    assert_fails(open_target("/dev/tty"), &err, err.code, "/dev/tty");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_false(open_target(path_of("socket")));
    close(fd);
    alarm(0);
}

static void a_directory_is_looked_through_whatever_the_modes(void **state)
{
    (void)state;
    put("dist/a/b/tool", program());
    put("dist/other", program());
    put("dist/readme", BYTES("text"));
    assert_int_equal(chmod(path_of("dist/other"), 0400), 0);
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.subject_count, 2);
    assert_string_equal(target.subjects[0].name, path_of("dist/a/b/tool"));
    assert_string_equal(target.subjects[1].name, path_of("dist/other"));
    assert_int_equal(target.container_count, 0);
}

static void links_fifos_and_sockets_in_a_directory_are_passed_over(void **state)
{
    (void)state;
    put("outside/tool", program());
    put("dist/tool", program());
    assert_int_equal(symlink("../outside", path_of("dist/folder")), 0);
    assert_int_equal(symlink("../outside/tool", path_of("dist/link")), 0);
    assert_int_equal(symlink(".", path_of("dist/loop")), 0);
    assert_int_equal(mkfifo(path_of("dist/fifo"), 0600), 0);
    alarm(10);
    assert_true(open_target(path_of("dist")));
    alarm(0);
    assert_int_equal(target.subject_count, 1);
}

static void a_directory_without_go_binaries_is_nothing_to_check(void **state)
{
    (void)state;
    put("dist/readme", BYTES("text"));
    assert_fails(open_target(path_of("dist")), &err, ERROR_ABSENT, "nothing to check");
    assert_int_equal(mkdir(path_of("void"), 0700), 0);
    assert_fails(open_target(path_of("void")), &err, ERROR_ABSENT, "nothing to check");
}

static void a_broken_executable_does_not_vanish_from_a_directory(void **state)
{
    (void)state;
    put("dist/tool", program());
    put("dist/broken", bytes_first(program(), 100));
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.refused_count, 1);
    assert_string_equal(target.refused[0].name, path_of("dist/broken"));
    assert_int_equal(unlink(path_of("dist/tool")), 0);
    assert_false(open_target(path_of("dist")));
    assert_non_null(strstr(err.message, "dist/broken"));
}

static void a_directory_of_packages_gives_a_container_each(void **state)
{
    (void)state;
    put("dist/a.tgz", load(npm_package()));
    put("dist/b.zip", load(archive_of("b.zip", "tool", program())));
    put("dist/docs.zip", load(archive_of("docs.zip", "readme", BYTES("text"))));
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.subject_count, 2);
    assert_int_equal(target.container_count, 2);
    assert_string_equal(target.containers[1].name, path_of("dist/b.zip"));
    assert_int_equal(target.subjects[1].container, 1);
    assert_string_equal(target.subjects[1].name, path_of("dist/b.zip/tool"));
    assert_string_equal(target.containers[0].purl, "pkg:npm/%40scope/tool@1.2.3");
    assert_int_equal(target.containers[1].other_count, 0);
}

static void no_descriptor_is_left_open(void **state)
{
    (void)state;
    const char *path = npm_package();
    assert_true(open_target(path));
    target_free(&target);
    int before = dup(0);
    close(before);
    for (int i = 0; i < 3; i++) {
        assert_true(open_target(path));
        assert_false(open_target(put("text", BYTES("text"))));
    }
    target_free(&target);
    int after = dup(0);
    close(after);
    assert_int_equal(after, before);
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(a_go_binary_is_one_subject),
    TARGET_CASE(the_package_around_a_bare_file_is_found),
    TARGET_CASE(what_is_neither_binary_nor_archive_is_refused),
    TARGET_CASE(fifos_sockets_and_devices_are_refused_without_waiting),
    TARGET_CASE(a_directory_is_looked_through_whatever_the_modes),
    TARGET_CASE(links_fifos_and_sockets_in_a_directory_are_passed_over),
    TARGET_CASE(a_directory_without_go_binaries_is_nothing_to_check),
    TARGET_CASE(a_broken_executable_does_not_vanish_from_a_directory),
    TARGET_CASE(a_directory_of_packages_gives_a_container_each),
    TARGET_CASE(no_descriptor_is_left_open),
};

TARGET_MAIN(tests)
