// SPDX-License-Identifier: Apache-2.0
/* What holds for every format: detection, the well-formed made image, and each way of cutting it.
 */
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/buildinfo/buildinfo.h"
#include "verifier/image/image.h"

struct row {
    const char *name;
    enum image_format format;
    enum byte_order order;
    unsigned width;
    const char *goos, *goarch;
};

static const struct row rows[] = {
    {"elf 64 little", IMAGE_ELF, LITTLE_ENDIAN_ORDER, 8, "linux", "amd64"},
    {"elf 64 big", IMAGE_ELF, BIG_ENDIAN_ORDER, 8, "linux", "ppc64"},
    {"elf 32 little", IMAGE_ELF, LITTLE_ENDIAN_ORDER, 4, "linux", "386"},
    {"elf 32 big", IMAGE_ELF, BIG_ENDIAN_ORDER, 4, "linux", "mips"},
    {"macho 64", IMAGE_MACHO, LITTLE_ENDIAN_ORDER, 8, "darwin", "arm64"},
    {"macho 32", IMAGE_MACHO, LITTLE_ENDIAN_ORDER, 4, "darwin", "386"},
    {"macho big", IMAGE_MACHO, BIG_ENDIAN_ORDER, 8, "darwin", "arm64"},
    {"pe 64", IMAGE_PE, LITTLE_ENDIAN_ORDER, 8, "windows", "amd64"},
    {"pe 32", IMAGE_PE, LITTLE_ENDIAN_ORDER, 4, "windows", "386"},
    {"xcoff 64", IMAGE_XCOFF, BIG_ENDIAN_ORDER, 8, "aix", "ppc64"},
    {"xcoff 32", IMAGE_XCOFF, BIG_ENDIAN_ORDER, 4, "aix", ""},
    {"plan9", IMAGE_PLAN9, BIG_ENDIAN_ORDER, 8, "plan9", "amd64"},
    {"wasm", IMAGE_WASM, LITTLE_ENDIAN_ORDER, 8, "js", "wasm"},
};

static struct made make(const struct row *row, struct bytes content)
{
    switch (row->format) {
    case IMAGE_MACHO:
        return made_macho(row->order, row->width, content);
    case IMAGE_PE:
        return made_pe(row->width, content);
    case IMAGE_XCOFF:
        return made_xcoff(row->width, content);
    case IMAGE_PLAN9:
        return made_plan9(content);
    case IMAGE_WASM:
        return made_wasm(content);
    case IMAGE_ELF:
    case IMAGE_UNKNOWN:
        break;
    }
    return made_elf(row->order, row->width, content);
}

static const char modules[] = "path\texample.com/a\nmod\texample.com/a\tv1.0.0\th1:x=\n";

static struct made make_go(const struct row *row)
{
    struct buffer text;
    struct buffer content;
    buffer_init(&text, 4096);
    buffer_init(&content, 4096);
    made_marked(&text, bytes_from_string(modules));
    if (row->format == IMAGE_WASM) {
        buffer_append(&content, buffer_view(&text));
    } else {
        made_inline(&content, "go1.23.5", buffer_view(&text));
    }
    struct made made = make(row, buffer_view(&content));
    buffer_free(&text);
    buffer_free(&content);
    return made;
}

static bool read_all(struct source source, struct arena *arena, struct image *image,
                     struct buildinfo *info, struct error *err)
{
    return image_open(&source, arena, image, err) && buildinfo_read(image, arena, info, err);
}

static void reads_every_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made = make_go(&rows[i]);
        struct arena arena = {0};
        struct image image;
        struct buildinfo info;
        struct error err = {0};
        if (!read_all(made_source(&made), &arena, &image, &info, &err)) {
            fail_msg("%s: %s", rows[i].name, err.message);
        }
        assert_int_equal(image.format, rows[i].format);
        assert_string_equal(image.goos, rows[i].goos);
        assert_string_equal(image.goarch, rows[i].goarch);
        assert_int_equal(image.order, rows[i].order);
        assert_int_equal(image.pointer_size, rows[i].width);
        assert_string_equal(info.go_version, "go1.23.5");
        assert_string_equal(info.path, "example.com/a");
        assert_string_equal(info.main.version, "v1.0.0");
        arena_free(&arena);
        made_free(&made);
    }
}

/* An exact-size copy of each beginning, so that a sanitizer sees any read past it. */
static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made = make_go(&rows[i]);
        for (size_t len = 0; len < made.len; len++) {
            struct arena arena = {0};
            struct image image;
            struct buildinfo info;
            struct error err = {0};
            uint8_t *copy = malloc(len == 0 ? 1 : len);
            assert_non_null(copy);
            memcpy(copy, made.data, len);
            bool ok =
                read_all(source_from_bytes(bytes_from(copy, len)), &arena, &image, &info, &err);
            /* What is behind the contents (padding, a signature) may be missing in these. */
            bool tail =
                rows[i].format != IMAGE_ELF && rows[i].format != IMAGE_XCOFF && len + 64 > made.len;
            if (ok && !tail) {
                fail_msg("%s accepted when cut to %zu bytes", rows[i].name, len);
            }
            if (!ok && err.code != ERROR_FORMAT && err.code != ERROR_UNSUPPORTED &&
                err.code != ERROR_ABSENT) {
                fail_msg("%s cut to %zu: %s", rows[i].name, len, err.message);
            }
            free(copy);
            arena_free(&arena);
        }
        made_free(&made);
    }
}

/* Every single byte of the headers set to some awkward values: no crash, and never other texts. */
static void survives_every_changed_byte(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made = make_go(&rows[i]);
        for (size_t place = 0; place < made.len; place++) {
            uint8_t before = made.data[place];
            for (size_t v = 0; v < sizeof(values); v++) {
                struct arena arena = {0};
                struct image image;
                struct buildinfo info;
                struct error err = {0};
                made.data[place] = values[v];
                if (!read_all(made_source(&made), &arena, &image, &info, &err)) {
                    assert_int_not_equal(err.code, ERROR_NONE);
                    assert_string_not_equal(err.message, "");
                }
                arena_free(&arena);
            }
            made.data[place] = before;
        }
        made_free(&made);
    }
}

static void a_slice_reads_as_a_file_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made = make_go(&rows[i]);
        size_t before = 37;
        uint8_t *copy = malloc(before + made.len + 100);
        assert_non_null(copy);
        memset(copy, 0xee, before + made.len + 100);
        memcpy(copy + before, made.data, made.len);
        struct source whole = source_from_bytes(bytes_from(copy, before + made.len + 100));
        struct source slice;
        struct arena arena = {0};
        struct image image;
        struct buildinfo info;
        assert_true(source_slice(&whole, before, made.len, &slice, NULL));
        assert_true(read_all(slice, &arena, &image, &info, NULL));
        assert_string_equal(info.main.sum, "h1:x=");
        arena_free(&arena);
        free(copy);
        made_free(&made);
    }
}

static void reads_a_file_by_its_descriptor(void **state)
{
    (void)state;
    char folder[64];
    char path[128];
    scratch_make(folder);
    snprintf(path, sizeof(path), "%s/image", folder);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made = make_go(&rows[i]);
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        struct arena arena = {0};
        struct source source;
        struct image image;
        struct buildinfo info;
        assert_true(fd >= 0);
        assert_int_equal(write(fd, made.data, made.len), made.len);
        assert_true(source_from_fd(fd, &source, NULL));
        assert_true(read_all(source, &arena, &image, &info, NULL));
        assert_string_equal(info.go_version, "go1.23.5");
        arena_free(&arena);
        made_free(&made);
        close(fd);
    }
    scratch_remove(folder);
}

static void reads_by_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made = make(&rows[i], BYTES("0123456789abcdef"));
        struct arena arena = {0};
        struct image image;
        struct error err = {0};
        uint8_t some[4];
        uint64_t offset;
        struct source source = made_source(&made);
        assert_true(image_open(&source, &arena, &image, NULL));
        uint64_t address = rows[i].format == IMAGE_WASM ? 16 : MADE_ADDRESS;
        if (rows[i].format != IMAGE_PLAN9) {
            assert_true(image_read_address(&image, address + 4, some, 4, NULL));
            assert_memory_equal(some, "4567", 4);
            assert_true(image_address_offset(&image, address + 4, &offset));
            assert_int_equal(offset, made.content + 4);
            assert_fails(image_read_address(&image, address + 13, some, 4, &err), &err,
                         ERROR_FORMAT, "in no segment");
        }
        assert_false(image_address_offset(&image, UINT64_MAX, &offset));
        assert_fails(image_read_address(&image, UINT64_MAX, some, 4, &err), &err, ERROR_FORMAT,
                     "in no segment");
        arena_free(&arena);
        made_free(&made);
    }
}

static void other_files_are_unsupported(void **state)
{
    (void)state;
    static const struct bytes texts[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\x7f"
                          "ELF",
         4},
        {(const uint8_t *)"#!/bin/sh\necho\n", 15},
        {(const uint8_t *)"\xca\xfe\xba\xbe\0\0\0\2aaaaaaaa", 16},
        {(const uint8_t *)"!<arch>\nabcdefgh", 16},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct source source = source_from_bytes(texts[i]);
        struct arena arena = {0};
        struct image image;
        struct error err = {0};
        assert_fails(image_open(&source, &arena, &image, &err), &err, ERROR_UNSUPPORTED,
                     "not an executable");
        arena_free(&arena);
    }
}

static void names_every_format(void **state)
{
    (void)state;
    assert_string_equal(image_format_name(IMAGE_UNKNOWN), "unknown");
    assert_string_equal(image_format_name(IMAGE_ELF), "elf");
    assert_string_equal(image_format_name(IMAGE_PLAN9), "plan9");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_every_format),
    cmocka_unit_test(survives_every_cut),
    cmocka_unit_test(survives_every_changed_byte),
    cmocka_unit_test(a_slice_reads_as_a_file_of_its_own),
    cmocka_unit_test(reads_a_file_by_its_descriptor),
    cmocka_unit_test(reads_by_address),
    cmocka_unit_test(other_files_are_unsupported),
    cmocka_unit_test(names_every_format),
};

UNIT_MAIN(tests)
