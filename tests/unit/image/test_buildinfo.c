// SPDX-License-Identifier: Apache-2.0
/* Where the build information lies, in both layouts, and what is no build information. */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/buildinfo/buildinfo.h"

#define TEXT "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t\n"

static struct arena arena;
static struct buffer content, marked;
static struct buildinfo info;
static struct error err;

static int make(void **state)
{
    (void)state;
    buffer_init(&content, 64U << 20);
    buffer_init(&marked, 64U << 20);
    made_marked(&marked, BYTES(TEXT));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&content);
    buffer_free(&marked);
    arena_free(&arena);
    return 0;
}

static bool reads(struct made *made)
{
    struct source source = made_source(made);
    struct image image;
    bool ok =
        image_open(&source, &arena, &image, &err) && buildinfo_read(&image, &arena, &info, &err);
    made_free(made);
    return ok;
}

static bool reads_elf(void)
{
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    return reads(&made);
}

static void zeros(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_byte(&content, 0);
    }
}

static void reads_the_inline_layout(void **state)
{
    (void)state;
    made_inline(&content, "go1.20", buffer_view(&marked));
    assert_true(reads_elf());
    assert_string_equal(info.go_version, "go1.20");
    assert_string_equal(info.path, "example.com/a");
    assert_true(info.has_main);
}

static void reads_pointers_of_both_sizes_and_orders(void **state)
{
    (void)state;
    for (unsigned width = 4; width <= 8; width += 4) {
        for (int order = 0; order < 2; order++) {
            buffer_clear(&content);
            made_pointers(&content, (enum byte_order)order, width, MADE_ADDRESS, "go1.16.3",
                          buffer_view(&marked));
            struct made files[] = {
                made_elf((enum byte_order)order, width, buffer_view(&content)),
                made_macho((enum byte_order)order, width, buffer_view(&content)),
                made_pe(width, buffer_view(&content)),
                made_xcoff(width, buffer_view(&content)),
            };
            for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                assert_true(reads(&files[i]));
                assert_string_equal(info.go_version, "go1.16.3");
                assert_string_equal(info.main.version, "v1.0.0");
            }
        }
    }
}

static void finds_the_magic_behind_other_data(void **state)
{
    (void)state;
    zeros((3U << 20) + 16);
    made_inline(&content, "go1.20", buffer_view(&marked));
    assert_true(reads_elf());
    assert_string_equal(info.path, "example.com/a");
}

static void a_program_without_modules_has_a_version_alone(void **state)
{
    (void)state;
    made_inline(&content, "go1.20", bytes_from(NULL, 0));
    assert_true(reads_elf());
    assert_string_equal(info.go_version, "go1.20");
    assert_string_equal(info.path, "");
    assert_false(info.has_main);
    assert_int_equal(info.dep_count, 0);
}

static void a_text_without_markers_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"path\tx\n", "0123456789abcdef0123456789abcdef",
                                        "0123456789abcdefpath\tx0123456789abcdef"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buffer_clear(&content);
        made_inline(&content, "go1.20", bytes_from_string(texts[i]));
        assert_true(reads_elf());
        assert_string_equal(info.path, "");
    }
}

static void refuses_an_empty_version(void **state)
{
    (void)state;
    made_inline(&content, "", buffer_view(&marked));
    assert_fails(reads_elf(), &err, ERROR_ABSENT, "version is empty");
}

static void refuses_a_file_without_the_section(void **state)
{
    (void)state;
    made_inline(&content, "go1.20", buffer_view(&marked));
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    made_put(&made, made.table + 64, 4, 15);
    assert_fails(reads(&made), &err, ERROR_ABSENT, "no section for it");
}

static void refuses_a_misaligned_magic(void **state)
{
    (void)state;
    zeros(8);
    made_inline(&content, "go1.20", buffer_view(&marked));
    assert_fails(reads_elf(), &err, ERROR_ABSENT, "its magic is not in the data");
}

/* Go forgets, when it skips a misaligned magic, how far it has skipped: it looks for the header in
 * the wrong place. What it does not show, we do not show. */
static void an_aligned_magic_behind_a_misaligned_one_is_lost_as_in_go(void **state)
{
    (void)state;
    zeros(8);
    buffer_append(&content, BYTES("\xff Go buildinf:"));
    zeros(48 - 22);
    made_inline(&content, "go1.20", buffer_view(&marked));
    assert_false(reads_elf());
}

static void refuses_a_header_cut_by_the_section(void **state)
{
    (void)state;
    made_inline(&content, "go1.20", buffer_view(&marked));
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    made_put(&made, made.table + 64 + 0x20, 8, 31);
    assert_fails(reads(&made), &err, ERROR_ABSENT, "magic");
}

/* The magic 10,000 times: one search goes over the data once. */
static void ten_thousand_magics_cost_one_pass(void **state)
{
    (void)state;
    clock_t before = clock();
    for (size_t i = 0; i < 10000; i++) {
        buffer_append(&content, BYTES("x\xff Go buildinf:\x08\x02......."));
    }
    made_inline(&content, "go1.20", buffer_view(&marked));
    (void)!reads_elf();
    /* All aligned: the first one decides, and its pointers are the next one's text. */
    buffer_clear(&content);
    for (size_t i = 0; i < 10000; i++) {
        buffer_append(&content, BYTES("\xff Go buildinf:\x08\0"));
    }
    assert_fails(reads_elf(), &err, ERROR_FORMAT, "the version, 16 bytes at address");
    assert_true((clock() - before) / CLOCKS_PER_SEC < 2);
}

/* Header, length of the version in LENGTH's bytes, then what there is. */
static bool reads_length(struct bytes length)
{
    buffer_clear(&content);
    buffer_append(&content, BYTES("\xff Go buildinf:\x08\x02"));
    zeros(16);
    buffer_append(&content, length);
    buffer_append(&content, BYTES("go1.20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    return reads_elf();
}

static void refuses_lengths_that_reach_too_far(void **state)
{
    (void)state;
    assert_fails(reads_length(BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")), &err,
                 ERROR_FORMAT, "the version, 9223372036854775808 bytes");
    assert_fails(reads_length(BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")), &err,
                 ERROR_FORMAT, "is cut short");
    assert_fails(reads_length(BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02")), &err,
                 ERROR_FORMAT, "is no number");
    assert_fails(reads_length(BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")), &err,
                 ERROR_FORMAT, "is no number");
    assert_fails(reads_length(BYTES("\x15")), &err, ERROR_FORMAT, "the version, 21 bytes");
    assert_fails(reads_length(BYTES("\x14")), &err, ERROR_FORMAT, "the module text, 10 bytes");
    assert_true(reads_length(BYTES("\x06")));
    assert_string_equal(info.go_version, "go1.20");
}

static void refuses_every_cut(void **state)
{
    (void)state;
    made_inline(&content, "go1.20", buffer_view(&marked));
    struct bytes whole = buffer_view(&content);
    for (size_t len = 0; len < whole.len - 16; len++) {
        struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, bytes_from(whole.data, len));
        assert_false(reads(&made));
        assert_true(err.code == ERROR_ABSENT || err.code == ERROR_FORMAT);
    }
}

/* A header whose strings' headers are the header itself, or one another. */
static void pointer_loops_end(void **state)
{
    (void)state;
    static const uint64_t pairs[][2] = {{MADE_ADDRESS, MADE_ADDRESS},
                                        {MADE_ADDRESS + 16, MADE_ADDRESS + 16},
                                        {0, 0},
                                        {UINT64_MAX, UINT64_MAX - 7}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        buffer_clear(&content);
        buffer_append(&content, BYTES("\xff Go buildinf:\x08\0"));
        buffer_u64(&content, pairs[i][0]);
        buffer_u64(&content, pairs[i][1]);
        assert_fails(reads_elf(), &err, ERROR_FORMAT, "the version");
    }
}

static void refuses_pointers_of_other_sizes(void **state)
{
    (void)state;
    made_pointers(&content, LITTLE_ENDIAN_ORDER, 8, MADE_ADDRESS, "go1.16", buffer_view(&marked));
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    made_put(&made, made.content + 14, 1, 2);
    assert_fails(reads(&made), &err, ERROR_ABSENT, "neither four nor eight");
}

static void modules_that_cannot_be_read_are_none_in_the_pointer_layout(void **state)
{
    (void)state;
    made_pointers(&content, LITTLE_ENDIAN_ORDER, 8, MADE_ADDRESS, "go1.16", buffer_view(&marked));
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    made_put(&made, made.content + 24, 8, 4);
    assert_true(reads(&made));
    assert_string_equal(info.go_version, "go1.16");
    assert_false(info.has_main);
}

static void refuses_a_nul_in_the_version(void **state)
{
    (void)state;
    made_inline(&content, "go1.20", buffer_view(&marked));
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    made_put(&made, made.content + 35, 1, 0);
    assert_fails(reads(&made), &err, ERROR_FORMAT, "NUL");
}

static void refuses_more_than_the_limit(void **state)
{
    (void)state;
    char folder[64];
    char path[128];
    scratch_make(folder);
    snprintf(path, sizeof(path), "%s/sparse", folder);
    buffer_append(&content, BYTES("\xff Go buildinf:\x08\x02"));
    zeros(16);
    buffer_append(&content, BYTES("\x80\x80\x80\x40")); /* 128 MiB */
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content));
    /* Section and segment reach to the end of a sparse file. */
    made_put(&made, made.table + 64 + 0x20, 8, 1ULL << 32);
    made_put(&made, 64 + 0x20, 8, 1ULL << 32);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    struct source source;
    struct image image;
    assert_int_equal(write(fd, made.data, made.len), made.len);
    assert_int_equal(ftruncate(fd, (off_t)(5ULL << 30)), 0);
    assert_true(source_from_fd(fd, &source, NULL));
    assert_true(image_open(&source, &arena, &image, &err));
    assert_fails(buildinfo_read(&image, &arena, &info, &err), &err, ERROR_LIMIT, "the version");
    close(fd);
    made_free(&made);
    scratch_remove(folder);
}

static void a_wasm_module_of_another_producer_has_none(void **state)
{
    (void)state;
    static const struct bytes modules[] = {
        {(const uint8_t *)"\0asm\1\0\0\0", 8},
        {(const uint8_t *)"\0asm\1\0\0\0\0\x0a\11producers", 20},
        {(const uint8_t *)"\0asm\1\0\0\0\0\x20\11producers\1\10language\1\4Rust\4"
                          "1.70",
         42},
        {(const uint8_t *)"\0asm\1\0\0\0\0\x1d\11producers\1\10language\1\2Go\x7fgo1", 39},
        {(const uint8_t *)"\0asm\1\0\0\0\0\x14\11producers\xff\xff\xff\xff\xff\xff\xff\xff\xff\1",
         30},
        {(const uint8_t *)"\0asm\1\0\0\0\0\x1e\11producers\1\10language\xff\xff\xff\xff\xff\xff\xff"
                          "\xff\xff\1\0",
         40},
    };
    for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
        struct source source = source_from_bytes(modules[i]);
        struct image image;
        if (!image_open(&source, &arena, &image, &err)) {
            fail_msg("row %zu: %s", i, err.message);
        }
        assert_fails(buildinfo_read(&image, &arena, &info, &err), &err, ERROR_ABSENT, "producer");
    }
}

static void a_wasm_module_without_modules_has_a_version_alone(void **state)
{
    (void)state;
    struct made made = made_wasm(BYTES("no text"));
    assert_true(reads(&made));
    assert_string_equal(info.go_version, "go1.23.5");
    assert_false(info.has_main);
}

static void refuses_a_wasm_module_text_without_an_end(void **state)
{
    (void)state;
    struct made made = made_wasm(bytes_from(buffer_view(&marked).data, 40));
    assert_fails(reads(&made), &err, ERROR_FORMAT, "has no end");
}

static void reads_wasm_texts_across_windows(void **state)
{
    (void)state;
    /* Each text in turn over the edge of the first window of 1 MiB. */
    for (size_t before = (1U << 20) - 200; before < (1U << 20) + 40; before += 13) {
        buffer_clear(&content);
        zeros(before);
        buffer_append(&content, BYTES("go1.21.0\0\0\0"));
        buffer_append(&content, buffer_view(&marked));
        struct made made = made_wasm(buffer_view(&content));
        assert_true(reads(&made));
        assert_string_equal(info.path, "example.com/a");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_the_inline_layout),
    TEST(reads_pointers_of_both_sizes_and_orders),
    TEST(finds_the_magic_behind_other_data),
    TEST(a_program_without_modules_has_a_version_alone),
    TEST(a_text_without_markers_is_none),
    TEST(refuses_an_empty_version),
    TEST(refuses_a_file_without_the_section),
    TEST(refuses_a_misaligned_magic),
    TEST(an_aligned_magic_behind_a_misaligned_one_is_lost_as_in_go),
    TEST(refuses_a_header_cut_by_the_section),
    TEST(ten_thousand_magics_cost_one_pass),
    TEST(refuses_lengths_that_reach_too_far),
    TEST(refuses_every_cut),
    TEST(pointer_loops_end),
    TEST(refuses_pointers_of_other_sizes),
    TEST(modules_that_cannot_be_read_are_none_in_the_pointer_layout),
    TEST(refuses_a_nul_in_the_version),
    TEST(refuses_more_than_the_limit),
    TEST(a_wasm_module_of_another_producer_has_none),
    TEST(a_wasm_module_without_modules_has_a_version_alone),
    TEST(refuses_a_wasm_module_text_without_an_end),
    TEST(reads_wasm_texts_across_windows),
};

UNIT_MAIN(tests)
