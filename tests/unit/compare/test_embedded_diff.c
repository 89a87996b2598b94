// SPDX-License-Identifier: Apache-2.0
/* What two programs embed, side by side; and which of it may be left out of a comparison. */
#include "base/limits.h"
#include "tests/unit/image/embedded_maker.h"
#include "tests/unit/unit.h"
#include "verifier/compare/embedded_diff.h"
#include "verifier/compare/ladder_internal.h"

static struct embedded_maker sides[2];
static struct arena arena;
static struct error err;
static struct diff diff;

static int make(void **state)
{
    (void)state;
    embedded_make(&sides[0]);
    embedded_make(&sides[1]);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* A table on side SIDE: names and contents in turn, up to NULL. */
#define TABLE(side, names, contents)                                                               \
    embedded_put_table(&sides[side], (const char *const[]){names, NULL},                           \
                       (const char *const[]){contents, NULL})
#define LIST(...) __VA_ARGS__

static size_t compare(void)
{
    const struct image *const images[2] = {&sides[0].image, &sides[1].image};
    diff = (struct diff){0};
    assert_true(embedded_diff(images, &arena, &diff, &err));
    assert_int_equal(diff.embedded_total, diff.embedded_count);
    return diff.embedded_count;
}

static void swap_sides(void)
{
    static struct embedded_maker first;
    const struct image images[2] = {sides[0].image, sides[1].image};
    first = sides[0];
    sides[0] = sides[1];
    sides[1] = first;
    for (size_t i = 0; i < 2; i++) {
        sides[i].image = images[i]; /* points into its own side */
    }
}

static void tells_nothing_of_equal_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        TABLE(i, LIST("a.txt", "b.txt"), LIST("one", "two"));
    }
    assert_int_equal(compare(), 0);
}

static void names_the_file_that_changed(void **state)
{
    (void)state;
    TABLE(0, LIST("a.txt", "b.txt"), LIST("one", "two"));
    TABLE(1, LIST("a.txt", "b.txt"), LIST("one", "too long"));
    assert_int_equal(compare(), 1);
    assert_string_equal(diff.embedded[0].name, "b.txt");
    assert_int_equal(diff.embedded[0].state, DIFF_CHANGED);
    assert_int_equal(diff.embedded[0].a.size, 3);
    assert_int_equal(diff.embedded[0].b.size, 8);
    assert_true(diff.embedded[0].a.whole);
    assert_memory_equal(sides[0].bytes + diff.embedded[0].a.offset, "two", 3);
    assert_int_equal(diff.embedded[0].a.hash_offset, diff.embedded[0].b.hash_offset);
}

static void names_files_that_one_side_has_alone(void **state)
{
    (void)state;
    TABLE(0, LIST("a.txt", "c.txt"), LIST("one", "three"));
    TABLE(1, LIST("a.txt", "b.txt"), LIST("one", "two"));
    for (size_t swapped = 0; swapped < 2; swapped++) {
        assert_int_equal(compare(), 2);
        assert_string_equal(diff.embedded[0].name, "b.txt");
        assert_int_equal(diff.embedded[0].state, swapped == 0 ? DIFF_ONLY_B : DIFF_ONLY_A);
        assert_string_equal(diff.embedded[1].name, "c.txt");
        assert_int_equal(diff.embedded[1].state, swapped == 0 ? DIFF_ONLY_A : DIFF_ONLY_B);
        swap_sides();
    }
}

/* A linker may put variables into another order. */
static void matches_tables_in_another_order(void **state)
{
    (void)state;
    TABLE(0, "a.txt", "one");
    TABLE(0, "b.txt", "two");
    TABLE(0, "c.txt", "three");
    TABLE(1, "c.txt", "three");
    TABLE(1, "b.txt", "other");
    TABLE(1, "a.txt", "one");
    assert_int_equal(compare(), 1);
    assert_string_equal(diff.embedded[0].name, "b.txt");
    assert_int_equal(diff.embedded[0].state, DIFF_CHANGED);
}

/* Two tables of the same names: the one with equal contents is the match, wherever it stands. */
static void matches_equal_contents_before_equal_names(void **state)
{
    (void)state;
    TABLE(0, "index.html", "one");
    TABLE(0, "index.html", "two");
    TABLE(1, "index.html", "two");
    TABLE(1, "index.html", "new");
    assert_int_equal(compare(), 1);
    assert_memory_equal(sides[0].bytes + diff.embedded[0].a.offset, "one", 3);
    assert_memory_equal(sides[1].bytes + diff.embedded[0].b.offset, "new", 3);
}

static void matches_tables_that_share_a_name(void **state)
{
    (void)state;
    TABLE(0, LIST("a.txt", "z.txt"), LIST("one", "last"));
    TABLE(1, LIST("b.txt", "z.txt"), LIST("two", "last"));
    assert_int_equal(compare(), 2);
    assert_int_equal(diff.embedded[0].state, DIFF_ONLY_A);
    assert_int_equal(diff.embedded[1].state, DIFF_ONLY_B);
}

/* One table that only B has stands before all others, which are in order. */
static void a_table_without_a_match_costs_no_other_its_own(void **state)
{
    (void)state;
    TABLE(1, "alone", "x");
    for (size_t i = 0; i < 100; i++) {
        char name[8];
        snprintf(name, sizeof(name), "f%03zu", i);
        for (size_t side = 0; side < 2; side++) {
            TABLE(side, name, "content");
        }
    }
    assert_int_equal(compare(), 1);
    assert_string_equal(diff.embedded[0].name, "alone");
    assert_int_equal(diff.embedded[0].state, DIFF_ONLY_B);
}

/* What its hash does not fit is no table. */
static void a_changed_table_is_not_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        TABLE(i, LIST("a.txt", "b.txt"), LIST("one", "two"));
    }
    sides[0].bytes[EMBEDDED_TEXTS + strlen("a.txt") + 1] ^= 1;
    assert_int_equal(compare(), 2);
    assert_int_equal(diff.embedded[0].state, DIFF_ONLY_B);
    assert_int_equal(diff.embedded[1].state, DIFF_ONLY_B);
}

static void a_cut_file_has_no_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        TABLE(i, "a.txt", "one");
    }
    sides[0].segment.size = sides[0].section.size = EMBEDDED_HEADER + 8;
    assert_int_equal(compare(), 1);
    assert_int_equal(diff.embedded[0].state, DIFF_ONLY_B);
}

static void sections_that_claim_too_much_have_no_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        TABLE(i, "a.txt", "one");
    }
    sides[1].section.size = UINT64_MAX - EMBEDDED_BASE;
    assert_int_equal(compare(), 1);
    assert_int_equal(diff.embedded[0].state, DIFF_ONLY_A);
}

static bool rung(struct rung *ret)
{
    const struct image *const images[2] = {&sides[0].image, &sides[1].image};
    return rung_embedded(images, &diff, &arena, ret);
}

static void leaves_out_content_and_hash_alone(void **state)
{
    (void)state;
    struct rung found;
    TABLE(0, LIST("a.txt", "b.txt"), LIST("one", "two"));
    TABLE(1, LIST("a.txt", "b.txt"), LIST("one", "owt"));
    assert_int_equal(compare(), 1);
    assert_true(rung(&found));
    for (size_t i = 0; i < 2; i++) {
        const struct range_list *masks = &found.cuts[i].masks;
        assert_int_equal(found.cuts[i].end, sizeof(sides[0].bytes));
        assert_int_equal(masks->count, 2);
        assert_int_equal(masks->items[0].offset, diff.embedded[0].a.hash_offset);
        assert_int_equal(masks->items[0].length, EMBEDDED_HASH_LEN);
        assert_int_equal(masks->items[1].offset, diff.embedded[0].a.offset);
        assert_int_equal(masks->items[1].length, 3);
    }
    assert_string_equal(found.how, "left out of both: b.txt");
}

static void leaves_out_nothing_where_sizes_or_files_differ(void **state)
{
    (void)state;
    struct rung found;
    TABLE(0, LIST("a.txt", "b.txt"), LIST("one", "two"));
    TABLE(1, LIST("a.txt", "b.txt"), LIST("one", "three"));
    assert_int_equal(compare(), 1);
    assert_false(rung(&found));
    make(state);
    TABLE(0, LIST("a.txt", "b.txt"), LIST("one", "two"));
    TABLE(1, LIST("a.txt", "c.txt"), LIST("one", "two"));
    assert_int_equal(compare(), 2);
    assert_false(rung(&found));
    make(state);
    assert_int_equal(compare(), 0);
    assert_false(rung(&found));
}

static void leaves_out_nothing_that_is_not_in_place(void **state)
{
    (void)state;
    struct rung found;
    TABLE(0, "b.txt", "two");
    TABLE(1, "b.txt", "owt");
    assert_int_equal(compare(), 1);
    struct diff_embedded *item = &diff.embedded[0];
    const struct diff_embedded good = *item;
    assert_true(rung(&found));
    item->a.offset++;
    assert_false(rung(&found));
    *item = good;
    item->b.hash_offset++;
    assert_false(rung(&found));
    *item = good;
    item->b.whole = false;
    assert_false(rung(&found));
    *item = good;
    item->a.hash_offset = item->b.hash_offset = 0;
    assert_false(rung(&found));
    *item = good;
    diff.embedded_total++; /* more than are listed */
    assert_false(rung(&found));
}

/* The linker keeps equal contents once. */
static void shared_content_is_left_out_once(void **state)
{
    (void)state;
    struct rung found;
    TABLE(0, LIST("a", "b"), LIST("one", "two"));
    TABLE(1, LIST("a", "b"), LIST("eno", "owt"));
    assert_int_equal(compare(), 2);
    diff.embedded[1].a.offset = diff.embedded[1].b.offset = diff.embedded[0].a.offset;
    assert_true(rung(&found));
    assert_int_equal(found.cuts[0].masks.count, 3);
    assert_string_equal(found.how, "left out of both: a, b");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(tells_nothing_of_equal_tables, make, drop),
    cmocka_unit_test_setup_teardown(names_the_file_that_changed, make, drop),
    cmocka_unit_test_setup_teardown(names_files_that_one_side_has_alone, make, drop),
    cmocka_unit_test_setup_teardown(matches_tables_in_another_order, make, drop),
    cmocka_unit_test_setup_teardown(matches_equal_contents_before_equal_names, make, drop),
    cmocka_unit_test_setup_teardown(matches_tables_that_share_a_name, make, drop),
    cmocka_unit_test_setup_teardown(a_table_without_a_match_costs_no_other_its_own, make, drop),
    cmocka_unit_test_setup_teardown(a_changed_table_is_not_there, make, drop),
    cmocka_unit_test_setup_teardown(a_cut_file_has_no_tables, make, drop),
    cmocka_unit_test_setup_teardown(sections_that_claim_too_much_have_no_tables, make, drop),
    cmocka_unit_test_setup_teardown(leaves_out_content_and_hash_alone, make, drop),
    cmocka_unit_test_setup_teardown(leaves_out_nothing_where_sizes_or_files_differ, make, drop),
    cmocka_unit_test_setup_teardown(leaves_out_nothing_that_is_not_in_place, make, drop),
    cmocka_unit_test_setup_teardown(shared_content_is_left_out_once, make, drop),
};

UNIT_MAIN(tests)
