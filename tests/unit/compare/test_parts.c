// SPDX-License-Identifier: Apache-2.0
/* The parts of a file: each byte is in exactly one of them, whatever the sections claim. */
#include "base/limits.h"
#include "tests/unit/unit.h"
#include "verifier/compare/parts.h"

#define LEN 40000U

static uint8_t bytes[2][LEN];
static struct source sources[2];
static struct image images[2];
static struct arena arena;
static struct error err;

static int make(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        memset(bytes[i], 'x', LEN);
        sources[i] = source_from_bytes(bytes_from(bytes[i], LEN));
        images[i] = (struct image){.source = sources[i], .goarch = "", .goos = ""};
    }
    return 0;
}

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct image_section section(const char *name, uint64_t offset, uint64_t size)
{
    return (struct image_section){.name = name, .segment = "", .offset = offset, .size = size};
}

/* The parts of side 0 with these sections. */
static struct part_list read_parts(struct image_section *sections, size_t count)
{
    struct part_list list;
    images[0].sections = sections;
    images[0].section_count = count;
    assert_true(parts_read(&images[0], &arena, &list, &err));
    return list;
}

static void assert_part(const struct part_list *list, size_t index, const char *name,
                        const char *role, uint64_t offset, uint64_t size)
{
    assert_in_range(index, 0, list->count - 1);
    const struct part *part = &list->items[index];
    assert_string_equal(part->name, name);
    assert_string_equal(part->role, role);
    assert_int_equal(part->offset, offset);
    assert_int_equal(part->size, size);
}

/* True if the parts follow each other from the first byte to the last. */
static void assert_whole(const struct part_list *list)
{
    uint64_t at = 0;
    for (size_t i = 0; i < list->count; i++) {
        assert_int_equal(list->items[i].offset, at);
        assert_true(list->items[i].size > 0);
        at += list->items[i].size;
    }
    assert_int_equal(at, LEN);
}

static void names_what_lies_around_sections(void **state)
{
    (void)state;
    struct image_section sections[] = {section(".text", 1000, 2000), section(".data", 3100, 900)};
    sections[0].executable = true;
    struct part_list list = read_parts(sections, 2);
    assert_whole(&list);
    assert_int_equal(list.count, 5);
    assert_part(&list, 0, "headers", "headers", 0, 1000);
    assert_part(&list, 1, ".text", "code", 1000, 2000);
    assert_part(&list, 2, "behind .text", "padding", 3000, 100);
    assert_part(&list, 3, ".data", "data", 3100, 900);
    assert_part(&list, 4, "appended", "appended", 4000, LEN - 4000);
}

static void zeros_at_the_end_are_padding(void **state)
{
    (void)state;
    struct image_section sections[] = {section(".data", 0, LEN - 500)};
    memset(bytes[0] + LEN - 500, 0, 500);
    struct part_list list = read_parts(sections, 1);
    assert_part(&list, 1, "behind .data", "padding", LEN - 500, 500);
    bytes[0][LEN - 1] = 1;
    list = read_parts(sections, 1);
    assert_part(&list, 1, "appended", "appended", LEN - 500, 500);
    /* More than a page is not what a linker fills up. */
    sections[0].size = 1000;
    memset(bytes[0] + 1000, 0, LEN - 1000);
    list = read_parts(sections, 1);
    assert_part(&list, 1, "appended", "appended", 1000, LEN - 1000);
}

static void roles_follow_names(void **state)
{
    (void)state;
    static const char *const roles[][2] = {{".zdebug_line", "debug"},
                                           {".symtab", "symbols"},
                                           {".strtab", "symbols"},
                                           {".gopclntab", "code table"},
                                           {".note.go.buildid", "notes"},
                                           {".go.buildinfo", "build information"},
                                           {".rodata", "data"}};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        struct image_section sections[] = {section(roles[i][0], 0, LEN)};
        struct part_list list = read_parts(sections, 1);
        assert_part(&list, 0, roles[i][0], roles[i][1], 0, LEN);
    }
}

static void overlapping_sections_share_no_byte(void **state)
{
    (void)state;
    struct image_section sections[] = {section("outer", 100, 1000), section("inner", 200, 100),
                                       section("across", 900, 1000), section("same", 100, 50),
                                       section("again", 100, 1000)};
    struct part_list list = read_parts(sections, ARRAY_LEN(sections));
    assert_whole(&list);
    assert_part(&list, 1, "same", "data", 100, 50);
    assert_part(&list, 2, "outer", "data", 150, 950);
    assert_part(&list, 3, "across", "data", 1100, 800);
}

static void sections_end_with_the_file(void **state)
{
    (void)state;
    struct image_section sections[] = {
        section("long", LEN - 10, UINT64_MAX), section("beyond", LEN, 10),
        section("far", UINT64_MAX, UINT64_MAX), section("none", 5, 0)};
    struct part_list list = read_parts(sections, ARRAY_LEN(sections));
    assert_whole(&list);
    assert_int_equal(list.count, 2);
    assert_part(&list, 1, "long", "data", LEN - 10, 10);
}

/* Gaps between all of them, in front and behind: none may be lost. */
static void as_many_sections_as_fit_leave_no_byte_out(void **state)
{
    (void)state;
    static struct image_section sections[LIMIT_DIFF_PARTS];
    struct part_list list;
    for (size_t i = 0; i < LIMIT_DIFF_PARTS; i++) {
        sections[i] = section("s", 10 + i * 20, 10);
    }
    images[0].sections = sections;
    images[0].section_count = LIMIT_DIFF_PARTS;
    while (!parts_read(&images[0], &arena, &list, &err)) {
        assert_int_equal(err.code, ERROR_LIMIT);
        images[0].section_count--;
    }
    assert_true(images[0].section_count > LIMIT_DIFF_PARTS / 4);
    assert_whole(&list);
    assert_string_equal(list.items[list.count - 1].name, "appended");
}

static void finds_the_part_of_an_offset(void **state)
{
    (void)state;
    struct image_section sections[] = {section("a", 0, 100), section("b", 100, LEN - 100)};
    struct part_list list = read_parts(sections, 2);
    assert_string_equal(parts_at(&list, 0)->name, "a");
    assert_string_equal(parts_at(&list, 99)->name, "a");
    assert_string_equal(parts_at(&list, 100)->name, "b");
    assert_string_equal(parts_at(&list, LEN - 1)->name, "b");
    assert_null(parts_at(&list, LEN));
    assert_null(parts_at(&list, UINT64_MAX));
}

static struct diff compare(struct part *a, size_t a_count, struct part *b, size_t b_count)
{
    struct part_list left = {a, a_count};
    struct part_list right = {b, b_count};
    struct diff diff = {0};
    assert_true(parts_compare(&sources[0], &left, &sources[1], &right, &arena, &diff, &err));
    return diff;
}

static void compares_parts_of_a_name_wherever_they_are(void **state)
{
    (void)state;
    struct part a[] = {{"one", "data", 0, 100}, {"two", "data", 100, 200}};
    struct part b[] = {{"two", "data", 0, 200}, {"one", "data", 500, 100}};
    bytes[1][50] = 'y';
    struct diff diff = compare(a, 2, b, 2);
    assert_int_equal(diff.part_count, 2);
    assert_int_equal(diff.parts[0].state, DIFF_EQUAL);
    assert_int_equal(diff.parts[0].offset_b, 500);
    assert_int_equal(diff.parts[1].state, DIFF_CHANGED);
    assert_int_equal(diff.parts[1].differing, 1);
    assert_int_equal(diff.parts[1].ranges[0].offset, 150); /* in A */
    assert_string_equal(diff_part_find(&diff, "two")->name, "two");
    assert_null(diff_part_find(&diff, "three"));
}

/* Headers may say the same name twice. */
static void equal_names_are_matched_in_their_order(void **state)
{
    (void)state;
    struct part a[] = {{"s", "data", 0, 10}, {"s", "data", 10, 20}};
    struct part b[] = {{"s", "data", 0, 10}, {"s", "data", 10, 20}, {"s", "data", 30, 40}};
    for (size_t swapped = 0; swapped < 2; swapped++) {
        struct diff diff = swapped == 0 ? compare(a, 2, b, 3) : compare(b, 3, a, 2);
        assert_int_equal(diff.part_count, 3);
        assert_int_equal(diff.parts[0].state, DIFF_EQUAL);
        assert_int_equal(diff.parts[1].state, DIFF_EQUAL);
        assert_int_equal(diff.parts[2].state, swapped == 0 ? DIFF_ONLY_B : DIFF_ONLY_A);
        assert_int_equal(diff.parts[2].differing, 40);
        assert_int_equal(diff.parts[2].ranges[0].offset, 30);
    }
}

static void what_is_longer_differs_in_all_that_is_more(void **state)
{
    (void)state;
    struct part a[] = {{"s", "data", 0, 100}};
    struct part b[] = {{"s", "data", 0, 150}};
    struct diff diff = compare(a, 1, b, 1);
    assert_int_equal(diff.parts[0].state, DIFF_CHANGED);
    assert_int_equal(diff.parts[0].differing, 50);
    diff = compare(b, 1, a, 0);
    assert_int_equal(diff.parts[0].state, DIFF_ONLY_A);
    assert_int_equal(diff.parts[0].differing, 150);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(names_what_lies_around_sections, make, drop),
    cmocka_unit_test_setup_teardown(zeros_at_the_end_are_padding, make, drop),
    cmocka_unit_test_setup_teardown(roles_follow_names, make, drop),
    cmocka_unit_test_setup_teardown(overlapping_sections_share_no_byte, make, drop),
    cmocka_unit_test_setup_teardown(sections_end_with_the_file, make, drop),
    cmocka_unit_test_setup_teardown(as_many_sections_as_fit_leave_no_byte_out, make, drop),
    cmocka_unit_test_setup_teardown(finds_the_part_of_an_offset, make, drop),
    cmocka_unit_test_setup_teardown(compares_parts_of_a_name_wherever_they_are, make, drop),
    cmocka_unit_test_setup_teardown(equal_names_are_matched_in_their_order, make, drop),
    cmocka_unit_test_setup_teardown(what_is_longer_differs_in_all_that_is_more, make, drop),
};

UNIT_MAIN(tests)
