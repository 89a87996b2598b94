/* Finds the text of -ldflags from part 1 of a build ID, by hashing candidates; nothing is built.
 *
 * Candidates have numbers from 0, the likeliest first, and are spelled out from their number: so
 * any number of threads share them out, and the find has the same number however many there were.
 */
#pragma once

#include "verifier/recipe/link_hash.h"

#define LINK_SEARCH_WORDS 128

/* One candidate: flags after shell splitting. */
struct link_candidate {
    const char *words[LINK_SEARCH_WORDS];
    size_t count;
};

struct link_search {
    const struct link_hash *hash;
    const char *part1; /* what is looked for */
    void (*spell)(const void *context, uint64_t number, struct link_candidate *ret);
    const void *context;
    uint64_t total; /* of the candidates that SPELL knows */
    uint64_t most;  /* to be tried */
    unsigned jobs;  /* threads */
    void (*progress)(void *context, uint64_t tried, double seconds); /* may be NULL */
    void *progress_context;
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

/* Flags that stay together: "-X" and its value are one group. */
struct flag_group {
    const char *words[2];
    size_t count; /* 1 or 2 */
};

/* All orders of all subsets of some groups, few first. More groups than this give more candidates
 * than anybody waits for. */
#define LINK_SEARCH_GROUPS 12
struct group_orders {
    const struct flag_group *groups;
    size_t count; /* at most LINK_SEARCH_GROUPS */
};
uint64_t group_orders_total(const struct group_orders *orders);
/* For link_search.spell; CONTEXT is a struct group_orders. */
void group_orders_spell(const void *context, uint64_t number, struct link_candidate *ret);

/* N!; UINT64_MAX if it is larger. */
uint64_t orders_of(size_t n);
/* The order with number NUMBER, in lexical order, of LEN out of COUNT (at most 20) things. */
void order_at_number(uint64_t number, size_t count, size_t len, uint8_t *ret);
/* Appends the words of GROUP as far as there is room. */
void link_candidate_add(struct link_candidate *candidate, const struct flag_group *group);
