// SPDX-License-Identifier: Apache-2.0
/* Functions of two programs side by side, and tables of functions that lie. */
#include "base/limits.h"
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/compare/functions.h"

#define LEN (3 * MIB)
/* The table is in front of the code. */
#define CODE 0x20000U
/* In the table: the offset of its list of functions, and the size of a record in that. */
#define FUNCTIONS_FIELD (8 + 7 * 8)
#define ENTRY_LEN 8U
#define RECORD_LEN 36U

struct program {
    uint8_t *bytes; /* LEN of them, heap */
    size_t count;   /* of functions */
    size_t table;   /* its length */
    struct image_section sections[2];
    struct image_segment segment;
    struct image image;
};

static struct program programs[2];
static struct arena arena;
static struct error err;
static struct diff diff;

static int make(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        programs[i] = (struct program){.bytes = calloc(1, LEN)};
        assert_non_null(programs[i].bytes);
    }
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        free(programs[i].bytes);
    }
    arena_free(&arena);
    return 0;
}

static void init_image(struct program *program)
{
    program->sections[0] = (struct image_section){
        .name = ".gopclntab", .segment = "", .address = MADE_ADDRESS, .size = program->table};
    program->sections[1] = (struct image_section){.name = ".text",
                                                  .segment = "",
                                                  .address = MADE_TEXT,
                                                  .offset = CODE,
                                                  .size = LEN - CODE,
                                                  .executable = true};
    program->segment = (struct image_segment){.name = "",
                                              .address = MADE_TEXT,
                                              .offset = CODE,
                                              .size = LEN - CODE,
                                              .memory_size = LEN - CODE};
    program->image = (struct image){.source = source_from_bytes(bytes_from(program->bytes, LEN)),
                                    .pointer_size = 8,
                                    .goarch = "amd64",
                                    .goos = "linux",
                                    .sections = program->sections,
                                    .section_count = 2,
                                    .segments = &program->segment,
                                    .segment_count = 1};
}

/* NAMES up to NULL; the code of each is its name's last letter again and again. */
static void fill(size_t side, const char *const *names)
{
    static const char *const files[] = {"main.go"};
    struct program *program = &programs[side];
    struct made_function functions[16];
    struct buffer table;
    program->count = 0;
    for (size_t i = 0; names[i] != NULL; i++) {
        functions[i] = (struct made_function){names[i], 0, (uint32_t)(10 * (i + 1))};
        memset(program->bytes + CODE + i * MADE_FUNCTION_LEN, names[i][strlen(names[i]) - 1],
               MADE_FUNCTION_LEN);
        program->count++;
    }
    buffer_init(&table, CODE);
    made_pclntab(&table, &(struct made_table){.layout = PCLNTAB_1_20,
                                              .order = LITTLE_ENDIAN_ORDER,
                                              .width = 8,
                                              .files = files,
                                              .file_count = 1,
                                              .functions = functions,
                                              .function_count = program->count});
    assert_true(buffer_ok(&table));
    memcpy(program->bytes, table.data, table.len);
    program->table = table.len;
    buffer_free(&table);
    init_image(program);
}

#define FILL(side, ...) fill(side, (const char *const[]){__VA_ARGS__, NULL})

static void put(struct program *program, size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        program->bytes[at + i] = (uint8_t)(value >> i * 8);
    }
}

/* Where the list of functions is. */
static size_t functions_of(const struct program *program)
{
    const uint8_t *field = program->bytes + FUNCTIONS_FIELD;
    return field[0] | (size_t)field[1] << 8 | (size_t)field[2] << 16;
}

/* Says that function INDEX begins at OFFSET of the code; INDEX may be their number. */
static void move_function(struct program *program, size_t index, uint32_t offset)
{
    put(program, functions_of(program) + index * ENTRY_LEN, offset);
}

static uint8_t *code_of(size_t side, size_t index)
{
    return programs[side].bytes + CODE + index * MADE_FUNCTION_LEN;
}

static void compare(void)
{
    diff = (struct diff){0};
    assert_true(functions_compare(&programs[0].image, &programs[1].image, &arena, &diff, &err));
}

/* Both ways round, a table that lies is none; nothing else is said of functions then. */
static void assert_not_compared(void)
{
    for (size_t swapped = 0; swapped < 2; swapped++) {
        diff = (struct diff){0};
        assert_true(functions_compare(&programs[swapped].image, &programs[1 - swapped].image,
                                      &arena, &diff, &err));
        assert_string_equal(diff.functions_how, "");
        assert_int_equal(diff.changed.total + diff.added.total + diff.removed_functions.total, 0);
        assert_int_equal(diff.functions_equal + diff.functions_shifted, 0);
    }
}

static void equal_programs_have_equal_functions(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b", "main.c");
    FILL(1, "main.a", "main.b", "main.c");
    compare();
    assert_string_equal(diff.functions_how, "byte for byte");
    assert_int_equal(diff.functions_a, 3);
    assert_int_equal(diff.functions_equal, 3);
    assert_int_equal(diff.changed.total + diff.moved.total, 0);
}

static void names_the_function_that_was_patched(void **state)
{
    (void)state;
    for (size_t at = 0; at < MADE_FUNCTION_LEN; at++) {
        FILL(0, "main.a", "main.b", "main.c");
        FILL(1, "main.a", "main.b", "main.c");
        code_of(at % 2, 1)[at] ^= 1;
        compare();
        assert_int_equal(diff.functions_equal, 2);
        assert_int_equal(diff.changed.total, 1);
        assert_string_equal(diff.changed.items[0].name, "main.b");
        assert_string_equal(diff.changed.items[0].file, "main.go");
        assert_int_equal(diff.changed.items[0].line, 20);
        assert_int_equal(diff.changed.items[0].address_a, MADE_TEXT + MADE_FUNCTION_LEN);
    }
}

static void a_function_more_blames_no_other(void **state)
{
    (void)state;
    for (size_t side = 0; side < 2; side++) {
        FILL(side, "main.a", "main.c");
        FILL(1 - side, "main.a", "main.b", "main.c");
        compare();
        const struct diff_functions *more = side == 0 ? &diff.added : &diff.removed_functions;
        const struct diff_functions *none = side == 0 ? &diff.removed_functions : &diff.added;
        assert_int_equal(more->total, 1);
        assert_string_equal(more->items[0].name, "main.b");
        assert_int_equal(none->total + diff.changed.total + diff.moved.total, 0);
        assert_int_equal(diff.functions_equal, 1);
        assert_int_equal(diff.functions_shifted, 1);
    }
}

static void another_name_is_another_function(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b");
    FILL(1, "main.a", "main.xb");
    compare();
    assert_int_equal(diff.removed_functions.total, 1);
    assert_int_equal(diff.added.total, 1);
    assert_string_equal(diff.removed_functions.items[0].name, "main.b");
    assert_string_equal(diff.added.items[0].name, "main.xb");
}

static void tells_the_one_that_moved(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b", "main.c", "main.d");
    FILL(1, "main.b", "main.c", "main.d", "main.a");
    compare();
    assert_int_equal(diff.moved.total, 1);
    assert_string_equal(diff.moved.items[0].name, "main.a");
    assert_int_equal(diff.changed.total, 0);
}

/* Wrappers may have the name of what they wrap. */
static void equal_names_are_matched_in_their_order(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.a", "main.b");
    FILL(1, "main.a", "main.a", "main.b");
    code_of(1, 1)[3] ^= 1;
    compare();
    assert_int_equal(diff.changed.total, 1);
    assert_int_equal(diff.changed.items[0].address_a, MADE_TEXT + MADE_FUNCTION_LEN);
    assert_int_equal(diff.functions_equal, 2);
}

static void the_build_id_is_no_code(void **state)
{
    (void)state;
    FILL(0, "go:buildid", "main.a");
    FILL(1, "go:buildid", "main.a");
    code_of(1, 0)[3] ^= 1;
    compare();
    assert_int_equal(diff.changed.total, 0);
    /* Elsewhere that is a name as any other. */
    FILL(0, "main.a", "go:buildid");
    FILL(1, "main.a", "go:buildid");
    code_of(1, 1)[3] ^= 1;
    compare();
    assert_int_equal(diff.changed.total, 1);
}

/* Addresses are looked at in the first part of a long function; bytes are compared in all of it. */
static void long_functions_are_compared_to_their_end(void **state)
{
    (void)state;
    const size_t long_len = LIMIT_DIFF_CODE + LIMIT_DIFF_CODE / 2;
    const size_t places[] = {0, LIMIT_DIFF_CODE - 1, LIMIT_DIFF_CODE, long_len - 1};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        for (size_t side = 0; side < 2; side++) {
            FILL(side, "main.a", "main.b");
            move_function(&programs[side], 2, (uint32_t)(MADE_FUNCTION_LEN + long_len));
        }
        compare();
        assert_int_equal(diff.functions_equal, 2);
        code_of(1, 1)[places[i]] ^= 1;
        compare();
        assert_int_equal(diff.changed.total, 1);
        assert_string_equal(diff.changed.items[0].name, "main.b");
        code_of(1, 1)[places[i]] ^= 1;
    }
}

static void long_functions_of_other_sizes_differ(void **state)
{
    (void)state;
    for (size_t side = 0; side < 2; side++) {
        FILL(side, "main.a", "main.b");
        move_function(&programs[side], 2,
                      (uint32_t)(MADE_FUNCTION_LEN + LIMIT_DIFF_CODE + 100 + side));
    }
    compare();
    assert_int_equal(diff.changed.total, 1);
    assert_string_equal(diff.changed.items[0].name, "main.b");
}

static void refuses_more_code_than_the_file_has(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b");
    FILL(1, "main.a", "main.b");
    move_function(&programs[0], 2, LEN + 1);
    assert_not_compared();
    move_function(&programs[0], 2, UINT32_MAX);
    assert_not_compared();
}

static void refuses_functions_out_of_order(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b", "main.c");
    FILL(1, "main.a", "main.b", "main.c");
    move_function(&programs[0], 1, 2 * MADE_FUNCTION_LEN + 1);
    assert_not_compared();
    move_function(&programs[0], 1, UINT32_MAX);
    assert_not_compared();
}

static void refuses_counts_that_lie(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0, 1000, LIMIT_DIFF_FUNCTIONS + 1, UINT32_MAX};
    FILL(1, "main.a", "main.b");
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        FILL(0, "main.a", "main.b");
        put(&programs[0], 8, counts[i]);
        assert_not_compared();
        put(&programs[0], 8, 2);
        put(&programs[0], 12, 1); /* the upper half */
        assert_not_compared();
    }
}

static void refuses_a_table_that_is_cut(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b");
    FILL(1, "main.a", "main.b");
    for (size_t len = 0; len <= functions_of(&programs[0]) + 2 * ENTRY_LEN; len++) {
        programs[0].sections[0].size = len;
        assert_not_compared();
    }
}

/* All functions have one long name: each would be read and hashed again. */
static void refuses_names_that_are_read_for_ever(void **state)
{
    (void)state;
    static char name[16001];
    memset(name, 'n', sizeof(name) - 1);
    for (size_t side = 0; side < 2; side++) {
        FILL(side, name, "main.a", "main.b", "main.c", "main.d", "main.e");
    }
    compare();
    assert_int_equal(diff.functions_equal, 6);
    struct program *program = &programs[0];
    size_t records = functions_of(program) + (program->count * 2 + 1) * 4;
    for (size_t i = 1; i < program->count; i++) {
        put(program, records + i * RECORD_LEN + 4, 0);
    }
    assert_not_compared();
}

static void names_that_lead_nowhere_are_refused(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b");
    FILL(1, "main.a", "main.b");
    size_t records = functions_of(&programs[0]) + (size_t)5 * 4;
    put(&programs[0], records + RECORD_LEN + 4, UINT32_MAX);
    assert_not_compared();
}

static void code_that_is_not_in_the_file_is_left_out(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b");
    FILL(1, "main.a", "main.b");
    programs[0].segment.size = MADE_FUNCTION_LEN;
    compare();
    assert_int_equal(diff.functions_equal, 1);
    assert_int_equal(diff.changed.total, 0);
}

/* Sections elsewhere: what differs may be an address. */
static void looks_addresses_up_where_sections_shifted(void **state)
{
    (void)state;
    FILL(0, "main.a", "main.b");
    FILL(1, "main.a", "main.b");
    programs[1].sections[0].address += 16;
    compare();
    assert_string_equal(diff.functions_how, "addresses that shifted were looked up");
    programs[0].image.goarch = programs[1].image.goarch = "riscv64";
    compare();
    assert_non_null(strstr(diff.functions_how, "they are not known"));
    assert_int_equal(diff.functions_equal, 2);
    code_of(0, 1)[1] ^= 1;
    compare();
    assert_int_equal(diff.changed.total, 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(equal_programs_have_equal_functions, make, drop),
    cmocka_unit_test_setup_teardown(names_the_function_that_was_patched, make, drop),
    cmocka_unit_test_setup_teardown(a_function_more_blames_no_other, make, drop),
    cmocka_unit_test_setup_teardown(another_name_is_another_function, make, drop),
    cmocka_unit_test_setup_teardown(tells_the_one_that_moved, make, drop),
    cmocka_unit_test_setup_teardown(equal_names_are_matched_in_their_order, make, drop),
    cmocka_unit_test_setup_teardown(the_build_id_is_no_code, make, drop),
    cmocka_unit_test_setup_teardown(long_functions_are_compared_to_their_end, make, drop),
    cmocka_unit_test_setup_teardown(long_functions_of_other_sizes_differ, make, drop),
    cmocka_unit_test_setup_teardown(refuses_more_code_than_the_file_has, make, drop),
    cmocka_unit_test_setup_teardown(refuses_functions_out_of_order, make, drop),
    cmocka_unit_test_setup_teardown(refuses_counts_that_lie, make, drop),
    cmocka_unit_test_setup_teardown(refuses_a_table_that_is_cut, make, drop),
    cmocka_unit_test_setup_teardown(refuses_names_that_are_read_for_ever, make, drop),
    cmocka_unit_test_setup_teardown(names_that_lead_nowhere_are_refused, make, drop),
    cmocka_unit_test_setup_teardown(code_that_is_not_in_the_file_is_left_out, make, drop),
    cmocka_unit_test_setup_teardown(looks_addresses_up_where_sections_shifted, make, drop),
};

UNIT_MAIN(tests)
