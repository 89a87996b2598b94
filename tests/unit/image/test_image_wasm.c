// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/image/image_wasm.h"

static struct arena arena;
static struct image image;
static struct error err;

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

#define HEADER "\0asm\1\0\0\0"

static bool opens(struct bytes module)
{
    struct source source = source_from_bytes(module);
    return image_open(&source, &arena, &image, &err);
}

#define OPENS(sections) opens(BYTES(HEADER sections))

struct refused {
    struct bytes module;
    const char *message;
};

#define REFUSED(sections, text)                                                                    \
    {                                                                                              \
        {(const uint8_t *)(HEADER sections), sizeof(HEADER sections) - 1}, text                    \
    }

static void reads_sections_imports_and_data(void **state)
{
    (void)state;
    struct made made = made_wasm(BYTES("0123456789abcdef"));
    struct source source = made_source(&made);
    assert_true(image_open(&source, &arena, &image, &err));
    assert_int_equal(image.section_count, 4);
    const struct image_section *id = image_section(&image, "go:buildid");
    assert_non_null(id);
    assert_int_equal(id->size, 5);
    assert_memory_equal(&made.data[id->offset], "\xff Go ", 5);
    assert_non_null(image_section(&image, "import"));
    assert_int_equal(image.library_count, 1);
    assert_string_equal(image.libraries[0], "gojs");
    assert_int_equal(image.segment_count, 1);
    assert_int_equal(image.segments[0].address, 16);
    assert_int_equal(image.segments[0].offset, made.content);
    assert_true(image_wasm(&image)->all_data_mapped);
    made_free(&made);
}

static void the_imports_tell_the_system(void **state)
{
    (void)state;
    assert_true(OPENS("\2\x0b\1\2go\4exit\0\0"));
    assert_string_equal(image.goos, "js");
    assert_true(OPENS("\2\x1f\1\x16wasi_snapshot_preview1\4exit\0\0"));
    assert_string_equal(image.goos, "wasip1");
    assert_true(OPENS("\2\x0c\1\3env\4exit\0\0"));
    assert_string_equal(image.goos, "");
}

static void accepts_lengths_of_five_bytes(void **state)
{
    (void)state;
    assert_true(OPENS("\0\x86\x80\x80\x80\0\4nameX"));
    assert_string_equal(image.sections[0].name, "name");
    assert_int_equal(image.sections[0].size, 1);
}

static void rejects_bad_lengths(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        REFUSED("\0\x86\x80\x80\x80\x80\0\4nameX", "no number of 32 bits"),
        REFUSED("\0\xff\xff\xff\xff\x1f\4nameX", "no number of 32 bits"),
        REFUSED("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "no number of 32 bits"),
        REFUSED("\0\x80", "no number of 32 bits"),
        REFUSED("\0", "no number of 32 bits"),
        REFUSED("\0\xff\xff\xff\xff\x0f\4nameX", "beyond the end"),
        REFUSED("\0\7\4nameX", "beyond the end"),
        REFUSED("\0\0", "longer than the section"),
        REFUSED("\0\3\4nameX", "longer than the section"),
        REFUSED("\0\6\x80\x80\x80\x80\x80\0", "longer than the section"),
        REFUSED("\0\4\3na\xff", "not valid UTF-8"),
        REFUSED("\1\1\0\1\1\0", "there twice"),
        REFUSED("\2\1\0\1\1\0", "out of order"),
        REFUSED("\x0e\1\0", "unknown section id 14"),
        REFUSED("\2\x80", "no number of 32 bits"),
        REFUSED("\2\0", "count of imports"),
        REFUSED("\2\1\1", "import 0"),
        REFUSED("\2\5\xff\xff\xff\xff\x0f", "import 0"),
        REFUSED("\2\x0b\1\2go\4exit\5\0", "import 0"),
        REFUSED("\2\x0c\1\2go\4exit\0\0\0", "left behind the imports"),
        REFUSED("\x0b\0", "count of data segments"),
        REFUSED("\x0b\1\1", "data segment 0"),
        REFUSED("\x0b\5\1\0\x41\0\x0b", "data segment 0"),
        REFUSED("\x0b\6\1\0\x41\0\x0b\1", "data segment 0"),
        REFUSED("\x0b\x0a\1\0\x41\0\x0b\xff\xff\xff\xff\x0f", "data segment 0"),
        REFUSED("\x0b\x0a\1\0\x41\xff\xff\xff\xff\xff\0\x0b\0", "data segment 0"),
        REFUSED("\x0b\2\0\0", "left behind the data"),
        REFUSED("\x0b\5\1\3\x41\0\x0b", "data segment 0"),
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (opens(rows[i].module)) {
            fail_msg("row %zu was read", i);
        }
        if (strstr(err.message, rows[i].message) == NULL) {
            fail_msg("row %zu: %s", i, err.message);
        }
        assert_string_equal(error_code_name(err.code), "format");
    }
}

static void keeps_apart_what_is_mapped(void **state)
{
    (void)state;
    /* Passive, of memory 1, at a global's value, at a constant. */
    assert_true(OPENS("\x0b\x18\4\1\1a\2\1\x41\0\x0b\1b\0\x23\0\x0b\1c\0\x41\x80\1\x0b\1d"));
    assert_int_equal(image.segment_count, 1);
    assert_int_equal(image.segments[0].address, 128);
    assert_false(image_wasm(&image)->all_data_mapped);
    /* A negative constant is an address in the upper half. */
    assert_true(OPENS("\x0b\7\1\0\x41\x7f\x0b\1d"));
    assert_int_equal(image.segments[0].address, UINT32_MAX);
}

static void holes_in_memory_read_as_zeros(void **state)
{
    (void)state;
    uint8_t some[8];
    assert_true(OPENS("\x0b\x10\2\0\x41\x08\x0b\2ab\0\x41\x0d\x0b\3cde"));
    assert_true(image_read_address(&image, 8, some, 8, NULL));
    assert_memory_equal(some, "ab\0\0\0cde", 8);
    assert_true(image_read_address(&image, 0, some, 8, NULL));
    assert_memory_equal(some, "\0\0\0\0\0\0\0\0", 8);
    assert_fails(image_read_address(&image, 9, some, 8, &err), &err, ERROR_FORMAT, "no segment");
}

static void other_versions_are_refused(void **state)
{
    (void)state;
    assert_fails(opens(BYTES("\0asm\2\0\0\0")), &err, ERROR_FORMAT, "version");
    assert_fails(opens(BYTES("\0asm\x0d\0\1\0")), &err, ERROR_FORMAT, "version");
    assert_true(opens(BYTES("\0asm\1\0\0\0")));
}

#define TEST(name) cmocka_unit_test_teardown(name, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_sections_imports_and_data), TEST(the_imports_tell_the_system),
    TEST(accepts_lengths_of_five_bytes),   TEST(rejects_bad_lengths),
    TEST(keeps_apart_what_is_mapped),      TEST(holes_in_memory_read_as_zeros),
    TEST(other_versions_are_refused),
};

UNIT_MAIN(tests)
