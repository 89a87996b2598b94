// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "verifier/compare/diff.h"

#define ROOM 4096
#define CERTIFICATES 24
/* Of the optional header of PE32+: where the directories begin, and the entry of certificates. */
#define PE_DIRECTORIES 112
#define PE_CERTIFICATE_ENTRY 32
#define PE_HEADER_FIELD 60

/* Two files that are equal but for one rule. */
struct pair {
    uint8_t a[ROOM], b[ROOM];
    size_t a_len, b_len;
};

static size_t load(const char *name, uint8_t *ret)
{
    struct arena arena = {0};
    struct bytes bytes;
    struct error err;
    AUTO_FD int dir = -1;
    const char *root = getenv("MESON_SOURCE_ROOT");
    const char *place = arena_printf(&arena, "%s/testdata/fuzz/inspect", root == NULL ? "." : root);
    assert_true(directory_open(place, &dir, &err));
    assert_true(file_read(dir, name, ROOM, &arena, &bytes, &err));
    memcpy(ret, bytes.data, bytes.len);
    size_t len = bytes.len;
    arena_free(&arena);
    return len;
}

static struct diff compare(const struct pair *pair, struct arena *arena)
{
    struct source a = source_from_bytes(bytes_from(pair->a, pair->a_len));
    struct source b = source_from_bytes(bytes_from(pair->b, pair->b_len));
    struct diff diff = {.verdict = DIFF_DIFFERENT};
    struct error err;
    /* What a flip made unreadable stays different. */
    return diff_sources(&a, &b, NULL, arena, &diff, &err) ? diff : (struct diff){0};
}

static bool is_left_out(const struct diff *diff, bool in_b, size_t offset)
{
    for (size_t i = 0; i < diff->removed_count; i++) {
        const struct diff_removed *removed = &diff->removed[i];
        const struct byte_range *ranges = in_b ? removed->ranges_b : removed->ranges_a;
        size_t count = in_b ? removed->count_b : removed->count_a;
        for (size_t k = 0; k < count; k++) {
            if (offset >= ranges[k].offset && offset - ranges[k].offset < ranges[k].length) {
                return true;
            }
        }
    }
    return false;
}

/* Flips each byte of both files in turn: either they are different then, or the report says that
 * this byte was left out. */
static void check_each_byte(struct pair *pair, const char *rule)
{
    struct arena arena = {0};
    struct diff diff = compare(pair, &arena);
    size_t different = 0;
    assert_int_equal(diff.verdict, DIFF_EQUIVALENT);
    assert_int_equal(diff.removed_count, 1);
    assert_string_equal(diff.removed[0].name, rule);
    arena_free(&arena);
    for (size_t i = 0; i < pair->a_len + pair->b_len; i++) {
        bool in_b = i >= pair->a_len;
        size_t offset = in_b ? i - pair->a_len : i;
        uint8_t *byte = in_b ? &pair->b[offset] : &pair->a[offset];
        *byte ^= 0x11;
        diff = compare(pair, &arena);
        if (diff.verdict != DIFF_DIFFERENT && !is_left_out(&diff, in_b, offset)) {
            fail_msg("byte %zu of %s may be anything", offset, in_b ? "B" : "A");
        }
        different += diff.verdict == DIFF_DIFFERENT ? 1 : 0;
        *byte ^= 0x11;
        arena_free(&arena);
    }
    /* All but what the rule names. */
    assert_in_range(different, pair->a_len + pair->b_len - 400, pair->a_len + pair->b_len - 1);
}

static struct pair build_ids(void)
{
    struct pair pair;
    pair.a_len = pair.b_len = load("elf", pair.a);
    memcpy(pair.b, pair.a, pair.a_len);
    struct bytes id = bytes_from_string("aaaaaaaaaaaaaaaaaaaa/");
    for (size_t at = 0; (at = bytes_find(bytes_from(pair.a, pair.a_len), at, id)) != SIZE_MAX;
         at += id.len) {
        pair.b[at] = 'x';
    }
    return pair;
}

static struct pair certificates(void)
{
    struct pair pair = {0};
    pair.b_len = load("pe", pair.b);
    memcpy(pair.a, pair.b, pair.b_len);
    size_t table = (pair.b_len + 7) / 8 * 8;
    size_t entry = pair.a[PE_HEADER_FIELD] + 24U + PE_DIRECTORIES + PE_CERTIFICATE_ENTRY;
    pair.a[entry] = (uint8_t)table;
    pair.a[entry + 1] = (uint8_t)(table >> 8);
    pair.a[entry + 4] = CERTIFICATES;
    static const uint8_t head[] = {CERTIFICATES, 0, 0, 0, 0, 2, 2, 0};
    memcpy(pair.a + table, head, sizeof(head));
    pair.a_len = table + CERTIFICATES;
    return pair;
}

static void build_ids_hide_no_other_byte(void **state)
{
    (void)state;
    struct pair pair = build_ids();
    check_each_byte(&pair, "go-build-id");
}

static void certificates_hide_no_other_byte(void **state)
{
    (void)state;
    struct pair pair = certificates();
    check_each_byte(&pair, "authenticode");
}

static void padding_before_certificates_is_zero(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct pair pair = certificates();
    assert_true(pair.b_len % 8 != 0);
    pair.a[pair.b_len] = 1;
    assert_int_equal(compare(&pair, &arena).verdict, DIFF_DIFFERENT);
    arena_free(&arena);
}

static void bytes_behind_certificates_are_different(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct pair pair = certificates();
    pair.a[pair.a_len++] = 0;
    assert_int_equal(compare(&pair, &arena).verdict, DIFF_DIFFERENT);
    arena_free(&arena);
}

static void another_certificate_is_equivalent_too(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct pair pair = certificates();
    memcpy(pair.b, pair.a, pair.a_len);
    pair.b_len = pair.a_len;
    pair.b[pair.b_len - 1] = 'x';
    assert_int_equal(compare(&pair, &arena).verdict, DIFF_EQUIVALENT);
    arena_free(&arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build_ids_hide_no_other_byte),
        cmocka_unit_test(certificates_hide_no_other_byte),
        cmocka_unit_test(padding_before_certificates_is_zero),
        cmocka_unit_test(bytes_behind_certificates_are_different),
        cmocka_unit_test(another_certificate_is_equivalent_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
