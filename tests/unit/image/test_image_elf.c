// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/image/image_elf.h"

#define PHOFF 0x20
#define SHOFF 0x28
#define PHENTSIZE 0x36
#define PHNUM 0x38
#define SHENTSIZE 0x3a
#define SHNUM 0x3c
#define SHSTRNDX 0x3e
#define PROGRAM 64
#define SECTION(made, index, field) ((made).table + (index)*64U + (field))

static struct made made;
static struct arena arena;
static struct image image;
static struct error err;

static int make(void **state)
{
    (void)state;
    made = made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef"));
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

static void reads_sections_and_segments(void **state)
{
    (void)state;
    assert_true(opens());
    assert_int_equal(image.section_count, 3);
    const struct image_section *section = image_section(&image, ".go.buildinfo");
    assert_non_null(section);
    assert_int_equal(section->address, MADE_ADDRESS);
    assert_int_equal(section->size, 16);
    assert_true(section->writable);
    assert_int_equal(image.segment_count, 1);
    assert_true(image.segments[0].writable);
    assert_false(image.segments[0].executable);
    assert_int_equal(image_elf(&image)->programs[0].alignment, 16);
    assert_int_equal(image_elf(&image)->sections[2].type, SHT_STRTAB);
    assert_null(image_section(&image, ".text"));
    assert_null(image_section(&image, ".go.buildinf"));
}

static void accepts_no_section_table(void **state)
{
    (void)state;
    made_put(&made, SHOFF, 8, 0);
    made_put(&made, SHNUM, 2, 0);
    made_put(&made, SHSTRNDX, 2, 0);
    assert_true(opens());
    assert_int_equal(image.section_count, 0);
}

static void rejects_a_count_without_a_table(void **state)
{
    (void)state;
    made_put(&made, SHOFF, 8, 0);
    assert_fails(opens(), &err, ERROR_FORMAT, "3 sections without a section table");
}

static void rejects_a_table_whose_count_is_nowhere(void **state)
{
    (void)state;
    made_put(&made, SHNUM, 2, 0);
    assert_fails(opens(), &err, ERROR_FORMAT, "section count 0 in section header 0");
}

static void bounds_the_escaped_count(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0x10000, UINT32_MAX, INT64_MAX, UINT64_MAX};
    made_put(&made, SHNUM, 2, 0);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        made_put(&made, SECTION(made, 0, 0x20), 8, counts[i]);
        made_put(&made, SECTION(made, 0, 4), 4, 0);
        assert_fails(opens(), &err, ERROR_LIMIT, "sections");
    }
    made_put(&made, SECTION(made, 0, 0x20), 8, 0xff00);
    assert_fails(opens(), &err, ERROR_FORMAT, "section headers");
    made_put(&made, SECTION(made, 0, 4), 4, SHT_PROGBITS);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 0 has type 1");
}

static void bounds_the_escaped_program_count(void **state)
{
    (void)state;
    made_put(&made, PHNUM, 2, 0xffff);
    assert_fails(opens(), &err, ERROR_FORMAT, "program count 0");
    made_put(&made, SECTION(made, 0, 0x2c), 4, 0xffffffff);
    assert_fails(opens(), &err, ERROR_LIMIT, "4294967295 segments");
}

static void rejects_tables_past_the_end(void **state)
{
    (void)state;
    const uint64_t offsets[] = {made.len - 1, made.len,   made.len + 1,
                                INT64_MAX,    1ULL << 63, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
        uint64_t before = made.table;
        made_put(&made, SHOFF, 8, offsets[i]);
        assert_fails(opens(), &err, ERROR_FORMAT, "section headers");
        made_put(&made, SHOFF, 8, before);
        made_put(&made, PHOFF, 8, offsets[i]);
        assert_fails(opens(), &err, ERROR_FORMAT, "program headers");
        made_put(&made, PHOFF, 8, PROGRAM);
    }
}

static void rejects_short_table_entries(void **state)
{
    (void)state;
    made_put(&made, SHENTSIZE, 2, 63);
    assert_fails(opens(), &err, ERROR_FORMAT, "section headers of 63 bytes");
    made_put(&made, SHENTSIZE, 2, 64);
    made_put(&made, PHENTSIZE, 2, 0);
    assert_fails(opens(), &err, ERROR_FORMAT, "program headers of 0 bytes");
}

static void reads_longer_table_entries(void **state)
{
    (void)state;
    /* One program header, so that its length matters only for the end of the table. */
    made_put(&made, PHENTSIZE, 2, 64);
    assert_true(opens());
    assert_int_equal(image.segments[0].address, MADE_ADDRESS);
    made_put(&made, SHENTSIZE, 2, 65);
    assert_fails(opens(), &err, ERROR_FORMAT, "section headers");
}

static void rejects_negative_offsets_and_sizes(void **state)
{
    (void)state;
    const size_t places[] = {PROGRAM + 8, PROGRAM + 32, SECTION(made, 1, 0x18),
                             SECTION(made, 1, 0x20)};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct reader reader = reader_over(bytes_from(made.data, made.len), LITTLE_ENDIAN_ORDER);
        uint64_t before = 0;
        assert_true(reader_skip(&reader, places[i]) && reader_u64(&reader, &before));
        made_put(&made, places[i], 8, 1ULL << 63);
        assert_fails(opens(), &err, ERROR_FORMAT, "negative");
        made_put(&made, places[i], 8, before);
    }
    assert_true(opens());
}

static void accepts_overlapping_sections_and_segments_past_the_end(void **state)
{
    (void)state;
    uint8_t some[4];
    made_put(&made, SECTION(made, 1, 0x18), 8, 0);
    made_put(&made, SECTION(made, 1, 0x20), 8, made.len + 1000);
    made_put(&made, PROGRAM + 32, 8, made.len * 2);
    assert_true(opens());
    assert_true(image_read_address(&image, MADE_ADDRESS, some, 4, &err));
    assert_fails(image_read_address(&image, MADE_ADDRESS + made.len, some, 4, &err), &err,
                 ERROR_FORMAT, "beyond the end");
}

/* The contents as a compressed section: type 1, then the true size. */
static void compress(uint64_t true_size)
{
    made_put(&made, SECTION(made, 1, 0x08), 8, SHF_ALLOC | SHF_COMPRESSED);
    made_put(&made, made.content, 4, ELFCOMPRESS_ZLIB);
    made_put(&made, made.content + 8, 8, true_size);
}

static void a_compressed_section_has_its_true_size_in_memory(void **state)
{
    (void)state;
    compress(12345);
    made_put(&made, SECTION(made, 1, 0x20), 8, 24);
    assert_true(opens());
    const struct image_section *section = image_section(&image, ".go.buildinfo");
    assert_int_equal(section->size, 24);
    assert_int_equal(section->memory_size, 12345);
}

static void rejects_a_compressed_section_without_room_for_its_header(void **state)
{
    (void)state;
    compress(12345);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 1: a compressed section of 16 bytes");
    made_put(&made, SECTION(made, 1, 0x20), 8, 24);
    made_put(&made, SECTION(made, 1, 0x18), 8, made.len - 20);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 1: compressed section");
}

static void rejects_a_name_outside_the_names(void **state)
{
    (void)state;
    made_put(&made, SECTION(made, 1, 0), 4, 25);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 1: name at 25 of 25 bytes");
    made_put(&made, SECTION(made, 1, 0), 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 1: name at 4294967295");
    made_put(&made, SECTION(made, 1, 0), 4, 24);
    assert_true(opens());
    assert_string_equal(image.sections[1].name, "");
}

static void rejects_names_without_an_end(void **state)
{
    (void)state;
    made_put(&made, SECTION(made, 2, 0x20), 8, 20);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 2: name at 15");
    made_put(&made, SECTION(made, 2, 0x20), 8, 0);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 0: name at 0 of 0 bytes");
}

static void rejects_a_wrong_section_of_names(void **state)
{
    (void)state;
    made_put(&made, SHSTRNDX, 2, 3);
    assert_fails(opens(), &err, ERROR_FORMAT, "name table index 3 of 3");
    made_put(&made, SHSTRNDX, 2, 1);
    assert_fails(opens(), &err, ERROR_FORMAT, "has type 1");
    made_put(&made, SHSTRNDX, 2, 0);
    assert_true(opens());
    assert_string_equal(image.sections[1].name, "");
}

static void bounds_the_names(void **state)
{
    (void)state;
    char folder[64];
    char path[128];
    made_put(&made, SECTION(made, 2, 0x20), 8, 1ULL << 32);
    assert_fails(opens(), &err, ERROR_FORMAT, "section names");
    /* With a file that is as large as that. */
    scratch_make(folder);
    snprintf(path, sizeof(path), "%s/sparse", folder);
    FILE *file = fopen(path, "w+b");
    assert_non_null(file);
    assert_int_equal(fwrite(made.data, 1, made.len, file), made.len);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(ftruncate(fileno(file), (off_t)(5ULL << 30)), 0);
    struct source source;
    assert_true(source_from_fd(fileno(file), &source, NULL));
    assert_fails(image_open(&source, &arena, &image, &err), &err, ERROR_LIMIT, "section names");
    fclose(file);
    scratch_remove(folder);
}

static void rejects_unknown_class_order_and_version(void **state)
{
    (void)state;
    const size_t places[] = {4, 5, 6, 20};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        uint8_t before = made.data[places[i]];
        made_put(&made, places[i], 1, 3);
        assert_fails(opens(), &err, ERROR_FORMAT, "malformed elf file");
        made_put(&made, places[i], 1, before);
    }
    assert_true(opens());
}

struct platform_row {
    unsigned machine, os_abi;
    const char *goos, *goarch, *name;
};

static void names_the_platform(void **state)
{
    (void)state;
    static const struct platform_row rows[] = {
        {EM_X86_64, 0, "linux", "amd64", "EM_X86_64"},
        {EM_X86_64, 3, "linux", "amd64", "EM_X86_64"},
        {EM_X86_64, 2, "netbsd", "amd64", "EM_X86_64"},
        {EM_X86_64, 9, "freebsd", "amd64", "EM_X86_64"},
        {EM_X86_64, 12, "openbsd", "amd64", "EM_X86_64"},
        {EM_X86_64, 6, "solaris", "amd64", "EM_X86_64"},
        {EM_X86_64, 99, "", "amd64", "EM_X86_64"},
        {EM_AARCH64, 0, "linux", "arm64", "EM_AARCH64"},
        {EM_RISCV, 0, "linux", "riscv64", "EM_RISCV"},
        {258, 0, "linux", "loong64", "EM_LOONGARCH"},
        {EM_PPC64, 0, "linux", "ppc64le", "EM_PPC64"},
        {EM_MIPS, 0, "linux", "mips64le", "EM_MIPS"},
        {EM_S390, 0, "linux", "", "EM_S390"}, /* only big-endian */
        {EM_386, 0, "linux", "", "EM_386"},   /* only with 32 bits */
        {4711, 0, "linux", "", "EM_4711"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        made_put(&made, 0x12, 2, rows[i].machine);
        made_put(&made, 7, 1, rows[i].os_abi);
        assert_true(opens());
        assert_string_equal(image.goos, rows[i].goos);
        assert_string_equal(image.goarch, rows[i].goarch);
        assert_string_equal(image.machine, rows[i].name);
    }
}

/* The one program header turned into PT_NOTE over CONTENT. */
static const char *goos_of_note(struct bytes content)
{
    made_free(&made);
    made = made_elf(LITTLE_ENDIAN_ORDER, 8, content);
    made_put(&made, PROGRAM, 4, PT_NOTE);
    assert_true(opens());
    return image.goos;
}

static void notes_name_the_system(void **state)
{
    (void)state;
    assert_string_equal(goos_of_note(BYTES("\7\0\0\0\4\0\0\0\1\0\0\0NetBSD\0\0\1\2\3\4")),
                        "netbsd");
    assert_string_equal(goos_of_note(BYTES("\4\0\0\0\1\0\0\0\4\0\0\0Go\0\0x\0\0\0"
                                           "\10\0\0\0\4\0\0\0\1\0\0\0OpenBSD\0\0\0\0\0")),
                        "openbsd");
    /* A value, then a name, longer than the segment. */
    assert_string_equal(goos_of_note(BYTES("\7\0\0\0\xff\xff\xff\xff\1\0\0\0NetBSD\0\0\1\2\3\4")),
                        "linux");
    assert_string_equal(goos_of_note(BYTES("\xff\xff\xff\xff\4\0\0\0\1\0\0\0NetBSD\0\0\1\2\3\4")),
                        "linux");
}

static void an_interpreter_makes_a_shared_object_a_program(void **state)
{
    (void)state;
    made_free(&made);
    made = made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("/lib/ld-musl-x86_64.so.1\0"));
    made_put(&made, 0x10, 2, ET_DYN);
    assert_true(opens());
    assert_true(image.shared);
    made_put(&made, PROGRAM, 4, PT_INTERP);
    assert_true(opens());
    assert_true(image.pie);
    assert_false(image.shared);
    assert_string_equal(image.interpreter, "/lib/ld-musl-x86_64.so.1");
    made_put(&made, PROGRAM + 32, 8, 10);
    assert_true(opens());
    assert_string_equal(image.interpreter, "");
}

/* Two program headers: the data, and PT_DYNAMIC over its first 64 bytes. */
static void make_dynamic(uint64_t needed, uint64_t strings)
{
    made_free(&made);
    struct buffer content;
    buffer_init(&content, 256);
    const uint64_t entries[] = {DT_NEEDED, needed, DT_STRTAB, strings, DT_FLAGS_1, DF_1_PIE, 0, 0};
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        buffer_u64(&content, entries[i]);
    }
    buffer_append(&content, BYTES("\0libc.so.6\0"));
    made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    buffer_free(&content);
    made_put(&made, 0x10, 2, ET_DYN);
    made_put(&made, PHNUM, 2, 2);
    memcpy(&made.data[PROGRAM + 56], &made.data[PROGRAM], 56);
    made_put(&made, PROGRAM + 56, 4, PT_DYNAMIC);
}

static void reads_needed_libraries(void **state)
{
    (void)state;
    make_dynamic(1, MADE_ADDRESS + 64);
    assert_true(opens());
    assert_int_equal(image.library_count, 1);
    assert_string_equal(image.libraries[0], "libc.so.6");
    assert_true(image.pie);
}

static void leaves_out_libraries_that_cannot_be_read(void **state)
{
    (void)state;
    const uint64_t bad[][2] = {
        {1, 0}, {UINT64_MAX, MADE_ADDRESS}, {1, UINT64_MAX}, {4000, MADE_ADDRESS}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        make_dynamic(bad[i][0], bad[i][1]);
        assert_true(opens());
        assert_int_equal(image.library_count, 0);
    }
}

/* Of many dynamic sections the first is read: each may be a megabyte. */
static void reads_one_dynamic_section(void **state)
{
    (void)state;
    size_t count = 1000;
    size_t len = 64 + count * 56 + (1U << 20);
    struct made many = {.data = calloc(1, len), .len = len, .order = LITTLE_ENDIAN_ORDER};
    assert_non_null(many.data);
    memcpy(many.data, made.data, 64);
    memset(many.data + 64 + count * 56, 1, 1U << 20);
    made_put(&many, SHOFF, 8, 0);
    made_put(&many, SHNUM, 2, 0);
    made_put(&many, PHNUM, 2, count);
    for (size_t i = 0; i < count; i++) {
        made_put(&many, PROGRAM + i * 56, 4, PT_DYNAMIC);
        made_put(&many, PROGRAM + i * 56 + 8, 8, 64 + count * 56);
        made_put(&many, PROGRAM + i * 56 + 32, 8, 1U << 20);
    }
    struct source source = made_source(&many);
    clock_t before = clock();
    assert_true(image_open(&source, &arena, &image, &err));
    assert_true(clock() - before < CLOCKS_PER_SEC);
    made_free(&many);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_sections_and_segments),
    TEST(accepts_no_section_table),
    TEST(rejects_a_count_without_a_table),
    TEST(rejects_a_table_whose_count_is_nowhere),
    TEST(bounds_the_escaped_count),
    TEST(bounds_the_escaped_program_count),
    TEST(rejects_tables_past_the_end),
    TEST(rejects_short_table_entries),
    TEST(reads_longer_table_entries),
    TEST(rejects_negative_offsets_and_sizes),
    TEST(accepts_overlapping_sections_and_segments_past_the_end),
    TEST(a_compressed_section_has_its_true_size_in_memory),
    TEST(rejects_a_compressed_section_without_room_for_its_header),
    TEST(rejects_a_name_outside_the_names),
    TEST(rejects_names_without_an_end),
    TEST(rejects_a_wrong_section_of_names),
    TEST(bounds_the_names),
    TEST(rejects_unknown_class_order_and_version),
    TEST(names_the_platform),
    TEST(notes_name_the_system),
    TEST(an_interpreter_makes_a_shared_object_a_program),
    TEST(reads_needed_libraries),
    TEST(leaves_out_libraries_that_cannot_be_read),
    TEST(reads_one_dynamic_section),
};

UNIT_MAIN(tests)
