// SPDX-License-Identifier: Apache-2.0
/* pclntab of all layouts, pointer sizes and byte orders; cut, spoiled and forged. */
#include <time.h>

#include "base/encode.h"
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/image/pclntab.h"

static const char *const files[] = {"runtime/proc.go", "example.com/a/main.go", "runtime/cgo/a.s"};
static const struct made_function functions[] = {
    {"runtime.main", 0, 147},
    {"runtime.goexit", MADE_NO_FILE, 1},
    {"main.main", 1, 7},
};

static struct arena arena;
static struct buffer content;
static struct image image;
static struct pclntab table;
static struct error err;

static int make(void **state)
{
    (void)state;
    buffer_init(&content, 64U << 20);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&content);
    arena_free(&arena);
    return 0;
}

static void build(enum pclntab_layout layout, enum byte_order order, unsigned width)
{
    const struct made_table wanted = {
        layout, order, width, files, ARRAY_LEN(files), functions, ARRAY_LEN(functions)};
    buffer_clear(&content);
    made_pclntab(&content, &wanted);
    assert_true(buffer_ok(&content));
}

/* The file must outlive what is read of it. */
static bool opens(const struct made *made)
{
    struct source source = made_source(made);
    return image_open(&source, &arena, &image, &err) && pclntab_open(&image, &arena, &table, &err);
}

static void check_functions(void)
{
    struct pclntab_function function;
    uint64_t index;
    assert_int_equal(table.function_count, ARRAY_LEN(functions));
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        const struct made_function *wanted = &functions[i];
        assert_true(pclntab_function(&table, i, &function, &err));
        assert_bytes(function.name, bytes_from_string(wanted->name));
        assert_bytes(function.file,
                     bytes_from_string(wanted->file == MADE_NO_FILE ? "" : files[wanted->file]));
        assert_int_equal(function.line, wanted->line);
        assert_int_equal(function.entry, MADE_TEXT + i * MADE_FUNCTION_LEN);
        assert_int_equal(function.end, function.entry + MADE_FUNCTION_LEN);
        assert_true(pclntab_find(&table, function.end - 1, &index));
        assert_int_equal(index, i);
    }
    assert_false(pclntab_find(&table, MADE_TEXT - 1, &index));
    assert_false(pclntab_find(&table, function.end, &index));
    assert_fails(pclntab_function(&table, ARRAY_LEN(functions), &function, &err), &err,
                 ERROR_ABSENT, "function 3 of 3");
}

static void check_files(void)
{
    struct pclntab_cursor cursor = {0};
    struct bytes file;
    bool done = false;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        assert_true(pclntab_next_file(&table, &cursor, &done, &file, &err));
        assert_false(done);
        assert_bytes(file, bytes_from_string(files[i]));
    }
    assert_true(pclntab_next_file(&table, &cursor, &done, &file, &err));
    assert_true(done);
}

static void reads_all_layouts_sizes_and_orders(void **state)
{
    (void)state;
    static const char *const names[] = {"1.2", "1.16", "1.18", "1.20"};
    for (unsigned layout = 0; layout < 4; layout++) {
        for (unsigned way = 0; way < 4; way++) {
            unsigned width = (way & 1) != 0 ? 8 : 4;
            enum byte_order order = (way & 2) != 0 ? BIG_ENDIAN_ORDER : LITTLE_ENDIAN_ORDER;
            build((enum pclntab_layout)layout, order, width);
            struct made made = made_elf(order, width, buffer_view(&content));
            assert_true(opens(&made));
            assert_string_equal(pclntab_layout_name(table.layout), names[layout]);
            check_functions();
            check_files();
            made_free(&made);
        }
    }
}

static void finds_it_in_a_section_of_its_own(void **state)
{
    (void)state;
    build(PCLNTAB_1_20, LITTLE_ENDIAN_ORDER, 8);
    const struct made_program program = {.version = "go1.23.5", .pclntab = buffer_view(&content)};
    struct made made = made_go_elf(&program);
    assert_true(opens(&made));
    assert_true(pclntab_has_section(&image));
    assert_int_equal(table.offset, MADE_PCLNTAB);
    check_functions();
    made_free(&made);
}

/* Behind other data, with places before it that begin like a header and are none. */
static void finds_it_by_its_header_among_forgeries(void **state)
{
    (void)state;
    build(PCLNTAB_1_20, LITTLE_ENDIAN_ORDER, 8);
    struct buffer data;
    buffer_init(&data, 1U << 20);
    for (int i = 0; i < 5000; i++) {
        buffer_append(&data, i % 10 == 0 ? BYTES("\xf1\xff\xff\xff\0\0\1\x08")
                                         : BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"));
    }
    buffer_append(&data, buffer_view(&content));
    struct made files_made[] = {made_pe(8, buffer_view(&data)), made_wasm(buffer_view(&data)),
                                made_macho(LITTLE_ENDIAN_ORDER, 8, buffer_view(&data))};
    for (size_t i = 0; i < ARRAY_LEN(files_made); i++) {
        assert_true(opens(&files_made[i]));
        assert_false(pclntab_has_section(&image));
        check_functions();
        check_files();
        made_free(&files_made[i]);
    }
    buffer_free(&data);
}

/* Go's wasm linker leaves runs of zeros out: the table lies in several data segments, which since
 * 1.26 are not in the order of their addresses. */
static void reads_a_table_in_pieces(void **state)
{
    (void)state;
    build(PCLNTAB_1_20, LITTLE_ENDIAN_ORDER, 8);
    struct made made = made_wasm(buffer_view(&content));
    struct source source = made_source(&made);
    struct image whole;
    assert_true(image_open(&source, &arena, &whole, &err));
    assert_int_equal(whole.segment_count, 1);
    struct image_segment first = whole.segments[0];
    struct image_segment pieces[2] = {first, first};
    /* The bytes from 12 to 16 are the upper half of the first count: zeros. */
    pieces[1].size = 12;
    pieces[0].address += 16;
    pieces[0].offset += 16;
    pieces[0].size -= 16;
    memset(made.data + made.content + 12, 0xaa, 4);
    whole.segments = pieces;
    whole.segment_count = 2;
    assert_true(pclntab_open(&whole, &arena, &table, &err));
    check_functions();
    pieces[0].address -= 8;
    assert_fails(pclntab_open(&whole, &arena, &table, &err), &err, ERROR_ABSENT, "overlap");
    made_free(&made);
}

static void a_file_without_one_has_none(void **state)
{
    (void)state;
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("nothing of the kind in here"));
    assert_fails(opens(&made), &err, ERROR_ABSENT, "no pclntab");
    made_free(&made);
}

/* All that can be asked of a damaged table; answers may be wrong, but come from the file. */
static void ask_everything(void)
{
    struct pclntab_function function;
    struct pclntab_cursor cursor = {0};
    struct bytes file;
    uint64_t index;
    bool done = false;
    for (uint64_t i = 0; i < 4; i++) {
        (void)!pclntab_function(&table, i, &function, &err);
    }
    while (!done && pclntab_next_file(&table, &cursor, &done, &file, &err)) {
    }
    (void)!pclntab_find(&table, MADE_TEXT + 1, &index);
}

static void survives_every_cut(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 4; layout++) {
        build((enum pclntab_layout)layout, LITTLE_ENDIAN_ORDER, 8);
        size_t opened = 0;
        for (size_t len = 0; len < content.len; len++) {
            struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, bytes_from(content.data, len));
            if (opens(&made)) {
                opened++;
                ask_everything();
            }
            made_free(&made);
            arena_free(&arena);
        }
        /* Without its end it can still be opened, but not without its head. */
        assert_true(opened < content.len - 64);
    }
}

static void survives_every_byte_changed(void **state)
{
    (void)state;
    static const uint8_t changes[] = {0xff, 0x80, 0x01};
    for (unsigned layout = 0; layout < 4; layout++) {
        build((enum pclntab_layout)layout, LITTLE_ENDIAN_ORDER, 8);
        struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
        for (size_t at = 0; at < content.len * ARRAY_LEN(changes); at++) {
            uint8_t *byte = &made.data[made.content + at / ARRAY_LEN(changes)];
            uint8_t change = changes[at % ARRAY_LEN(changes)];
            *byte ^= change;
            if (opens(&made)) {
                ask_everything();
            }
            *byte ^= change;
            arena_free(&arena);
        }
        made_free(&made);
    }
}

static void rejects_a_header_that_lies(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        uint64_t value;
        enum error_code code;
        const char *part;
    } rows[] = {
        {4, 1, ERROR_FORMAT, "unknown layout"},
        {0, 0xfffffff2, ERROR_FORMAT, "unknown layout"},
        {8, 0, ERROR_FORMAT, "no functions"},
        {8, 1U << 20, ERROR_FORMAT, "reach beyond"},
        {8, UINT64_MAX, ERROR_LIMIT, "functions"},
        {16, 1ULL << 40, ERROR_LIMIT, "files"},
        {32, UINT64_MAX, ERROR_FORMAT, "out of order"},
        {32, 8, ERROR_FORMAT, "out of order"},
        {64, 1ULL << 63, ERROR_FORMAT, "out of order"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        build(PCLNTAB_1_20, LITTLE_ENDIAN_ORDER, 8);
        const struct made_program program = {.version = "go1.23.5",
                                             .pclntab = buffer_view(&content)};
        struct made made = made_go_elf(&program);
        made_put(&made, MADE_PCLNTAB + rows[i].offset, rows[i].offset < 8 ? 4 : 8, rows[i].value);
        assert_fails(opens(&made), &err, rows[i].code, rows[i].part);
        made_free(&made);
    }
}

/* A megabyte of headers, each plausible up to its end, must not take quadratic time. */
static void gives_up_on_many_forged_headers(void **state)
{
    (void)state;
    struct timespec start;
    struct timespec end;
    for (size_t i = 0; i < (4U << 20) / 8; i++) {
        buffer_append(&content, BYTES("\xf1\xff\xff\xff\0\0\1\x08"));
    }
    struct made made = made_pe(8, buffer_view(&content));
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_fails(opens(&made), &err, ERROR_ABSENT, "no pclntab");
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - start.tv_sec < 3);
    made_free(&made);
}

/* The program in the base64 file at PATH. */
static struct bytes load_base64(const char *path)
{
    struct bytes text = file_load(path);
    uint8_t *kept = malloc(text.len);
    size_t len = 0;
    assert_non_null(kept);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '\n') {
            kept[len++] = text.data[i];
        }
    }
    uint8_t *decoded = malloc(len);
    assert_non_null(decoded);
    assert_true(decode_base64(bytes_from(kept, len), BASE64_STANDARD, decoded, len, &len));
    free(kept);
    free((void *)(uintptr_t)text.data);
    return bytes_from(decoded, len);
}

/* The layout of 1.16 as Go itself wrote it: the program go117 of Go's own tests. */
static void reads_a_table_that_go_wrote(void **state)
{
    (void)state;
    char path[512];
    if (!corpus_find("go-debug-buildinfo/buildinfo/go117/go117.base64", path, sizeof(path))) {
        skip();
    }
    struct bytes bytes = load_base64(path);
    struct source source = source_from_bytes(bytes);
    struct pclntab_function function = {0};
    assert_true(image_open(&source, &arena, &image, &err));
    assert_true(pclntab_open(&image, &arena, &table, &err));
    assert_string_equal(pclntab_layout_name(table.layout), "1.16");
    bool found = false;
    for (uint64_t i = table.function_count; i > 0 && !found; i--) {
        assert_true(pclntab_function(&table, i - 1, &function, &err));
        found = bytes_equal_string(function.name, "main.main");
    }
    assert_true(found);
    assert_true(function.file.len > 0 && function.line > 0 && function.end > function.entry);
    free((void *)(uintptr_t)bytes.data);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(reads_all_layouts_sizes_and_orders),
    CASE(finds_it_in_a_section_of_its_own),
    CASE(finds_it_by_its_header_among_forgeries),
    CASE(reads_a_table_in_pieces),
    CASE(a_file_without_one_has_none),
    CASE(survives_every_cut),
    CASE(survives_every_byte_changed),
    CASE(rejects_a_header_that_lies),
    CASE(gives_up_on_many_forged_headers),
    CASE(reads_a_table_that_go_wrote),
};

UNIT_MAIN(tests)
