// SPDX-License-Identifier: Apache-2.0
/* What strip leaves out are the fields of headers that say where symbols are, and nothing between
 * these. */
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/compare/ladder_internal.h"
#include "verifier/compare/parts.h"

#define SEGMENT_SIZES (64 + 32) /* of the first segment: in the file, in memory */

static struct made programs[2];
static struct arena arena;
static struct error err;

/* The second one lacks the symbols of the first. */
static int make(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct made_program program = {.version = "go1.24.1", .symbols = i == 0};
        programs[i] = made_go_elf(&program);
    }
    /* What is not in the file is loaded as zeros, as the symbols here are. */
    for (size_t i = 0; i < 8; i++) {
        programs[1].data[SEGMENT_SIZES + 8 + i] = programs[0].data[SEGMENT_SIZES + 8 + i];
    }
    return 0;
}

static int drop(void **state)
{
    (void)state;
    made_free(&programs[0]);
    made_free(&programs[1]);
    arena_free(&arena);
    return 0;
}

/* Whether both are equal but for what strip takes; false as well where one is no program. */
static bool equal_but_for_symbols(void)
{
    struct image images[2];
    struct source sources[2];
    struct part_list lists[2];
    struct diff diff = {0};
    struct rung rung;
    bool equal = false;
    for (size_t i = 0; i < 2; i++) {
        sources[i] = made_source(&programs[i]);
        if (!image_open(&sources[i], &arena, &images[i], &err) ||
            !parts_read(&images[i], &arena, &lists[i], &err)) {
            return false;
        }
    }
    const struct image *const both[2] = {&images[0], &images[1]};
    assert_true(parts_compare(&sources[0], &lists[0], &sources[1], &lists[1], &arena, &diff, &err));
    if (!rung_strip(both, &diff, &arena, &rung)) {
        return false;
    }
    const struct range_list *const masks[2] = {&rung.cuts[0].masks, &rung.cuts[1].masks};
    return strip_equal(both, masks, &equal, &err) && equal;
}

static void programs_are_equal_but_for_symbols(void **state)
{
    (void)state;
    assert_true(equal_but_for_symbols());
    struct made first = programs[0];
    programs[0] = programs[1];
    programs[1] = first;
    assert_true(equal_but_for_symbols());
}

static void hides_no_other_field_of_the_header(void **state)
{
    (void)state;
    for (size_t at = 0; at < 64; at++) {
        bool masked = (at >= 40 && at < 48) || at >= 58;
        programs[1].data[at] ^= 0x11;
        if (!masked && equal_but_for_symbols()) {
            fail_msg("byte %zu of the header may be anything", at);
        }
        programs[1].data[at] ^= 0x11;
    }
    assert_true(equal_but_for_symbols());
}

static void hides_nothing_that_is_loaded(void **state)
{
    (void)state;
    static const size_t places[] = {0x300, 0x30f, 64 + 4, 64 + 16};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        programs[1].data[places[i]] ^= 0x11;
        assert_false(equal_but_for_symbols());
        programs[1].data[places[i]] ^= 0x11;
    }
}

static void ranges_that_are_left_out_have_no_bytes_between_them(void **state)
{
    (void)state;
    struct range_list list;
    range_list_init(&list, 4, &arena);
    range_add_exactly(&list, 40, 8);
    range_add_exactly(&list, 58, 6);
    assert_int_equal(list.count, 2);
    range_add_exactly(&list, 64, 4);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[1].length, 10);
    range_add_exactly(&list, 10, 4);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[2].offset, 10);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(programs_are_equal_but_for_symbols, make, drop),
    cmocka_unit_test_setup_teardown(hides_no_other_field_of_the_header, make, drop),
    cmocka_unit_test_setup_teardown(hides_nothing_that_is_loaded, make, drop),
    cmocka_unit_test_setup_teardown(ranges_that_are_left_out_have_no_bytes_between_them, make,
                                    drop),
};

UNIT_MAIN(tests)
