// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/image/image_fat.h"
#include "verifier/image/image_fat_gaps.h"
#include "verifier/image/image_macho.h"

/* The load commands of the made image, in their order. */
#define SEGMENT 32U
#define UUID (SEGMENT + 72 + 80)
#define SIGNATURE (UUID + 24)
#define SYMBOLS (SIGNATURE + 16)
#define LIBRARY (SYMBOLS + 24)
#define BUILD (LIBRARY + 56)
#define COMMANDS_END (BUILD + 24)
#define COUNT_FIELD 16U
#define SIZE_FIELD 20U

static struct made made;
static struct arena arena;
static struct image image;
static struct error err;

static int make(void **state)
{
    (void)state;
    made = made_macho(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef"));
    return 0;
}

static int make_fat(void **state)
{
    (void)state;
    made = made_fat(false, BYTES("0123456789abcdef"));
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

static void reads_load_commands(void **state)
{
    (void)state;
    assert_true(opens());
    const struct macho_detail *detail = image_macho(&image);
    assert_int_equal(detail->command_count, 6);
    assert_int_equal(image.segment_count, 1);
    assert_string_equal(image.segments[0].name, "__DATA");
    const struct image_section *section = image_section(&image, "__go_buildinfo");
    assert_non_null(section);
    assert_string_equal(section->segment, "__DATA");
    assert_int_equal(section->offset, made.content);
    assert_int_equal(image.library_count, 1);
    assert_string_equal(image.libraries[0], "/usr/lib/libSystem.B.dylib");
    assert_true(image.pie);
    assert_true(detail->has_uuid);
    assert_int_equal(detail->uuid[0], 0x88);
    assert_int_equal(detail->uuid_command.offset, UUID);
    assert_true(detail->has_code_signature);
    assert_int_equal(detail->code_signature_offset, made.content + 16);
    assert_int_equal(detail->code_signature_size, 32);
    assert_true(detail->has_build_version);
    assert_int_equal(detail->platform, 1);
    assert_int_equal(detail->minimum_os, 0xd0000);
}

static void the_platform_tells_ios(void **state)
{
    (void)state;
    made_put(&made, BUILD + 8, 4, 2);
    assert_true(opens());
    assert_string_equal(image.goos, "ios");
    made_put(&made, BUILD, 4, 0x24);
    assert_true(opens());
    assert_string_equal(image.goos, "darwin");
    made_put(&made, BUILD, 4, 0x25);
    assert_true(opens());
    assert_string_equal(image.goos, "ios");
}

static void rejects_commands_that_do_not_fit(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0,          7,          0x7fffffff,
                                     0x80000000, UINT32_MAX, COMMANDS_END - SEGMENT + 1};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        made_put(&made, SEGMENT + 4, 4, sizes[i]);
        assert_fails(opens(), &err, ERROR_FORMAT, "load command 0 at offset 32 is cut short");
    }
}

static void rejects_more_commands_than_there_are(void **state)
{
    (void)state;
    made_put(&made, COUNT_FIELD, 4, 7);
    assert_fails(opens(), &err, ERROR_FORMAT, "load command 6");
    made_put(&made, COUNT_FIELD, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_LIMIT, "4294967295 load commands");
    made_put(&made, COUNT_FIELD, 4, 0);
    assert_true(opens());
    made_put(&made, SIZE_FIELD, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "load commands");
}

static void rejects_more_sections_than_fit_the_command(void **state)
{
    (void)state;
    made_put(&made, SEGMENT + 64, 4, 2);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 1");
    made_put(&made, SEGMENT + 64, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "section 1");
}

static void rejects_negative_segments(void **state)
{
    (void)state;
    made_put(&made, SEGMENT + 40, 8, 1ULL << 63);
    assert_fails(opens(), &err, ERROR_FORMAT, "negative");
}

static void rejects_relocations_past_the_end(void **state)
{
    (void)state;
    size_t section = SEGMENT + 72;
    made_put(&made, section + 56, 4, (uint32_t)made.len);
    assert_true(opens());
    made_put(&made, section + 60, 4, 1);
    assert_fails(opens(), &err, ERROR_FORMAT, "relocations");
}

static void rejects_symbols_past_the_end(void **state)
{
    (void)state;
    made_put(&made, SYMBOLS + 12, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "symbol table");
    made_put(&made, SYMBOLS + 12, 4, 0);
    made_put(&made, SYMBOLS + 20, 4, UINT32_MAX);
    assert_fails(opens(), &err, ERROR_FORMAT, "symbol names");
}

static void rejects_a_symbol_name_outside_the_names(void **state)
{
    (void)state;
    /* One symbol over the contents, whose first four bytes are "0123". */
    made_put(&made, SYMBOLS + 8, 4, made.content);
    made_put(&made, SYMBOLS + 12, 4, 1);
    assert_fails(opens(), &err, ERROR_FORMAT, "a symbol's name at 858927408 of 0");
    made_put(&made, made.content, 4, 15);
    made_put(&made, SYMBOLS + 20, 4, 15);
    assert_fails(opens(), &err, ERROR_FORMAT, "a symbol's name at 15 of 15");
    made_put(&made, SYMBOLS + 20, 4, 16);
    assert_true(opens());
    assert_int_equal(image_macho(&image)->symbols.count, 1);
}

static void rejects_a_library_name_outside_its_command(void **state)
{
    (void)state;
    made_put(&made, LIBRARY + 8, 4, 56);
    assert_fails(opens(), &err, ERROR_FORMAT, "text at 56 of 56 bytes");
    made_put(&made, LIBRARY + 8, 4, 55);
    assert_true(opens());
    assert_string_equal(image.libraries[0], "");
}

static void a_weak_library_that_is_damaged_is_left_out(void **state)
{
    (void)state;
    made_put(&made, LIBRARY, 4, 0x80000018);
    assert_true(opens());
    assert_int_equal(image.library_count, 1);
    made_put(&made, LIBRARY + 8, 4, UINT32_MAX);
    assert_true(opens());
    assert_int_equal(image.library_count, 0);
}

static void zero_filled_sections_have_no_bytes(void **state)
{
    (void)state;
    made_put(&made, SEGMENT + 72 + 64, 4, 1);
    assert_true(opens());
    assert_int_equal(image.sections[0].size, 0);
    assert_int_equal(image.sections[0].memory_size, 16);
}

/* Many symbol tables over the same bytes: work is bounded by what they hold together. */
static void bounds_repeated_symbol_tables(void **state)
{
    (void)state;
    size_t count = 8000;
    size_t len = 32 + count * 24;
    uint8_t *data = calloc(1, len + (4U << 20));
    assert_non_null(data);
    struct made many = {.data = data, .len = len + (4U << 20), .order = LITTLE_ENDIAN_ORDER};
    memcpy(data, made.data, 32);
    made_put(&many, COUNT_FIELD, 4, count);
    made_put(&many, SIZE_FIELD, 4, count * 24);
    for (size_t i = 0; i < count; i++) {
        size_t place = 32 + i * 24;
        made_put(&many, place, 4, 2);
        made_put(&many, place + 4, 4, 24);
        made_put(&many, place + 8, 4, len);
        made_put(&many, place + 12, 4, (4U << 20) / 16);
        made_put(&many, place + 20, 4, 1);
    }
    struct source source = made_source(&many);
    assert_fails(image_open(&source, &arena, &image, &err), &err, ERROR_LIMIT, "bytes of symbols");
    free(data);
}

static struct fat_slice *slices;
static size_t slice_count;

static bool opens_fat(void)
{
    struct source source = made_source(&made);
    assert_true(fat_detect(&source));
    assert_int_equal(image_detect(&source), IMAGE_UNKNOWN);
    return fat_open(&source, &arena, &slices, &slice_count, &err);
}

static void reads_slices_of_both_tables(void **state)
{
    for (int wide = 0; wide < 2; wide++) {
        made_free(&made);
        made = made_fat(wide == 1, BYTES("0123456789abcdef"));
        assert_true(opens_fat());
        assert_int_equal(slice_count, 2);
        assert_string_equal(slices[0].goarch, "amd64");
        assert_string_equal(slices[1].goarch, "arm64");
        assert_int_equal(slices[0].offset, made.content);
        for (size_t i = 0; i < 2; i++) {
            assert_true(image_open(&slices[i].source, &arena, &image, &err));
            assert_string_equal(image.goarch, slices[i].goarch);
        }
    }
    (void)state;
}

static void rejects_four_billion_slices(void **state)
{
    (void)state;
    made_put(&made, 4, 4, UINT32_MAX);
    assert_fails(opens_fat(), &err, ERROR_LIMIT, "4294967295 slices");
    made_put(&made, 4, 4, 0);
    assert_fails(opens_fat(), &err, ERROR_FORMAT, "no slices");
}

static void rejects_slices_that_overlap(void **state)
{
    (void)state;
    /* The second begins in the first, then is the first, then lies inside it. */
    size_t second = made.table + 20;
    static const uint32_t offsets[] = {0x1400, 0x1000, 0x1010};
    for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
        made_put(&made, second + 8, 4, offsets[i]);
        made_put(&made, second + 12, 4, 64);
        assert_fails(opens_fat(), &err, ERROR_FORMAT, "overlap");
    }
}

static void rejects_a_slice_over_the_table(void **state)
{
    (void)state;
    made_put(&made, made.table + 8, 4, 8 + 39);
    assert_fails(opens_fat(), &err, ERROR_FORMAT, "within the table");
}

static void rejects_slices_past_the_end(void **state)
{
    (void)state;
    made_put(&made, made.table + 12, 4, UINT32_MAX);
    assert_fails(opens_fat(), &err, ERROR_FORMAT, "slice 0");
    made_put(&made, made.table + 8, 4, UINT32_MAX);
    assert_fails(opens_fat(), &err, ERROR_FORMAT, "slice 0");
}

static void rejects_one_cpu_twice(void **state)
{
    (void)state;
    made_put(&made, made.table + 20, 4, 0x01000007);
    made_put(&made, made.table + 24, 4, 3);
    assert_fails(opens_fat(), &err, ERROR_FORMAT, "same CPU");
}

static void rejects_a_slice_of_another_kind(void **state)
{
    (void)state;
    made_put(&made, made.content + 12, 1, 6);
    assert_fails(opens_fat(), &err, ERROR_FORMAT, "file type 2, but 6");
    made_put(&made, made.content, 4, 0);
    assert_fails(opens_fat(), &err, ERROR_FORMAT, "no Mach-O image");
}

static void rejects_every_cut_of_a_fat_file(void **state)
{
    (void)state;
    for (size_t len = 8; len < made.len; len++) {
        struct source source = source_from_bytes(bytes_from(made.data, len));
        assert_false(fat_open(&source, &arena, &slices, &slice_count, &err));
        if (err.code != ERROR_FORMAT) {
            fail_msg("cut to %zu: %s", len, err.message);
        }
    }
}

static uint64_t find_stray(void)
{
    struct fat_part parts[LIMIT_FAT_SLICES];
    uint64_t offset = UINT64_MAX;
    struct source source = made_source(&made);
    assert_true(opens_fat());
    for (size_t i = 0; i < slice_count; i++) {
        /* In another order than the file has them. */
        parts[slice_count - 1 - i] = (struct fat_part){slices[i].offset, slices[i].size};
    }
    assert_true(fat_find_stray(&source, parts, slice_count, &offset, &err));
    return offset;
}

static void bytes_outside_the_slices_are_found(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        made_free(&made);
        made = made_fat(wide == 1, BYTES("0123456789abcdef"));
        assert_int_equal(find_stray(), made.len);
        size_t table_end = 8 + 2 * (wide ? 32 : 20);
        size_t between = slices[0].offset + slices[0].size;
        assert_true(between < slices[1].offset);
        const size_t places[] = {table_end, slices[0].offset - 1, between, slices[1].offset - 1};
        for (size_t i = 0; i < ARRAY_LEN(places); i++) {
            made.data[places[i]] = 1;
            assert_int_equal(find_stray(), places[i]);
            made.data[places[i]] = 0;
        }
        made.data[slices[0].offset + slices[0].size - 1] ^= 1; /* within: a slice's own affair */
        assert_int_equal(find_stray(), made.len);
    }
}

static void bytes_behind_the_last_slice_are_found(void **state)
{
    (void)state;
    assert_true(opens_fat());
    uint64_t end = slices[1].offset + slices[1].size;
    struct fat_part parts[] = {{slices[0].offset, slices[0].size},
                               {slices[1].offset, slices[1].size - 1}};
    uint64_t offset = 0;
    struct source source = made_source(&made);
    made.data[end - 1] = 7;
    assert_true(fat_find_stray(&source, parts, 2, &offset, &err));
    assert_int_equal(offset, end - 1);
}

static void what_the_table_says_besides_is_checked(void **state)
{
    (void)state;
    made_put(&made, made.table + 16, 4, 31); /* an alignment that the offset does not have */
    assert_int_equal(find_stray(), 0);
    made_put(&made, made.table + 16, 4, UINT32_MAX);
    assert_int_equal(find_stray(), 0);
    made_put(&made, made.table + 16, 4, 0);
    assert_int_equal(find_stray(), made.len);
    made_free(&made);
    made = made_fat(true, BYTES("0123456789abcdef"));
    made_put(&made, made.table + 28, 4, 1); /* reserved */
    assert_int_equal(find_stray(), 0);
}

static void a_java_class_is_no_fat_file(void **state)
{
    (void)state;
    struct source java = source_from_bytes(BYTES("\xca\xfe\xba\xbe\0\0\0\x34padding"));
    struct source preview = source_from_bytes(BYTES("\xca\xfe\xba\xbe\xff\xff\0\x3dpadding"));
    struct source thin = source_from_bytes(BYTES("\xcf\xfa\xed\xfe\0\0\0\2padding"));
    assert_false(fat_detect(&java));
    assert_false(fat_detect(&preview));
    assert_false(fat_detect(&thin));
    assert_fails(fat_open(&thin, &arena, &slices, &slice_count, &err), &err, ERROR_UNSUPPORTED,
                 "not a fat");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
#define FAT_TEST(name) cmocka_unit_test_setup_teardown(name, make_fat, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_load_commands),
    TEST(the_platform_tells_ios),
    TEST(rejects_commands_that_do_not_fit),
    TEST(rejects_more_commands_than_there_are),
    TEST(rejects_more_sections_than_fit_the_command),
    TEST(rejects_negative_segments),
    TEST(rejects_relocations_past_the_end),
    TEST(rejects_symbols_past_the_end),
    TEST(rejects_a_symbol_name_outside_the_names),
    TEST(rejects_a_library_name_outside_its_command),
    TEST(a_weak_library_that_is_damaged_is_left_out),
    TEST(zero_filled_sections_have_no_bytes),
    TEST(bounds_repeated_symbol_tables),
    FAT_TEST(reads_slices_of_both_tables),
    FAT_TEST(rejects_four_billion_slices),
    FAT_TEST(rejects_slices_that_overlap),
    FAT_TEST(rejects_a_slice_over_the_table),
    FAT_TEST(rejects_slices_past_the_end),
    FAT_TEST(rejects_one_cpu_twice),
    FAT_TEST(rejects_a_slice_of_another_kind),
    FAT_TEST(rejects_every_cut_of_a_fat_file),
    FAT_TEST(bytes_outside_the_slices_are_found),
    FAT_TEST(bytes_behind_the_last_slice_are_found),
    FAT_TEST(what_the_table_says_besides_is_checked),
    FAT_TEST(a_java_class_is_no_fat_file),
};

UNIT_MAIN(tests)
