// SPDX-License-Identifier: Apache-2.0
#include "base/source.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static FILE *file_with(struct bytes content)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    assert_int_equal(fflush(file), 0);
    return file;
}

static void a_file_and_memory_read_alike(void **state)
{
    (void)state;
    struct bytes content = BYTES("0123456789");
    FILE *file = file_with(content);
    struct source sources[2] = {{0}, source_from_bytes(content)};
    struct error err;
    assert_true(source_from_fd(fileno(file), &sources[0], &err));
    for (int i = 0; i < 2; i++) {
        char got[4] = "";
        struct source slice;
        assert_true(sources[i].size == 10);
        assert_true(source_read(&sources[i], 7, got, 3, &err));
        assert_memory_equal(got, "789", 3);
        assert_true(source_slice(&sources[i], 2, 5, &slice, &err));
        assert_true(source_slice(&slice, 1, 4, &slice, &err));
        assert_true(source_read(&slice, 1, got, 3, &err));
        assert_memory_equal(got, "456", 3);
        assert_fails(source_read(&slice, 2, got, 3, &err), &err, ERROR_FORMAT, "beyond the end");
        assert_true(source_read(&slice, 4, NULL, 0, &err));
    }
    fclose(file);
}

static void ranges_beyond_the_end_are_malformed_input(void **state)
{
    (void)state;
    struct source source = source_from_bytes(BYTES("0123456789"));
    struct source slice = source;
    struct error err;
    char got[4] = "abc";
    assert_fails(source_read(&source, 8, got, 3, &err), &err, ERROR_FORMAT, "offset 8");
    assert_fails(source_read(&source, UINT64_MAX, got, 3, &err), &err, ERROR_FORMAT, "beyond");
    assert_fails(source_slice(&source, 1, UINT64_MAX, &slice, &err), &err, ERROR_FORMAT, "beyond");
    assert_fails(source_slice(&source, 11, 0, &slice, &err), &err, ERROR_FORMAT, "beyond");
    assert_true(slice.size == 10);
    assert_string_equal(got, "abc");
    assert_true(source_slice(&source, 10, 0, &slice, &err));
}

static void loads_no_more_than_allowed(void **state)
{
    (void)state;
    struct source source = source_from_bytes(BYTES("0123456789"));
    struct arena arena = {0};
    struct bytes table;
    struct error err;
    assert_true(source_load(&source, 3, 4, 4, &arena, &table, &err));
    assert_bytes(table, BYTES("3456"));
    assert_fails(source_load(&source, 3, 4, 3, &arena, &table, &err), &err, ERROR_LIMIT, "allowed");
    assert_fails(source_load(&source, 3, 1ULL << 60, 1ULL << 62, &arena, &table, &err), &err,
                 ERROR_FORMAT, "beyond");
    assert_true(source_load(&source, 10, 0, 0, &arena, &table, &err));
    assert_int_equal(table.len, 0);
    arena_free(&arena);
}

static void views_memory_where_it_is_and_files_in_the_buffer(void **state)
{
    (void)state;
    struct bytes content = BYTES("0123456789");
    FILE *file = file_with(content);
    struct source sources[2] = {{0}, source_from_bytes(content)};
    struct error err;
    assert_true(source_from_fd(fileno(file), &sources[0], &err));
    for (int i = 0; i < 2; i++) {
        uint8_t buffer[4];
        struct source slice;
        struct bytes view = BYTES("abc");
        assert_true(source_slice(&sources[i], 2, 5, &slice, &err));
        assert_fails(source_view(&slice, 3, buffer, 3, &view, &err), &err, ERROR_FORMAT, "beyond");
        assert_true(source_view(&slice, 1, buffer, 4, &view, &err));
        assert_bytes(view, BYTES("3456"));
        assert_ptr_equal(view.data, i == 0 ? buffer : content.data + 3);
    }
    fclose(file);
}

static void holds_the_part_that_it_shows(void **state)
{
    (void)state;
    FILE *file = file_with(BYTES("0123456789"));
    struct arena arena = {0};
    struct source source;
    struct source held = {0};
    struct error err;
    assert_true(source_from_fd(fileno(file), &source, &err));
    assert_true(source_slice(&source, 2, 5, &source, &err));
    assert_true(source_hold(&source, &arena, &held, &err));
    assert_int_equal(ftruncate(fileno(file), 4), 0);
    assert_int_equal(held.size, 5);
    assert_bytes(held.memory, BYTES("23456"));
    assert_fails(source_hold(&source, &arena, &held, &err), &err, ERROR_IO, "shorter");
    assert_bytes(held.memory, BYTES("23456"));
    arena_free(&arena);
    fclose(file);
}

static void a_file_cut_while_it_is_read_is_an_error(void **state)
{
    (void)state;
    FILE *file = file_with(BYTES("0123456789"));
    struct source source;
    struct error err;
    char got[10];
    assert_true(source_from_fd(fileno(file), &source, &err));
    assert_int_equal(ftruncate(fileno(file), 5), 0);
    assert_fails(source_read(&source, 0, got, 10, &err), &err, ERROR_IO, "shorter");
    fclose(file);
}

static void a_cache_reads_what_the_file_has(void **state)
{
    (void)state;
    static uint8_t content[20000];
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (uint8_t)(i * 2654435761U >> 13);
    }
    FILE *file = file_with(bytes_from(content, sizeof(content)));
    struct source_cache cache = {0};
    struct source source;
    struct source slice;
    struct error err;
    uint8_t got[600];
    assert_true(source_from_fd(fileno(file), &source, &err));
    source.cache = &cache;
    assert_true(source_slice(&source, 1000, 18000, &slice, &err));
    uint64_t random = 1;
    for (int i = 0; i < 5000; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        size_t len = (random >> 20) % sizeof(got);
        uint64_t at = (random >> 33) % (slice.size - len);
        assert_true(source_read(&slice, at, got, len, &err));
        assert_memory_equal(got, content + 1000 + at, len);
    }
    assert_true(source_read(&source, sizeof(content) - 1, got, 1, &err));
    assert_int_equal(got[0], content[sizeof(content) - 1]);
    assert_fails(source_read(&source, sizeof(content) - 1, got, 2, &err), &err, ERROR_FORMAT,
                 "beyond the end");
    assert_fails(source_read(&slice, slice.size, got, 1, &err), &err, ERROR_FORMAT, "beyond");
    fclose(file);
}

static void a_cache_has_nothing_of_what_was_cut_off(void **state)
{
    (void)state;
    FILE *file = file_with(BYTES("0123456789"));
    struct source_cache cache = {0};
    struct source source;
    struct error err;
    char got[10];
    assert_true(source_from_fd(fileno(file), &source, &err));
    source.cache = &cache;
    assert_int_equal(ftruncate(fileno(file), 5), 0);
    assert_fails(source_read(&source, 0, got, 10, &err), &err, ERROR_IO, "shorter");
    assert_fails(source_read(&source, 4, got, 2, &err), &err, ERROR_IO, "shorter");
    assert_true(source_read(&source, 4, got, 1, &err));
    assert_int_equal(got[0], '4');
    fclose(file);
}

static void only_regular_files_are_sources(void **state)
{
    (void)state;
    int ends[2];
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int device = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct source source;
    struct error err;
    assert_int_equal(pipe(ends), 0);
    const int wrong[] = {ends[0], directory, device};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_fails(source_from_fd(wrong[i], &source, &err), &err, ERROR_USAGE, "regular");
        close(wrong[i]);
    }
    close(ends[1]);
    assert_fails(source_from_fd(-1, &source, &err), &err, ERROR_IO, "examine");
}

static void a_hole_of_gigabytes_costs_nothing(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    struct source source;
    struct error err;
    char got[4] = "abc";
    assert_int_equal(ftruncate(fileno(file), 4LL << 30), 0);
    assert_true(source_from_fd(fileno(file), &source, &err));
    assert_true(source_read(&source, (4ULL << 30) - 4, got, 4, &err));
    assert_memory_equal(got, "\0\0\0\0", 4);
    fclose(file);
}

static void passes_over_holes(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    struct source source;
    struct source slice;
    struct error err;
    uint64_t far = 3ULL << 30;
    assert_int_equal(ftruncate(fileno(file), 4LL << 30), 0);
    assert_int_equal(pwrite(fileno(file), "x", 1, (off_t)far), 1);
    assert_true(source_from_fd(fileno(file), &source, &err));
    /* Where the file system knows no holes, every place may hold data. */
    uint64_t data = source_data(&source, 0);
    assert_true(data <= far);
    if (data > 0) {
        assert_true(far - data < 65536);
        assert_int_equal(source_data(&source, far + (1 << 20)), source.size);
    }
    assert_int_equal(source_data(&source, far), far);
    assert_true(source_slice(&source, far - 5, 10, &slice, &err));
    assert_true(source_data(&slice, 0) <= 5);
    assert_int_equal(source_data(&source, source.size + 1), source.size + 1);
    fclose(file);
    struct source memory = source_from_bytes(BYTES("abc"));
    assert_int_equal(source_data(&memory, 1), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_and_memory_read_alike),
    cmocka_unit_test(ranges_beyond_the_end_are_malformed_input),
    cmocka_unit_test(loads_no_more_than_allowed),
    cmocka_unit_test(views_memory_where_it_is_and_files_in_the_buffer),
    cmocka_unit_test(holds_the_part_that_it_shows),
    cmocka_unit_test(a_file_cut_while_it_is_read_is_an_error),
    cmocka_unit_test(a_cache_reads_what_the_file_has),
    cmocka_unit_test(a_cache_has_nothing_of_what_was_cut_off),
    cmocka_unit_test(only_regular_files_are_sources),
    cmocka_unit_test(a_hole_of_gigabytes_costs_nothing),
    cmocka_unit_test(passes_over_holes),
};
UNIT_MAIN(tests)
