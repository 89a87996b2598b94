// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "verifier/compare/ladder_internal.h"
#include "verifier/image/embedded.h"

#define NAMES_SHOWN 3

/* The same place in both: then nothing but the content and its hash has to be left out, and what is
 * left out is what B's table (a rebuild's, say) says that it is. */
static bool is_in_place(const struct diff_embedded *item)
{
    return item->state == DIFF_CHANGED && item->a.whole && item->b.whole &&
           item->a.size == item->b.size && item->a.offset == item->b.offset &&
           item->a.hash_offset == item->b.hash_offset && item->a.hash_offset > 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct byte_range *left = a;
    const struct byte_range *right = b;
    return (left->offset > right->offset) - (left->offset < right->offset);
}

/* Files of the same content stand in the same place: each byte is told once. */
static size_t join_ranges(struct byte_range *ranges, size_t count)
{
    size_t kept = 0;
    qsort(ranges, count, sizeof(*ranges), by_offset);
    for (size_t i = 0; i < count; i++) {
        struct byte_range *last = kept == 0 ? NULL : &ranges[kept - 1];
        if (last == NULL || ranges[i].offset > last->offset + last->length) {
            ranges[kept++] = ranges[i];
        } else if (ranges[i].offset + ranges[i].length > last->offset + last->length) {
            last->length = ranges[i].offset + ranges[i].length - last->offset;
        }
    }
    return kept;
}

static const char *name_files(const struct diff *diff, struct arena *arena)
{
    const char *text = "left out of both:";
    for (size_t i = 0; i < diff->embedded_count && i < NAMES_SHOWN; i++) {
        text = arena_printf(arena, "%s%s %s", text, i == 0 ? "" : ",", diff->embedded[i].name);
    }
    return diff->embedded_count <= NAMES_SHOWN
               ? text
               : arena_printf(arena, "%s and %zu more", text, diff->embedded_count - NAMES_SHOWN);
}

bool rung_embedded(const struct image *const images[2], const struct diff *diff,
                   struct arena *arena, struct rung *ret)
{
    *ret = (struct rung){.name = "embedded-files", .version = 1};
    if (diff->embedded_count == 0 || diff->embedded_total > diff->embedded_count) {
        return false;
    }
    struct byte_range *ranges = ARENA_ARRAY(arena, diff->embedded_count * 2, struct byte_range);
    size_t count = 0;
    for (size_t i = 0; i < diff->embedded_count; i++) {
        const struct diff_embedded *item = &diff->embedded[i];
        if (!is_in_place(item)) {
            return false;
        }
        ranges[count++] = (struct byte_range){item->a.offset, item->a.size};
        ranges[count++] = (struct byte_range){item->a.hash_offset, EMBEDDED_HASH_LEN};
    }
    count = join_ranges(ranges, count);
    for (size_t i = 0; i < 2; i++) {
        ret->cuts[i] = (struct cut){
            .masks = {.items = ranges, .count = count, .maximum = count},
            .end = images[i]->source.size,
        };
    }
    ret->how = name_files(diff, arena);
    return true;
}
