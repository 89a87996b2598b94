// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/embedded_diff.h"
#include "verifier/compare/ladder_internal.h"

#include <stdlib.h>

enum { SIGNATURE, BUILD_ID, STRIP, EMBEDDED, RUNGS };

/* From the least that is left out to the most. What is embedded is looked at last: each of these
 * again, and nothing else besides, with EMBEDDED. */
static const unsigned orders[] = {
    0,
    1U << SIGNATURE,
    1U << BUILD_ID,
    1U << SIGNATURE | 1U << BUILD_ID,
    1U << STRIP,
    1U << STRIP | 1U << SIGNATURE,
    1U << STRIP | 1U << BUILD_ID,
    1U << STRIP | 1U << SIGNATURE | 1U << BUILD_ID,
};

struct climb {
    const struct image *images[2];
    struct arena *arena;
    struct rung rungs[RUNGS];
    unsigned have; /* bits of those that apply */
};

/* All that the rungs in CHOICE leave out of side SIDE. */
static struct cut unite(const struct climb *climb, unsigned choice, size_t side)
{
    struct cut all = {.end = climb->images[side]->source.size};
    size_t most = 0;
    for (unsigned i = 0; i < RUNGS; i++) {
        most += climb->rungs[i].cuts[side].masks.count;
    }
    range_list_init(&all.masks, most, climb->arena);
    for (unsigned i = 0; i < RUNGS; i++) {
        const struct cut *cut = &climb->rungs[i].cuts[side];
        if ((choice >> i & 1) == 0) {
            continue;
        }
        all.end = cut->end < all.end ? cut->end : all.end;
        for (size_t k = 0; k < cut->masks.count; k++) {
            all.masks.items[all.masks.count++] = cut->masks.items[k];
        }
    }
    return all;
}

static bool try(const struct climb *climb, unsigned choice, bool *ret, struct error *err)
{
    struct cut a = unite(climb, choice, 0);
    struct cut b = unite(climb, choice, 1);
    if ((choice >> STRIP & 1) != 0) {
        const struct range_list *const masks[2] = {&a.masks, &b.masks};
        return strip_equal(climb->images, masks, ret, err);
    }
    struct extent left = {&climb->images[0]->source, 0, a.end};
    struct extent right = {&climb->images[1]->source, 0, b.end};
    return extents_equal(&left, &a.masks, &right, &b.masks, ret, err);
}

/* The masks, and the tail behind the cut. */
static struct byte_range *ranges_of(const struct climb *climb, const struct rung *rung, size_t side,
                                    size_t *ret_count)
{
    const struct cut *cut = &rung->cuts[side];
    uint64_t size = climb->images[side]->source.size;
    struct byte_range *ranges = ARENA_ARRAY(climb->arena, cut->masks.count + 1, struct byte_range);
    size_t count = 0;
    for (size_t i = 0; i < cut->masks.count; i++) {
        if (cut->masks.items[i].length > 0) {
            ranges[count++] = cut->masks.items[i];
        }
    }
    if (cut->end < size) {
        ranges[count++] = (struct byte_range){cut->end, size - cut->end};
    }
    *ret_count = count;
    return ranges;
}

static bool holds_embedded(const struct range_list *masks, const struct diff_part *part)
{
    for (size_t i = 0; i < masks->count; i++) {
        if (masks->items[i].offset - part->offset_a < part->size_a) {
            return true;
        }
    }
    return false;
}

/* What strip leaves out besides fields of headers: the parts that one side has alone, and what is
 * not loaded and differs, as headers and names of sections. */
static struct byte_range *stripped_ranges(const struct climb *climb, const struct diff *diff,
                                          unsigned choice, size_t side, size_t *ret_count)
{
    size_t count;
    struct byte_range *fields = ranges_of(climb, &climb->rungs[STRIP], side, &count);
    struct byte_range *ranges =
        ARENA_ARRAY(climb->arena, count + diff->part_count, struct byte_range);
    memcpy(ranges, fields, count * sizeof(*ranges));
    for (size_t i = 0; i < diff->part_count; i++) {
        const struct diff_part *part = &diff->parts[i];
        uint64_t size = side == 0 ? part->size_a : part->size_b;
        bool symbols = part->state == (side == 0 ? DIFF_ONLY_A : DIFF_ONLY_B);
        /* What is loaded is equal, so these are not; but for the fields and IDs told already. */
        bool unloaded = part->state == DIFF_CHANGED && strcmp(part->role, "notes") != 0 &&
                        part->offset_a > 0 &&
                        !((choice >> EMBEDDED & 1) != 0 &&
                          holds_embedded(&climb->rungs[EMBEDDED].cuts[0].masks, part));
        if (size > 0 && (symbols || unloaded)) {
            ranges[count++] =
                (struct byte_range){side == 0 ? part->offset_a : part->offset_b, size};
        }
    }
    *ret_count = count;
    return ranges;
}

static void record(const struct climb *climb, unsigned choice, struct diff *ret)
{
    ret->verdict = DIFF_EQUIVALENT;
    ret->removed = ARENA_ARRAY(climb->arena, RUNGS, struct diff_removed);
    for (unsigned i = 0; i < RUNGS; i++) {
        const struct rung *rung = &climb->rungs[i];
        if ((choice >> i & 1) == 0) {
            continue;
        }
        struct diff_removed *removed = &ret->removed[ret->removed_count++];
        *removed =
            (struct diff_removed){.name = rung->name, .version = rung->version, .how = rung->how};
        removed->ranges_a = i == STRIP ? stripped_ranges(climb, ret, choice, 0, &removed->count_a)
                                       : ranges_of(climb, rung, 0, &removed->count_a);
        removed->ranges_b = i == STRIP ? stripped_ranges(climb, ret, choice, 1, &removed->count_b)
                                       : ranges_of(climb, rung, 1, &removed->count_b);
    }
}

/* Tries all orders, with the rungs of ALWAYS in each. */
static bool climb_orders(const struct climb *climb, unsigned always, struct diff *ret,
                         struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        unsigned choice = orders[i] | always;
        bool equal;
        if (choice == 0 || (choice & climb->have) != choice) {
            continue;
        }
        if (!try(climb, choice, &equal, err)) {
            return false;
        }
        if (equal) {
            record(climb, choice, ret);
            return true;
        }
    }
    return true;
}

bool ladder_climb(const struct image *a, const struct image *b, struct arena *arena,
                  struct diff *ret, struct error *err)
{
    struct climb climb = {.images = {a, b}, .arena = arena};
    const char *const ids[2] = {ret->a.build_id, ret->b.build_id};
    struct rung *rungs = climb.rungs;
    if (a->format != b->format || a->pointer_size != b->pointer_size) {
        return true;
    }
    climb.have |= rung_signature(climb.images, arena, &rungs[SIGNATURE]) ? 1U << SIGNATURE : 0;
    climb.have |= rung_build_id(climb.images, ids, arena, &rungs[BUILD_ID]) ? 1U << BUILD_ID : 0;
    climb.have |= rung_strip(climb.images, ret, arena, &rungs[STRIP]) ? 1U << STRIP : 0;
    if (!climb_orders(&climb, 0, ret, err)) {
        return false;
    }
    if (ret->verdict != DIFF_DIFFERENT) {
        return true;
    }
    if (!embedded_diff(climb.images, arena, ret, err)) {
        return false;
    }
    if (!rung_embedded(climb.images, ret, arena, &rungs[EMBEDDED])) {
        return true;
    }
    climb.have |= 1U << EMBEDDED;
    return climb_orders(&climb, 1U << EMBEDDED, ret, err);
}
