// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(max_align_t) uint8_t data[];
};

#define CHUNK_SIZE 16384

static struct arena_chunk *chunk_new(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = calloc(1, sizeof(*chunk) + size);
    if (chunk == NULL) {
        bug("out of memory for %zu bytes", size);
    }
    chunk->size = size;
    /* A large piece goes behind the current chunk, whose room stays in use. */
    if (arena->chunks != NULL && size > CHUNK_SIZE) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t alignment = _Alignof(max_align_t);
    if (size > SIZE_MAX / 2) {
        bug("allocation of %zu bytes", size);
    }
    size = size == 0 ? alignment : (size + alignment - 1) / alignment * alignment;
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        chunk = chunk_new(arena, size > CHUNK_SIZE / 4 ? (size > CHUNK_SIZE ? size : CHUNK_SIZE + 1)
                                                       : CHUNK_SIZE);
    }
    void *place = chunk->data + chunk->used;
    chunk->used += size;
    return place;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        bug("array of %zu elements of %zu bytes", count, size);
    }
    return arena_alloc(arena, total);
}

char *arena_text(struct arena *arena, struct bytes text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    if (text.len > 0) {
        memcpy(copy, text.data, text.len);
    }
    return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
    return arena_text(arena, bytes_from_string(text));
}

struct bytes arena_bytes(struct arena *arena, struct bytes bytes)
{
    return bytes_from(arena_text(arena, bytes), bytes.len);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        bug("format %s", format);
    }
    char *text = arena_alloc(arena, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

void arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return;
    }
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *larger = arena_array(arena, wanted, size);
    if (count > 0) {
        memcpy(larger, *(void **)items, count * size);
    }
    *(void **)items = larger;
    *capacity = wanted;
}

void arena_free(struct arena *arena)
{
    while (arena->chunks != NULL) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
}
