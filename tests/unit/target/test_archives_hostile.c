// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.h"

static void names_that_lead_out_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"../tool", "package/../../tool", "/tmp/reproof-escaped"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = path_of("climb.tgz");
        struct archive *out = start_archive(path);
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

static void a_broken_archive_is_refused_beside_others_and_a_member_within(void **state)
{
    (void)state;
    struct bytes broken = bytes_first(load(npm_package()), 100);
    put("dist/tool", program());
    put("dist/broken.tgz", broken);
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.refused_count, 1);
    assert_string_equal(target.refused[0].name, path_of("dist/broken.tgz"));
    const char *path = path_of("outer.zip");
    struct archive *out = start_archive(path);
    add_file(out, "broken.tgz", broken);
    add_file(out, "tool", program());
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.refused_count, 0);
    assert_int_equal(target.containers[0].other_count, 1);
    assert_string_equal(target.containers[0].others[0].name, "broken.tgz");
}

static void archives_nested_without_end_are_refused(void **state)
{
    (void)state;
    struct bytes content = program();
    for (int i = 0; i < 5; i++) {
        content = load(archive_of("n.tgz", "n", content));
    }
    assert_true(open_target(put("five.tgz", content)));
    assert_string_equal(target.subjects[0].name, "n/n/n/n/n");
    content = load(archive_of("n.tgz", "n", content));
    assert_fails(open_target(put("six.tgz", content)), &err, ERROR_LIMIT, "nested");
    expect_empty_scratch();
}

/* Zeros compress by a thousand; a bomb within another is found by what it unpacks to. */
static void bombs_are_refused(void **state)
{
    (void)state;
    struct bytes zeros = bytes_from(arena_alloc(&arena, 100 << 20), 100 << 20);
    memset((void *)(uintptr_t)zeros.data, 0, zeros.len);
    static const char *const names[] = {"b.tar.gz", "b.tar.xz", "b.tar.zst", "b.zip"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = archive_of(names[i], "tool", zeros);
        assert_fails(open_target(path), &err, ERROR_LIMIT, "bytes");
        struct bytes inner = load(path);
        path = path_of("outer.tar");
        struct archive *out = start_archive(path);
        add_file(out, "b", inner);
        add_file(out, "tool", program());
        finish_archive(out);
        assert_true(open_target(path));
        assert_int_equal(target.refused_count, 1);
        assert_int_equal(target.refused[0].error.code, ERROR_LIMIT);
        target_free(&target);
        expect_empty_scratch();
    }
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(names_that_lead_out_are_refused),
    TARGET_CASE(a_cut_archive_leaves_nothing_behind),
    TARGET_CASE(a_broken_archive_is_refused_beside_others_and_a_member_within),
    TARGET_CASE(archives_nested_without_end_are_refused),
    TARGET_CASE(bombs_are_refused),
};

TARGET_MAIN(tests)
