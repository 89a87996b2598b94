// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bytes.h"

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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_never_reach_beyond_the_end),
        cmocka_unit_test(ends_are_compared_whole),
        cmocka_unit_test(order_is_by_byte_then_length),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
