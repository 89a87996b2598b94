/* Which -X flags, in which order among the others, give part 1 of a build ID.
 *
 * The values are known (read off the published file), their variables are not, or only as
 * candidates; link_search.h hashes all combinations. */
#pragma once

#include "verifier/inspect.h"
#include "verifier/recipe/link_search.h"
#include "verifier/recipe/variables.h"

/* More values than this are not searched for. */
#define VALUE_SEARCH_VALUES 10
/* Variables that one value is tried with. */
#define VALUE_SEARCH_NAMES 512

struct searched_value {
    const struct planted_value *planted;
    const char **definitions; /* "PKG.VAR=VALUE", the likeliest first */
    size_t count;
};

struct value_search {
    struct searched_value values[VALUE_SEARCH_VALUES];
    size_t value_count;
};

/* The values of FILE that have symbols; without symbols, what the trial REBUILD, linked without -X,
 * has not. False with RET untouched if that is nothing or too much. NAMES may be empty where there
 * are symbols. */
CHECKED bool value_search_init(const struct inspection *file, const struct inspection *rebuild,
                               const struct variables *names, struct arena *arena,
                               struct value_search *ret);

/* As link_search_run, with SEARCH's hash, part1, most, jobs and progress: the values beside FLAGS
 * (COUNT of them, each of which is used). */
CHECKED bool value_search_run(const struct value_search *values, const struct flag_group *flags,
                              size_t count, const struct link_search *search, struct arena *arena,
                              struct link_find *ret);

/* The first guess: FLAGS, then each value with its likeliest variable. */
void value_search_guess(const struct value_search *values, const struct flag_group *flags,
                        size_t count, struct link_candidate *ret);
