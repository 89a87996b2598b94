// SPDX-License-Identifier: Apache-2.0
#include "base/checksums.h"
#include "base/limits.h"
#include "tests/unit/target/target_fixture.h"

static struct buffer list;

static void begin_list(void)
{
    buffer_init(&list, 64 << 20);
}

static void add_line(const char *name, struct bytes content)
{
    char hex[SHA256_HEX_LEN + 1];
    struct sha256 digest = sha256_of(content);
    sha256_hex(&digest, hex);
    buffer_printf(&list, "%s  %s\n", hex, name);
}

static const char *put_list(const char *path)
{
    const char *typed = put(path, arena_bytes(&arena, buffer_view(&list)));
    buffer_free(&list);
    return typed;
}

/* A release of a program, a package and a text, and its list. */
static const char *release(const char *name)
{
    put("release/tool", program());
    put("release/README", BYTES("read me\n"));
    struct bytes package = load(npm_package());
    put("release/tool.tgz", package);
    begin_list();
    add_line("tool", program());
    add_line("tool.tgz", package);
    add_line("README", BYTES("read me\n"));
    return put_list(name);
}

static void the_files_of_a_list_are_looked_at_and_no_others(void **state)
{
    (void)state;
    const char *path = release("release/SHA256SUMS");
    put("release/unlisted", program());
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 2);
    assert_string_equal(target.subjects[0].name, path_of("release/tool"));
    assert_string_equal(target.subjects[1].name, path_of("release/tool.tgz/package/bin/tool"));
    assert_int_equal(target.container_count, 1);
    assert_int_equal(target.refused_count, 0);
    target_free(&target);
    expect_empty_scratch();
}

static void a_list_is_told_by_its_content_or_its_name(void **state)
{
    (void)state;
    static const char *const names[] = {"release/checksums.txt", "release/tool_1.2.3_checksums.txt",
                                        "release/whatever"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(open_target(release(names[i])));
        assert_int_equal(target.subject_count, 2);
    }
    assert_fails(open_target(put("release/SHA256SUMS", BYTES("no list\n"))), &err, ERROR_FORMAT,
                 "line 1 is no checksum");
    assert_non_null(strstr(err.cure, "sha256sum"));
    assert_fails(open_target(put("release/text", BYTES("no list\n"))), &err, ERROR_UNSUPPORTED, "");
}

static void every_form_of_a_line_is_read(void **state)
{
    (void)state;
    char hex[SHA256_HEX_LEN + 1];
    struct sha256 digest = sha256_of(program());
    sha256_hex(&digest, hex);
    put("a", program());
    put("b c", program());
    put("d", program());
    const char *text = arena_printf(&arena, "SHA256 (a) = %s\n%s *b c\n%s  d", hex, hex, hex);
    assert_true(open_target(put("SHA256SUMS", bytes_from_string(text))));
    assert_int_equal(target.subject_count, 3);
}

static void a_file_with_another_digest_is_refused_and_not_judged(void **state)
{
    (void)state;
    const char *path = release("release/SHA256SUMS");
    struct bytes forged = program();
    ((uint8_t *)(uintptr_t)forged.data)[forged.len - 1] ^= 1;
    put("release/tool", forged);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, path_of("release/tool.tgz/package/bin/tool"));
    assert_int_equal(target.refused_count, 1);
    assert_string_equal(target.refused[0].name, path_of("release/tool"));
    assert_int_equal(target.refused[0].error.code, ERROR_UNTRUSTED);
    assert_non_null(strstr(target.refused[0].error.message, "SHA256SUMS says"));
    assert_true(target.refused[0].error.cure[0] != '\0');
    /* A changed package is not even unpacked, a cut text not passed over. */
    put("release/tool.tgz", bytes_first(load(npm_package()), 60));
    put("release/README", BYTES("read me"));
    assert_fails(open_target(path), &err, ERROR_UNTRUSTED, "SHA256SUMS says");
    expect_empty_scratch();
}

static void two_files_that_changed_places_are_refused(void **state)
{
    (void)state;
    put("a", program());
    put("b", BYTES("text"));
    begin_list();
    add_line("b", program());
    add_line("a", BYTES("text"));
    assert_fails(open_target(put_list("SHA256SUMS")), &err, ERROR_UNTRUSTED, "SHA256SUMS says");
}

static void a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    const char *path = release("release/SHA256SUMS");
    assert_int_equal(unlink(path_of("release/README")), 0);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 2);
    assert_int_equal(target.refused_count, 1);
    assert_int_equal(target.refused[0].error.code, ERROR_ABSENT);
    assert_string_equal(target.refused[0].name, path_of("release/README"));
    assert_non_null(strstr(target.refused[0].error.cure, "name the files that you have"));
}

static void names_that_leave_the_folder_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"../tool", "/etc/passwd", "..", ".", "sub/tool", "a\\b"};
    put("tool", program());
    put("release/sub/tool", program());
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        begin_list();
        add_line(names[i], program());
        assert_fails(open_target(put_list("release/SHA256SUMS")), &err, ERROR_FORMAT, "line 1");
    }
}

static void links_folders_and_fifos_are_refused_without_waiting(void **state)
{
    (void)state;
    put("tool", program());
    put("release/plain", program());
    assert_int_equal(symlink("../tool", path_of("release/link")), 0);
    assert_int_equal(mkdir(path_of("release/folder"), 0700), 0);
    assert_int_equal(mkfifo(path_of("release/fifo"), 0600), 0);
    begin_list();
    add_line("link", program());
    add_line("folder", program());
    add_line("fifo", program());
    add_line("plain", program());
    alarm(10);
    assert_true(open_target(put_list("release/SHA256SUMS")));
    alarm(0);
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.refused_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(target.refused[i].error.code, ERROR_UNSUPPORTED);
    }
}

static void a_list_without_go_binaries_is_nothing_to_check(void **state)
{
    (void)state;
    put("README", BYTES("text"));
    begin_list();
    add_line("README", BYTES("text"));
    assert_fails(open_target(put_list("SHA256SUMS")), &err, ERROR_ABSENT, "nothing to check");
    assert_fails(open_target(put("SHA256SUMS", BYTES(""))), &err, err.code, "");
}

/* A list names what is not there a hundred thousand times: told once, and soon. */
static void a_list_of_a_hundred_thousand_lines_is_read(void **state)
{
    (void)state;
    put("tool", program());
    begin_list();
    for (int i = 0; i < 100000; i++) {
        buffer_printf(&list,
                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a%d\n", i);
    }
    add_line("tool", program());
    assert_true(open_target(put_list("SHA256SUMS")));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.refused_count, LIMIT_TARGET_REFUSED);
    const struct target_refused *last = &target.refused[LIMIT_TARGET_REFUSED - 1];
    assert_non_null(strstr(last->error.message, "99001 more"));
}

static void a_list_above_the_limits_is_refused(void **state)
{
    (void)state;
    begin_list();
    for (int i = 0; i <= LIMIT_CHECKSUMS; i++) {
        buffer_printf(&list,
                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  %d\n", i);
    }
    assert_fails(open_target(put_list("SHA256SUMS")), &err, ERROR_LIMIT, "checksums");
    struct bytes zeros =
        bytes_from(arena_alloc(&arena, LIMIT_CHECKSUM_LIST + 1), LIMIT_CHECKSUM_LIST + 1);
    assert_fails(open_target(put("SHA256SUMS", zeros)), &err, ERROR_LIMIT, "");
}

static void a_digest_refused_among_the_unnamed_is_not_lost(void **state)
{
    (void)state;
    put("tool", program());
    put("zz", BYTES("forged"));
    begin_list();
    for (int i = 0; i < 1100; i++) {
        add_line(arena_printf(&arena, "a%d", i), program());
    }
    add_line("tool", program());
    add_line("zz", BYTES("true"));
    assert_true(open_target(put_list("SHA256SUMS")));
    assert_int_equal(target.refused_count, LIMIT_TARGET_REFUSED);
    assert_int_equal(target.refused[LIMIT_TARGET_REFUSED - 1].error.code, ERROR_UNTRUSTED);
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(the_files_of_a_list_are_looked_at_and_no_others),
    TARGET_CASE(a_list_is_told_by_its_content_or_its_name),
    TARGET_CASE(every_form_of_a_line_is_read),
    TARGET_CASE(a_file_with_another_digest_is_refused_and_not_judged),
    TARGET_CASE(two_files_that_changed_places_are_refused),
    TARGET_CASE(a_file_that_is_not_there_is_told),
    TARGET_CASE(names_that_leave_the_folder_are_refused),
    TARGET_CASE(links_folders_and_fifos_are_refused_without_waiting),
    TARGET_CASE(a_list_without_go_binaries_is_nothing_to_check),
    TARGET_CASE(a_list_of_a_hundred_thousand_lines_is_read),
    TARGET_CASE(a_list_above_the_limits_is_refused),
    TARGET_CASE(a_digest_refused_among_the_unnamed_is_not_lost),
};

TARGET_MAIN(tests)
