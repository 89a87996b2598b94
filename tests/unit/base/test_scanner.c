// SPDX-License-Identifier: Apache-2.0
#include "base/scanner.h"

#include "tests/unit/unit.h"

static void reads_lines_with_and_without_a_last_newline(void **state)
{
    (void)state;
    static const char *const texts[] = {"one\n\ntwo\n", "one\n\ntwo"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct scanner scanner = scanner_over(bytes_from_string(texts[i]));
        struct bytes line;
        assert_true(scanner_line(&scanner, 10, &line));
        assert_bytes(line, BYTES("one"));
        assert_true(scanner_line(&scanner, 10, &line));
        assert_int_equal(line.len, 0);
        assert_true(scanner_line(&scanner, 10, &line));
        assert_bytes(line, BYTES("two"));
        assert_false(scanner_line(&scanner, 10, &line));
        assert_true(scanner_done(&scanner));
    }
}

static void a_line_may_be_as_long_as_allowed_and_no_longer(void **state)
{
    (void)state;
    struct bytes line = BYTES("kept");
    struct scanner ended = scanner_over(BYTES("12345\n"));
    assert_false(scanner_line(&ended, 4, &line));
    assert_true(scanner_line(&ended, 5, &line));
    struct scanner open = scanner_over(BYTES("12345"));
    assert_false(scanner_line(&open, 4, &line));
    assert_int_equal(open.position, 0);
    assert_true(scanner_line(&open, 5, &line));
}

static void until_needs_its_delimiter(void **state)
{
    (void)state;
    struct scanner scanner = scanner_over(BYTES("key=value"));
    struct bytes part = BYTES("kept");
    assert_false(scanner_until(&scanner, ';', 100, &part));
    assert_false(scanner_until(&scanner, '=', 2, &part));
    assert_bytes(part, BYTES("kept"));
    assert_true(scanner_until(&scanner, '=', 3, &part));
    assert_bytes(part, BYTES("key"));
    assert_bytes(scanner_rest(&scanner), BYTES("value"));
    assert_false(scanner_until(&scanner, '=', SIZE_MAX, &part));
}

static void the_last_field_ends_with_the_text(void **state)
{
    (void)state;
    struct scanner scanner = scanner_over(BYTES("a,,b"));
    struct bytes field;
    assert_true(scanner_field(&scanner, ',', 1, &field));
    assert_true(scanner_field(&scanner, ',', 1, &field));
    assert_int_equal(field.len, 0);
    assert_true(scanner_field(&scanner, ',', 1, &field));
    assert_bytes(field, BYTES("b"));
    assert_false(scanner_field(&scanner, ',', 1, &field));
}

static void a_nul_is_a_byte_like_any_other(void **state)
{
    (void)state;
    struct scanner scanner = scanner_over(BYTES("a\0b\nc"));
    struct bytes line;
    assert_true(scanner_line(&scanner, 10, &line));
    assert_bytes(line, BYTES("a\0b"));
}

static void expects_only_what_is_there(void **state)
{
    (void)state;
    struct scanner scanner = scanner_over(BYTES("mod\tx"));
    assert_false(scanner_expect(&scanner, "mod "));
    assert_false(scanner_expect(&scanner, "mod\txy"));
    assert_true(scanner_expect(&scanner, "mod"));
    scanner_blanks(&scanner);
    assert_bytes(scanner_rest(&scanner), BYTES("x"));
    scanner_blanks(&scanner);
    assert_bytes(scanner_rest(&scanner), BYTES("x"));
}

static void reads_numbers_up_to_the_maximum(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_true(scan_number(BYTES("0"), 0, &value) && value == 0);
    assert_true(scan_number(BYTES("65535"), 65535, &value) && value == 65535);
    assert_true(scan_number(BYTES("18446744073709551615"), UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
}

static void rejects_what_is_not_plainly_a_number(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "01",
                                        "00",
                                        "0x10",
                                        "1e3",
                                        "1.",
                                        "1_0",
                                        "\xd9\xa1",
                                        "65536",
                                        "18446744073709551616",
                                        "99999999999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        uint64_t value = 7;
        assert_false(scan_number(bytes_from_string(texts[i]), 65535, &value));
        assert_true(value == 7);
    }
    uint64_t value = 7;
    assert_false(scan_number(BYTES("18446744073709551616"), UINT64_MAX, &value));
    assert_false(scan_number(BYTES("1\0"), UINT64_MAX, &value));
}

static void a_number_ends_at_the_first_other_byte(void **state)
{
    (void)state;
    struct scanner scanner = scanner_over(BYTES("12ab"));
    uint64_t value;
    assert_true(scanner_number(&scanner, 100, &value) && value == 12);
    assert_bytes(scanner_rest(&scanner), BYTES("ab"));
    assert_false(scanner_number(&scanner, 100, &value));
    assert_bytes(scanner_rest(&scanner), BYTES("ab"));
}

static void trims_only_white_space_around(void **state)
{
    (void)state;
    assert_bytes(scan_trimmed(BYTES(" \t\r\n a b \r\n")), BYTES("a b"));
    assert_int_equal(scan_trimmed(BYTES(" \t\r\n")).len, 0);
    assert_int_equal(scan_trimmed(bytes_from(NULL, 0)).len, 0);
    assert_bytes(scan_trimmed(BYTES("\0")), BYTES("\0"));
}

static void cuts_at_the_first_or_last_delimiter(void **state)
{
    (void)state;
    struct bytes before = BYTES("kept");
    struct bytes behind = BYTES("kept");
    assert_false(scan_cut(BYTES("abc"), '@', &before, &behind));
    assert_false(scan_cut_last(bytes_from(NULL, 0), '@', &before, &behind));
    assert_bytes(before, BYTES("kept"));
    assert_true(scan_cut(BYTES("a@b@c"), '@', &before, &behind));
    assert_bytes(before, BYTES("a"));
    assert_bytes(behind, BYTES("b@c"));
    assert_true(scan_cut_last(BYTES("a@b@c"), '@', &before, &behind));
    assert_bytes(before, BYTES("a@b"));
    assert_bytes(behind, BYTES("c"));
    assert_true(scan_cut(BYTES("@"), '@', &before, &behind));
    assert_int_equal(before.len + behind.len, 0);
}

static void empty_text_yields_nothing(void **state)
{
    (void)state;
    struct scanner scanner = scanner_over(bytes_from(NULL, 0));
    struct bytes part;
    uint64_t value;
    assert_true(scanner_done(&scanner));
    assert_false(scanner_line(&scanner, 10, &part));
    assert_false(scanner_until(&scanner, '\n', 10, &part));
    assert_false(scanner_number(&scanner, 10, &value));
    assert_false(scanner_expect(&scanner, "x"));
    scanner_blanks(&scanner);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_lines_with_and_without_a_last_newline),
    cmocka_unit_test(a_line_may_be_as_long_as_allowed_and_no_longer),
    cmocka_unit_test(until_needs_its_delimiter),
    cmocka_unit_test(the_last_field_ends_with_the_text),
    cmocka_unit_test(a_nul_is_a_byte_like_any_other),
    cmocka_unit_test(expects_only_what_is_there),
    cmocka_unit_test(reads_numbers_up_to_the_maximum),
    cmocka_unit_test(rejects_what_is_not_plainly_a_number),
    cmocka_unit_test(a_number_ends_at_the_first_other_byte),
    cmocka_unit_test(trims_only_white_space_around),
    cmocka_unit_test(cuts_at_the_first_or_last_delimiter),
    cmocka_unit_test(empty_text_yields_nothing),
};
UNIT_MAIN(tests)
