// SPDX-License-Identifier: Apache-2.0
/* The build ID in notes and texts, and part 4 recomputed, against the simplest way to do it. */
#include <elf.h>

#include "base/encode.h"
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/buildinfo/build_id.h"
#include "verifier/buildinfo/linker_hash.h"

#define ID                                                                                         \
    "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/"                                                   \
    "cccccccccccccccccccc/dddddddddddddddddddd"
/* As in linker_hash.c: what is read at once. */
#define PIECE 131072U

static struct arena arena;
static struct image image;
static struct error err;

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static bool opens(const struct made *made)
{
    struct source source = made_source(made);
    return image_open(&source, &arena, &image, &err);
}

static const char *id_of(const struct made *made)
{
    const char *id;
    assert_true(opens(made));
    assert_true(build_id_read(&image, &arena, &id, &err));
    return id;
}

static enum linker_hash hash_of(const struct made *made, const char *go_version)
{
    enum linker_hash hash;
    enum linker_hash alone;
    struct sha256 sha256;
    const char *id = id_of(made);
    assert_true(linker_hash_compute(&image, id, go_version, &hash, &sha256, &err));
    struct sha256 whole = sha256_of(bytes_from(made->data, made->len));
    assert_true(sha256_equal(&sha256, &whole));
    assert_true(linker_hash_compute(&image, id, go_version, &alone, NULL, &err));
    assert_int_equal(alone, hash);
    return hash;
}

static void splits_four_parts(void **state)
{
    (void)state;
    struct bytes parts[BUILD_ID_PARTS];
    assert_true(build_id_split(ID, parts));
    assert_bytes(parts[0], bytes_from_string("aaaaaaaaaaaaaaaaaaaa"));
    assert_bytes(parts[3], bytes_from_string("dddddddddddddddddddd"));
}

static void refuses_other_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "redacted",
        "0123456789012345678901234567890123456789",
        ID "d",
        "aaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccc/ddddddddddddddddddddd",
        "aaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccc/dddddddddddddddddddd",
        "aaaaaaaaaaaaaaaaaaa+/bbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccc/dddddddddddddddddddd",
        "aaaaaaaaaaaaaaaaaaa=/bbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccc/dddddddddddddddddddd",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct bytes parts[BUILD_ID_PARTS];
        assert_false(build_id_split(texts[i], parts));
    }
}

static void reads_the_note(void **state)
{
    (void)state;
    const struct made_program program = {.build_id = ID, .host_id = true};
    struct made made = made_go_elf(&program);
    assert_string_equal(id_of(&made), ID);
    assert_true(host_build_id_present(&image));
    made_free(&made);
}

static void a_note_of_others_is_no_build_id(void **state)
{
    (void)state;
    const struct made_program program = {.build_id = ID};
    for (int way = 0; way < 5; way++) {
        struct made made = made_go_elf(&program);
        switch (way) {
        case 0:
            made_put(&made, MADE_NOTE + 12, 1, 'X'); /* the name */
            break;
        case 1:
            made_put(&made, MADE_NOTE + 8, 4, 3); /* the type */
            break;
        case 2:
            made_put(&made, MADE_NOTE, 4, 5); /* the name's length */
            break;
        case 3:
            made_put(&made, MADE_NOTE + 4, 4, UINT32_MAX); /* a value past the end */
            break;
        default:
            made_put(&made, 64 + 56, 4, PT_LOAD); /* no note segment */
            break;
        }
        assert_string_equal(id_of(&made), "");
        made_free(&made);
    }
}

/* Behind a note of somebody else, in one segment: the way to it is by that one's lengths. */
static void walks_over_other_notes(void **state)
{
    (void)state;
    struct buffer id;
    buffer_init(&id, 4096);
    const struct made_program program = {.build_id = "0123456789ab" /* replaced below */};
    struct made made = made_go_elf(&program);
    static const uint8_t notes[] = "\4\0\0\0\5\0\0\0\3\0\0\0GNU\0hello\0\0\0"
                                   "\4\0\0\0\3\0\0\0\4\0\0\0Go\0\0abc";
    memcpy(made.data + MADE_NOTE, notes, sizeof(notes));
    made_put(&made, 64 + 56 + 32, 8, sizeof(notes) - 1);
    assert_string_equal(id_of(&made), "abc");
    /* An alignment of 8 puts the second note elsewhere: 4 bytes further. */
    memmove(made.data + MADE_NOTE + 32, made.data + MADE_NOTE + 24, 19);
    made_put(&made, 64 + 56 + 32, 8, 51);
    made_put(&made, 64 + 56 + 48, 8, 16);
    assert_string_equal(id_of(&made), "abc");
    made_free(&made);
    buffer_free(&id);
}

static void a_chain_of_notes_ends(void **state)
{
    (void)state;
    struct buffer notes;
    buffer_init(&notes, 64U << 20);
    const struct made_program program = {.build_id = ID};
    struct made made = made_go_elf(&program);
    /* Lengths that lead nowhere: an alignment as large as can be, and notes of no length. */
    made_put(&made, 64 + 56 + 48, 8, UINT64_MAX);
    assert_string_equal(id_of(&made), "");
    made_put(&made, 64 + 56 + 48, 8, 0);
    memset(made.data + MADE_NOTE, 0, 0x100);
    made_put(&made, 64 + 56 + 32, 8, INT64_MAX);
    assert_string_equal(id_of(&made), "");
    made_free(&made);
    buffer_free(&notes);
}

static void reads_the_text_of_other_formats(void **state)
{
    (void)state;
    struct made files[] = {
        made_pe(8, BYTES("\xff Go build ID: \"" ID "\"\n \xff")),
        made_macho(LITTLE_ENDIAN_ORDER, 8, BYTES("\xff Go build ID: \"" ID "\"\n \xff")),
        made_xcoff(8, BYTES("\xff Go build ID: \"" ID "\"\n \xff")),
        made_wasm(BYTES("\xff Go build ID: \"" ID "\"\n \xff")),
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        assert_string_equal(id_of(&files[i]), ID);
        made_free(&files[i]);
    }
    struct made cut = made_pe(8, BYTES("\xff Go build ID: \"" ID "\"\n "));
    assert_string_equal(id_of(&cut), "");
    made_free(&cut);
}

static void text_beyond_what_go_looks_at_is_none(void **state)
{
    (void)state;
    struct buffer content;
    buffer_init(&content, 1U << 20);
    for (size_t i = 0; i < 32768; i++) {
        buffer_byte(&content, 'x');
    }
    buffer_append(&content, BYTES("\xff Go build ID: \"" ID "\"\n \xff"));
    struct made made = made_pe(8, buffer_view(&content));
    assert_string_equal(id_of(&made), "");
    made_free(&made);
    buffer_free(&content);
}

static void matches_an_intact_file(void **state)
{
    (void)state;
    const struct made_program program = {.build_id = ID, .host_id = true};
    for (int since_124 = 0; since_124 < 2; since_124++) {
        struct made made = made_go_elf(&program);
        made_seal(&made, ID, since_124 == 1);
        assert_int_equal(hash_of(&made, since_124 == 1 ? "go1.24.1" : "go1.23.5"),
                         LINKER_HASH_MATCH);
        /* The rule of the other versions does not hold; of unknown ones either may. */
        assert_int_equal(hash_of(&made, since_124 == 1 ? "go1.23.12" : "go1.27.3"),
                         LINKER_HASH_MISMATCH);
        assert_int_equal(hash_of(&made, "devel go1.26-abcdef"), LINKER_HASH_MATCH);
        assert_int_equal(hash_of(&made, ""), LINKER_HASH_MATCH);
        made_free(&made);
    }
}

static void notices_every_flipped_byte(void **state)
{
    (void)state;
    const struct made_program program = {.build_id = ID, .host_id = true};
    struct made made = made_go_elf(&program);
    made_seal(&made, ID, true);
    for (size_t at = 0x300; at < made.table; at++) {
        made.data[at] ^= 0x10;
        /* The names of the sections may be beyond reading now. */
        if (opens(&made)) {
            assert_int_equal(hash_of(&made, "go1.25.1"), LINKER_HASH_MISMATCH);
        }
        made.data[at] ^= 0x10;
    }
    /* The host's own ID is written after the hash was taken. */
    made.data[MADE_HOST_ID] ^= 0x10;
    assert_int_equal(hash_of(&made, "go1.25.1"), LINKER_HASH_MATCH);
    made.data[MADE_HOST_ID - 1] ^= 0x10;
    assert_int_equal(hash_of(&made, "go1.25.1"), LINKER_HASH_MISMATCH);
    made_free(&made);
}

static void notices_each_part_of_the_id_changed(void **state)
{
    (void)state;
    const struct made_program program = {.build_id = ID};
    struct made made = made_go_elf(&program);
    made_seal(&made, ID, false);
    /* A changed part 4 contradicts the file. Parts 1 to 3 are blanked wherever they stand together
     * with the rest, so a consistent change of them is not seen, by Go's design. */
    made_put(&made, MADE_NOTE_ID + BUILD_ID_LEN - 1, 1, '_');
    assert_int_equal(hash_of(&made, "go1.23.5"), LINKER_HASH_MISMATCH);
    made_free(&made);
}

static void a_text_of_another_form_gives_no_hash(void **state)
{
    (void)state;
    const struct made_program program = {.build_id = "redacted"};
    struct made made = made_go_elf(&program);
    assert_int_equal(hash_of(&made, "go1.23.5"), LINKER_HASH_NONE);
    made_free(&made);
}

/* The plain text of a file with the ID at each of the places given. */
static struct made large_file(const size_t *places, size_t count)
{
    struct made made = {.len = 3 * PIECE + 17, .order = LITTLE_ENDIAN_ORDER, .width = 8};
    made.data = malloc(made.len);
    assert_non_null(made.data);
    for (size_t i = 0; i < made.len; i++) {
        made.data[i] = (uint8_t)(i * 31 + i / 256);
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(made.data + places[i], ID, BUILD_ID_LEN);
    }
    return made;
}

static enum linker_hash hash_of_large(struct made *made)
{
    char id[BUILD_ID_LEN + 1] = "";
    struct image plain = {.format = IMAGE_UNKNOWN, .source = made_source(made)};
    enum linker_hash hash;
    made_seal(made, ID, false);
    memcpy(id, made->data + 100, BUILD_ID_LEN);
    assert_true(linker_hash_compute(&plain, id, "go1.20", &hash, NULL, &err));
    return hash;
}

static void blanks_ids_across_the_pieces_it_reads(void **state)
{
    (void)state;
    for (size_t back = 0; back <= BUILD_ID_LEN + 1; back++) {
        const size_t places[] = {100, PIECE - back, 2 * PIECE - back,
                                 3 * PIECE + 17 - BUILD_ID_LEN - (back > 60 ? 0 : 40)};
        struct made made = large_file(places, back > 60 ? 3 : 3);
        assert_int_equal(hash_of_large(&made), LINKER_HASH_MATCH);
        made.data[PIECE + BUILD_ID_LEN + 7] ^= 1;
        char id[BUILD_ID_LEN + 1] = "";
        struct image plain = {.format = IMAGE_UNKNOWN, .source = made_source(&made)};
        enum linker_hash hash;
        memcpy(id, made.data + 100, BUILD_ID_LEN);
        assert_true(linker_hash_compute(&plain, id, "go1.20", &hash, NULL, &err));
        assert_int_equal(hash, LINKER_HASH_MISMATCH);
        made_free(&made);
    }
}

static void blanks_ids_one_behind_the_other_and_at_the_end(void **state)
{
    (void)state;
    const size_t places[] = {
        100,   100 + BUILD_ID_LEN,           PIECE - 2 * BUILD_ID_LEN, PIECE - BUILD_ID_LEN,
        PIECE, 3 * PIECE + 17 - BUILD_ID_LEN};
    struct made made = large_file(places, ARRAY_LEN(places));
    assert_int_equal(hash_of_large(&made), LINKER_HASH_MATCH);
    made_free(&made);
}

/* An appended byte, a removed one: the whole file counts. */
static void notices_other_lengths(void **state)
{
    (void)state;
    const size_t places[] = {100};
    struct made made = large_file(places, 1);
    assert_int_equal(hash_of_large(&made), LINKER_HASH_MATCH);
    char id[BUILD_ID_LEN + 1] = "";
    struct image plain = {.format = IMAGE_UNKNOWN};
    enum linker_hash hash;
    memcpy(id, made.data + 100, BUILD_ID_LEN);
    plain.source = source_from_bytes(bytes_from(made.data, made.len - 1));
    assert_true(linker_hash_compute(&plain, id, "go1.20", &hash, NULL, &err));
    assert_int_equal(hash, LINKER_HASH_MISMATCH);
    made_free(&made);
}

static void tells_the_rule_by_version(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        enum host_id_rule rule;
    } rows[] = {
        {"go1.16.3", HOST_ID_KEPT},      {"go1.23.12", HOST_ID_KEPT},
        {"go1.24", HOST_ID_BLANKED},     {"go1.24rc1", HOST_ID_BLANKED},
        {"go1.27.3", HOST_ID_BLANKED},   {"go1.25.7 (Red Hat 1.25.7-1)", HOST_ID_BLANKED},
        {"devel +abc", HOST_ID_UNKNOWN}, {"", HOST_ID_UNKNOWN},
        {"go1.", HOST_ID_UNKNOWN},       {"go2.1", HOST_ID_UNKNOWN},
        {"go1.x", HOST_ID_UNKNOWN},      {"go1.99999999999999999999", HOST_ID_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(linker_hash_rule(rows[i].version), rows[i].rule);
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, drop)

static const struct CMUnitTest tests[] = {
    CASE(splits_four_parts),
    CASE(refuses_other_texts),
    CASE(reads_the_note),
    CASE(a_note_of_others_is_no_build_id),
    CASE(walks_over_other_notes),
    CASE(a_chain_of_notes_ends),
    CASE(reads_the_text_of_other_formats),
    CASE(text_beyond_what_go_looks_at_is_none),
    CASE(matches_an_intact_file),
    CASE(notices_every_flipped_byte),
    CASE(notices_each_part_of_the_id_changed),
    CASE(a_text_of_another_form_gives_no_hash),
    CASE(blanks_ids_across_the_pieces_it_reads),
    CASE(blanks_ids_one_behind_the_other_and_at_the_end),
    CASE(notices_other_lengths),
    CASE(tells_the_rule_by_version),
};

UNIT_MAIN(tests)
