// SPDX-License-Identifier: Apache-2.0
#include "base/codec.h"

#include "tests/unit/unit.h"

struct item {
    uint64_t number;
    const char *name;
};

/* A field of each kind. */
struct all {
    uint8_t kind;
    bool flag;
    uint32_t small;
    uint64_t large;
    struct bytes bytes;
    const char *text;
    struct sha256 digest;
    struct item *items;
    size_t count;
};

#define KIND_MAXIMUM 3
#define ITEM_LEAST 12

static struct arena arena;
static struct buffer out;

static int make(void **state)
{
    (void)state;
    buffer_init(&out, 4096);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&out);
    arena_free(&arena);
    return 0;
}

static void walk(struct codec *codec, struct all *all)
{
    codec_byte(codec, &all->kind, KIND_MAXIMUM);
    codec_bool(codec, &all->flag);
    codec_u32(codec, &all->small);
    codec_u64(codec, &all->large);
    codec_bytes(codec, &all->bytes);
    codec_text(codec, &all->text);
    codec_sha256(codec, &all->digest);
    codec_array(codec, &all->items, &all->count, ITEM_LEAST, sizeof(*all->items));
    for (size_t i = 0; i < all->count; i++) {
        codec_u64(codec, &all->items[i].number);
        codec_text(codec, &all->items[i].name);
    }
}

/* Where the fields are. */
enum { KIND, FLAG, SMALL, LARGE = 6, BYTES_LEN = 14, TEXT_LEN = 21, TEXT = 25, COUNT = 61 };

static void encode(void)
{
    struct item items[] = {{1, "one"}, {2, ""}};
    struct all all = {.kind = 2,
                      .flag = true,
                      .small = 0x01020304,
                      .large = UINT64_MAX - 1,
                      .bytes = BYTES("a\0b"),
                      .text = "text",
                      .digest = sha256_of(BYTES("x")),
                      .items = items,
                      .count = 2};
    struct codec codec = codec_encoder(&out);
    walk(&codec, &all);
    assert_false(codec.failed);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.items[0].name, "one");
}

static bool decode(struct bytes bytes, struct all *ret)
{
    struct codec codec = codec_decoder(bytes, &arena);
    *ret = (struct all){0};
    walk(&codec, ret);
    return codec_done(&codec);
}

static void all_comes_back_as_it_was(void **state)
{
    (void)state;
    struct all got;
    encode();
    assert_true(decode(buffer_view(&out), &got));
    assert_int_equal(got.kind, 2);
    assert_true(got.flag);
    assert_int_equal(got.small, 0x01020304);
    assert_true(got.large == UINT64_MAX - 1);
    assert_bytes(got.bytes, BYTES("a\0b"));
    assert_string_equal(got.text, "text");
    struct sha256 digest = sha256_of(BYTES("x"));
    assert_true(sha256_equal(&got.digest, &digest));
    assert_int_equal(got.count, 2);
    assert_int_equal(got.items[1].number, 2);
    assert_string_equal(got.items[1].name, "");
}

static void what_was_decoded_encodes_to_the_same(void **state)
{
    (void)state;
    struct all got;
    struct buffer again;
    encode();
    assert_true(decode(buffer_view(&out), &got));
    buffer_init(&again, 4096);
    struct codec codec = codec_encoder(&again);
    walk(&codec, &got);
    assert_bytes(buffer_view(&again), buffer_view(&out));
    buffer_free(&again);
}

/* And leaves nothing that would have to be looked at with care. */
static void cut_bytes_fail_at_each_place(void **state)
{
    (void)state;
    struct all got;
    encode();
    for (size_t len = 0; len < out.len; len++) {
        assert_false(decode(bytes_first(buffer_view(&out), len), &got));
        assert_non_null(got.text);
        for (size_t i = 0; i < got.count; i++) {
            assert_non_null(got.items[i].name);
        }
    }
}

static void a_byte_too_many_fails(void **state)
{
    (void)state;
    struct all got;
    encode();
    buffer_byte(&out, 0);
    assert_false(decode(buffer_view(&out), &got));
}

static void fields_beyond_their_range_fail(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{KIND, KIND_MAXIMUM + 1}, {KIND, 0xff},  {FLAG, 2},  {BYTES_LEN + 3, 0xff},
                {TEXT_LEN, 0xff},         {TEXT + 1, 0}, {COUNT, 3}, {COUNT + 3, 0xff}};
    struct all got;
    encode();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t before = out.data[rows[i].at];
        assert_true(decode(buffer_view(&out), &got));
        out.data[rows[i].at] = rows[i].value;
        assert_false(decode(buffer_view(&out), &got));
        out.data[rows[i].at] = before;
    }
}

static void nothing_is_read_behind_what_failed(void **state)
{
    (void)state;
    struct all got;
    encode();
    out.data[FLAG] = 2;
    assert_false(decode(buffer_view(&out), &got));
    assert_int_equal(got.kind, 2);
    assert_false(got.flag);
    assert_int_equal(got.small, 0);
    assert_int_equal(got.large, 0);
    assert_int_equal(got.bytes.len, 0);
    assert_string_equal(got.text, "");
    assert_int_equal(got.count, 0);
}

/* More elements than could stand in what is left are not made room for. */
static void counts_are_checked_before_there_is_room_for_them(void **state)
{
    (void)state;
    struct item *items = NULL;
    size_t count = 0;
    buffer_u32(&out, UINT32_MAX);
    buffer_u64(&out, 0);
    struct codec codec = codec_decoder(buffer_view(&out), &arena);
    codec_array(&codec, &items, &count, 1, SIZE_MAX / 16);
    assert_true(codec.failed);
    assert_int_equal(count, 0);
    assert_false(codec_done(&codec));
}

static void requirements_are_for_decoding(void **state)
{
    (void)state;
    struct codec encoder = codec_encoder(&out);
    codec_require(&encoder, false);
    assert_false(encoder.failed);
    struct codec decoder = codec_decoder(bytes_from(NULL, 0), &arena);
    codec_require(&decoder, true);
    assert_true(codec_done(&decoder));
    codec_require(&decoder, false);
    assert_false(codec_done(&decoder));
    codec_require(&decoder, true);
    assert_false(codec_done(&decoder));
}

static void put_error(uint8_t code, const char *message, const char *cure)
{
    struct codec codec = codec_encoder(&out);
    buffer_clear(&out);
    codec_byte(&codec, &code, UINT8_MAX);
    codec_text(&codec, &message);
    codec_text(&codec, &cure);
}

static bool take_error(struct error *ret)
{
    struct codec codec = codec_decoder(buffer_view(&out), &arena);
    *ret = (struct error){0};
    codec_error(&codec, ret);
    return codec_done(&codec);
}

static void errors_keep_code_message_and_cure(void **state)
{
    (void)state;
    struct error error = {0};
    struct error got;
    (void)!error_set(&error, ERROR_LIMIT, "too large");
    error_cure(&error, "make it smaller");
    struct codec codec = codec_encoder(&out);
    codec_error(&codec, &error);
    assert_true(take_error(&got));
    assert_int_equal(got.code, ERROR_LIMIT);
    assert_string_equal(got.message, "too large");
    assert_string_equal(got.cure, "make it smaller");
    put_error(ERROR_IO, "plain", "");
    assert_true(take_error(&got));
    assert_string_equal(got.cure, "");
}

static void errors_that_are_none_fail(void **state)
{
    (void)state;
    struct error got;
    put_error(ERROR_NONE, "nothing", "");
    assert_false(take_error(&got));
    put_error(ERROR_INTERNAL + 1, "unknown", "");
    assert_false(take_error(&got));
}

static void errors_are_escaped(void **state)
{
    (void)state;
    struct error got;
    put_error(ERROR_IO, "red \x1b[31m", "type\r\nthis");
    assert_true(take_error(&got));
    assert_null(strchr(got.message, '\x1b'));
    assert_null(strchr(got.cure, '\r'));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(all_comes_back_as_it_was, make, drop),
    cmocka_unit_test_setup_teardown(what_was_decoded_encodes_to_the_same, make, drop),
    cmocka_unit_test_setup_teardown(cut_bytes_fail_at_each_place, make, drop),
    cmocka_unit_test_setup_teardown(a_byte_too_many_fails, make, drop),
    cmocka_unit_test_setup_teardown(fields_beyond_their_range_fail, make, drop),
    cmocka_unit_test_setup_teardown(nothing_is_read_behind_what_failed, make, drop),
    cmocka_unit_test_setup_teardown(counts_are_checked_before_there_is_room_for_them, make, drop),
    cmocka_unit_test_setup_teardown(requirements_are_for_decoding, make, drop),
    cmocka_unit_test_setup_teardown(errors_keep_code_message_and_cure, make, drop),
    cmocka_unit_test_setup_teardown(errors_that_are_none_fail, make, drop),
    cmocka_unit_test_setup_teardown(errors_are_escaped, make, drop),
};

UNIT_MAIN(tests)
