// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/ranges.h"

#include <stdlib.h>

#define PIECE 131072
/* Pieces that differ are looked at in blocks of so many bytes: most of them are equal. */
#define BLOCK 256
/* Differences nearer to each other than this are one range: a changed number or text. */
#define NEAR 16

void range_list_init(struct range_list *list, size_t maximum, struct arena *arena)
{
    *list = (struct range_list){.items = ARENA_ARRAY(arena, maximum, struct byte_range),
                                .maximum = maximum};
}

static void add(struct range_list *list, uint64_t offset, uint64_t length, uint64_t gap)
{
    list->differing += length;
    struct byte_range *last = list->count == 0 ? NULL : &list->items[list->count - 1];
    if (last != NULL && offset - (last->offset + last->length) < gap) {
        last->length = offset + length - last->offset;
    } else if (list->count == list->maximum) {
        list->more = true;
    } else {
        list->items[list->count++] = (struct byte_range){offset, length};
    }
}

void range_add(struct range_list *list, uint64_t offset, uint64_t length)
{
    add(list, offset, length, NEAR);
}

void range_add_exactly(struct range_list *list, uint64_t offset, uint64_t length)
{
    add(list, offset, length, 1);
}

static void compare_block(const uint8_t *a, const uint8_t *b, size_t len, uint64_t offset,
                          struct range_list *list)
{
    for (size_t i = 0; i < len; i++) {
        size_t start = i;
        while (i < len && a[i] != b[i]) {
            i++;
        }
        if (i > start) {
            range_add(list, offset + start, i - start);
        }
    }
}

/* A loop of a fixed length, which compilers turn into few instructions. */
static unsigned count_in_block(const uint8_t *a, const uint8_t *b)
{
    unsigned count = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        count += a[i] != b[i];
    }
    return count;
}

static void compare_piece(const uint8_t *a, const uint8_t *b, size_t len, uint64_t offset,
                          struct range_list *list)
{
    if (memcmp(a, b, len) == 0) {
        return;
    }
    for (size_t at = 0; at < len; at += BLOCK) {
        size_t block = len - at < BLOCK ? len - at : BLOCK;
        if (list->more && block == BLOCK) {
            /* Nothing is kept any more but their number: all that follows lies further on. */
            list->differing += count_in_block(a + at, b + at);
        } else if (memcmp(a + at, b + at, block) != 0) {
            compare_block(a + at, b + at, block, offset + at, list);
        }
    }
}

/* Two pieces at a time. */
struct pieces {
    uint8_t *a, *b;
};

static void pieces_free(struct pieces *pieces)
{
    free(pieces->a);
    free(pieces->b);
}

static void pieces_init(struct pieces *pieces)
{
    *pieces = (struct pieces){malloc(PIECE), malloc(PIECE)};
    if (pieces->a == NULL || pieces->b == NULL) {
        bug("out of memory for %d bytes", PIECE);
    }
}

static bool read_pieces(struct pieces *pieces, const struct extent *a, const struct extent *b,
                        uint64_t at, size_t len, struct error *err)
{
    return (source_read(a->source, a->offset + at, pieces->a, len, err) ||
            error_prefix(err, "A")) &&
           (source_read(b->source, b->offset + at, pieces->b, len, err) || error_prefix(err, "B"));
}

/* What is in memory is compared where it is. */
static bool view_pieces(const struct pieces *pieces, const struct extent *a, const struct extent *b,
                        uint64_t at, size_t len, struct bytes ret[2], struct error *err)
{
    return (source_view(a->source, a->offset + at, pieces->a, len, &ret[0], err) ||
            error_prefix(err, "A")) &&
           (source_view(b->source, b->offset + at, pieces->b, len, &ret[1], err) ||
            error_prefix(err, "B"));
}

static uint64_t common_size(const struct extent *a, const struct extent *b)
{
    return a->size < b->size ? a->size : b->size;
}

/* A hole in both is equal without being read. */
static uint64_t next_data(const struct extent *a, const struct extent *b, uint64_t at)
{
    uint64_t data_a = source_data(a->source, a->offset + at) - a->offset;
    uint64_t data_b = source_data(b->source, b->offset + at) - b->offset;
    uint64_t next = data_a < data_b ? data_a : data_b;
    return next > at ? next : at;
}

bool ranges_compare(const struct extent *a, const struct extent *b, struct range_list *list,
                    struct error *err)
{
    AUTO(pieces) struct pieces pieces;
    struct bytes views[2];
    uint64_t common = common_size(a, b);
    pieces_init(&pieces);
    for (uint64_t at = next_data(a, b, 0); at < common;) {
        uint64_t left = common - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (!view_pieces(&pieces, a, b, at, len, views, err)) {
            return false;
        }
        compare_piece(views[0].data, views[1].data, len, a->offset + at, list);
        at = next_data(a, b, at + len);
    }
    uint64_t longest = a->size < b->size ? b->size : a->size;
    if (longest > common) {
        range_add(list, a->offset + common, longest - common);
    }
    return true;
}

static void blank(uint8_t *piece, uint64_t start, size_t len, const struct range_list *masks)
{
    for (size_t i = 0; i < masks->count; i++) {
        const struct byte_range *mask = &masks->items[i];
        uint64_t end = mask->offset + mask->length;
        uint64_t from = mask->offset > start ? mask->offset : start;
        uint64_t to = end < start + len ? end : start + len;
        if (from < to) {
            memset(piece + (from - start), 0, (size_t)(to - from));
        }
    }
}

bool extents_equal(const struct extent *a, const struct range_list *masks_a, const struct extent *b,
                   const struct range_list *masks_b, bool *ret, struct error *err)
{
    AUTO(pieces) struct pieces pieces;
    bool equal = a->size == b->size;
    pieces_init(&pieces);
    for (uint64_t at = 0; equal && at < a->size; at += PIECE) {
        uint64_t left = a->size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (!read_pieces(&pieces, a, b, at, len, err)) {
            return false;
        }
        blank(pieces.a, a->offset + at, len, masks_a);
        blank(pieces.b, b->offset + at, len, masks_b);
        equal = memcmp(pieces.a, pieces.b, len) == 0;
    }
    *ret = equal;
    return true;
}
