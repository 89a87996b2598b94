// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <errno.h>

#include "base/escape.h"
#include "tests/unit/unit.h"

static void says_code_message_and_cure(void **state)
{
    (void)state;
    struct error err;
    assert_false(error_set(&err, ERROR_FORMAT, "length %d", 7));
    assert_int_equal(err.code, ERROR_FORMAT);
    assert_string_equal(err.message, "length 7");
    assert_string_equal(err.cure, "");
    assert_false(error_cure(&err, "try %s", "again"));
    assert_string_equal(err.cure, "try again");
    assert_false(error_prefix(&err, "section %s", ".go"));
    assert_string_equal(err.message, "section .go: length 7");
    assert_string_equal(err.cure, "try again");
    assert_false(error_set(&err, ERROR_IO, "other"));
    assert_string_equal(err.cure, "");
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ERROR_FORMAT, "x"));
    assert_false(error_prefix(NULL, "x"));
    assert_false(error_cure(NULL, "x"));
    errno = ENOENT;
    assert_false(error_errno(NULL, "x"));
}

static void names_the_errno_and_maps_it(void **state)
{
    (void)state;
    static const struct {
        int number;
        enum error_code code;
        bool cure;
    } cases[] = {{ENOENT, ERROR_ABSENT, false}, {EACCES, ERROR_IO, false},
                 {ENOSPC, ERROR_LIMIT, true},   {EDQUOT, ERROR_LIMIT, true},
                 {EMFILE, ERROR_LIMIT, true},   {EIO, ERROR_IO, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err;
        errno = cases[i].number;
        assert_false(error_errno(&err, "cannot open %s", "f"));
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.cure[0] != '\0', cases[i].cure);
        char expected[128];
        snprintf(expected, sizeof(expected), "cannot open f: %s", strerror(cases[i].number));
        assert_string_equal(err.message, expected);
    }
}

static void untrusted_text_cannot_reach_the_terminal(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERROR_FORMAT, "module %s", "\x1b]0;x\x07\n\xe2\x80\xae");
    error_prefix(&err, "%s", "a\rb");
    error_cure(&err, "%s", "c\nd");
    assert_string_equal(err.message, "a\\x0db: module \\x1b]0;x\\x07\\x0a\\u{202e}");
    assert_string_equal(err.cure, "c\\x0ad");
}

static void long_messages_are_cut_not_overrun(void **state)
{
    (void)state;
    char *longish = malloc(5000);
    assert_non_null(longish);
    memset(longish, 'x', 4999);
    longish[4999] = '\0';
    struct error err;
    error_set(&err, ERROR_FORMAT, "%s", longish);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
    for (int i = 0; i < 20; i++) {
        error_prefix(&err, "context %d", i);
    }
    assert_true(bytes_start_with(bytes_from_string(err.message), "context 19: context 18: "));
    error_prefix(&err, "%s", longish);
    assert_true(strlen(err.message) < sizeof(err.message));
    memset(longish, '\n', 4999);
    error_set(&err, ERROR_FORMAT, "%s", longish);
    error_cure(&err, "%s", longish);
    assert_true(strlen(err.cure) < sizeof(err.cure));
    errno = EIO;
    error_errno(&err, "%s", longish);
    assert_true(strlen(err.message) < sizeof(err.message));
    free(longish);
}

static void a_message_may_be_made_from_itself(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERROR_FORMAT, "inner");
    error_set(&err, ERROR_IO, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
}

static void passes_another_error_on_as_it_is(void **state)
{
    (void)state;
    struct error why, err = {0};
    error_set(&why, ERROR_LIMIT, "too many");
    error_cure(&why, "fewer");
    assert_false(error_pass(&err, &why));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_string_equal(err.message, "too many");
    assert_string_equal(err.cure, "fewer");
    assert_false(error_pass(NULL, &why));
}

static void every_code_has_its_own_name(void **state)
{
    (void)state;
    for (int a = ERROR_NONE; a <= ERROR_INTERNAL; a++) {
        assert_non_null(error_code_name((enum error_code)a));
        for (int b = ERROR_NONE; b < a; b++) {
            assert_string_not_equal(error_code_name((enum error_code)a),
                                    error_code_name((enum error_code)b));
        }
    }
    assert_string_equal(error_code_name((enum error_code)1000), "internal");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(says_code_message_and_cure),
    cmocka_unit_test(nobody_has_to_listen),
    cmocka_unit_test(names_the_errno_and_maps_it),
    cmocka_unit_test(untrusted_text_cannot_reach_the_terminal),
    cmocka_unit_test(long_messages_are_cut_not_overrun),
    cmocka_unit_test(a_message_may_be_made_from_itself),
    cmocka_unit_test(passes_another_error_on_as_it_is),
    cmocka_unit_test(every_code_has_its_own_name),
};
UNIT_MAIN(tests)
