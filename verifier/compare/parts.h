/* The parts that a file is made of: its sections, and what lies outside of them, so that each byte
 * belongs to exactly one part; and the parts of two files side by side. */
#pragma once

#include "verifier/compare/diff.h"
#include "verifier/image/image.h"

struct part {
    const char *name, *role;
    uint64_t offset, size;
};

struct part_list {
    struct part *items;
    size_t count;
};

/* In the order of the file. */
CHECKED bool parts_read(const struct image *image, struct arena *arena, struct part_list *ret,
                        struct error *err);

/* The part that holds OFFSET; NULL if none does. */
const struct part *parts_at(const struct part_list *parts, uint64_t offset);

/* Matches the parts of A and B by name and compares each pair; fills in RET's parts. */
CHECKED bool parts_compare(const struct source *a, const struct part_list *parts_a,
                           const struct source *b, const struct part_list *parts_b,
                           struct arena *arena, struct diff *ret, struct error *err);

/* The part of RET called NAME, or NULL. */
const struct diff_part *diff_part_find(const struct diff *diff, const char *name);
