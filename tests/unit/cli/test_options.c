// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

struct settings {
    bool flag;
    const char *text;
    struct strings many, list;
    unsigned number;
};

static const struct option options[] = {
    {"flag", NULL, "", OPTION_FLAG, offsetof(struct settings, flag)},
    {"text", "T", "", OPTION_STRING, offsetof(struct settings, text)},
    {"many", "M", "", OPTION_STRINGS, offsetof(struct settings, many)},
    {"list", "L", "", OPTION_LIST, offsetof(struct settings, list)},
    {"jobs", "N", "", OPTION_NUMBER, offsetof(struct settings, number)},
};
static const struct option_table table = {options, ARRAY_LEN(options)};

/* One command line: words up to NULL. */
struct line {
    struct arena arena;
    struct settings settings;
    struct strings operands;
    struct error err;
};

static bool parse(struct line *line, const char *const *words)
{
    char *argv[16];
    int argc = 0;
    for (; words[argc] != NULL; argc++) {
        argv[argc] = arena_string(&line->arena, words[argc]);
    }
    return options_parse(argc, argv, &table, 1, &line->settings, &line->arena, &line->operands,
                         &line->err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void reads_each_type_in_both_forms(void **state)
{
    (void)state;
    struct line line = {0};
    assert_true(parse(&line, WORDS("a", "--flag", "--text", "x", "--many=1", "--many", "2",
                                   "--list", "p,q", "--list=r", "-j", "7", "b")));
    assert_true(line.settings.flag);
    assert_string_equal(line.settings.text, "x");
    assert_int_equal(line.settings.many.count, 2);
    assert_string_equal(line.settings.many.items[1], "2");
    assert_int_equal(line.settings.list.count, 3);
    assert_string_equal(line.settings.list.items[2], "r");
    assert_int_equal(line.settings.number, 7);
    assert_int_equal(line.operands.count, 2);
    assert_string_equal(line.operands.items[1], "b");
    arena_free(&line.arena);
}

static void takes_all_behind_two_dashes_as_operands(void **state)
{
    (void)state;
    struct line line = {0};
    assert_true(parse(&line, WORDS("--", "--flag", "-x", "--")));
    assert_false(line.settings.flag);
    assert_int_equal(line.operands.count, 3);
    arena_free(&line.arena);
}

static void takes_a_value_that_looks_like_an_option(void **state)
{
    (void)state;
    struct line line = {0};
    assert_true(parse(&line, WORDS("--text", "--flag")));
    assert_string_equal(line.settings.text, "--flag");
    assert_false(line.settings.flag);
    assert_true(parse(&line, WORDS("--text=")));
    assert_string_equal(line.settings.text, "");
    arena_free(&line.arena);
}

static void takes_a_single_dash_as_an_operand(void **state)
{
    (void)state;
    struct line line = {0};
    assert_true(parse(&line, WORDS("-")));
    assert_int_equal(line.operands.count, 1);
    arena_free(&line.arena);
}

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    const char *const *const lines[] = {
        WORDS("--unknown"),
        WORDS("-x"),
        WORDS("--text"),
        WORDS("--flag=1"),
        WORDS("--jobs", "x"),
        WORDS("--jobs", "-1"),
        WORDS("--jobs", "01"),
        WORDS("--list", "a,,b"),
        WORDS("--jobs", "1000000001"),
        WORDS("--many"),
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct line line = {0};
        assert_false(parse(&line, lines[i]));
        assert_int_equal(line.err.code, ERROR_USAGE);
        arena_free(&line.arena);
    }
}

static void names_the_nearest_option(void **state)
{
    (void)state;
    struct line line = {0};
    assert_false(parse(&line, WORDS("--flg")));
    assert_string_equal(line.err.cure, "did you mean --flag?");
    assert_false(parse(&line, WORDS("--completely-else")));
    assert_string_equal(line.err.cure, "--help lists the options");
    arena_free(&line.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_type_in_both_forms),
        cmocka_unit_test(takes_all_behind_two_dashes_as_operands),
        cmocka_unit_test(takes_a_value_that_looks_like_an_option),
        cmocka_unit_test(takes_a_single_dash_as_an_operand),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(names_the_nearest_option),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
