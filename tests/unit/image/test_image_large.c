// SPDX-License-Identifier: Apache-2.0
/* Files larger than memory should ever get: sparse ones of 2^31-1 and 4 GiB + 1 bytes and more. */
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/image/maker.h"
#include "tests/unit/unit.h"
#include "verifier/buildinfo/buildinfo.h"

#define FOUR_GIB (4ULL << 30)

static char folder[64], path[128];
static struct buffer content, text;
static struct arena arena;
static struct buildinfo info;
static struct error err;

static int make(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(path, sizeof(path), "%s/sparse", folder);
    buffer_init(&content, 4096);
    buffer_init(&text, 4096);
    made_marked(&text, BYTES("path\texample.com/a\nmod\texample.com/a\tv1.0.0\t\n"));
    made_inline(&content, "go1.20", buffer_view(&text));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&content);
    buffer_free(&text);
    arena_free(&arena);
    scratch_remove(folder);
    return 0;
}

/* MADE at the start of a sparse file of SIZE bytes, and its contents again at AGAIN (unless 0). */
static bool reads(struct made *made, uint64_t size, uint64_t again)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct source source;
    struct image image;
    struct bytes bytes = buffer_view(&content);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, made->data, made->len, 0), made->len);
    if (ftruncate(fd, (off_t)size) != 0) {
        skip(); /* a file system without large files */
    }
    if (again != 0) {
        assert_int_equal(pwrite(fd, bytes.data, bytes.len, (off_t)again), bytes.len);
    }
    bool ok = source_from_fd(fd, &source, &err) && image_open(&source, &arena, &image, &err) &&
              buildinfo_read(&image, &arena, &info, &err);
    close(fd);
    made_free(made);
    return ok;
}

static void reads_large_files_of_every_format(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {(1ULL << 31) - 1, FOUR_GIB + 1};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct made files[] = {
            made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content)),
            made_macho(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content)),
            made_pe(8, buffer_view(&content)),
            made_xcoff(8, buffer_view(&content)),
            made_plan9(buffer_view(&content)),
        };
        for (size_t k = 0; k < ARRAY_LEN(files); k++) {
            assert_true(reads(&files[k], sizes[i], 0));
            assert_string_equal(info.path, "example.com/a");
        }
    }
}

static void follows_offsets_beyond_four_gib(void **state)
{
    (void)state;
    struct bytes bytes = buffer_view(&content);
    uint64_t far = FOUR_GIB + 0x1000;
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef"));
    made_put(&made, 64 + 8, 8, far);
    made_put(&made, 64 + 0x20, 8, bytes.len);
    made_put(&made, made.table + 64 + 0x18, 8, far);
    made_put(&made, made.table + 64 + 0x20, 8, bytes.len);
    assert_true(reads(&made, far + bytes.len, far));
    assert_string_equal(info.main.version, "v1.0.0");
}

/* The magic is at the end of 4 GiB of data, or nowhere: holes are passed over, the rest is
 * read in a window. */
static void searches_a_large_section_in_little_memory(void **state)
{
    (void)state;
    struct bytes bytes = buffer_view(&content);
    for (int there = 0; there < 2; there++) {
        struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef"));
        made_put(&made, 64 + 0x20, 8, FOUR_GIB + bytes.len);
        made_put(&made, made.table + 64 + 0x20, 8, FOUR_GIB + bytes.len);
        bool ok = reads(&made, 0x400 + FOUR_GIB + bytes.len, there == 1 ? 0x400 + FOUR_GIB : 0);
        assert_int_equal(ok, there == 1);
    }
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    printf("# peak memory %ld KiB\n", usage.ru_maxrss);
#ifndef __SANITIZE_ADDRESS__
    assert_true(usage.ru_maxrss < 32 * 1024);
#endif
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_large_files_of_every_format),
    TEST(follows_offsets_beyond_four_gib),
    TEST(searches_a_large_section_in_little_memory),
};

UNIT_MAIN(tests)
