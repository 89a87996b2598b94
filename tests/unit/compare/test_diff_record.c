// SPDX-License-Identifier: Apache-2.0
/* The answer of the comparing process, which may have been taken over by what it looked at. */
#include "tests/unit/unit.h"
#include "verifier/compare/diff_record.h"

static struct arena arena;
static struct error err;
static struct buffer out;
static struct diff slice;
static struct diff_record record;

/* One of everything. */
static int make(void **state)
{
    (void)state;
    static struct byte_range ranges[] = {{10, 20}, {64, 1}};
    static struct diff_cause cause = {"source", "detail", "evidence", "next"};
    static struct diff_removed removed = {"strip", 1, "left out of both", ranges, ranges, 2, 1};
    static struct diff_part part;
    static struct diff_change change = {"build", "-ldflags", "-s", "", true, false};
    static struct diff_function function = {"main.main", "main.go", 7, 1, 2, 3, 4};
    static struct diff_string string = {"x-value", "main.version", ".data", "1", "2", true, true};
    static struct diff_embedded embedded;
    static struct diff_hex hex;
    part = (struct diff_part){.name = ".text",
                              .role = "code",
                              .state = DIFF_CHANGED,
                              .offset_a = 1,
                              .size_a = 2,
                              .ranges = ranges,
                              .range_count = 2,
                              .more_ranges = true};
    embedded =
        (struct diff_embedded){.name = "page", .variable = "main.pages", .state = DIFF_CHANGED};
    embedded.a = (struct diff_embedded_side){5, sha256_of(BYTES("hello")), true, 100, 200};
    embedded.b = embedded.a;
    hex = (struct diff_hex){".text", 1, 2, BYTES("bytes"), BYTES("other")};
    slice = (struct diff){.name = "",
                          .verdict = DIFF_EQUIVALENT,
                          .causes = &cause,
                          .cause_count = 1,
                          .removed = &removed,
                          .removed_count = 1,
                          .parts = &part,
                          .part_count = 1,
                          .changes = &change,
                          .change_count = 1,
                          .functions_how = "byte for byte",
                          .changed = {&function, 1, 9},
                          .functions_equal = 1000,
                          .strings = &string,
                          .string_count = 1,
                          .string_total = 1,
                          .embedded = &embedded,
                          .embedded_count = 1,
                          .embedded_total = 1,
                          .hex = &hex,
                          .hex_count = 1};
    slice.a = slice.b =
        (struct diff_side){"elf",     "linux/amd64",        "go1.24.1",        "main", 1000,
                           "a/b/c/d", {"a", "b", "c", "d"}, LINKER_HASH_MATCH, "none", ""};
    record = (struct diff_record){.ok = true};
    record.result = (struct diff_result){DIFF_EQUIVALENT, 1000, 1001, &slice, 1};
    buffer_init(&out, 1 << 20);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&out);
    arena_free(&arena);
    return 0;
}

static bool comes_back(struct diff_record *ret)
{
    buffer_clear(&out);
    diff_record_encode(&record, &out);
    return diff_record_decode(buffer_view(&out), &arena, ret, &err);
}

static void all_comes_back_as_it_was(void **state)
{
    (void)state;
    struct diff_record got;
    assert_true(comes_back(&got));
    assert_true(got.ok);
    assert_int_equal(got.result.slice_count, 1);
    const struct diff *diff = &got.result.slices[0];
    assert_string_equal(diff->causes[0].next, "next");
    assert_int_equal(diff->removed[0].ranges_a[1].offset, 64);
    assert_int_equal(diff->removed[0].count_b, 1);
    assert_true(diff->parts[0].more_ranges);
    assert_false(diff->changes[0].has_b);
    assert_int_equal(diff->changed.total, 9);
    assert_int_equal(diff->changed.items[0].line, 7);
    assert_string_equal(diff->strings[0].name, "main.version");
    assert_true(sha256_equal(&diff->embedded[0].b.sha256, &slice.embedded[0].b.sha256));
    assert_bytes(diff->hex[0].b, BYTES("other"));
    assert_string_equal(diff->a.parts[3], "d");
    struct buffer again;
    buffer_init(&again, 1 << 20);
    diff_record_encode(&got, &again);
    assert_bytes(buffer_view(&again), buffer_view(&out));
    buffer_free(&again);
}

static void cut_or_longer_records_are_damaged(void **state)
{
    (void)state;
    struct diff_record got;
    assert_true(comes_back(&got));
    for (size_t len = 0; len < out.len; len++) {
        assert_fails(diff_record_decode(bytes_first(buffer_view(&out), len), &arena, &got, &err),
                     &err, ERROR_FORMAT, "damaged");
    }
    buffer_byte(&out, 0);
    assert_false(diff_record_decode(buffer_view(&out), &arena, &got, &err));
}

/* Whatever it says then, it says it in the same bytes. */
static void flipped_records_are_damaged_or_whole(void **state)
{
    (void)state;
    struct diff_record got;
    assert_true(comes_back(&got));
    for (size_t i = 0; i < out.len * 8; i++) {
        out.data[i / 8] ^= (uint8_t)(1 << i % 8);
        if (diff_record_decode(buffer_view(&out), &arena, &got, &err) && got.ok) {
            struct buffer again;
            buffer_init(&again, 1 << 20);
            diff_record_encode(&got, &again);
            assert_bytes(buffer_view(&again), buffer_view(&out));
            buffer_free(&again);
        }
        out.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
}

static void no_verdict_is_better_than_that_of_a_slice(void **state)
{
    (void)state;
    struct diff_record got;
    slice.verdict = DIFF_DIFFERENT;
    assert_false(comes_back(&got));
    record.result.verdict = DIFF_DIFFERENT;
    assert_true(comes_back(&got));
    slice.verdict = DIFF_IDENTICAL;
    assert_true(comes_back(&got));
    record.result.slice_count = 0;
    assert_false(comes_back(&got));
}

static void kinds_beyond_the_last_are_damaged(void **state)
{
    (void)state;
    struct diff_record got;
    slice.parts[0].state = DIFF_ONLY_B + 1;
    assert_false(comes_back(&got));
    slice.parts[0].state = DIFF_ONLY_B;
    slice.embedded[0].state = DIFF_ONLY_B + 1;
    assert_false(comes_back(&got));
    slice.embedded[0].state = DIFF_ONLY_B;
    assert_true(comes_back(&got));
    slice.a.linker_hash = LINKER_HASH_MISMATCH + 1;
    assert_false(comes_back(&got));
}

static void more_hex_than_is_shown_is_damaged(void **state)
{
    (void)state;
    static const uint8_t many[DIFF_HEX_BYTES + 1];
    struct diff_record got;
    slice.hex[0].a = bytes_from(many, DIFF_HEX_BYTES);
    assert_true(comes_back(&got));
    slice.hex[0].a = bytes_from(many, DIFF_HEX_BYTES + 1);
    assert_false(comes_back(&got));
}

static void an_error_comes_back_escaped(void **state)
{
    (void)state;
    struct diff_record got;
    record.ok = false;
    (void)!error_set(&record.error, ERROR_FORMAT, "A: not a program");
    assert_true(comes_back(&got));
    assert_false(got.ok);
    assert_int_equal(got.error.code, ERROR_FORMAT);
    assert_string_equal(got.error.message, "A: not a program");
    memcpy(record.error.message, "\x1b[1m", 4);
    assert_true(comes_back(&got));
    assert_null(strchr(got.error.message, '\x1b'));
    record.error.code = ERROR_NONE;
    assert_false(comes_back(&got));
}

/* The fuzzer starts from what is a record today. */
static void the_fuzzers_seed_is_a_record(void **state)
{
    (void)state;
    char path[4096];
    struct diff_record got;
    const char *root = getenv("MESON_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/testdata/fuzz/diff_record/good", root == NULL ? "." : root);
    struct bytes seed = file_load(path);
    bool good = diff_record_decode(seed, &arena, &got, &err);
    free((void *)(uintptr_t)seed.data);
    assert_true(good);
    assert_true(got.ok);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(all_comes_back_as_it_was, make, drop),
    cmocka_unit_test_setup_teardown(cut_or_longer_records_are_damaged, make, drop),
    cmocka_unit_test_setup_teardown(flipped_records_are_damaged_or_whole, make, drop),
    cmocka_unit_test_setup_teardown(no_verdict_is_better_than_that_of_a_slice, make, drop),
    cmocka_unit_test_setup_teardown(kinds_beyond_the_last_are_damaged, make, drop),
    cmocka_unit_test_setup_teardown(more_hex_than_is_shown_is_damaged, make, drop),
    cmocka_unit_test_setup_teardown(an_error_comes_back_escaped, make, drop),
    cmocka_unit_test_setup_teardown(the_fuzzers_seed_is_a_record, make, drop),
};

UNIT_MAIN(tests)
