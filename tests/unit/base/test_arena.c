// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include "tests/unit/unit.h"

static void memory_is_zeroed_aligned_and_distinct(void **state)
{
    (void)state;
    struct arena arena = {0};
    uint8_t *last = NULL;
    for (size_t size = 0; size < 300; size++) {
        uint8_t *piece = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        assert_true(piece != last);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(piece[i], 0);
        }
        memset(piece, 0xff, size);
        last = piece;
    }
    arena_free(&arena);
}

static void large_pieces_do_not_end_the_current_chunk(void **state)
{
    (void)state;
    struct arena arena = {0};
    uint8_t *small = arena_alloc(&arena, 16);
    uint8_t *large = arena_alloc(&arena, 1 << 20);
    large[(1 << 20) - 1] = 1;
    uint8_t *next = arena_alloc(&arena, 16);
    assert_ptr_equal(next, small + 16);
    arena_free(&arena);
}

static void copies_are_terminated(void **state)
{
    (void)state;
    struct arena arena = {0};
    char source[] = {'a', '\0', 'b'};
    assert_string_equal(arena_string(&arena, "text"), "text");
    assert_string_equal(arena_string(&arena, NULL), "");
    char *text = arena_text(&arena, bytes_from(source, 3));
    assert_memory_equal(text, "a\0b", 4);
    struct bytes copy = arena_bytes(&arena, bytes_from(source, 3));
    source[0] = 'x';
    assert_bytes(copy, BYTES("a\0b"));
    assert_string_equal(arena_printf(&arena, "%s/%d", "x", 7), "x/7");
    arena_free(&arena);
}

static void arrays_grow_and_keep_their_content(void **state)
{
    (void)state;
    struct arena arena = {0};
    uint32_t *numbers = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        arena_grow(&arena, &numbers, i, &capacity, sizeof(*numbers));
        numbers[i] = i;
    }
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(numbers[i], i);
    }
    assert_true(capacity >= 10000);
    arena_free(&arena);
}

static void is_ready_again_after_being_freed(void **state)
{
    (void)state;
    struct arena arena = {0};
    arena_free(&arena);
    assert_non_null(arena_alloc(&arena, 10));
    arena_free(&arena);
    assert_null(arena.chunks);
    assert_non_null(ARENA_ARRAY(&arena, 3, uint64_t));
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(memory_is_zeroed_aligned_and_distinct),
    cmocka_unit_test(large_pieces_do_not_end_the_current_chunk),
    cmocka_unit_test(copies_are_terminated),
    cmocka_unit_test(arrays_grow_and_keep_their_content),
    cmocka_unit_test(is_ready_again_after_being_freed),
};
UNIT_MAIN(tests)
