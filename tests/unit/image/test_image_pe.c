// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/image/image_pe.h"

#define COFF 0x84U
#define MACHINE COFF
#define SECTIONS (COFF + 2)
#define SYMBOLS (COFF + 8)
#define SYMBOL_COUNT (COFF + 12)
#define OPTIONAL_SIZE (COFF + 16)
#define OPTIONAL (COFF + 20)
#define HEADERS_SIZE (OPTIONAL + 60)
#define DIRECTORY_COUNT (OPTIONAL + 108)
#define DIRECTORY(index) (OPTIONAL + 112 + 8 * (index))

static struct made made;
static struct arena arena;
static struct image image;
static struct error err;

/* An import table: one record and the end; names, symbols and strings behind it. */
#define DATA_ADDRESS 0x2000U
#define NAME_OFFSET 40U
#define SYMBOL_OFFSET 64U
#define STRINGS_OFFSET (SYMBOL_OFFSET + 36)

static int make(void **state)
{
    (void)state;
    uint8_t content[128] = {0};
    made = made_pe(8, bytes_from(content, sizeof(content)));
    size_t base = made.content;
    made_put(&made, base, 4, DATA_ADDRESS + 100);
    made_put(&made, base + 12, 4, DATA_ADDRESS + NAME_OFFSET);
    memcpy(&made.data[base + NAME_OFFSET], "KERNEL32.dll", 13);
    memcpy(&made.data[base + SYMBOL_OFFSET], "main", 5);
    made_put(&made, base + STRINGS_OFFSET, 4, 20);
    memcpy(&made.data[base + STRINGS_OFFSET + 4], ".debug_abbrev", 14);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    made_free(&made);
    arena_free(&arena);
    return 0;
}

static bool opens(void)
{
    struct source source = made_source(&made);
    return image_open(&source, &arena, &image, &err);
}

static void set_symbols(void)
{
    made_put(&made, SYMBOLS, 4, made.content + SYMBOL_OFFSET);
    made_put(&made, SYMBOL_COUNT, 4, 2);
}

static void reads_sections_and_header_facts(void **state)
{
    (void)state;
    assert_true(opens());
    const struct pe_detail *detail = image_pe(&image);
    assert_int_equal(image.section_count, 2);
    assert_string_equal(image.sections[1].name, ".data");
    assert_int_equal(image.sections[1].address, MADE_ADDRESS);
    assert_true(image.sections[0].executable);
    assert_true(image.sections[1].writable);
    assert_int_equal(detail->dll_characteristics, PE_DYNAMIC_BASE);
    assert_int_equal(detail->directory_count, 16);
    assert_int_equal(detail->checksum_offset, OPTIONAL + 64);
    assert_int_equal(detail->certificate_field_offset, DIRECTORY(4));
    assert_int_equal(detail->symbol_count, 0);
    assert_true(image.pie);
}

static void reads_the_certificate_table(void **state)
{
    (void)state;
    made_put(&made, DIRECTORY(4), 4, 0x1234);
    made_put(&made, DIRECTORY(4) + 4, 4, 0x5678);
    assert_true(opens());
    assert_int_equal(image_pe(&image)->directories[PE_DIRECTORY_CERTIFICATE].address, 0x1234);
    assert_int_equal(image_pe(&image)->directories[PE_DIRECTORY_CERTIFICATE].size, 0x5678);
}

static void reads_imported_libraries(void **state)
{
    (void)state;
    made_put(&made, DIRECTORY(1), 4, DATA_ADDRESS);
    assert_true(opens());
    assert_int_equal(image.library_count, 1);
    assert_string_equal(image.libraries[0], "KERNEL32.dll");
}

static void leaves_out_imports_that_cannot_be_read(void **state)
{
    (void)state;
    static const uint32_t places[] = {1, DATA_ADDRESS + 120, DATA_ADDRESS + 4000, UINT32_MAX};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        made_put(&made, DIRECTORY(1), 4, places[i]);
        assert_true(opens());
        assert_int_equal(image.library_count, 0);
    }
    made_put(&made, DIRECTORY(1), 4, DATA_ADDRESS);
    made_put(&made, made.content + 12, 4, UINT32_MAX);
    assert_true(opens());
    assert_int_equal(image.library_count, 0);
}

static void rejects_a_signature_that_is_not_there(void **state)
{
    (void)state;
    static const uint32_t places[] = {0, 0x84, 0x10000, UINT32_MAX - 1, UINT32_MAX};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        made_put(&made, 0x3c, 4, places[i]);
        assert_fails(opens(), &err, ERROR_FORMAT, "malformed pe file");
    }
}

static void rejects_machines_that_go_does_not_know(void **state)
{
    (void)state;
    made_put(&made, MACHINE, 2, 0x200);
    assert_fails(opens(), &err, ERROR_UNSUPPORTED, "machine 0x200");
    made_put(&made, MACHINE, 2, 0xaa64);
    assert_true(opens());
    assert_string_equal(image.goarch, "arm64");
}

static void rejects_a_section_table_past_the_end(void **state)
{
    (void)state;
    made_put(&made, SECTIONS, 2, 65535);
    assert_fails(opens(), &err, ERROR_FORMAT, "section headers");
    made_put(&made, SECTIONS, 2, 0);
    assert_true(opens());
    assert_int_equal(image.section_count, 0);
}

static void reads_65535_sections(void **state)
{
    (void)state;
    size_t len = made.table + 65535U * 40;
    struct made many = {.data = calloc(1, len), .len = len, .order = LITTLE_ENDIAN_ORDER};
    assert_non_null(many.data);
    memcpy(many.data, made.data, made.table);
    made_put(&many, SECTIONS, 2, 65535);
    struct source source = made_source(&many);
    assert_true(image_open(&source, &arena, &image, &err));
    assert_int_equal(image.section_count, 65535);
    made_free(&many);
}

static void ignores_the_size_of_headers(void **state)
{
    (void)state;
    made_put(&made, HEADERS_SIZE, 4, UINT32_MAX);
    assert_true(opens());
}

static void rejects_an_optional_header_of_a_wrong_size(void **state)
{
    (void)state;
    static const uint16_t sizes[] = {1, 2, 111, 239, 241};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        made_put(&made, OPTIONAL_SIZE, 2, sizes[i]);
        assert_fails(opens(), &err, ERROR_FORMAT, "");
    }
    made_put(&made, OPTIONAL_SIZE, 2, 240);
    made_put(&made, DIRECTORY_COUNT, 4, 15);
    assert_fails(opens(), &err, ERROR_FORMAT, "15 data directories in 128 bytes");
    made_put(&made, DIRECTORY_COUNT, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "4294967295 data directories");
    made_put(&made, DIRECTORY_COUNT, 4, 16);
    made_put(&made, OPTIONAL, 2, 0x107);
    assert_fails(opens(), &err, ERROR_FORMAT, "no known magic");
}

static void reads_long_section_names(void **state)
{
    (void)state;
    set_symbols();
    memcpy(&made.data[made.table], "/4\0\0\0\0", 6);
    assert_true(opens());
    assert_string_equal(image.sections[0].name, ".debug_abbrev");
    assert_int_equal(image_pe(&image)->symbol_count, 2);
}

static void rejects_long_section_names_outside_the_strings(void **state)
{
    (void)state;
    static const char *const names[] = {"/3", "/", "/x", "/21", "/-4", "/4x", "/9999999", "//AAAA"};
    set_symbols();
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        memset(&made.data[made.table], 0, 8);
        memcpy(&made.data[made.table], names[i], strlen(names[i]));
        assert_fails(opens(), &err, ERROR_FORMAT, "the name is not in the string table");
    }
    memcpy(&made.data[made.table], "/+4\0\0\0\0\0", 8);
    assert_true(opens());
}

static void rejects_symbols_past_the_end(void **state)
{
    (void)state;
    set_symbols();
    made_put(&made, SYMBOL_COUNT, 4, 5);
    assert_fails(opens(), &err, ERROR_FORMAT, "string table");
    made_put(&made, SYMBOL_COUNT, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "");
    set_symbols();
    made_put(&made, made.content + STRINGS_OFFSET, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "string table");
}

static void rejects_symbols_that_are_cut_short(void **state)
{
    (void)state;
    set_symbols();
    made_put(&made, made.content + SYMBOL_OFFSET + 17, 1, 2);
    assert_fails(opens(), &err, ERROR_FORMAT, "1 auxiliary records are missing");
    made_put(&made, made.content + SYMBOL_OFFSET + 17, 1, 1);
    assert_true(opens());
}

static void rejects_a_symbol_name_outside_the_strings(void **state)
{
    (void)state;
    set_symbols();
    made_put(&made, made.content + SYMBOL_OFFSET, 4, 0);
    made_put(&made, made.content + SYMBOL_OFFSET + 4, 4, 21);
    assert_fails(opens(), &err, ERROR_FORMAT, "a symbol's name at 21 of 20");
    made_put(&made, made.content + SYMBOL_OFFSET + 4, 4, 20);
    assert_true(opens());
}

static void rejects_relocations_past_the_end(void **state)
{
    (void)state;
    made_put(&made, made.table + 24, 4, made.len - 9);
    made_put(&made, made.table + 32, 2, 1);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 0: relocations");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_sections_and_header_facts),
    TEST(reads_the_certificate_table),
    TEST(reads_imported_libraries),
    TEST(leaves_out_imports_that_cannot_be_read),
    TEST(rejects_a_signature_that_is_not_there),
    TEST(rejects_machines_that_go_does_not_know),
    TEST(rejects_a_section_table_past_the_end),
    TEST(reads_65535_sections),
    TEST(ignores_the_size_of_headers),
    TEST(rejects_an_optional_header_of_a_wrong_size),
    TEST(reads_long_section_names),
    TEST(rejects_long_section_names_outside_the_strings),
    TEST(rejects_symbols_past_the_end),
    TEST(rejects_symbols_that_are_cut_short),
    TEST(rejects_a_symbol_name_outside_the_strings),
    TEST(rejects_relocations_past_the_end),
};

UNIT_MAIN(tests)
