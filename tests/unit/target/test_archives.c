// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "tests/unit/target/target_fixture.h"

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
    struct archive *out = start_archive(path);
    add_file(out, "package/tool", program());
    add_entry(out, "package/link", AE_IFLNK, bytes_from("", 0), "/etc/passwd");
    add_entry(out, "package/fifo", AE_IFIFO, bytes_from("", 0), NULL);
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.containers[0].member_count, 3);
    assert_int_equal(target.containers[0].other_count, 2);
}

static void an_archive_without_go_binaries_is_nothing_to_check(void **state)
{
    (void)state;
    const char *path = path_of("text.tgz");
    struct archive *out = start_archive(path);
    add_file(out, "package/package.json", BYTES(NPM));
    finish_archive(out);
    assert_fails(open_target(path), &err, ERROR_ABSENT, "nothing to check");
    expect_empty_scratch();
}

static void archives_within_archives_are_folders(void **state)
{
    (void)state;
    const char *path = path_of("outer.zip");
    struct bytes text = load(archive_of("text.tar", "a", BYTES("text")));
    struct bytes npm = load(npm_package());
    struct archive *out = start_archive(path);
    add_file(out, "inner.tgz", npm);
    add_file(out, "docs.tar", text);
    add_file(out, "tool", program());
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 2);
    assert_string_equal(target.subjects[0].name, "inner.tgz/package/bin/tool");
    assert_string_equal(target.subjects[0].package_name, "@scope/tool");
    assert_string_equal(target.subjects[1].name, "tool");
    assert_int_equal(target.container_count, 1);
    const struct target_container *container = &target.containers[0];
    assert_int_equal(container->member_count, 5);
    assert_int_equal(container->other_count, 3);
    /* One without a Go binary is one member: its bytes are what somebody may accept. */
    struct sha256 digest = sha256_of(text);
    assert_string_equal(container->others[0].name, "docs.tar");
    assert_true(sha256_equal(&container->others[0].sha256, &digest));
    assert_string_equal(container->others[1].name, "inner.tgz/package/install.js");
    target_free(&target);
    expect_empty_scratch();
}

static void every_compression_is_taken_off(void **state)
{
    (void)state;
    static const char *const names[] = {"a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst", "a.tar.bz2"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = archive_of(names[i], "usr/bin/tool", program());
        if (!open_target(path)) {
            fail_telling("%s: %s", names[i], err.message);
        }
        assert_int_equal(target.subject_count, 1);
        assert_string_equal(target.subjects[0].name, "usr/bin/tool");
        struct bytes whole = load(path);
        assert_false(open_target(put(names[i], bytes_first(whole, whole.len / 2))));
        /* A byte changed in the middle changes the verdict on everything, or is seen. */
        ((uint8_t *)(uintptr_t)whole.data)[whole.len / 2] ^= 1;
        struct sha256 expected = sha256_of(program()), found = {0};
        bool ok = open_target(put(names[i], whole)) &&
                  sha256_source(&target.subjects[0].source, &found, &err);
        assert_false(ok && i > 0 && sha256_equal(&found, &expected));
    }
}

/* The npm package with MORE behind it, and one bit changed of the byte BACK bytes before the end.
 */
static struct bytes spoiled(struct bytes more, size_t back)
{
    struct bytes whole = load(npm_package());
    uint8_t *copy = arena_alloc(&arena, whole.len + more.len);
    memcpy(copy, whole.data, whole.len);
    memcpy(copy + whole.len, more.data, more.len);
    if (back > 0) {
        copy[whole.len + more.len - back] ^= 1;
    }
    return bytes_from(copy, whole.len + more.len);
}

static void every_trailer_of_gzip_has_to_fit(void **state)
{
    (void)state;
    static const uint8_t empty[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
                                    3,    0,    0, 0, 0, 0, 0, 0, 0, 0};
    /* One that the archive does not reach into is no exception. */
    const struct bytes suffixes[] = {BYTES(""), bytes_from(empty, sizeof(empty))};
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        struct bytes good = spoiled(suffixes[i], 0);
        assert_true(open_target(put("good.tgz", good)));
        target_free(&target);
        for (size_t back = 1; back <= 8; back++) {
            assert_fails(open_target(put("forged.tgz", spoiled(suffixes[i], back))), &err,
                         ERROR_FORMAT, back <= 4 ? "incorrect length" : "incorrect data check");
            assert_fails(open_target(put("cut.tgz", bytes_first(good, good.len - back))), &err,
                         ERROR_FORMAT, "gzip data is cut");
            expect_empty_scratch();
        }
    }
}

static void only_padding_follows_gzip(void **state)
{
    (void)state;
    static const uint8_t zeros[200000];
    assert_true(open_target(put("a.tgz", spoiled(bytes_from(zeros, sizeof(zeros)), 0))));
    assert_fails(open_target(put("b.tgz", spoiled(BYTES("PK"), 0))), &err, ERROR_FORMAT,
                 "incorrect header");
    assert_fails(open_target(put("c.tgz", spoiled(bytes_from(zeros, sizeof(zeros)), 1))), &err,
                 ERROR_FORMAT, "gzip data is cut");
    expect_empty_scratch();
}

static void a_compressed_program_is_a_container_of_one(void **state)
{
    (void)state;
    struct archive *out = archive_write_new();
    assert_int_equal(archive_write_set_format_raw(out), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_gzip(out), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(out, path_of("tool.gz")), ARCHIVE_OK);
    add_file(out, "x", program());
    finish_archive(out);
    assert_true(open_target(path_of("tool.gz")));
    assert_string_equal(target.subjects[0].name, "data");
}

/* As ar(1) of GNU makes a Debian package; dpkg takes it too. */
static void members_of_ar_archives_are_files_whatever_their_mode(void **state)
{
    (void)state;
    struct archive *out = start_archive(path_of("tool.deb"));
    add_file(out, "debian-binary", BYTES("2.0\n"));
    add_file(out, "tool", program());
    finish_archive(out);
    struct bytes made = load(path_of("tool.deb"));
    uint8_t *changed = arena_alloc(&arena, made.len);
    memcpy(changed, made.data, made.len);
    size_t count = 0;
    for (uint8_t *at = changed; (at = memmem(at, made.len - (size_t)(at - changed), "100644  ", 8));
         at++) {
        memcpy(at, "644     ", 8);
        count++;
    }
    assert_int_equal(count, 2);
    assert_true(open_target(put("gnu.deb", bytes_from(changed, made.len))));
    assert_string_equal(target.subjects[0].name, "tool");
    assert_int_equal(target.containers[0].other_count, 1);
}

static bool open_programs(const char *path, int *fd)
{
    static struct target_settings settings;
    target_free(&target);
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    settings =
        (struct target_settings){.scratch = path_of("scratch"), .jobs = 1, .programs_only = true};
    return target_open_archive(*fd, path, inspector, &settings, &arena, &target, &err);
}

/* Of archives within archives, too; what else there is in them is neither listed nor hashed. */
static void programs_alone_are_found_where_all_would_be(void **state)
{
    (void)state;
    int fd;
    struct buffer large;
    buffer_init(&large, MIB);
    buffer_append(&large, program());
    uint8_t *padding = arena_alloc(&arena, 100000);
    for (size_t i = 0; i < 100000; i++) {
        padding[i] = (uint8_t)(i * i >> 3);
    }
    buffer_append(&large, bytes_from(padding, 100000));
    struct bytes inner = load(archive_of("inner.tar", "bin/tool", buffer_view(&large)));
    struct archive *out = start_archive(path_of("outer.zip"));
    add_file(out, "inner.tar", inner);
    add_file(out, "small", program());
    add_file(out, "text", bytes_from(padding, 100000));
    finish_archive(out);
    buffer_free(&large);
    assert_true(open_programs(path_of("outer.zip"), &fd));
    assert_int_equal(target.subject_count, 1);
    assert_non_null(strstr(target.subjects[0].name, "inner.tar/bin/tool"));
    assert_int_equal(target.containers[0].other_count, 0);
    close(fd);
    assert_fails(open_programs(archive_of("text.tgz", "a", BYTES("text")), &fd), &err, ERROR_ABSENT,
                 "nothing to check");
    close(fd);
    expect_empty_scratch();
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(the_bytes_of_a_member_are_those_of_the_archive),
    TARGET_CASE(links_in_an_archive_are_members_that_nobody_proves),
    TARGET_CASE(an_archive_without_go_binaries_is_nothing_to_check),
    TARGET_CASE(archives_within_archives_are_folders),
    TARGET_CASE(every_compression_is_taken_off),
    TARGET_CASE(every_trailer_of_gzip_has_to_fit),
    TARGET_CASE(only_padding_follows_gzip),
    TARGET_CASE(a_compressed_program_is_a_container_of_one),
    TARGET_CASE(programs_alone_are_found_where_all_would_be),
    TARGET_CASE(members_of_ar_archives_are_files_whatever_their_mode),
};

TARGET_MAIN(tests)
