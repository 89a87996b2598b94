// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.h"

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
    assert_string_equal(container->others[0].name, "package/install.js");
    assert_string_equal(container->others[1].name, "package/package.json");
    digest = sha256_of(BYTES(NPM));
    assert_true(container->others[1].regular);
    assert_true(sha256_equal(&container->others[1].sha256, &digest));
    target_free(&target);
    expect_empty_scratch();
}

static void a_wheel_is_taken_apart(void **state)
{
    (void)state;
    const char *path = path_of("tool_py-4.2.0-py3-none-any.whl");
    struct archive *out = start_archive(path);
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

static void a_debian_package_is_taken_apart(void **state)
{
    (void)state;
    struct bytes control =
        load(archive_of("control.tar.xz", "./control",
                        BYTES("Package: tool\nVersion: 1:1.2.3+b-1\nArchitecture: "
                              "amd64\nDescription: x\n Version: y\n")));
    struct bytes data = load(archive_of("data.tar.zst", "./usr/bin/tool", program()));
    const char *path = path_of("tool.deb");
    struct archive *out = start_archive(path);
    add_file(out, "debian-binary", BYTES("2.0\n"));
    add_file(out, "control.tar.xz", control);
    add_file(out, "data.tar.zst", data);
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, "data.tar.zst/usr/bin/tool");
    assert_string_equal(target.containers[0].purl, "pkg:deb/tool@1:1.2.3%2Bb-1?arch=amd64");
    assert_int_equal(target.containers[0].other_count, 2);
}

static void put_rpm_header(struct buffer *out, uint8_t store)
{
    static const uint8_t magic[] = {0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    buffer_append(out, bytes_from(magic, sizeof(magic)));
    buffer_byte(out, store);
    for (uint8_t i = 0; i < store; i++) {
        buffer_byte(out, 0);
    }
}

/* A package of the one file MEMBER. */
static struct bytes rpm_of(const char *member)
{
    struct bytes payload = load(archive_of("payload.cpio", member, program()));
    struct buffer out;
    buffer_init(&out, 1 << 20);
    buffer_string(&out, "\xed\xab\xee\xdb");
    for (int i = 4; i < 96; i++) {
        buffer_byte(&out, 0);
    }
    put_rpm_header(&out, 5); /* and three bytes up to a multiple of eight */
    buffer_append(&out, BYTES("\0\0\0"));
    put_rpm_header(&out, 9);
    buffer_append(&out, payload);
    struct bytes rpm = arena_bytes(&arena, buffer_view(&out));
    buffer_free(&out);
    return rpm;
}

static void an_rpm_package_is_taken_apart(void **state)
{
    (void)state;
    struct bytes rpm = rpm_of("./usr/bin/tool");
    assert_true(open_target(put("tool.rpm", rpm)));
    assert_string_equal(target.subjects[0].name, "usr/bin/tool");
    assert_false(open_target(put("tool.rpm", bytes_first(rpm, 120))));
    ((uint8_t *)(uintptr_t)rpm.data)[96 + 12] = 0xff;
    assert_false(open_target(put("tool.rpm", rpm)));
}

/* As nfpm writes them; in no other archive. */
static void names_in_an_rpm_package_may_begin_at_the_root(void **state)
{
    (void)state;
    assert_true(open_target(put("tool.rpm", rpm_of("/usr/bin/tool"))));
    assert_string_equal(target.subjects[0].name, "usr/bin/tool");
    target_free(&target);
    assert_fails(open_target(put("tool.rpm", rpm_of("/../usr/bin/tool"))), &err, ERROR_UNTRUSTED,
                 "leads elsewhere");
    assert_fails(open_target(put("tool.rpm", rpm_of("/usr/../bin/tool"))), &err, ERROR_UNTRUSTED,
                 "leads elsewhere");
    assert_fails(open_target(archive_of("tool.tar", "/usr/bin/tool", program())), &err,
                 ERROR_UNTRUSTED, "absolute");
}

/* Gzip members one after the other, each a tar, the first ones without an end: apk(5). */
static void an_alpine_package_is_taken_apart(void **state)
{
    (void)state;
    struct bytes control =
        load(archive_of("control.tar.gz", ".PKGINFO",
                        BYTES("# made\npkgname = tool\npkgver = 1.2.3-r0\narch = x86_64\n")));
    struct bytes data = load(archive_of("data.tar.gz", "usr/bin/tool", program()));
    uint8_t *both = arena_alloc(&arena, control.len + data.len);
    memcpy(both, control.data, control.len);
    memcpy(both + control.len, data.data, data.len);
    assert_true(open_target(put("tool.apk", bytes_from(both, control.len + data.len))));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.containers[0].other_count, 1);
    assert_string_equal(target.containers[0].purl, "pkg:apk/tool@1.2.3-r0?arch=x86_64");
    assert_string_equal(target_naming(&target, &target.subjects[0], ""), path_of("tool.apk"));
    /* What follows the last member is no archive: nobody would know what a reader makes of it. */
    memcpy(both + control.len, "junk", 4);
    assert_false(open_target(put("tool.apk", bytes_from(both, control.len + data.len))));
}

static void the_layers_of_an_image_are_looked_through(void **state)
{
    (void)state;
    struct bytes layer = load(archive_of("layer.tar.gz", "usr/bin/tool", program()));
    put("image/oci-layout", BYTES("{\"imageLayoutVersion\": \"1.0.0\"}"));
    put("image/index.json", BYTES("{}"));
    put("image/blobs/sha256/0123", layer);
    assert_true(open_target(path_of("image")));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, path_of("image/blobs/sha256/0123/usr/bin/tool"));
    assert_int_equal(target.container_count, 1);
    assert_string_equal(target.containers[0].name, path_of("image/blobs/sha256/0123"));
    const char *path = path_of("image.tar");
    struct archive *out = start_archive(path);
    add_file(out, "blobs/sha256/0123", layer);
    add_file(out, "oci-layout", BYTES("{}"));
    finish_archive(out);
    assert_true(open_target(path));
    assert_string_equal(target.subjects[0].name, "blobs/sha256/0123/usr/bin/tool");
}

/* As ko writes them. */
static void names_in_a_layer_may_begin_at_the_root(void **state)
{
    (void)state;
    static const char hex[] = "d1db2c58a366eda879d0c5d488dc46509601ea0539a31c5cd61038c7e4914367";
    struct bytes layer = load(archive_of("layer.tar.gz", "/ko-app/tool", program()));
    const char *const names[] = {arena_printf(&arena, "image/blobs/sha256/%s", hex),
                                 arena_printf(&arena, "image/%s.tar.gz", hex),
                                 arena_printf(&arena, "image/%s/layer.tar", hex)};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(open_target(put(names[i], layer)));
        assert_string_equal(target.subjects[0].name, "ko-app/tool");
        target_free(&target);
    }
    /* A layer alone, not what lies in it. */
    struct bytes inner = load(archive_of("inner.tar", "/etc/tool", program()));
    struct bytes outer = load(archive_of("outer.tar.gz", "opt/inner.tar", inner));
    assert_false(open_target(put(arena_printf(&arena, "image/blobs/sha256/%s", hex), outer)));
    assert_false(open_target(put("image/blobs/sha256/d1db", layer)));
    assert_false(open_target(put("image/layer.tar", layer)));
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(an_npm_package_is_taken_apart),
    TARGET_CASE(a_wheel_is_taken_apart),
    TARGET_CASE(a_debian_package_is_taken_apart),
    TARGET_CASE(an_rpm_package_is_taken_apart),
    TARGET_CASE(names_in_an_rpm_package_may_begin_at_the_root),
    TARGET_CASE(an_alpine_package_is_taken_apart),
    TARGET_CASE(the_layers_of_an_image_are_looked_through),
    TARGET_CASE(names_in_a_layer_may_begin_at_the_root),
};

TARGET_MAIN(tests)
