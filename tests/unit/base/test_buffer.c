// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include "tests/unit/unit.h"

static void starts_empty_and_is_always_a_string(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    assert_string_equal(buffer_cstring(&buffer), "");
    buffer_append(&buffer, bytes_from(NULL, 0));
    assert_string_equal(buffer_cstring(&buffer), "");
    buffer_string(&buffer, "abc");
    assert_string_equal(buffer_cstring(&buffer), "abc");
    assert_bytes(buffer_view(&buffer), BYTES("abc"));
    buffer_clear(&buffer);
    assert_string_equal(buffer_cstring(&buffer), "");
    buffer_free(&buffer);
}

static void fills_exactly_to_its_maximum(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4);
    buffer_string(&buffer, "abcd");
    assert_true(buffer_ok(&buffer));
    buffer_byte(&buffer, 'e');
    assert_false(buffer_ok(&buffer));
    assert_string_equal(buffer_cstring(&buffer), "abcd");
    buffer_free(&buffer);
}

static void stays_overflowed_once_something_was_lost(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4);
    buffer_string(&buffer, "abcde");
    buffer_string(&buffer, "a");
    assert_false(buffer_ok(&buffer));
    assert_string_equal(buffer_cstring(&buffer), "");
    buffer_clear(&buffer);
    buffer_string(&buffer, "a");
    assert_true(buffer_ok(&buffer));
    assert_string_equal(buffer_cstring(&buffer), "a");
    buffer_free(&buffer);
}

static void formatted_text_counts_like_any(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 8);
    buffer_printf(&buffer, "%s-%d", "abc", 42);
    assert_string_equal(buffer_cstring(&buffer), "abc-42");
    buffer_printf(&buffer, "%d", 123);
    assert_false(buffer_ok(&buffer));
    assert_string_equal(buffer_cstring(&buffer), "abc-42");
    buffer_free(&buffer);
}

static void numbers_are_grouped_by_thousands(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {71769961, "71,769,961"},
        {UINT64_MAX, "18,446,744,073,709,551,615"},
    };
    struct buffer buffer;
    buffer_init(&buffer, 100);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buffer_clear(&buffer);
        buffer_grouped(&buffer, cases[i].number);
        assert_string_equal(buffer_cstring(&buffer), cases[i].text);
    }
    buffer_free(&buffer);
}

static void a_length_near_the_limit_of_size_t_does_not_wrap(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    buffer_string(&buffer, "abc");
    assert_null(buffer_reserve(&buffer, SIZE_MAX));
    assert_false(buffer_ok(&buffer));
    buffer_clear(&buffer);
    assert_null(buffer_reserve(&buffer, SIZE_MAX - 2));
    buffer_free(&buffer);
}

static void numbers_are_little_endian(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    buffer_u32(&buffer, 0x01020304);
    buffer_u64(&buffer, 0x0102030405060708);
    assert_bytes(buffer_view(&buffer), BYTES("\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01"));
    buffer_free(&buffer);
}

static void reserved_room_is_filled_in_place(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    uint8_t *place = buffer_reserve(&buffer, 50);
    assert_non_null(place);
    memset(place, 'x', 50);
    buffer_advance(&buffer, 3);
    assert_string_equal(buffer_cstring(&buffer), "xxx");
    buffer_free(&buffer);
    buffer_free(&buffer);
}

static void grows_over_many_appends(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1 << 20);
    for (int i = 0; i < 1 << 20; i++) {
        buffer_byte(&buffer, (uint8_t)i);
    }
    assert_true(buffer_ok(&buffer));
    assert_int_equal(buffer.len, 1 << 20);
    assert_int_equal(buffer.data[(1 << 20) - 1], 0xff);
    buffer_free(&buffer);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(starts_empty_and_is_always_a_string),
    cmocka_unit_test(fills_exactly_to_its_maximum),
    cmocka_unit_test(stays_overflowed_once_something_was_lost),
    cmocka_unit_test(formatted_text_counts_like_any),
    cmocka_unit_test(numbers_are_grouped_by_thousands),
    cmocka_unit_test(a_length_near_the_limit_of_size_t_does_not_wrap),
    cmocka_unit_test(numbers_are_little_endian),
    cmocka_unit_test(reserved_room_is_filled_in_place),
    cmocka_unit_test(grows_over_many_appends),
};
UNIT_MAIN(tests)
