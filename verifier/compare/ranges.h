/* Where two ranges of two files differ, byte against byte, in constant memory. */
#pragma once

#include "base/arena.h"
#include "base/source.h"
#include "verifier/compare/compare.h"

/* Ranges in A's offsets, ascending; what lies close together is one range. */
struct range_list {
    struct byte_range *items; /* MAXIMUM of them */
    size_t count, maximum;
    bool more;
    uint64_t differing; /* bytes */
};

void range_list_init(struct range_list *list, size_t maximum, struct arena *arena);
void range_add(struct range_list *list, uint64_t offset, uint64_t length);

/* As range_add, but of these bytes alone: for what is left out of a comparison. */
void range_add_exactly(struct range_list *list, uint64_t offset, uint64_t length);

/* A part of a file. */
struct extent {
    const struct source *source;
    uint64_t offset, size;
};

/* Adds what differs; what one extent has more counts as different. */
CHECKED bool ranges_compare(const struct extent *a, const struct extent *b, struct range_list *list,
                            struct error *err);

/* True if both are equal, once the bytes of A in MASKS_A and those of B in MASKS_B (offsets of the
 * files) read as zero. Stops at the first difference. */
CHECKED bool extents_equal(const struct extent *a, const struct range_list *masks_a,
                           const struct extent *b, const struct range_list *masks_b, bool *ret,
                           struct error *err);
