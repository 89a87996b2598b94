/* Between ladder.c and the files of single rungs. */
#pragma once

#include "verifier/compare/ladder.h"
#include "verifier/compare/ranges.h"

/* What a rung leaves out of one side. */
struct cut {
    struct range_list masks; /* read as zero */
    uint64_t end;            /* the file counts up to here */
};

/* One rung; both sides, A first. */
struct rung {
    const char *name, *how;
    uint32_t version;
    struct cut cuts[2];
};

/* Each is false where its rung does not apply to these two files. */
bool rung_signature(const struct image *const images[2], struct arena *arena, struct rung *ret);
bool rung_build_id(const struct image *const images[2], const char *const ids[2],
                   struct arena *arena, struct rung *ret);
/* The files that DIFF says are embedded and differ, where all of them are in the same place in
 * both; and their hashes. */
bool rung_embedded(const struct image *const images[2], const struct diff *diff,
                   struct arena *arena, struct rung *ret);
/* Adds the fields of headers that say where symbols are. Whether the two are equal but for symbols
 * and debug information is then strip_equal's to say, masks of other rungs included. */
bool rung_strip(const struct image *const images[2], const struct diff *diff, struct arena *arena,
                struct rung *ret);
CHECKED bool strip_equal(const struct image *const images[2],
                         const struct range_list *const masks[2], bool *ret, struct error *err);
