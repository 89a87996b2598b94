/* Memory for results that die together: allocated piece by piece, dropped in one call.
 *
 * A `struct arena` that is all zero is ready for use. Memory comes zeroed and aligned for any type.
 * Nothing is freed singly. Allocation failure aborts, so bound sizes from input first. */
#pragma once

#include <stddef.h>

#include "base/bytes.h"

struct arena {
    struct arena_chunk *chunks;
};

void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));

/* COUNT elements of SIZE bytes; aborts on overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

/* Copies, NUL-terminated. arena_text cuts at an embedded NUL; callers that care check before. */
char *arena_string(struct arena *arena, const char *text) __attribute__((returns_nonnull));
char *arena_text(struct arena *arena, struct bytes text) __attribute__((returns_nonnull));
struct bytes arena_bytes(struct arena *arena, struct bytes bytes);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3)
    __attribute__((returns_nonnull));

/* Grows the array at *ITEMS (of the arena, or NULL) so that one more element fits behind the COUNT
 * that are in use; *CAPACITY is the caller's. Amortised constant. */
void arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size);

/* Drops everything; the arena is ready for use again. */
void arena_free(struct arena *arena);
