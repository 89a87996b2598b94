// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include "base/checked.h"
#include "tests/unit/unit.h"

static void equality_counts_length_and_every_byte(void **state)
{
    (void)state;
    assert_true(bytes_equal(BYTES("a\0b"), BYTES("a\0b")));
    assert_false(bytes_equal(BYTES("a\0b"), BYTES("a\0c")));
    assert_false(bytes_equal(BYTES("ab"), BYTES("abc")));
    assert_true(bytes_equal(bytes_from(NULL, 0), BYTES("")));
    assert_false(bytes_equal_string(BYTES("a\0"), "a"));
    assert_true(bytes_equal_string(bytes_from(NULL, 0), ""));
}

static void null_counts_as_the_empty_string(void **state)
{
    (void)state;
    assert_int_equal(bytes_from_string(NULL).len, 0);
}

static void start_with_does_not_read_past_the_end(void **state)
{
    (void)state;
    assert_true(bytes_start_with(BYTES("abc"), "ab"));
    assert_true(bytes_start_with(BYTES("abc"), ""));
    assert_false(bytes_start_with(BYTES("ab"), "abc"));
    assert_false(bytes_start_with(BYTES("xbc"), "ab"));
}

static void finds_from_a_place_on(void **state)
{
    (void)state;
    struct bytes hay = BYTES("abcabc\0abc");
    assert_int_equal(bytes_find(hay, 0, BYTES("abc")), 0);
    assert_int_equal(bytes_find(hay, 1, BYTES("abc")), 3);
    assert_int_equal(bytes_find(hay, 4, BYTES("abc")), 7);
    assert_true(bytes_find(hay, 8, BYTES("abc")) == SIZE_MAX);
    assert_true(bytes_find(hay, hay.len, BYTES("c")) == SIZE_MAX);
    assert_true(bytes_find(hay, hay.len + 1, BYTES("c")) == SIZE_MAX);
    assert_true(bytes_find(hay, 0, bytes_from(NULL, 0)) == SIZE_MAX);
    assert_true(bytes_find(BYTES("ab"), 0, BYTES("abc")) == SIZE_MAX);
}

static void sums_and_products_that_overflow_are_refused(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_false(checked_add(UINT64_MAX, 1, &value));
    assert_false(checked_multiply(1ULL << 32, 1ULL << 32, &value));
    assert_true(value == 7);
    assert_true(checked_add(UINT64_MAX, 0, &value) && value == UINT64_MAX);
    assert_true(checked_multiply(1ULL << 32, (1ULL << 32) - 1, &value));
    assert_true(value == UINT64_MAX - UINT32_MAX);
}

static void ranges_lie_within_or_are_refused(void **state)
{
    (void)state;
    assert_true(checked_range(0, 0, 0));
    assert_true(checked_range(10, 0, 10));
    assert_true(checked_range(4, 6, 10));
    assert_false(checked_range(4, 7, 10));
    assert_false(checked_range(11, 0, 10));
    assert_false(checked_range(UINT64_MAX, 2, 10));
    assert_false(checked_range(2, UINT64_MAX, 10));
}

static void parts_never_reach_beyond_the_end(void **state)
{
    (void)state;
    struct bytes text = bytes_from_string("abcd");
    assert_true(bytes_equal_string(bytes_first(text, 2), "ab"));
    assert_true(bytes_equal_string(bytes_behind(text, 2), "cd"));
    assert_true(bytes_equal_string(bytes_first(text, 9), "abcd"));
    assert_int_equal(bytes_behind(text, 4).len, 0);
    assert_int_equal(bytes_behind(text, 9).len, 0);
    assert_int_equal(bytes_behind(bytes_from(NULL, 0), 1).len, 0);
}

static void ends_are_compared_whole(void **state)
{
    (void)state;
    struct bytes text = bytes_from_string("abcd");
    assert_true(bytes_end_with(text, "cd"));
    assert_true(bytes_end_with(text, ""));
    assert_false(bytes_end_with(text, "xabcd"));
    assert_false(bytes_end_with(text, "c"));
}

static void order_is_by_byte_then_length(void **state)
{
    (void)state;
    assert_true(bytes_compare(bytes_from_string("ab"), bytes_from_string("abc")) < 0);
    assert_true(bytes_compare(bytes_from_string("b"), bytes_from_string("abc")) > 0);
    assert_true(bytes_compare(bytes_from_string("\xff"), bytes_from_string("a")) > 0);
    assert_int_equal(bytes_compare(bytes_from_string("a"), bytes_from_string("a")), 0);
    assert_int_equal(bytes_compare(bytes_from(NULL, 0), bytes_from_string("")), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(parts_never_reach_beyond_the_end),
    cmocka_unit_test(ends_are_compared_whole),
    cmocka_unit_test(order_is_by_byte_then_length),
    cmocka_unit_test(equality_counts_length_and_every_byte),
    cmocka_unit_test(null_counts_as_the_empty_string),
    cmocka_unit_test(start_with_does_not_read_past_the_end),
    cmocka_unit_test(finds_from_a_place_on),
    cmocka_unit_test(sums_and_products_that_overflow_are_refused),
    cmocka_unit_test(ranges_lie_within_or_are_refused),
};
UNIT_MAIN(tests)
