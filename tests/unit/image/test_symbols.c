// SPDX-License-Identifier: Apache-2.0
/* Symbol tables of the three formats by suffix, and whether there are any. */
#include <elf.h>

#include "base/buffer.h"
#include "tests/unit/unit.h"
#include "verifier/image/image_elf.h"
#include "verifier/image/image_macho.h"
#include "verifier/image/image_pe.h"
#include "verifier/image/symbols.h"

static const char names[] = "\0_main.version.str\0main.commit.str\0puts\0x";
#define NAME_VERSION 1U
#define NAME_COMMIT 19U
#define NAME_PUTS 35U

static struct arena arena;
static struct buffer content;
static struct symbol *found;
static size_t count;
static struct error err;

static int make(void **state)
{
    (void)state;
    buffer_init(&content, 1U << 24);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&content);
    arena_free(&arena);
    return 0;
}

static void put(unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++) {
        buffer_byte(&content, (uint8_t)(value >> (8 * i)));
    }
}

static void put_elf(uint32_t name, uint16_t section, uint64_t address)
{
    put(4, name);
    put(2, 0);
    put(2, section);
    put(8, address);
    put(8, 16);
}

/* An ELF image of these symbols; lives until the next call. */
static const struct image *elf(void)
{
    static struct elf_section headers[3];
    static struct image_section sections[3];
    static struct elf_detail detail;
    static struct image image;
    uint64_t size = content.len;
    buffer_append(&content, bytes_from(names, sizeof(names)));
    headers[1] = (struct elf_section){.type = SHT_SYMTAB, .link = 2};
    sections[0] = (struct image_section){.name = ""};
    sections[1] = (struct image_section){.name = ".symtab", .size = size};
    sections[2] = (struct image_section){.name = ".strtab", .offset = size, .size = sizeof(names)};
    detail = (struct elf_detail){.sections = headers};
    image = (struct image){.format = IMAGE_ELF,
                           .source = source_from_bytes(buffer_view(&content)),
                           .pointer_size = 8,
                           .sections = sections,
                           .section_count = 3,
                           .detail = &detail};
    return &image;
}

static bool finds(const struct image *image, const char *suffix)
{
    return symbols_with_suffix(image, suffix, 2, &arena, &found, &count, &err);
}

static void finds_elf_symbols_by_suffix(void **state)
{
    (void)state;
    put_elf(0, 0, 0);
    put_elf(NAME_VERSION, 3, 0x1000);
    put_elf(NAME_COMMIT, 3, 0x2000);
    put_elf(NAME_PUTS, 0, 0);
    const struct image *image = elf();
    assert_true(symbols_present(image));
    assert_false(dwarf_present(image));
    assert_true(finds(image, ".str"));
    assert_int_equal(count, 2);
    assert_string_equal(found[0].name, "_main.version.str");
    assert_string_equal(found[1].name, "main.commit.str");
    assert_int_equal(found[1].address, 0x2000);
    assert_int_equal(found[1].size, 16);
    assert_true(finds(image, "puts")); /* which is not defined here */
    assert_int_equal(count, 0);
    assert_fails(symbols_with_suffix(image, ".str", 1, &arena, &found, &count, &err), &err,
                 ERROR_LIMIT, "more than 1");
}

static void names_outside_the_table_are_passed_over(void **state)
{
    (void)state;
    put_elf(UINT32_MAX, 3, 0x1000);
    put_elf(sizeof(names) - 1, 3, 0x1000);
    put_elf(NAME_COMMIT, 3, 0x2000);
    assert_true(finds(elf(), ".str"));
    assert_int_equal(count, 1);
}

static void rejects_a_table_past_the_end(void **state)
{
    (void)state;
    put_elf(NAME_COMMIT, 3, 0x2000);
    struct image image = *elf();
    image.sections[1].size = 1U << 20;
    assert_fails(finds(&image, ".str"), &err, ERROR_FORMAT, "symbol");
    image.sections[1].size = 24;
    image.sections[1].offset = UINT64_MAX - 8;
    assert_fails(finds(&image, ".str"), &err, ERROR_FORMAT, "symbol");
}

static void put_macho(uint32_t name, uint8_t type, uint64_t address)
{
    put(4, name);
    put(1, type);
    put(3, 1);
    put(8, address);
}

static void finds_macho_symbols_without_underscore(void **state)
{
    (void)state;
    struct macho_detail detail = {.has_symbols = true};
    put_macho(NAME_VERSION, 0x0e, 0x1000);
    put_macho(NAME_PUTS, 0x01, 0);        /* imported */
    put_macho(NAME_COMMIT, 0x2e, 0x3000); /* for debuggers */
    detail.symbols = (struct macho_symbols){.count = 3,
                                            .string_offset = (uint32_t)content.len,
                                            .string_size = sizeof(names),
                                            .entry_size = 16};
    buffer_append(&content, bytes_from(names, sizeof(names)));
    struct image image = {.format = IMAGE_MACHO,
                          .source = source_from_bytes(buffer_view(&content)),
                          .pointer_size = 8,
                          .detail = &detail};
    assert_true(finds(&image, ".str"));
    assert_int_equal(count, 1);
    assert_string_equal(found[0].name, "main.version.str");
    assert_int_equal(found[0].address, 0x1000);
    /* A few are what is left by -s. */
    assert_false(symbols_present(&image));
}

static void many_defined_symbols_are_a_table(void **state)
{
    (void)state;
    struct macho_detail detail = {.has_symbols = true};
    for (int i = 0; i < 100; i++) {
        put_macho(NAME_VERSION, 0x0e, 0x1000);
    }
    detail.symbols = (struct macho_symbols){.count = 100, .entry_size = 16};
    struct image image = {.format = IMAGE_MACHO,
                          .source = source_from_bytes(buffer_view(&content)),
                          .pointer_size = 8,
                          .detail = &detail};
    assert_true(symbols_present(&image));
    detail.has_symbols = false;
    assert_false(symbols_present(&image));
}

static void finds_pe_symbols_long_and_short(void **state)
{
    (void)state;
    struct image_section section = {.name = ".data", .address = 0x401000};
    struct pe_detail detail = {.symbol_count = 4};
    buffer_append(&content, BYTES("a.b.str\0"));
    put(4, 0x10);
    put(2, 1);
    put(2, 0);
    put(1, 2);
    put(1, 1); /* one auxiliary record follows, which must not be read as a symbol */
    buffer_append(&content, BYTES("\0\0\0\0\x17\0\0\0 aux 56789"));
    put(4, 0);
    put(4, 4 + NAME_COMMIT);
    put(4, 0x20);
    put(2, 1);
    put(2, 0);
    put(2, 2);
    buffer_append(&content, BYTES("c.d.str\0"));
    put(4, 0x30);
    put(2, 0xffff); /* absolute: in no section */
    put(2, 0);
    put(2, 2);
    put(4, sizeof(names) + 4);
    detail.string_offset = content.len;
    detail.string_size = sizeof(names);
    buffer_append(&content, bytes_from(names, sizeof(names)));
    struct image image = {.format = IMAGE_PE,
                          .source = source_from_bytes(buffer_view(&content)),
                          .pointer_size = 8,
                          .sections = &section,
                          .section_count = 1,
                          .detail = &detail};
    assert_true(symbols_present(&image));
    assert_true(finds(&image, ".str"));
    assert_int_equal(count, 2);
    assert_string_equal(found[0].name, "a.b.str");
    assert_int_equal(found[0].address, 0x401010);
    assert_string_equal(found[1].name, "main.commit.str");
    assert_int_equal(found[1].address, 0x401020);
}

static void knows_dwarf_by_its_sections(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool dwarf;
    } rows[] = {{".debug_info", true},     {".zdebug_line", true},        {"__debug_line", true},
                {"__zdebug_abbrev", true}, {".debug_gdb_scripts", false}, {".text", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct image_section section = {.name = rows[i].name};
        struct image image = {.format = IMAGE_XCOFF, .sections = &section, .section_count = 1};
        assert_int_equal(dwarf_present(&image), rows[i].dwarf);
        assert_false(symbols_present(&image));
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(finds_elf_symbols_by_suffix),      CASE(names_outside_the_table_are_passed_over),
    CASE(rejects_a_table_past_the_end),     CASE(finds_macho_symbols_without_underscore),
    CASE(many_defined_symbols_are_a_table), CASE(finds_pe_symbols_long_and_short),
    CASE(knows_dwarf_by_its_sections),
};

UNIT_MAIN(tests)
