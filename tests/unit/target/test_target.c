// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/fetch/support.h"
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/target/target.h"

#define ID                                                                                         \
    "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/"                                                   \
    "cccccccccccccccccccc/dddddddddddddddddddd"
#define MODULES "path\texample.com/m\nmod\texample.com/m\tv1.0.0\t\n"
#define NPM "{\"name\": \"@scope/tool\", \"version\": \"1.2.3\"}"

static char folder[64];
static struct arena arena;
static struct inspector *inspector;
static struct target target;
static struct error err;

static int make(void **state)
{
    (void)state;
    scratch_make(folder);
    assert_true(inspector_open(true, &inspector, &err));
    target = (struct target){.scratch = -1, .scratch_parent = -1};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    target_free(&target);
    inspector_free(&inspector);
    arena_free(&arena);
    scratch_remove(folder);
    return 0;
}

static struct bytes program(void)
{
    struct buffer modules;
    buffer_init(&modules, 4096);
    made_marked(&modules, BYTES(MODULES));
    struct bytes marked = arena_bytes(&arena, buffer_view(&modules));
    buffer_free(&modules);
    struct made_program spec = {.version = "go1.24.1", .modules = marked, .build_id = ID};
    struct made made = made_go_elf(&spec);
    struct bytes content = arena_bytes(&arena, bytes_from(made.data, made.len));
    made_free(&made);
    return content;
}

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

static const char *put(const char *name, struct bytes content)
{
    const char *path = path_of(name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    fclose(file);
    return path;
}

static bool open_target(const char *path)
{
    target_free(&target);
    return target_open(path, inspector, path_of("scratch"), &arena, &target, &err);
}

/* Nothing is left of what was unpacked. */
static void expect_empty_scratch(void)
{
    size_t count;
    support_list(path_of("scratch"), "", &arena, &count);
    assert_int_equal(count, 0);
}

/* -- archives of our own making -- */

static struct archive *start_archive(const char *path, bool zip)
{
    struct archive *out = archive_write_new();
    assert_non_null(out);
    if (zip) {
        assert_int_equal(archive_write_set_format_zip(out), ARCHIVE_OK);
    } else {
        assert_int_equal(archive_write_set_format_ustar(out), ARCHIVE_OK);
        assert_int_equal(archive_write_add_filter_gzip(out), ARCHIVE_OK);
    }
    assert_int_equal(archive_write_open_filename(out, path), ARCHIVE_OK);
    return out;
}

static void add_entry(struct archive *out, const char *name, unsigned kind, struct bytes content,
                      const char *link)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, kind);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (int64_t)content.len);
    if (link != NULL) {
        archive_entry_set_symlink(entry, link);
    }
    assert_int_equal(archive_write_header(out, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(out, content.data, content.len), content.len);
    archive_entry_free(entry);
}

static void add_file(struct archive *out, const char *name, struct bytes content)
{
    add_entry(out, name, AE_IFREG, content, NULL);
}

static void finish_archive(struct archive *out)
{
    assert_int_equal(archive_write_close(out), ARCHIVE_OK);
    archive_write_free(out);
}

static const char *npm_package(void)
{
    const char *path = path_of("tool-1.2.3.tgz");
    struct archive *out = start_archive(path, false);
    add_file(out, "package/package.json", BYTES(NPM));
    add_file(out, "package/bin/tool", program());
    add_file(out, "package/install.js", BYTES("run()"));
    finish_archive(out);
    return path;
}

/* -- files -- */

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

/* -- directories -- */

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

/* -- archives -- */

static void an_npm_package_is_taken_apart(void **state)
{
    (void)state;
    const char *path = npm_package();
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, "package/bin/tool");
    assert_int_equal(target.subjects[0].container, 0);
    assert_string_equal(target.subjects[0].package_name, "@scope/tool");
    assert_string_equal(target.subjects[0].package_version, "1.2.3");
    struct bytes content = file_load(path);
    struct sha256 digest = sha256_of(content);
    free((void *)(uintptr_t)content.data);
    assert_int_equal(target.container_count, 1);
    const struct target_container *container = &target.containers[0];
    assert_true(sha256_equal(&container->sha256, &digest));
    assert_string_equal(container->name, path);
    assert_string_equal(container->purl, "pkg:npm/%40scope/tool@1.2.3");
    assert_int_equal(container->member_count, 3);
    assert_int_equal(container->other_count, 2);
    assert_string_equal(container->others[0], "package/install.js");
    assert_string_equal(container->others[1], "package/package.json");
    target_free(&target);
    expect_empty_scratch();
}

static void a_wheel_is_taken_apart(void **state)
{
    (void)state;
    const char *path = path_of("tool_py-4.2.0-py3-none-any.whl");
    struct archive *out = start_archive(path, true);
    add_file(out, "tool_py-4.2.0.data/scripts/tool", program());
    add_file(out, "tool_py-4.2.0.dist-info/METADATA",
             BYTES("Metadata-Version: 2.1\nName: tool_py\nVersion: 4.2.0\n\nText\n"));
    add_file(out, "tool_py-4.2.0.dist-info/RECORD", BYTES(""));
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].package_version, "4.2.0");
    assert_string_equal(target.containers[0].purl, "pkg:pypi/tool-py@4.2.0");
    assert_int_equal(target.containers[0].other_count, 2);
}

/* The subject is what was unpacked, byte for byte, and stays what it is once it is open. */
static void the_bytes_of_a_member_are_those_of_the_archive(void **state)
{
    (void)state;
    struct bytes expected = program();
    uint8_t *found = arena_alloc(&arena, expected.len);
    assert_true(open_target(npm_package()));
    assert_int_equal(target.subjects[0].source.size, expected.len);
    assert_true(source_read(&target.subjects[0].source, 0, found, expected.len, &err));
    assert_bytes(bytes_from(found, expected.len), expected);
}

static void links_in_an_archive_are_members_that_nobody_proves(void **state)
{
    (void)state;
    const char *path = path_of("links.tgz");
    struct archive *out = start_archive(path, false);
    add_file(out, "package/tool", program());
    add_entry(out, "package/link", AE_IFLNK, bytes_from("", 0), "/etc/passwd");
    add_entry(out, "package/fifo", AE_IFIFO, bytes_from("", 0), NULL);
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.containers[0].member_count, 3);
    assert_int_equal(target.containers[0].other_count, 2);
}

static void names_that_lead_out_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"../tool", "package/../../tool", "/tmp/reproof-escaped"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = path_of("climb.tgz");
        struct archive *out = start_archive(path, false);
        add_file(out, names[i], program());
        finish_archive(out);
        assert_false(open_target(path));
        assert_true(err.code == ERROR_UNTRUSTED || err.code == ERROR_FORMAT);
        expect_empty_scratch();
    }
    struct stat info;
    assert_int_not_equal(stat("/tmp/reproof-escaped", &info), 0);
    assert_int_not_equal(stat(path_of("tool"), &info), 0);
}

static void a_cut_archive_leaves_nothing_behind(void **state)
{
    (void)state;
    struct bytes whole = file_load(npm_package());
    for (size_t len = 20; len < whole.len; len += whole.len / 7) {
        assert_false(open_target(put("cut.tgz", bytes_first(whole, len))));
        expect_empty_scratch();
    }
    free((void *)(uintptr_t)whole.data);
}

static void an_archive_without_go_binaries_is_nothing_to_check(void **state)
{
    (void)state;
    const char *path = path_of("text.tgz");
    struct archive *out = start_archive(path, false);
    add_file(out, "package/package.json", BYTES(NPM));
    finish_archive(out);
    assert_fails(open_target(path), &err, ERROR_ABSENT, "nothing to check");
    expect_empty_scratch();
}

static void an_archive_within_an_archive_is_a_member_like_others(void **state)
{
    (void)state;
    struct bytes inner = file_load(npm_package());
    const char *path = path_of("outer.zip");
    struct archive *out = start_archive(path, true);
    add_file(out, "inner.tgz", inner);
    add_file(out, "tool", program());
    finish_archive(out);
    free((void *)(uintptr_t)inner.data);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.containers[0].other_count, 1);
    assert_string_equal(target.containers[0].others[0], "inner.tgz");
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)
static const struct CMUnitTest tests[] = {
    CASE(a_go_binary_is_one_subject),
    CASE(the_package_around_a_bare_file_is_found),
    CASE(what_is_neither_binary_nor_archive_is_refused),
    CASE(fifos_sockets_and_devices_are_refused_without_waiting),
    CASE(a_directory_is_looked_through_whatever_the_modes),
    CASE(links_fifos_and_sockets_in_a_directory_are_passed_over),
    CASE(a_directory_without_go_binaries_is_nothing_to_check),
    CASE(a_broken_executable_does_not_vanish_from_a_directory),
    CASE(an_npm_package_is_taken_apart),
    CASE(a_wheel_is_taken_apart),
    CASE(the_bytes_of_a_member_are_those_of_the_archive),
    CASE(links_in_an_archive_are_members_that_nobody_proves),
    CASE(names_that_lead_out_are_refused),
    CASE(a_cut_archive_leaves_nothing_behind),
    CASE(an_archive_without_go_binaries_is_nothing_to_check),
    CASE(an_archive_within_an_archive_is_a_member_like_others),
    CASE(no_descriptor_is_left_open),
};

int main(void)
{
    support_helpers();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
