// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/encode.h"
#include "verifier/recipe/link_search.h"

/* With its quotes it is as long as a digest, and yet a text. */
#define SIXTY_TWO "packagefile 012345678901234567890123456789012345678901234567ab"

/* A log as go prints it for a link with FLAGS_TEXT; DIGEST NULL: the right one. */
static const char *make_log(struct arena *arena, const char *flags_text, const char *digest)
{
    const char *before = "go1.26.8link\nbuildmode default goos linux goarch amd64\n";
    const char *behind = "GOAMD64=v1\npackagefile example.com/h=yk3AMZapC94IrJTVGgSl\n" SIXTY_TWO;
    char hex[SHA256_HEX_LEN + 1];
    const char *all = arena_printf(arena, "%slinkflags %s\n%s", before, flags_text, behind);
    struct sha256 right = sha256_of(bytes_from_string(all));
    struct buffer quoted;
    buffer_init(&quoted, 65536);
    for (const char *c = flags_text; *c != '\0'; c++) {
        buffer_printf(&quoted, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    sha256_hex(&right, hex);
    const char *log = arena_printf(
        arena,
        "go: downloading x\n"
        "HASH[build runtime]: \"linkflags is no link\\n\"\n"
        "HASH[link example.com/h]\n"
        "HASH[link example.com/h]: \"go1.26.8\"\n"
        "HASH[link example.com/h]: \"link\\n\"\n"
        "HASH[link example.com/h]: \"buildmode default goos linux goarch amd64\\n\"\n"
        "HASH[link example.com/h]: \"linkflags %s\\n\"\n"
        "HASH[link example.com/h]: \"GOAMD64=v1\\n\"\n"
        "HASH[link example.com/h]: \"packagefile example.com/h=yk3AMZapC94IrJTVGgSl\\n\"\n"
        "HASH[link example.com/h]: \"" SIXTY_TWO "\"\n"
        "HASH[link example.com/h]: %s\n"
        "HASH[link example.com/h]: \"go1.26.8\"\n",
        buffer_cstring(&quoted), digest == NULL ? hex : digest);
    buffer_free(&quoted);
    return log;
}

static struct link_hash parse(struct arena *arena, const char *flags_text)
{
    struct link_hash hash;
    struct error err;
    const char *log = make_log(arena, flags_text, NULL);
    assert_true(link_hash_parse(bytes_from_string(log), arena, &hash, &err));
    return hash;
}

static void computes_the_trials_own_part_1(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct link_hash hash = parse(&arena, "[\"-s\" \"-w\"]");
    char part1[BUILD_ID_PART_LEN + 1];
    link_hash_part1(&hash, (const char *const[]){"-s", "-w"}, 2, part1);
    assert_string_equal(part1, hash.part1);
    link_hash_part1(&hash, (const char *const[]){"-w", "-s"}, 2, part1);
    assert_string_not_equal(part1, hash.part1);
    link_hash_free(&hash);
    arena_free(&arena);
}

/* -buildmode=exe and no -buildmode link alike, but are another text. */
static void computes_part_1_for_the_mode_written_out(void **state)
{
    (void)state;
    struct arena arena = {0};
    static const char *const flags[] = {"-s"};
    struct link_hash hash = parse(&arena, "[\"-w\"]"), written, none;
    char part1[BUILD_ID_PART_LEN + 1], expected[BUILD_ID_PART_LEN + 1];
    struct sha256 digest = sha256_of(bytes_from_string(
        "go1.26.8link\nbuildmode exe goos linux goarch amd64\nlinkflags [\"-s\"]\nGOAMD64=v1\n"
        "packagefile example.com/h=yk3AMZapC94IrJTVGgSl\n" SIXTY_TWO));
    encode_base64(bytes_from(digest.bytes, 15), BASE64_URL, expected);
    assert_true(link_hash_with_written_mode(&hash, &written));
    link_hash_part1(&written, flags, 1, part1);
    assert_string_equal(part1, expected);
    assert_false(link_hash_with_written_mode(&written, &none));
    link_hash_free(&hash);
    arena_free(&arena);
}

static void quotes_flags_as_go_does(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct link_hash hash = parse(&arena, "[\"-X\" \"main.v=a\\\"b\\\\c\"]");
    char part1[BUILD_ID_PART_LEN + 1];
    link_hash_part1(&hash, (const char *const[]){"-X", "main.v=a\"b\\c"}, 2, part1);
    assert_string_equal(part1, hash.part1);
    link_hash_free(&hash);
    arena_free(&arena);
}

static void refuses_a_log_with_another_digest(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct link_hash hash;
    struct error err;
    const char *log =
        make_log(&arena, "[]", "00000000000000000000000000000000000000000000000000000000000000ff");
    assert_false(link_hash_parse(bytes_from_string(log), &arena, &hash, &err));
    assert_int_equal(err.code, ERROR_MISMATCH);
    arena_free(&arena);
}

static void refuses_a_log_that_is_cut(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *log = make_log(&arena, "[\"-s\"]", NULL);
    size_t whole = (size_t)(strstr(log, "HASH[link example.com/h]: \"packagefile") - log);
    for (size_t len = 0; len < whole; len += 7) {
        struct link_hash hash;
        struct error err;
        assert_false(link_hash_parse(bytes_from(log, len), &arena, &hash, &err));
    }
    arena_free(&arena);
}

static const struct flag_group groups[] = {
    {{"-s"}, 1}, {{"-w"}, 1}, {{"-X", "main.a=1"}, 2}, {{"-X", "main.b=2"}, 2}, {{"-buildid="}, 1}};

static struct link_search search_all(const struct link_hash *hash, const char *part1,
                                     const struct group_orders *orders, unsigned jobs)
{
    return (struct link_search){.hash = hash,
                                .part1 = part1,
                                .spell = group_orders_spell,
                                .context = orders,
                                .total = group_orders_total(orders),
                                .most = 100000,
                                .jobs = jobs};
}

static const struct group_orders all = {groups, ARRAY_LEN(groups)};

static void finds_any_order_of_any_subset(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct link_hash hash = parse(&arena, "[]");
    const char *const wanted[] = {"-X", "main.b=2", "-w", "-s", "-X", "main.a=1"};
    char part1[BUILD_ID_PART_LEN + 1];
    link_hash_part1(&hash, wanted, ARRAY_LEN(wanted), part1);
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        struct link_search search = search_all(&hash, part1, &all, jobs);
        struct link_find find;
        assert_true(link_search_run(&search, &arena, &find));
        assert_int_equal(find.count, ARRAY_LEN(wanted));
        for (size_t i = 0; i < find.count; i++) {
            assert_string_equal(find.flags[i], wanted[i]);
        }
        /* The same candidate has the same number, however many threads look. */
        assert_in_range(find.tried, 1 + 5 + 20 + 60 + 1, 1 + 5 + 20 + 60 + 120);
    }
    link_hash_free(&hash);
    arena_free(&arena);
}

static void finds_no_flags_at_all_first(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct link_hash hash = parse(&arena, "[]");
    struct link_search search = search_all(&hash, hash.part1, &all, 2);
    struct link_find find;
    assert_true(link_search_run(&search, &arena, &find));
    assert_int_equal(find.count, 0);
    assert_int_equal(find.tried, 1);
    link_hash_free(&hash);
    arena_free(&arena);
}

static void says_how_many_it_tried_in_vain(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct link_hash hash = parse(&arena, "[]");
    const struct group_orders three = {groups, 3};
    struct link_search search = search_all(&hash, "AAAAAAAAAAAAAAAAAAAA", &three, 2);
    struct link_find find;
    assert_false(link_search_run(&search, &arena, &find));
    assert_int_equal(find.tried, 1 + 3 + 6 + 6);
    search.most = 5;
    assert_false(link_search_run(&search, &arena, &find));
    assert_int_equal(find.tried, 5);
    link_hash_free(&hash);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_the_trials_own_part_1),
        cmocka_unit_test(computes_part_1_for_the_mode_written_out),
        cmocka_unit_test(quotes_flags_as_go_does),
        cmocka_unit_test(refuses_a_log_with_another_digest),
        cmocka_unit_test(refuses_a_log_that_is_cut),
        cmocka_unit_test(finds_any_order_of_any_subset),
        cmocka_unit_test(finds_no_flags_at_all_first),
        cmocka_unit_test(says_how_many_it_tried_in_vain),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
