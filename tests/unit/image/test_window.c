// SPDX-License-Identifier: Apache-2.0
/* A window yields what the file has, in whatever order it is asked. */
#include <unistd.h>

#include "tests/unit/unit.h"
#include "verifier/image/window.h"

#define SIZE 200003U

static struct arena arena;
static uint8_t *bytes;
static struct source source;
static struct window window;
static struct error err;

static int make(void **state)
{
    (void)state;
    char path[] = "/tmp/reproof-window-XXXXXX";
    int fd = mkstemp(path);
    bytes = malloc(SIZE);
    assert_true(fd >= 0 && bytes != NULL);
    for (size_t i = 0; i < SIZE; i++) {
        bytes[i] = (uint8_t)(i * 2654435761U >> 13 | 1);
    }
    bytes[150000] = 0;
    bytes[SIZE - 1] = 0;
    assert_int_equal(write(fd, bytes, SIZE), SIZE);
    unlink(path);
    assert_true(source_from_fd(fd, &source, &err));
    window_init(&window, &source, &arena);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    close(source.fd);
    free(bytes);
    arena_free(&arena);
    return 0;
}

static void expect(uint64_t offset, size_t len)
{
    struct bytes got;
    assert_true(window_bytes(&window, offset, len, &got, &err));
    assert_bytes(got, bytes_from(bytes + offset, len));
}

static void yields_what_is_there_in_any_order(void **state)
{
    (void)state;
    for (size_t at = 0; at + 7 <= SIZE; at += 5) {
        expect(at, 7);
    }
    for (size_t at = SIZE - 9; at >= 13; at -= 13) {
        expect(at, 9);
    }
    uint64_t random = 1;
    for (int i = 0; i < 5000; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        size_t len = (random >> 20) % WINDOW_MAXIMUM;
        expect((random >> 33) % (SIZE - len), len);
    }
    expect(SIZE - WINDOW_MAXIMUM, WINDOW_MAXIMUM);
    expect(SIZE, 0);
}

static void rejects_what_is_past_the_end(void **state)
{
    (void)state;
    struct bytes got;
    uint64_t number;
    assert_fails(window_bytes(&window, SIZE - 1, 2, &got, &err), &err, ERROR_FORMAT, "beyond");
    assert_fails(window_bytes(&window, UINT64_MAX, 2, &got, &err), &err, ERROR_FORMAT, "beyond");
    assert_fails(window_some(&window, SIZE, SIZE + 5, 1, &got, &err), &err, ERROR_FORMAT, "end");
    assert_fails(window_some(&window, 5, 5, 1, &got, &err), &err, ERROR_FORMAT, "end");
    assert_fails(window_uint(&window, SIZE - 3, 4, LITTLE_ENDIAN_ORDER, &number, &err), &err,
                 ERROR_FORMAT, "beyond");
    expect(SIZE - 1, 1);
}

static void reads_texts_up_to_their_end(void **state)
{
    (void)state;
    struct bytes got;
    assert_true(window_cstring(&window, 149000, SIZE, 4096, &got, &err));
    assert_bytes(got, bytes_from(bytes + 149000, 1000));
    assert_true(window_cstring(&window, 150000, SIZE, 16, &got, &err));
    assert_int_equal(got.len, 0);
    assert_true(window_cstring(&window, SIZE - 100, SIZE, 100, &got, &err));
    assert_int_equal(got.len, 99);
    assert_fails(window_cstring(&window, 149000, SIZE, 1000, &got, &err), &err, ERROR_FORMAT,
                 "does not end");
    assert_fails(window_cstring(&window, 149000, 150000, 4096, &got, &err), &err, ERROR_FORMAT,
                 "does not end");
    assert_fails(window_cstring(&window, SIZE - 100, SIZE - 1, 4096, &got, &err), &err,
                 ERROR_FORMAT, "does not end");
}

static void memory_reads_as_the_loader_has_it(void **state)
{
    (void)state;
    struct image_segment segments[] = {
        {.address = 0x1000, .offset = 100, .size = 50},
        {.address = 0x1040, .offset = 1000, .size = 0x10000},
    };
    struct image image = {
        .format = IMAGE_WASM, .source = source, .segments = segments, .segment_count = 2};
    struct bytes got;
    window_init_memory(&window, &image, &arena);
    assert_true(window_bytes(&window, 0x1000, 0x60, &got, &err));
    for (size_t i = 0; i < got.len; i++) {
        uint8_t wanted = i < 50 ? bytes[100 + i] : i < 0x40 ? 0 : bytes[1000 + i - 0x40];
        assert_int_equal(got.data[i], wanted);
    }
    assert_true(window_bytes(&window, 0x9000, 100, &got, &err));
    assert_bytes(got, bytes_from(bytes + 1000 + 0x9000 - 0x1040, 100));
    assert_true(window_bytes(&window, 1ULL << 40, 100, &got, &err));
    assert_int_equal(got.data[99], 0);
    segments[1].offset = SIZE;
    window_init_memory(&window, &image, &arena);
    assert_fails(window_bytes(&window, 0x1040, 1, &got, &err), &err, ERROR_FORMAT, "beyond");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(yields_what_is_there_in_any_order),
    CASE(rejects_what_is_past_the_end),
    CASE(reads_texts_up_to_their_end),
    CASE(memory_reads_as_the_loader_has_it),
};

UNIT_MAIN(tests)
