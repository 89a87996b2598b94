// SPDX-License-Identifier: Apache-2.0
/* Tables of embedded files: all that a compiler writes is read, and what fits in all but one thing
 * is none. */
#include "base/buffer.h"
#include "base/limits.h"
#include "tests/unit/image/embedded_maker.h"
#include "tests/unit/unit.h"
#include "verifier/embedded_record.h"

#define BASE EMBEDDED_BASE
#define HEADER EMBEDDED_HEADER
#define WIDTH EMBEDDED_WIDTH

static struct arena arena;
static struct error err;
static struct embedded_maker made;
static struct embedded_tables tables;

static int make(void **state)
{
    (void)state;
    embedded_make(&made);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void put(size_t at, uint64_t value)
{
    embedded_put(&made, at, value);
}

static size_t entry_at(size_t index)
{
    return embedded_entry_at(&made, index);
}

static void put_entry(size_t index, const char *name, struct bytes content, enum embedded_kind kind)
{
    embedded_put_entry(&made, index, name, content, kind);
}

static void put_header(size_t count)
{
    embedded_put_header(&made, count);
}

/* A table with all that there may be: directories, an empty file, long and short ones. */
static void put_table(enum embedded_kind small, enum embedded_kind large)
{
    static uint8_t many[3000];
    memset(many, 'x', sizeof(many));
    put_header(5);
    put_entry(0, "static/", bytes_from(NULL, 0), small);
    put_entry(1, "static/a.txt", bytes_from_string("hello"), small);
    put_entry(2, "static/b", bytes_from(NULL, 0), small);
    put_entry(3, "static/sub/", bytes_from(NULL, 0), small);
    put_entry(4, "static/sub/c", bytes_from(many, sizeof(many)), large);
}

static size_t count_tables(void)
{
    assert_true(embedded_read(&made.image, &arena, &tables, &err));
    return tables.count;
}

static void reads_what_compilers_of_all_times_write(void **state)
{
    static const enum embedded_kind kinds[][2] = {
        {PLAIN, PLAIN}, {TURNED, TURNED}, {FLIPPED, PREFIXED}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        make(state);
        put_table(kinds[i][0], kinds[i][1]);
        assert_int_equal(count_tables(), 1);
        const struct embedded_table *table = &tables.items[0];
        assert_int_equal(table->address, BASE + HEADER);
        assert_string_equal(table->variable, "");
        assert_int_equal(table->count, 3);
        assert_string_equal(table->files[0].name, "static/a.txt");
        assert_int_equal(table->files[0].size, 5);
        assert_int_equal(table->files[0].piece_count, 1);
        assert_memory_equal(made.bytes + table->files[0].pieces[0].offset, "hello", 5);
        assert_int_equal(table->files[0].hash_offset, entry_at(1) + 4 * WIDTH);
        assert_string_equal(table->files[1].name, "static/b");
        assert_int_equal(table->files[1].size, 0);
        assert_string_equal(table->files[2].name, "static/sub/c");
        assert_int_equal(table->files[2].size, 3000);
    }
}

static void refuses_a_content_that_its_hash_does_not_fit(void **state)
{
    (void)state;
    put_table(FLIPPED, PREFIXED);
    assert_int_equal(count_tables(), 1);
    for (size_t i = 0; i < EMBEDDED_HASH_LEN; i++) {
        made.bytes[entry_at(1) + 4 * WIDTH + i] ^= 0x20;
        assert_int_equal(count_tables(), 0);
        made.bytes[entry_at(1) + 4 * WIDTH + i] ^= 0x20;
    }
    put(entry_at(4) + 3 * WIDTH, 2999);
    assert_int_equal(count_tables(), 0);
    put(entry_at(4) + 3 * WIDTH, 3000);
    assert_int_equal(count_tables(), 1);
}

static void refuses_a_header_that_is_none(void **state)
{
    (void)state;
    put_table(PLAIN, PLAIN);
    put(HEADER, BASE + HEADER + 3 * WIDTH + 8);
    assert_int_equal(count_tables(), 0);
    put_header(0);
    assert_int_equal(count_tables(), 0);
    put_header(6);
    assert_int_equal(count_tables(), 0);
    put_header(LIMIT_EMBEDDED_FILES + 1);
    assert_int_equal(count_tables(), 0);
    put_header(UINT64_MAX);
    assert_int_equal(count_tables(), 0);
    put_header(5);
    put(HEADER + 2 * WIDTH, 6);
    assert_int_equal(count_tables(), 0);
}

static void refuses_names_that_lead_elsewhere(void **state)
{
    static const char *const names[] = {"../x", "/etc/passwd", "a/../b", "a//b", ".",     "..",
                                        "a/..", "a\nb",        "a\\b",   "./a",  "a/./b", "//"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        make(state);
        put_header(1);
        put_entry(0, "plain.txt", bytes_from_string("x"), PLAIN);
        assert_int_equal(count_tables(), 1);
        put_entry(0, names[i], bytes_from_string("x"), PLAIN);
        assert_int_equal(count_tables(), 0);
    }
    make(state);
    put_header(1);
    put_entry(0, "plain.txt", bytes_from_string("x"), PLAIN);
    made.bytes[EMBEDDED_TEXTS + 2] = '\0'; /* in the name */
    assert_int_equal(count_tables(), 0);
}

static void refuses_names_out_of_order(void **state)
{
    (void)state;
    put_header(2);
    put_entry(0, "b.txt", bytes_from_string("x"), PLAIN);
    put_entry(1, "a.txt", bytes_from_string("x"), PLAIN);
    assert_int_equal(count_tables(), 0);
    put_entry(1, "b.txt", bytes_from_string("x"), PLAIN);
    assert_int_equal(count_tables(), 0);
    put_entry(1, "c.txt", bytes_from_string("x"), PLAIN);
    assert_int_equal(count_tables(), 1);
}

/* Directory first, then name: "z" comes before "a/b". */
static void sorts_as_the_compiler_does(void **state)
{
    (void)state;
    put_header(3);
    put_entry(0, "a/", bytes_from(NULL, 0), PLAIN);
    put_entry(1, "z", bytes_from_string("x"), PLAIN);
    put_entry(2, "a/b", bytes_from_string("x"), PLAIN);
    assert_int_equal(count_tables(), 1);
    assert_int_equal(tables.items[0].count, 2);
}

static void refuses_a_directory_with_content(void **state)
{
    (void)state;
    put_table(PLAIN, PLAIN);
    put(entry_at(0) + 3 * WIDTH, 1);
    assert_int_equal(count_tables(), 0);
    put(entry_at(0) + 3 * WIDTH, 0);
    made.bytes[entry_at(0) + 4 * WIDTH] = 1;
    assert_int_equal(count_tables(), 0);
}

static void refuses_what_lies_outside_of_the_file(void **state)
{
    (void)state;
    put_table(PLAIN, PLAIN);
    put(entry_at(1) + 2 * WIDTH, BASE + sizeof(made.bytes) - 2);
    assert_int_equal(count_tables(), 0);
    put(entry_at(1) + 2 * WIDTH, UINT64_MAX - 2);
    assert_int_equal(count_tables(), 0);
    put(entry_at(1) + 3 * WIDTH, UINT64_MAX);
    assert_int_equal(count_tables(), 0);
    put(entry_at(1), UINT64_MAX);
    assert_int_equal(count_tables(), 0);
}

/* The same content in many entries: each time it would be hashed. */
static void does_not_hash_forever(void **state)
{
    (void)state;
    const size_t content = 48 * MIB;
    uint8_t *data = calloc(1, LIMIT_EMBEDDED_FREE);
    assert_non_null(data);
    struct sha256 digest = sha256_of(bytes_from(data + sizeof(made.bytes), content));
    put_header(10);
    for (size_t i = 0; i < 10; i++) {
        char name[8];
        snprintf(name, sizeof(name), "f%zu", i);
        put_entry(i, name, bytes_from(NULL, 0), PLAIN);
        put(entry_at(i) + 2 * WIDTH, BASE + sizeof(made.bytes));
        put(entry_at(i) + 3 * WIDTH, content);
        memcpy(made.bytes + entry_at(i) + 4 * WIDTH, digest.bytes, EMBEDDED_HASH_LEN);
    }
    memcpy(data, made.bytes, sizeof(made.bytes));
    made.image.source = source_from_bytes(bytes_from(data, LIMIT_EMBEDDED_FREE));
    made.segment.size = made.segment.memory_size = LIMIT_EMBEDDED_FREE;
    assert_false(embedded_read(&made.image, &arena, &tables, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    /* Three of them are no more than a program may have. */
    data[HEADER + WIDTH] = data[HEADER + 2 * WIDTH] = 3;
    assert_true(embedded_read(&made.image, &arena, &tables, &err));
    assert_int_equal(tables.count, 1);
    free(data);
}

/* Go leaves zeros out of wasm, also within contents. */
static void puts_zeros_back_that_wasm_leaves_out(void **state)
{
    (void)state;
    static uint8_t holes[4000];
    memset(holes, 0, sizeof(holes));
    memcpy(holes, "begin", 5);
    memcpy(holes + 3995, "end..", 5);
    put_header(1);
    put_entry(0, "f", bytes_from(holes, sizeof(holes)), FLIPPED);
    embedded_put_hash(&made, entry_at(0) + 4 * WIDTH, bytes_from(holes, sizeof(holes)), PREFIXED);
    size_t content = made.len - sizeof(holes) - 1;
    struct image_segment parts[] = {made.segment, made.segment};
    parts[0].size = content + 5;
    parts[1].address = BASE + content + 3995;
    parts[1].offset = content + 3995;
    parts[1].size = 100;
    made.image.segments = parts;
    made.image.segment_count = 2;
    assert_int_equal(count_tables(), 0); /* no other format has such holes */
    made.image.format = IMAGE_WASM;
    assert_int_equal(count_tables(), 1);
    const struct embedded_file *file = &tables.items[0].files[0];
    assert_int_equal(file->piece_count, 2);
    assert_int_equal(file->pieces[0].size, 5);
    assert_int_equal(file->pieces[1].at, 3995);
    assert_int_equal(file->pieces[1].size, 5);
}

static struct buffer record_of(struct embedded_record *record)
{
    struct buffer out;
    buffer_init(&out, 1U << 20);
    embedded_record_encode(record, &out);
    return out;
}

static void a_record_comes_back_as_it_was(void **state)
{
    (void)state;
    struct embedded_record got;
    put_table(TURNED, TURNED);
    assert_int_equal(count_tables(), 1);
    struct embedded_record record = {.ok = true, .tables = tables};
    struct buffer out = record_of(&record);
    assert_true(embedded_record_decode(buffer_view(&out), sizeof(made.bytes), &arena, &got, &err));
    assert_true(got.ok);
    assert_int_equal(got.tables.count, 1);
    assert_int_equal(got.tables.items[0].count, 3);
    assert_string_equal(got.tables.items[0].files[2].name, "static/sub/c");
    assert_true(
        sha256_equal(&got.tables.items[0].files[2].sha256, &tables.items[0].files[2].sha256));
    for (size_t cut = 0; cut < out.len; cut++) {
        assert_false(embedded_record_decode(bytes_first(buffer_view(&out), cut), sizeof(made.bytes),
                                            &arena, &got, &err));
    }
    buffer_byte(&out, 0);
    assert_false(embedded_record_decode(buffer_view(&out), sizeof(made.bytes), &arena, &got, &err));
    buffer_free(&out);
}

/* Whoever has taken the process over could say anything. */
static void a_record_cannot_point_outside(void **state)
{
    (void)state;
    struct embedded_record got;
    put_table(TURNED, TURNED);
    assert_int_equal(count_tables(), 1);
    struct embedded_record record = {.ok = true, .tables = tables};
    struct embedded_file *file = &tables.items[0].files[0];
    const struct embedded_file good = *file;
    const struct embedded_piece piece = file->pieces[0];
    struct embedded_file bad[3] = {good, good, good};
    struct embedded_piece pieces[3] = {piece, piece, piece};
    bad[0].name = "../../etc/passwd";
    pieces[1].offset = sizeof(made.bytes) - 1;
    pieces[2].at = 1;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        bad[i].pieces = &pieces[i];
        *file = bad[i];
        struct buffer out = record_of(&record);
        assert_false(
            embedded_record_decode(buffer_view(&out), sizeof(made.bytes), &arena, &got, &err));
        buffer_free(&out);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(reads_what_compilers_of_all_times_write, make, drop),
    cmocka_unit_test_setup_teardown(refuses_a_content_that_its_hash_does_not_fit, make, drop),
    cmocka_unit_test_setup_teardown(refuses_a_header_that_is_none, make, drop),
    cmocka_unit_test_setup_teardown(refuses_names_that_lead_elsewhere, make, drop),
    cmocka_unit_test_setup_teardown(refuses_names_out_of_order, make, drop),
    cmocka_unit_test_setup_teardown(sorts_as_the_compiler_does, make, drop),
    cmocka_unit_test_setup_teardown(refuses_a_directory_with_content, make, drop),
    cmocka_unit_test_setup_teardown(refuses_what_lies_outside_of_the_file, make, drop),
    cmocka_unit_test_setup_teardown(does_not_hash_forever, make, drop),
    cmocka_unit_test_setup_teardown(puts_zeros_back_that_wasm_leaves_out, make, drop),
    cmocka_unit_test_setup_teardown(a_record_comes_back_as_it_was, make, drop),
    cmocka_unit_test_setup_teardown(a_record_cannot_point_outside, make, drop),
};

UNIT_MAIN(tests)
