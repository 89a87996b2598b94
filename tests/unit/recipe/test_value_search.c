// SPDX-License-Identifier: Apache-2.0
/* Values of -X: whose variables, in which order. */
#include "base/digest.h"
#include "tests/unit/unit.h"
#include "verifier/recipe/value_search.h"

static struct arena arena;
static struct variables names;
static struct link_hash hash;

static int make(void **state)
{
    (void)state;
    names = (struct variables){.arena = &arena};
    hash = (struct link_hash){.before = digest_new(DIGEST_SHA256), .behind = BYTES("rest")};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    link_hash_free(&hash);
    arena_free(&arena);
    return 0;
}

static bool knows(const char *name)
{
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void reads_string_variables_of_go_files(void **state)
{
    (void)state;
    variables_add_go(&names,
                     BYTES("// package lies\npackage build\n\nvar Version string\n"
                           "var Commit = \"none\"\nvar Count = 5\nvar List []string\n"
                           "var Made = os.Args[0]\nvar text stringer\n"
                           "var (\n\tDate, By string\n\ta, b = \"x\", \"y\"\n\tn int\n)\n"
                           "func f() {\n\tlocal := \"x\"\n\tvar inner string\n}\nvar cut"),
                     "example.com/x/build", false);
    static const char *const wanted[] = {"Version", "Commit", "Date", "By", "a", "b"};
    assert_int_equal(names.count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_true(knows(arena_printf(&arena, "example.com/x/build.%s", wanted[i])));
    }
}

static void takes_main_of_the_program_alone(void **state)
{
    (void)state;
    variables_add_go(&names, BYTES("package main\nvar version string\n"), "example.com/x", true);
    variables_add_go(&names, BYTES("package main\nvar other string\n"), "example.com/x/tool",
                     false);
    assert_int_equal(names.count, 1);
    assert_true(knows("main.version"));
}

static void reads_names_in_scripts(void **state)
{
    (void)state;
    variables_add_script(&names,
                         BYTES("ldflags:\n  - -s -w -X main.version={{.Version}}\n"
                               "go build -ldflags=\"-X 'main.a=b c' -X=example.com/y.B=1\"\n"
                               "LDFLAGS += -X $(PKG)/version.Commit=$(COMMIT)\n"
                               "curl -XPOST -X POST http://x/?a=b  MAX-X.y=1 -Xmain\n-X"));
    assert_int_equal(names.count, 3);
    assert_true(knows("main.version") && knows("main.a") && knows("example.com/y.B"));
    assert_int_equal(names.hint_count, 1);
    assert_string_equal(names.hints[0], "Commit");
}

static void ranks_names_by_value(void **state)
{
    (void)state;
    const char *ranked[8];
    variables_add_go(&names,
                     BYTES("package main\nvar home string\nvar date string\nvar commit string\n"
                           "var version string\n"),
                     "x", true);
    assert_int_equal(variables_for_value(&names, "v1.2.3", 8, ranked), 4);
    assert_string_equal(ranked[0], "main.version");
    assert_int_equal(variables_for_value(&names, "0123456789abcdef", 8, ranked), 4);
    assert_string_equal(ranked[0], "main.commit");
    assert_int_equal(variables_for_value(&names, "2026-02-04T09:12:08Z", 2, ranked), 2);
    assert_string_equal(ranked[0], "main.date");
    variables_add_script(&names, BYTES("-X main.home=x"));
    assert_int_equal(variables_for_value(&names, "zzz", 1, ranked), 1);
    assert_string_equal(ranked[0], "main.home");
}

static struct planted_value in_file[] = {
    {"", "go", 8}, {"", "1.0", 16}, {"", "0123456789", 32}, {"", "1.0", 48}};
static struct planted_value in_trial[] = {{"", "go", 8}, {"", "1.0", 48}};
static const struct inspection file = {.values = in_file, .value_count = 4};
static const struct inspection trial = {.values = in_trial, .value_count = 2};
static const struct flag_group flags[] = {{{"-s"}, 1}, {{"-w"}, 1}};

static struct link_search search_for(const char *const *wanted, size_t count, char *part1)
{
    link_hash_part1(&hash, wanted, count, part1);
    return (struct link_search){.hash = &hash, .part1 = part1, .most = 100000, .jobs = 2};
}

static void init_search(struct value_search *ret)
{
    variables_add_go(&names,
                     BYTES("package main\nvar one string\nvar two string\nvar version string\n"),
                     "x", true);
    assert_true(value_search_init(&file, &trial, &names, &arena, ret));
}

static void searches_what_the_trial_lacks(void **state)
{
    (void)state;
    struct value_search values;
    init_search(&values);
    assert_int_equal(values.value_count, 2);
    assert_string_equal(values.values[0].planted->text, "0123456789");
    assert_string_equal(values.values[1].definitions[0], "main.version=1.0");
    assert_int_equal(values.values[1].planted->offset, 48);
    assert_false(value_search_init(&trial, &trial, &names, &arena, &values));
}

static void finds_variables_and_order_together(void **state)
{
    (void)state;
    struct value_search values;
    struct link_find find;
    char part1[BUILD_ID_PART_LEN + 1];
    init_search(&values);
    const char *const wanted[] = {"-X", "main.two=0123456789", "-w", "-X", "main.one=1.0", "-s"};
    struct link_search search = search_for(wanted, ARRAY_LEN(wanted), part1);
    assert_true(value_search_run(&values, flags, 2, &search, &arena, &find));
    assert_int_equal(find.count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < find.count; i++) {
        assert_string_equal(find.flags[i], wanted[i]);
    }
    search.most = find.tried - 1;
    assert_false(value_search_run(&values, flags, 2, &search, &arena, &find));
    assert_int_equal(find.tried, search.most);
}

static void ends_where_no_candidate_is_left(void **state)
{
    (void)state;
    struct value_search values;
    struct link_find find;
    char part1[BUILD_ID_PART_LEN + 1];
    init_search(&values);
    const char *const wanted[] = {"-X", "other.x=1"};
    struct link_search search = search_for(wanted, ARRAY_LEN(wanted), part1);
    search.most = UINT64_MAX;
    assert_false(value_search_run(&values, flags, 2, &search, &arena, &find));
    assert_int_equal(find.tried, 24 * (1 + 4 + 9));
}

static void named_values_are_searched_under_their_names(void **state)
{
    (void)state;
    static struct planted_value named[] = {{"main.a", "1", 0}, {"", "noise", 0}, {"b/c.D", "2", 0}};
    const struct inspection symbols = {.values = named, .value_count = 3};
    struct value_search values;
    struct link_candidate guess;
    assert_true(value_search_init(&symbols, &symbols, &names, &arena, &values));
    assert_int_equal(values.value_count, 2);
    value_search_guess(&values, flags, 1, &guess);
    assert_int_equal(guess.count, 5);
    assert_string_equal(guess.words[4], "b/c.D=2");
}

/* Many values stay together, before or behind the other flags. */
static void finds_many_values_behind_the_flags(void **state)
{
    (void)state;
    static struct planted_value many[7];
    static const char *const texts[] = {"1", "2", "3", "4", "5", "6", "7"};
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        many[i] = (struct planted_value){arena_printf(&arena, "main.v%zu", i), texts[i], 0};
    }
    const struct inspection symbols = {.values = many, .value_count = ARRAY_LEN(many)};
    struct value_search values;
    struct link_candidate guess;
    struct link_find find;
    char part1[BUILD_ID_PART_LEN + 1];
    assert_true(value_search_init(&symbols, &symbols, &names, &arena, &values));
    value_search_guess(&values, NULL, 0, &guess);
    guess.words[guess.count++] = "-w";
    guess.words[guess.count++] = "-s";
    struct link_search search = search_for(guess.words, guess.count, part1);
    assert_true(value_search_run(&values, flags, 2, &search, &arena, &find));
    assert_int_equal(find.count, guess.count);
    assert_string_equal(find.flags[guess.count - 1], "-s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_string_variables_of_go_files, make, drop),
        cmocka_unit_test_setup_teardown(takes_main_of_the_program_alone, make, drop),
        cmocka_unit_test_setup_teardown(reads_names_in_scripts, make, drop),
        cmocka_unit_test_setup_teardown(ranks_names_by_value, make, drop),
        cmocka_unit_test_setup_teardown(searches_what_the_trial_lacks, make, drop),
        cmocka_unit_test_setup_teardown(finds_variables_and_order_together, make, drop),
        cmocka_unit_test_setup_teardown(ends_where_no_candidate_is_left, make, drop),
        cmocka_unit_test_setup_teardown(named_values_are_searched_under_their_names, make, drop),
        cmocka_unit_test_setup_teardown(finds_many_values_behind_the_flags, make, drop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
