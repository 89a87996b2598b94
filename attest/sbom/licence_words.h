/* Text as the licence matcher sees it: words without case, punctuation and layout, and the hashes
 * of each three in a row.
 *
 * A word is a run of two or more ASCII letters and digits in lower case, dots between digits
 * included ("2.0"); "http" and "https" are
 * none, "licence..." counts as "license...". Single characters are mostly the bullets of a list.
 * licences.py makes the table by the same rules: neither changes without the other. */
#pragma once

#include "base/arena.h"

struct licence_triple {
    uint32_t hash;
    uint32_t start, end; /* where the three words stand in the text, in bytes */
};

/* The triples of TEXT (less than 4 GiB) in their order; in ARENA. */
size_t licence_triples(struct bytes text, struct arena *arena, struct licence_triple **ret);
