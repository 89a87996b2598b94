// SPDX-License-Identifier: Apache-2.0
/* Texts that differ in two programs: values of -X with and without symbols, and texts in the data.
 */
#include <elf.h>

#include "base/limits.h"
#include "tests/unit/unit.h"
#include "verifier/compare/parts.h"
#include "verifier/compare/strings.h"
#include "verifier/compare/x_values.h"
#include "verifier/image/image_elf.h"

#define LEN 0x20000U
#define BASE 0x400000U
#define DATA 0x1000U
#define DATA_LEN 0x1000U
#define TEXTS 0x4000U
#define TEXTS_LEN 0x4000U
#define SYMBOLS 0x8000U
#define NAMES 0x18000U
#define SLOT_LEN 16U

enum { DATA_SECTION, TEXT_SECTION, SYMBOL_SECTION, NAME_SECTION, SECTIONS };

/* One program: headers of strings in the data, their texts behind, symbols if there are any. */
struct program {
    uint8_t bytes[LEN];
    size_t slots, texts, symbols, names;
    struct image_section sections[SECTIONS];
    struct image_segment segment;
    struct elf_section headers[SECTIONS];
    struct elf_detail detail;
    struct image image;
};

static struct program programs[2];
static struct arena arena;
static struct error err;
static struct diff diff;

static struct image_section section(const char *name, uint64_t offset, uint64_t size, bool writable)
{
    return (struct image_section){.name = name,
                                  .segment = "",
                                  .address = BASE + offset,
                                  .offset = offset,
                                  .size = size,
                                  .writable = writable};
}

static void start(struct program *program)
{
    memset(program, 0, sizeof(*program));
    program->sections[DATA_SECTION] = section(".data", DATA, DATA_LEN, true);
    program->sections[TEXT_SECTION] = section(".rodata", TEXTS, TEXTS_LEN, false);
    program->sections[SYMBOL_SECTION] = section(".symtab", SYMBOLS, 0, false);
    program->sections[NAME_SECTION] = section(".strtab", NAMES, LEN - NAMES, false);
    program->headers[SYMBOL_SECTION] =
        (struct elf_section){.type = SHT_SYMTAB, .link = NAME_SECTION};
    program->detail = (struct elf_detail){.sections = program->headers};
    program->segment =
        (struct image_segment){.name = "", .address = BASE, .size = LEN, .memory_size = LEN};
    program->names = 1;
    program->image = (struct image){.source = source_from_bytes(bytes_from(program->bytes, LEN)),
                                    .pointer_size = 8,
                                    .goarch = "amd64",
                                    .goos = "linux",
                                    .sections = program->sections,
                                    .section_count = SYMBOL_SECTION,
                                    .segments = &program->segment,
                                    .segment_count = 1,
                                    .detail = &program->detail};
}

static int make(void **state)
{
    (void)state;
    start(&programs[0]);
    start(&programs[1]);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void put(struct program *program, size_t at, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++) {
        program->bytes[at + i] = (uint8_t)(value >> i * 8);
    }
}

/* A string variable with this text, and END behind the text; yields the text's offset. */
static size_t put_string(struct program *program, const char *text, char end)
{
    size_t at = TEXTS + program->texts;
    memcpy(program->bytes + at, text, strlen(text));
    program->bytes[at + strlen(text)] = (uint8_t)end;
    program->texts += strlen(text) + 2;
    put(program, DATA + program->slots * SLOT_LEN, 8, BASE + at);
    put(program, DATA + program->slots * SLOT_LEN + 8, 8, strlen(text));
    program->slots++;
    return at;
}

/* The same in a program with symbols. */
static void put_named(struct program *program, const char *name, const char *text)
{
    size_t at = put_string(program, text, '\0');
    size_t place = SYMBOLS + program->symbols++ * sizeof(Elf64_Sym);
    put(program, place, 4, program->names);
    program->bytes[place + 4] = STT_OBJECT;
    put(program, place + 6, 2, 1);
    put(program, place + 8, 8, BASE + at);
    memcpy(program->bytes + NAMES + program->names, name, strlen(name));
    memcpy(program->bytes + NAMES + program->names + strlen(name), ".str", 4);
    program->names += strlen(name) + 5;
    program->sections[SYMBOL_SECTION].size = program->symbols * sizeof(Elf64_Sym);
    program->image.section_count = SECTIONS;
    program->image.format = IMAGE_ELF;
}

/* The number of texts that differ, with values of -X first. */
static size_t compare(void)
{
    struct part_list lists[2];
    diff = (struct diff){0};
    for (size_t i = 0; i < 2; i++) {
        struct image plain = programs[i].image;
        plain.format = IMAGE_UNKNOWN; /* its headers are no parts here */
        assert_true(parts_read(&plain, &arena, &lists[i], &err));
    }
    assert_true(parts_compare(&programs[0].image.source, &lists[0], &programs[1].image.source,
                              &lists[1], &arena, &diff, &err));
    strings_compare(&programs[0].image, &programs[1].image, &arena, &diff);
    return diff.string_count;
}

static void assert_string(size_t index, const char *kind, const char *name, const char *a,
                          const char *b)
{
    assert_in_range(index, 0, diff.string_count - 1);
    const struct diff_string *string = &diff.strings[index];
    assert_string_equal(string->kind, kind);
    assert_string_equal(string->name, name);
    assert_string_equal(string->a, a == NULL ? "" : a);
    assert_string_equal(string->b, b == NULL ? "" : b);
    assert_int_equal(string->has_a, a != NULL);
    assert_int_equal(string->has_b, b != NULL);
}

static void equal_programs_have_no_texts_to_tell(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        put_string(&programs[i], "1.0.0", '\0');
    }
    assert_int_equal(compare(), 0);
}

static void tells_a_value_without_its_name(void **state)
{
    (void)state;
    put_string(&programs[0], "1.0.0", '\0');
    put_string(&programs[1], "2.0.0", '\0');
    assert_int_equal(compare(), 1);
    assert_string(0, "x-value", "", "1.0.0", "2.0.0");
}

/* A variable that -X did not set has a text of the source, which ends without a NUL. */
static void tells_the_text_that_a_value_replaced(void **state)
{
    (void)state;
    for (size_t with = 0; with < 2; with++) {
        make(state);
        put_string(&programs[with], "1.0.0", '\0');
        put_string(&programs[1 - with], "unset", 'x');
        assert_true(compare() >= 1);
        assert_string(0, "x-value", "", with == 0 ? "1.0.0" : "unset",
                      with == 0 ? "unset" : "1.0.0");
    }
}

/* Nothing is mapped behind that text. */
static void reads_a_text_at_the_end_of_what_is_mapped(void **state)
{
    (void)state;
    struct program *program = &programs[0];
    size_t at = put_string(program, "unset", 'x');
    program->segment.size = program->segment.memory_size = at + strlen("unset");
    assert_string_equal(x_value_at(&program->image, 0, &arena), "unset");
    program->segment.size--;
    assert_null(x_value_at(&program->image, 0, &arena));
}

static void reads_no_header_beyond_the_data(void **state)
{
    (void)state;
    struct program *program = &programs[0];
    put_string(program, "text", 'x');
    memcpy(program->bytes + DATA + DATA_LEN - 8, program->bytes + DATA, SLOT_LEN);
    assert_string_equal(x_value_at(&program->image, 0, &arena), "text");
    assert_null(x_value_at(&program->image, DATA_LEN - 8, &arena));
    assert_null(x_value_at(&program->image, DATA_LEN, &arena));
    assert_null(x_value_at(&program->image, UINT64_MAX - 4, &arena));
}

static size_t count_values(struct program *program)
{
    struct x_value *values;
    size_t count;
    bool named;
    assert_true(x_values_read(&program->image, &arena, &values, &count, &named));
    return count;
}

static void headers_that_lie_are_no_values(void **state)
{
    (void)state;
    struct program *program = &programs[0];
    put_string(program, "1.0.0", '\0');
    assert_int_equal(count_values(program), 1);
    static const uint64_t lengths[] = {0, 4, 6, LIMIT_DIFF_TEXT + 1, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        put(program, DATA + 8, 8, lengths[i]);
        assert_int_equal(count_values(program), 0);
    }
    put(program, DATA + 8, 8, 5);
    static const uint64_t places[] = {0, BASE - 1, BASE + DATA, BASE + LEN, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        put(program, DATA, 8, places[i]);
        assert_int_equal(count_values(program), 0);
    }
    put(program, DATA, 8, BASE + TEXTS);
    assert_int_equal(count_values(program), 1);
}

static void what_is_written_to_or_no_text_is_no_value(void **state)
{
    (void)state;
    struct program *program = &programs[0];
    put_string(program, "1.0.0", '\0');
    program->sections[TEXT_SECTION].writable = true;
    assert_int_equal(count_values(program), 0);
    program->sections[TEXT_SECTION].writable = false;
    program->sections[TEXT_SECTION].executable = true;
    assert_int_equal(count_values(program), 0);
    program->sections[TEXT_SECTION].executable = false;
    assert_int_equal(count_values(program), 1);
    static const uint8_t bad[] = {'\x1b', '\x7f', 0x80, 0xff, 0};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        program->bytes[TEXTS + 2] = bad[i];
        assert_int_equal(count_values(program), 0);
    }
}

/* More headers than are kept: the data is full of them. */
static void values_without_names_are_bounded(void **state)
{
    (void)state;
    struct program *program = &programs[0];
    put_string(program, "text", '\0');
    program->sections[DATA_SECTION].size = LEN - DATA;
    for (size_t at = DATA; at + SLOT_LEN <= LEN; at += SLOT_LEN) {
        if (at < TEXTS || at >= TEXTS + TEXTS_LEN) {
            put(program, at, 8, BASE + TEXTS);
            put(program, at + 8, 8, 4);
        }
    }
    program->sections[TEXT_SECTION] = program->sections[DATA_SECTION];
    program->sections[DATA_SECTION] = section(".rodata", TEXTS, TEXTS_LEN, false);
    assert_int_equal(count_values(program), 1024);
}

static void tells_the_names_of_values(void **state)
{
    (void)state;
    put_named(&programs[0], "main.version", "1.0.0");
    put_named(&programs[0], "main.date", "today");
    put_named(&programs[0], "main.only", "here");
    /* In another order, and with one of the linker's own. */
    put_named(&programs[1], "main.date", "today");
    put_named(&programs[1], "runtime.modinfo", "whatever");
    put_named(&programs[1], "main.version", "2.0.0");
    assert_true(compare() >= 2);
    assert_string(0, "x-value", "main.only", "here", NULL);
    assert_string(1, "x-value", "main.version", "1.0.0", "2.0.0");
}

/* Side by side with another kind of list nothing can be said. */
static void names_are_not_compared_with_slots(void **state)
{
    (void)state;
    put_named(&programs[0], "main.version", "1.0.0");
    put_string(&programs[1], "2.0.0", '\0');
    compare();
    for (size_t i = 0; i < diff.string_count; i++) {
        assert_string_equal(diff.strings[i].kind, "string");
    }
}

/* Too many on one side: those of the other are not "only there". */
static void too_many_names_are_not_compared_at_all(void **state)
{
    (void)state;
    put_named(&programs[0], "main.version", "1.0.0");
    for (size_t i = 0; i < 1025; i++) {
        char name[16];
        snprintf(name, sizeof(name), "m.v%zu", i);
        programs[1].slots = programs[1].texts = 0;
        put_named(&programs[1], name, "1.0.0");
    }
    compare();
    for (size_t i = 0; i < diff.string_count; i++) {
        assert_string_equal(diff.strings[i].kind, "string");
    }
}

static void symbols_that_lead_nowhere_have_no_value(void **state)
{
    (void)state;
    struct program *program = &programs[0];
    put_named(program, "main.version", "1.0.0");
    assert_int_equal(count_values(program), 1);
    put(program, SYMBOLS + 8, 8, BASE + LEN);
    assert_int_equal(count_values(program), 0);
    put(program, SYMBOLS + 8, 8, UINT64_MAX);
    assert_int_equal(count_values(program), 0);
    put(program, SYMBOLS + 8, 8, BASE + TEXTS);
    memset(program->bytes + TEXTS, 'x', LEN - TEXTS); /* no NUL far and wide, and other names */
    (void)count_values(program);
}

static void tells_texts_around_a_difference(void **state)
{
    (void)state;
    static const char *const texts[] = {"built at 10:20 here", "built at 11:20 here"};
    for (size_t i = 0; i < 2; i++) {
        memcpy(programs[i].bytes + TEXTS + 100, texts[i], strlen(texts[i]));
    }
    assert_int_equal(compare(), 1);
    assert_string(0, "string", "", texts[0], texts[1]);
    assert_string_equal(diff.strings[0].part, ".rodata");
}

static void tells_texts_at_the_edges_of_a_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        memcpy(programs[i].bytes + TEXTS, i == 0 ? "first" : "First", 5);
        memcpy(programs[i].bytes + TEXTS + TEXTS_LEN - 4, i == 0 ? "last" : "Last", 4);
    }
    assert_int_equal(compare(), 2);
    assert_string(0, "string", "", "first", "First");
    assert_string(1, "string", "", "last", "Last");
}

static void bytes_and_short_texts_are_not_told(void **state)
{
    (void)state;
    programs[0].bytes[TEXTS + 100] = 1;
    memcpy(programs[0].bytes + TEXTS + 1000, "abc", 3);
    memcpy(programs[1].bytes + TEXTS + 1000, "abd", 3);
    assert_int_equal(compare(), 0);
}

/* A long run that differs is shown in part. */
static void a_long_text_is_cut(void **state)
{
    (void)state;
    memset(programs[0].bytes + TEXTS + 1000, 'a', 3000);
    memset(programs[1].bytes + TEXTS + 1000, 'b', 3000);
    assert_int_equal(compare(), 1);
    assert_true(strlen(diff.strings[0].a) < 1000);
    assert_int_equal(diff.strings[0].a[0], 'a');
    assert_int_equal(diff.strings[0].b[0], 'b');
}

/* Then all that follows has shifted. */
static void texts_of_a_part_of_another_size_are_not_told(void **state)
{
    (void)state;
    memcpy(programs[0].bytes + TEXTS, "first", 5);
    memcpy(programs[1].bytes + TEXTS, "First", 5);
    programs[1].sections[TEXT_SECTION].size++;
    assert_int_equal(compare(), 0);
}

static void texts_are_bounded(void **state)
{
    (void)state;
    static struct image_section many[2 * SECTIONS];
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 500; k++) {
            memcpy(programs[i].bytes + DATA + k * 100, i == 0 ? "aaaaa" : "bbbbb", 5);
            programs[i].bytes[DATA + k * 100] = (uint8_t)('A' + k % 26);
            programs[i].bytes[DATA + k * 100 + 1] = (uint8_t)('A' + k / 26);
        }
        /* A part tells so many ranges. */
        for (size_t k = 0; k < ARRAY_LEN(many); k++) {
            static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
            many[k] = section(names[k], DATA + k * 6400, 6400, true);
        }
        programs[i].image.sections = many;
        programs[i].image.section_count = ARRAY_LEN(many);
    }
    compare();
    assert_int_equal(diff.string_count, LIMIT_DIFF_STRINGS);
    assert_true(diff.string_total > LIMIT_DIFF_STRINGS);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(equal_programs_have_no_texts_to_tell, make, drop),
    cmocka_unit_test_setup_teardown(tells_a_value_without_its_name, make, drop),
    cmocka_unit_test_setup_teardown(tells_the_text_that_a_value_replaced, make, drop),
    cmocka_unit_test_setup_teardown(reads_a_text_at_the_end_of_what_is_mapped, make, drop),
    cmocka_unit_test_setup_teardown(reads_no_header_beyond_the_data, make, drop),
    cmocka_unit_test_setup_teardown(headers_that_lie_are_no_values, make, drop),
    cmocka_unit_test_setup_teardown(what_is_written_to_or_no_text_is_no_value, make, drop),
    cmocka_unit_test_setup_teardown(values_without_names_are_bounded, make, drop),
    cmocka_unit_test_setup_teardown(tells_the_names_of_values, make, drop),
    cmocka_unit_test_setup_teardown(names_are_not_compared_with_slots, make, drop),
    cmocka_unit_test_setup_teardown(too_many_names_are_not_compared_at_all, make, drop),
    cmocka_unit_test_setup_teardown(symbols_that_lead_nowhere_have_no_value, make, drop),
    cmocka_unit_test_setup_teardown(tells_texts_around_a_difference, make, drop),
    cmocka_unit_test_setup_teardown(tells_texts_at_the_edges_of_a_part, make, drop),
    cmocka_unit_test_setup_teardown(bytes_and_short_texts_are_not_told, make, drop),
    cmocka_unit_test_setup_teardown(a_long_text_is_cut, make, drop),
    cmocka_unit_test_setup_teardown(texts_of_a_part_of_another_size_are_not_told, make, drop),
    cmocka_unit_test_setup_teardown(texts_are_bounded, make, drop),
};

UNIT_MAIN(tests)
