// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/image/image_xcoff.h"
#include "verifier/image/symbols.h"

static struct made made;
static struct arena arena;
static struct image image;
static struct error err;

static int make(void **state)
{
    (void)state;
    made = made_xcoff(8, BYTES("0123456789abcdef"));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    made_free(&made);
    arena_free(&arena);
    return 0;
}

static bool opens(void)
{
    struct source source = made_source(&made);
    return image_open(&source, &arena, &image, &err);
}

static void reads_both_widths(void **state)
{
    (void)state;
    for (unsigned width = 4; width <= 8; width += 4) {
        made_free(&made);
        made = made_xcoff(width, BYTES("0123456789abcdef"));
        assert_true(opens());
        assert_int_equal(image.section_count, 1);
        assert_string_equal(image.sections[0].name, ".data");
        assert_int_equal(image.sections[0].address, MADE_ADDRESS);
        assert_int_equal(image.sections[0].offset, made.content);
        assert_int_equal(image_xcoff(&image)->sections[0].type, XCOFF_DATA);
        assert_int_equal(image_xcoff(&image)->symbol_count, 1);
        assert_int_equal(image.pointer_size, width);
    }
}

/* As -s leaves a file. */
static void reads_a_file_without_symbols(void **state)
{
    (void)state;
    made_put(&made, 8, 8, 0);
    assert_true(opens());
    assert_int_equal(image_xcoff(&image)->symbol_count, 0);
    assert_false(symbols_present(&image));
    made_put(&made, 8, 8, made.content + 16);
    made_put(&made, 20, 4, 0);
    assert_true(opens());
    assert_int_equal(image.section_count, 1);
}

static void rejects_symbols_past_the_end(void **state)
{
    (void)state;
    const uint64_t places[] = {made.len, INT64_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 17};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        made_put(&made, 8, 8, places[i]);
        assert_fails(opens(), &err, ERROR_FORMAT, "symbols at offset");
    }
    made_put(&made, 8, 8, made.content + 16);
    made_put(&made, 20, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "4294967295 symbols");
}

static void rejects_strings_past_the_end(void **state)
{
    (void)state;
    made_put(&made, made.len - 4, 4, 5);
    assert_fails(opens(), &err, ERROR_FORMAT, "string table");
    made_put(&made, made.len - 4, 4, 0);
    assert_true(opens());
}

static void rejects_sections_past_the_end(void **state)
{
    (void)state;
    made_put(&made, 2, 2, 65535);
    assert_fails(opens(), &err, ERROR_FORMAT, "section headers");
    made_put(&made, 2, 2, 1);
    made_put(&made, 16, 2, 65535);
    assert_fails(opens(), &err, ERROR_FORMAT, "section headers");
}

static void rejects_relocations_past_the_end(void **state)
{
    (void)state;
    size_t section = made.table;
    made_put(&made, section + 40, 8, made.len - 13);
    assert_true(opens());
    made_put(&made, section + 56, 4, 1);
    assert_fails(opens(), &err, ERROR_FORMAT, "relocations");
    made_put(&made, section + 64, 4, XCOFF_BSS);
    assert_true(opens());
}

/* A loader section: the header of 64 bits with the imports behind it. */
static void reads_import_files(void **state)
{
    (void)state;
    static const char imports[] = "/usr/lib\0\0\0\0libc.a\0shr_64.o\0\0libm.so\0";
    uint8_t content[128] = {0};
    memcpy(&content[64], imports, sizeof(imports));
    made_free(&made);
    made = made_xcoff(8, bytes_from(content, sizeof(content)));
    made_put(&made, made.table + 64, 4, XCOFF_LOADER);
    made_put(&made, made.content + 12, 4, sizeof(imports));
    made_put(&made, made.content + 24, 8, 64);
    assert_true(opens());
    assert_int_equal(image.library_count, 2);
    assert_string_equal(image.libraries[0], "libc.a/shr_64.o");
    assert_string_equal(image.libraries[1], "libm.so");
    made_put(&made, made.content + 24, 8, UINT64_MAX);
    assert_true(opens());
    assert_int_equal(image.library_count, 0);
}

static void reads_plan9_sections_by_their_sizes(void **state)
{
    (void)state;
    made_free(&made);
    made = made_plan9(BYTES("0123456789abcdef"));
    assert_true(opens());
    assert_int_equal(image.section_count, 5);
    const struct image_section *data = image_section(&image, "data");
    assert_int_equal(data->offset, MADE_PLAN9_ADDRESS);
    assert_int_equal(data->size, 16);
    assert_string_equal(image.goos, "plan9");
    made_put(&made, 4, 4, UINT32_MAX);
    assert_true(opens());
    assert_int_equal(image_section(&image, "data")->offset, 39);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_both_widths),
    TEST(reads_a_file_without_symbols),
    TEST(rejects_symbols_past_the_end),
    TEST(rejects_strings_past_the_end),
    TEST(rejects_sections_past_the_end),
    TEST(rejects_relocations_past_the_end),
    TEST(reads_import_files),
    TEST(reads_plan9_sections_by_their_sizes),
};

UNIT_MAIN(tests)
