// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include "tests/unit/unit.h"

static void plain_text_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "github.com/x/y@v1.0.0",
                                        "\\ \" ' ~",
                                        "gr\xc3\xb6\xc3\x9f"
                                        "er",
                                        "\xe6\x97\xa5\xe6\x9c\xac",
                                        "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char safe[64];
        escape_text(texts[i], safe, sizeof(safe));
        assert_string_equal(safe, texts[i]);
    }
}

static void what_moves_the_terminal_or_the_reader_is_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *text, *safe;
    } cases[] = {
        {"a\nb", "a\\x0ab"},
        {"\r\t\x7f", "\\x0d\\x09\\x7f"},
        {"\x1b[2J", "\\x1b[2J"},
        {"\xc2\x9b"
         "2J",
         "\\x9b2J"},
        {"a\xff"
         "b",
         "a\\xffb"},
        {"\xe2\x80\xae"
         "gpj",
         "\\u{202e}gpj"},
        {"\xe2\x80\x8b", "\\u{200b}"},
        {"\xe2\x80\xa8", "\\u{2028}"},
        {"\xef\xbb\xbf", "\\u{feff}"},
        {"\xe2\x81\xa6", "\\u{2066}"},
        {"\xf3\xa0\x80\xa1", "\\u{e0021}"},
        {"\xc2\xad", "\\xad"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char safe[64];
        escape_text(cases[i].text, safe, sizeof(safe));
        assert_string_equal(safe, cases[i].safe);
    }
    char safe[64];
    escape_bytes(BYTES("a\0b"), safe, sizeof(safe));
    assert_string_equal(safe, "a\\x00b");
}

static void malformed_utf8_is_replaced_byte_by_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text, *safe;
    } cases[] = {
        {"\x80", "\\x80"},
        {"\xc0\x80", "\\xc0\\x80"}, /* overlong NUL */
        {"\xc1\xbf", "\\xc1\\xbf"},
        {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"}, /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, /* surrogate */
        {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
        {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
        {"\xe2\x80", "\\xe2\\x80"}, /* cut */
        {"\xc3"
         "A",
         "\\xc3"
         "A"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char safe[64];
        escape_text(cases[i].text, safe, sizeof(safe));
        assert_string_equal(safe, cases[i].safe);
        assert_false(utf8_is_valid(bytes_from_string(cases[i].text)));
    }
}

static void never_writes_past_its_room(void **state)
{
    (void)state;
    static const char text[] = "ab\n\xe2\x80\xae\xf0\x9f\x98\x80z";
    for (size_t room = 8; room < 40; room++) {
        char *safe = malloc(room);
        assert_non_null(safe);
        memset(safe, 'X', room);
        escape_text(text, safe, room);
        assert_true(strlen(safe) < room);
        assert_true(utf8_is_valid(bytes_from_string(safe)));
        free(safe);
    }
}

static void escaping_twice_changes_nothing_more(void **state)
{
    (void)state;
    char once[64];
    char twice[64];
    escape_text("a\x1b\xff\xe2\x80\xae", once, sizeof(once));
    escape_text(once, twice, sizeof(twice));
    assert_string_equal(once, twice);
}

static void decodes_each_length_at_its_edges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        unsigned point;
    } cases[] = {{"\x7f", 1, 0x7f},
                 {"\xc2\x80", 2, 0x80},
                 {"\xdf\xbf", 2, 0x7ff},
                 {"\xe0\xa0\x80", 3, 0x800},
                 {"\xed\x9f\xbf", 3, 0xd7ff},
                 {"\xee\x80\x80", 3, 0xe000},
                 {"\xef\xbf\xbf", 3, 0xffff},
                 {"\xf0\x90\x80\x80", 4, 0x10000},
                 {"\xf4\x8f\xbf\xbf", 4, 0x10ffff}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned point = 0;
        assert_int_equal(utf8_decode(bytes_from_string(cases[i].text), &point), cases[i].len);
        assert_int_equal(point, cases[i].point);
    }
    unsigned point = 7;
    assert_int_equal(utf8_decode(bytes_from(NULL, 0), &point), 0);
    assert_int_equal(utf8_decode(BYTES("\xe2\x80"), &point), 0);
    assert_int_equal(point, 7);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(plain_text_stays_as_it_is),
    cmocka_unit_test(what_moves_the_terminal_or_the_reader_is_replaced),
    cmocka_unit_test(malformed_utf8_is_replaced_byte_by_byte),
    cmocka_unit_test(never_writes_past_its_room),
    cmocka_unit_test(escaping_twice_changes_nothing_more),
    cmocka_unit_test(decodes_each_length_at_its_edges),
};
UNIT_MAIN(tests)
