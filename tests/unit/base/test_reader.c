// SPDX-License-Identifier: Apache-2.0
#include "base/reader.h"

#include "tests/unit/unit.h"

static void reads_numbers_in_both_orders(void **state)
{
    (void)state;
    struct bytes raw = BYTES("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");
    struct reader little = reader_over(raw, LITTLE_ENDIAN_ORDER);
    struct reader big = reader_over(raw, BIG_ENDIAN_ORDER);
    uint8_t byte;
    uint16_t half;
    uint32_t word;
    uint64_t large;
    assert_true(reader_u8(&little, &byte) && reader_u16(&little, &half) &&
                reader_u32(&little, &word) && reader_u64(&little, &large));
    assert_int_equal(byte, 1);
    assert_int_equal(half, 0x0302);
    assert_int_equal(word, 0x07060504);
    assert_true(large == 0x0f0e0d0c0b0a0908);
    assert_true(reader_done(&little));
    assert_true(reader_u8(&big, &byte) && reader_u16(&big, &half) && reader_u32(&big, &word) &&
                reader_u64(&big, &large));
    assert_int_equal(half, 0x0203);
    assert_int_equal(word, 0x04050607);
    assert_true(large == 0x08090a0b0c0d0e0f);
}

static void a_number_cut_short_moves_nothing(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("\x01\x02\x03\x04\x05\x06\x07"), LITTLE_ENDIAN_ORDER);
    uint64_t large = 42;
    assert_false(reader_u64(&reader, &large));
    assert_true(large == 42);
    assert_int_equal(reader_offset(&reader), 0);
    assert_true(reader_skip(&reader, 6));
    uint16_t half = 43;
    assert_false(reader_u16(&reader, &half));
    assert_int_equal(half, 43);
    assert_int_equal(reader_left(&reader), 1);
}

static void empty_input_yields_nothing(void **state)
{
    (void)state;
    struct reader reader = reader_over(bytes_from(NULL, 0), LITTLE_ENDIAN_ORDER);
    uint8_t byte;
    struct bytes text;
    struct reader inner;
    assert_true(reader_done(&reader));
    assert_false(reader_u8(&reader, &byte));
    assert_false(reader_cstring(&reader, 10, &text));
    assert_false(reader_uvarint(&reader, &(uint64_t){0}));
    assert_false(reader_expect(&reader, "x"));
    assert_true(reader_bytes(&reader, 0, &text));
    assert_true(reader_at(&reader, 0, 0, &inner));
    assert_false(reader_at(&reader, 1, 0, &inner));
}

static void rejects_length_past_end(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("abcd"), LITTLE_ENDIAN_ORDER);
    struct bytes text = BYTES("kept");
    struct reader inner;
    assert_true(reader_skip(&reader, 1));
    assert_false(reader_bytes(&reader, 4, &text));
    assert_false(reader_bytes(&reader, UINT64_MAX, &text));
    assert_false(reader_skip(&reader, UINT64_MAX - 1));
    assert_false(reader_sub(&reader, 4, &inner));
    assert_bytes(text, BYTES("kept"));
    assert_true(reader_bytes(&reader, 3, &text));
    assert_bytes(text, BYTES("bcd"));
}

static void rejects_offset_that_overflows(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("abcd"), LITTLE_ENDIAN_ORDER);
    struct reader inner;
    assert_false(reader_at(&reader, UINT64_MAX, 1, &inner));
    assert_false(reader_at(&reader, UINT64_MAX, UINT64_MAX, &inner));
    assert_false(reader_at(&reader, 1, UINT64_MAX, &inner));
    assert_false(reader_at(&reader, 2, 3, &inner));
    assert_true(reader_at(&reader, 2, 2, &inner));
    assert_bytes(inner.bytes, BYTES("cd"));
    assert_int_equal(reader_offset(&reader), 0);
}

static void follows_offsets_from_the_start_wherever_it_stands(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("abcd"), BIG_ENDIAN_ORDER);
    struct reader inner;
    assert_true(reader_skip(&reader, 3));
    assert_true(reader_at(&reader, 0, 2, &inner));
    uint16_t half;
    assert_true(reader_u16(&inner, &half));
    assert_int_equal(half, 0x6162);
    assert_int_equal(reader_offset(&reader), 3);
}

static void a_sub_reader_cannot_leave_its_part(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("abcdef"), LITTLE_ENDIAN_ORDER);
    struct reader inner;
    assert_true(reader_skip(&reader, 1) && reader_sub(&reader, 2, &inner));
    uint32_t word;
    assert_false(reader_u32(&inner, &word));
    assert_false(reader_at(&inner, 2, 1, &inner));
    assert_int_equal(reader_offset(&reader), 3);
}

static void reads_uvarints_as_go_does(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        size_t len;
        uint64_t value;
    } cases[] = {{"\x00", 1, 0},
                 {"\x7f", 1, 127},
                 {"\x80\x01", 2, 128},
                 {"\xac\x02", 2, 300},
                 {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, UINT64_MAX}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reader reader =
            reader_over(bytes_from(cases[i].raw, cases[i].len), LITTLE_ENDIAN_ORDER);
        uint64_t value;
        assert_true(reader_uvarint(&reader, &value));
        assert_true(value == cases[i].value);
        assert_true(reader_done(&reader));
    }
}

static void rejects_uvarints_cut_too_long_or_too_large(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        size_t len;
    } cases[] = {{"\x80", 1},
                 {"\xff\xff", 2},
                 {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},
                 {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reader reader =
            reader_over(bytes_from(cases[i].raw, cases[i].len), LITTLE_ENDIAN_ORDER);
        uint64_t value = 7;
        assert_false(reader_uvarint(&reader, &value));
        assert_true(value == 7);
        assert_int_equal(reader_offset(&reader), 0);
    }
}

static void reads_strings_up_to_a_nul(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("ab\0\0cd"), LITTLE_ENDIAN_ORDER);
    struct bytes text;
    assert_true(reader_cstring(&reader, 3, &text));
    assert_bytes(text, BYTES("ab"));
    assert_true(reader_cstring(&reader, 1, &text));
    assert_int_equal(text.len, 0);
    assert_false(reader_cstring(&reader, 100, &text));
    assert_int_equal(reader_offset(&reader), 4);
}

static void rejects_a_string_longer_than_allowed(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("abc\0"), LITTLE_ENDIAN_ORDER);
    struct bytes text;
    assert_false(reader_cstring(&reader, 3, &text));
    assert_false(reader_cstring(&reader, 0, &text));
    assert_true(reader_cstring(&reader, SIZE_MAX, &text));
}

static void expects_only_what_is_there(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("\x7f"
                                             "ELF"),
                                       LITTLE_ENDIAN_ORDER);
    assert_false(reader_expect(&reader, "\x7f"
                                        "ELG"));
    assert_false(reader_expect(&reader, "\x7f"
                                        "ELFX"));
    assert_int_equal(reader_offset(&reader), 0);
    assert_true(reader_expect(&reader, "\x7f"
                                       "EL"));
    assert_int_equal(reader_left(&reader), 1);
}

static void rejects_numbers_wider_than_eight_bytes(void **state)
{
    (void)state;
    struct reader reader = reader_over(BYTES("0123456789"), LITTLE_ENDIAN_ORDER);
    uint64_t value;
    assert_false(reader_uint(&reader, 9, &value));
    assert_true(reader_uint(&reader, 4, &value));
    assert_true(value == 0x33323130);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_numbers_in_both_orders),
    cmocka_unit_test(a_number_cut_short_moves_nothing),
    cmocka_unit_test(empty_input_yields_nothing),
    cmocka_unit_test(rejects_length_past_end),
    cmocka_unit_test(rejects_offset_that_overflows),
    cmocka_unit_test(follows_offsets_from_the_start_wherever_it_stands),
    cmocka_unit_test(a_sub_reader_cannot_leave_its_part),
    cmocka_unit_test(reads_uvarints_as_go_does),
    cmocka_unit_test(rejects_uvarints_cut_too_long_or_too_large),
    cmocka_unit_test(reads_strings_up_to_a_nul),
    cmocka_unit_test(rejects_a_string_longer_than_allowed),
    cmocka_unit_test(expects_only_what_is_there),
    cmocka_unit_test(rejects_numbers_wider_than_eight_bytes),
};
UNIT_MAIN(tests)
