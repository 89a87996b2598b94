/* Finds the text of -ldflags from part 1 of a build ID, by hashing candidates; nothing is built.
 *
 * Candidates are all orders of all subsets of some groups of flags, few flags first. A group stays
 * together: "-X" and its value are one. */
#pragma once

#include "verifier/recipe/link_hash.h"

struct flag_group {
    const char *words[2];
    size_t count; /* 1 or 2 */
};

/* More groups than this give more candidates than anybody waits for. */
#define LINK_SEARCH_GROUPS 12

struct link_search {
    const struct link_hash *hash;
    const char *part1; /* what is looked for */
    const struct flag_group *groups;
    size_t group_count;
    uint64_t most; /* candidates */
    unsigned jobs; /* threads */
};

struct link_find {
    const char **flags;
    size_t count;
    uint64_t tried; /* the find's number among the candidates, from 1 */
    double seconds;
};

/* True if a candidate fits: RET tells it. Otherwise only RET's tried and seconds are set. */
CHECKED bool link_search_run(const struct link_search *search, struct arena *arena,
                             struct link_find *ret);
