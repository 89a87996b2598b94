// SPDX-License-Identifier: Apache-2.0
/* Code signatures: the Go linker's own made anew, those of others told apart, damage survived. */
#include "base/digest.h"
#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/image/codesign.h"

/* The load commands of the made image (see test_image_macho.c). */
#define SEGMENT 32U
#define SIGNATURE (SEGMENT + 72 + 80 + 24)
#define HEADER_LEN 114U /* 20 of the super blob, 88 of the code directory, "a.out" */
#define PAGE 4096U

static struct made made;
static struct arena arena;
static struct image image;
static struct code_signature signature;
static struct error err;
static size_t code_len;

static void put_big(size_t *place, unsigned width, uint64_t value)
{
    for (unsigned i = width; i > 0; i--) {
        made.data[(*place)++] = (uint8_t)(value >> (8 * (i - 1)));
    }
}

/* Gives MADE a signature of LEN zero bytes. */
static void make_room(size_t len)
{
    uint8_t *larger = calloc(1, code_len + len);
    assert_non_null(larger);
    memcpy(larger, made.data, code_len);
    free(made.data);
    made.data = larger;
    made.len = code_len + len;
    made_put(&made, SIGNATURE + 12, 4, len);
}

/* As cmd/internal/codesign writes it, field by field. */
static void sign_like_go(void)
{
    uint32_t pages = (uint32_t)((code_len + PAGE - 1) / PAGE);
    uint32_t len = HEADER_LEN + pages * SHA256_LEN;
    make_room(len);
    size_t place = code_len;
    const uint32_t head[] = {0xfade0cc0, len,     1,      0,  20, 0xfade0c02, len - 20,
                             0x20400,    0x20002, 88 + 6, 88, 0,  pages,      (uint32_t)code_len};
    for (size_t i = 0; i < ARRAY_LEN(head); i++) {
        put_big(&place, 4, head[i]);
    }
    put_big(&place, 4, 32U << 24 | 2U << 16 | 12);
    for (int i = 0; i < 4; i++) {
        put_big(&place, 4, 0);
    }
    put_big(&place, 8, 0);
    put_big(&place, 8, 0x400);            /* __TEXT's offset in the file */
    put_big(&place, 8, code_len - 0x400); /* and size */
    put_big(&place, 8, 1);
    memcpy(made.data + place, "a.out", 6);
    place += 6;
    for (size_t at = 0; at < code_len; at += PAGE) {
        size_t page = code_len - at < PAGE ? code_len - at : PAGE;
        struct sha256 sum = sha256_of(bytes_from(made.data + at, page));
        memcpy(made.data + place, sum.bytes, SHA256_LEN);
        place += SHA256_LEN;
    }
    assert_int_equal(place, made.len);
}

static int make_sized(size_t len)
{
    struct buffer content;
    buffer_init(&content, 1U << 20);
    for (size_t i = 0; i < len; i++) {
        buffer_byte(&content, (uint8_t)(i * 7 + i / 256));
    }
    made = made_macho(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    buffer_free(&content);
    code_len = made.len - 32;
    memcpy(made.data + SEGMENT + 8, "__TEXT", 6);
    return 0;
}

static int make(void **state)
{
    (void)state;
    return make_sized(3 * PAGE + 5);
}

static int drop(void **state)
{
    (void)state;
    made_free(&made);
    arena_free(&arena);
    return 0;
}

static bool reads(void)
{
    struct source source = made_source(&made);
    return image_open(&source, &arena, &image, &err) &&
           code_signature_read(&image, &signature, &err);
}

static const char *kind(void)
{
    assert_true(reads());
    return code_signature_name(signature.kind);
}

static void knows_the_go_linkers_own(void **state)
{
    (void)state;
    sign_like_go();
    assert_string_equal(kind(), "ad-hoc");
    assert_int_equal(signature.offset, code_len);
    assert_int_equal(signature.size, made.len - code_len);
}

/* Hashes are compared some pages at a time: none, one and many of these, with and without rest. */
static void knows_it_at_every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,
                                   PAGE - 0x400,
                                   PAGE - 0x400 + 1,
                                   31 * PAGE,
                                   32 * PAGE - 0x400,
                                   32 * PAGE - 0x400 + 1,
                                   64 * PAGE - 0x400,
                                   70 * PAGE};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        made_free(&made);
        make_sized(sizes[i]);
        sign_like_go();
        assert_string_equal(kind(), "ad-hoc");
        made.data[made.len - 1] ^= 1;
        assert_string_equal(kind(), "ad-hoc-other");
    }
}

static void every_byte_of_it_counts(void **state)
{
    (void)state;
    sign_like_go();
    for (size_t at = code_len; at < made.len; at++) {
        made.data[at] ^= 0x40;
        assert_string_equal(kind(), "ad-hoc-other");
        made.data[at] ^= 0x40;
    }
    assert_string_equal(kind(), "ad-hoc");
}

static void code_changed_under_it_is_noticed(void **state)
{
    (void)state;
    sign_like_go();
    for (size_t at = 0x400; at < code_len; at += 511) {
        made.data[at] ^= 0x40;
        assert_string_equal(kind(), "ad-hoc-other");
        made.data[at] ^= 0x40;
    }
}

static void another_length_is_another_signer(void **state)
{
    (void)state;
    sign_like_go();
    made_put(&made, SIGNATURE + 12, 4, made.len - code_len - 1);
    made.len--;
    assert_string_equal(kind(), "ad-hoc-other");
}

static void a_signed_message_is_an_identity(void **state)
{
    (void)state;
    make_room(64);
    size_t place = code_len;
    const uint32_t words[] = {0xfade0cc0, 64, 2, 0, 0, 0x10000, 40};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        put_big(&place, 4, words[i]);
    }
    place = code_len + 40;
    put_big(&place, 4, 0xfade0b01);
    put_big(&place, 4, 24);
    assert_string_equal(kind(), "identity");
    /* An empty message is what ad-hoc signers put there. */
    made.data[code_len + 47] = 8;
    assert_string_equal(kind(), "ad-hoc-other");
    made.data[code_len + 47] = 24;
    made.data[code_len + 43] = 2; /* another kind of blob */
    assert_string_equal(kind(), "ad-hoc-other");
    made.data[code_len + 43] = 1;
    made.data[code_len + 27] = 0xff; /* beyond the signature */
    made.data[code_len + 24] = 0xff;
    assert_string_equal(kind(), "ad-hoc-other");
}

static void four_billion_blobs_are_not_looked_at(void **state)
{
    (void)state;
    make_room(64);
    size_t place = code_len;
    put_big(&place, 4, 0xfade0cc0);
    put_big(&place, 4, 64);
    put_big(&place, 4, UINT32_MAX);
    assert_string_equal(kind(), "ad-hoc-other");
}

static void survives_every_cut(void **state)
{
    (void)state;
    sign_like_go();
    size_t whole = made.len;
    for (size_t len = 0; len < whole; len += len < 0x400 ? 1 : 97) {
        made.len = len;
        if (reads()) {
            assert_int_not_equal(signature.kind, CODE_SIGNATURE_AD_HOC);
        }
        arena_free(&arena);
    }
    made.len = whole;
}

static void a_pe_with_a_certificate_table_is_authenticode(void **state)
{
    (void)state;
    made_free(&made);
    made = made_pe(8, BYTES("0123456789abcdef"));
    assert_string_equal(kind(), "none");
    size_t entry = 0x84 + 20 + 112 + 4 * 8;
    made_put(&made, entry, 4, 0x400);
    made_put(&made, entry + 4, 4, 16);
    assert_string_equal(kind(), "authenticode");
    assert_int_equal(signature.offset, 0x400);
    assert_int_equal(signature.size, 16);
}

static void elf_has_none(void **state)
{
    (void)state;
    made_free(&made);
    made = made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef"));
    assert_string_equal(kind(), "none");
    assert_int_equal(signature.size, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(knows_the_go_linkers_own),
    CASE(knows_it_at_every_size),
    CASE(every_byte_of_it_counts),
    CASE(code_changed_under_it_is_noticed),
    CASE(another_length_is_another_signer),
    CASE(a_signed_message_is_an_identity),
    CASE(four_billion_blobs_are_not_looked_at),
    CASE(survives_every_cut),
    CASE(a_pe_with_a_certificate_table_is_authenticode),
    CASE(elf_has_none),
};

UNIT_MAIN(tests)
