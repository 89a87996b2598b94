// SPDX-License-Identifier: Apache-2.0
/* Values of -X: string headers in .data whose text has a NUL of its own. */
#include "base/buffer.h"
#include "tests/unit/unit.h"
#include "verifier/inspect_internal.h"

#define TEXT_ADDRESS 0x1000U
#define DATA_ADDRESS 0x2000U

static const char texts[] = "1.2.3\0abcdefabcdef\0\x01\x02\0constantconstant";
#define TEXT_VERSION 0
#define TEXT_COMMIT 6
#define TEXT_BINARY 19
#define TEXT_CONSTANT 22

static struct arena arena;
static struct inspection file;
static struct error err;
static struct buffer content;
static struct image_section sections[2];
static struct image_segment segments[2];
static uint64_t no_detail[64]; /* no symbols in any format */

static int make(void **state)
{
    (void)state;
    buffer_init(&content, 1U << 20);
    buffer_append(&content, bytes_from(texts, sizeof(texts) - 1));
    file = (struct inspection){0};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&content);
    arena_free(&arena);
    return 0;
}

static void put_header(unsigned width, enum byte_order order, uint64_t address, uint64_t len)
{
    const uint64_t words[] = {address, len};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        for (unsigned k = 0; k < width; k++) {
            unsigned shift = order == LITTLE_ENDIAN_ORDER ? 8 * k : 8 * (width - 1 - k);
            buffer_byte(&content, (uint8_t)(words[i] >> shift));
        }
    }
}

/* The texts read-only, what follows them writable. */
static struct image image_of(enum image_format format, unsigned width, enum byte_order order)
{
    const char *name = format == IMAGE_MACHO ? "__data" : ".data";
    uint64_t start = sizeof(texts) - 1;
    sections[0] = (struct image_section){.name = ".rodata", .address = TEXT_ADDRESS, .size = start};
    sections[1] = (struct image_section){.name = name,
                                         .address = DATA_ADDRESS,
                                         .offset = start,
                                         .size = content.len - start,
                                         .writable = true};
    for (size_t i = 0; i < ARRAY_LEN(segments); i++) {
        segments[i] = (struct image_segment){.name = "",
                                             .address = sections[i].address,
                                             .offset = sections[i].offset,
                                             .size = sections[i].size,
                                             .memory_size = sections[i].size};
    }
    return (struct image){.format = format,
                          .source = source_from_bytes(buffer_view(&content)),
                          .order = order,
                          .pointer_size = width,
                          .sections = sections,
                          .section_count = ARRAY_LEN(sections),
                          .segments = segments,
                          .detail = no_detail,
                          .segment_count = ARRAY_LEN(segments)};
}

static void finds_values_whatever_the_format_and_width(void **state)
{
    (void)state;
    static const struct {
        enum image_format format;
        unsigned width;
        enum byte_order order;
    } rows[] = {{IMAGE_PE, 8, LITTLE_ENDIAN_ORDER},
                {IMAGE_PE, 4, LITTLE_ENDIAN_ORDER},
                {IMAGE_MACHO, 8, LITTLE_ENDIAN_ORDER},
                {IMAGE_XCOFF, 8, BIG_ENDIAN_ORDER}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        drop(NULL);
        make(NULL);
        put_header(rows[i].width, rows[i].order, TEXT_ADDRESS + TEXT_VERSION, 5);
        put_header(rows[i].width, rows[i].order, TEXT_ADDRESS + TEXT_COMMIT, 12);
        struct image image = image_of(rows[i].format, rows[i].width, rows[i].order);
        assert_true(inspect_values(&image, &arena, &file, &err));
        assert_int_equal(file.value_count, 2);
        assert_string_equal(file.values[0].text, "1.2.3");
        assert_string_equal(file.values[1].text, "abcdefabcdef");
        assert_string_equal(file.values[1].name, "");
        assert_int_equal(file.values[1].offset, sizeof(texts) - 1 + 2 * rows[i].width);
    }
}

static void passes_over_what_is_no_value(void **state)
{
    (void)state;
    put_header(8, LITTLE_ENDIAN_ORDER, TEXT_ADDRESS + TEXT_CONSTANT, 8); /* no NUL behind it */
    put_header(8, LITTLE_ENDIAN_ORDER, TEXT_ADDRESS + TEXT_CONSTANT,
               16); /* ends with the section */
    put_header(8, LITTLE_ENDIAN_ORDER, TEXT_ADDRESS + TEXT_BINARY, 2);
    put_header(8, LITTLE_ENDIAN_ORDER, TEXT_ADDRESS + TEXT_VERSION, 4);
    put_header(8, LITTLE_ENDIAN_ORDER, TEXT_ADDRESS, INSPECT_VALUE_MAXIMUM + 1);
    put_header(8, LITTLE_ENDIAN_ORDER, DATA_ADDRESS, 5); /* writable */
    put_header(8, LITTLE_ENDIAN_ORDER, UINT64_MAX - 2, 5);
    put_header(8, LITTLE_ENDIAN_ORDER, 0, 5);
    struct image image = image_of(IMAGE_PE, 8, LITTLE_ENDIAN_ORDER);
    assert_true(inspect_values(&image, &arena, &file, &err));
    assert_int_equal(file.value_count, 0);
}

static void lists_no_more_than_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSPECT_VALUES_MAXIMUM + 5; i++) {
        put_header(8, LITTLE_ENDIAN_ORDER, TEXT_ADDRESS, 5);
    }
    struct image image = image_of(IMAGE_PE, 8, LITTLE_ENDIAN_ORDER);
    assert_true(inspect_values(&image, &arena, &file, &err));
    assert_int_equal(file.value_count, INSPECT_VALUES_MAXIMUM);
}

static void a_section_beyond_the_file_is_an_error(void **state)
{
    (void)state;
    put_header(8, LITTLE_ENDIAN_ORDER, TEXT_ADDRESS, 5);
    struct image image = image_of(IMAGE_PE, 8, LITTLE_ENDIAN_ORDER);
    sections[1].size += 4096;
    assert_fails(inspect_values(&image, &arena, &file, &err), &err, ERROR_FORMAT, "section .data");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_values_whatever_the_format_and_width, make, drop),
        cmocka_unit_test_setup_teardown(passes_over_what_is_no_value, make, drop),
        cmocka_unit_test_setup_teardown(lists_no_more_than_the_limit, make, drop),
        cmocka_unit_test_setup_teardown(a_section_beyond_the_file_is_an_error, make, drop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
