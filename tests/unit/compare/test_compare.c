// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "verifier/compare/compare.h"

#define LEN 600000

static struct comparison compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    struct source left = source_from_bytes(bytes_from(a, a_len));
    struct source right = source_from_bytes(bytes_from(b, b_len));
    struct comparison result;
    struct error err;
    assert_true(compare_sources(&left, &right, &result, &err));
    return result;
}

/* Two equal buffers of LEN bytes, for a test to change. */
static int make_pair(void **state)
{
    uint8_t *pair = malloc(2 * LEN);
    for (size_t i = 0; i < LEN; i++) {
        pair[i] = pair[LEN + i] = (uint8_t)(i * 2654435761U >> 24);
    }
    *state = pair;
    return 0;
}

static int drop_pair(void **state)
{
    free(*state);
    return 0;
}

static void finds_equal_files_equal(void **state)
{
    uint8_t *a = *state;
    struct comparison result = compare(a, LEN, a + LEN, LEN);
    assert_true(result.equal);
    assert_int_equal(result.range_count, 0);
    struct sha256 expected = sha256_of(bytes_from(a, LEN));
    assert_memory_equal(result.artifact.bytes, expected.bytes, SHA256_LEN);
}

static void finds_empty_files_equal(void **state)
{
    (void)state;
    struct comparison result = compare(NULL, 0, NULL, 0);
    assert_true(result.equal);
}

static void finds_one_flipped_bit_anywhere(void **state)
{
    uint8_t *a = *state;
    const size_t places[] = {0, 1, 262143, 262144, 524288, LEN - 1};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        a[places[i]] ^= 1;
        struct comparison result = compare(a, LEN, a + LEN, LEN);
        a[places[i]] ^= 1;
        assert_false(result.equal);
        assert_int_equal(result.differing, 1);
        assert_int_equal(result.range_count, 1);
        assert_int_equal(result.ranges[0].offset, places[i]);
    }
}

static void finds_one_byte_more(void **state)
{
    uint8_t *a = *state;
    struct comparison result = compare(a, LEN - 1, a + LEN, LEN);
    assert_false(result.equal);
    assert_int_equal(result.ranges[0].offset, LEN - 1);
    assert_int_equal(result.differing, 1);
    result = compare(a, LEN, a + LEN, 0);
    assert_false(result.equal);
    assert_int_equal(result.differing, LEN);
    assert_int_equal(result.range_count, 1);
}

static void joins_what_lies_close_and_across_pieces(void **state)
{
    uint8_t *a = *state;
    a[262140] ^= 1;
    a[262148] ^= 1;
    struct comparison result = compare(a, LEN, a + LEN, LEN);
    assert_int_equal(result.range_count, 1);
    assert_int_equal(result.differing, 2);
    assert_int_equal(result.ranges[0].length, 9);
}

static void says_when_there_are_more_ranges_than_kept(void **state)
{
    uint8_t *a = *state;
    for (size_t i = 0; i < 2 * COMPARE_RANGES; i++) {
        a[i * 100] ^= 1;
    }
    struct comparison result = compare(a, LEN, a + LEN, LEN);
    assert_int_equal(result.range_count, COMPARE_RANGES);
    assert_true(result.more_ranges);
    assert_int_equal(result.differing, 2 * COMPARE_RANGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_equal_files_equal, make_pair, drop_pair),
        cmocka_unit_test(finds_empty_files_equal),
        cmocka_unit_test_setup_teardown(finds_one_flipped_bit_anywhere, make_pair, drop_pair),
        cmocka_unit_test_setup_teardown(finds_one_byte_more, make_pair, drop_pair),
        cmocka_unit_test_setup_teardown(joins_what_lies_close_and_across_pieces, make_pair,
                                        drop_pair),
        cmocka_unit_test_setup_teardown(says_when_there_are_more_ranges_than_kept, make_pair,
                                        drop_pair),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
