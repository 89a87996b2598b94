// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "verifier/pipeline_internal.h"
#include "verifier/recipe/link_search.h"

#define DEFAULT_SEARCH 1000000

/* True if both files have build IDs, so that part 1 tells whether flags are the right ones. */
static bool has_oracle(const struct subject_run *run)
{
    return run->file->traits.parts[0][0] != '\0' && run->rebuild->traits.parts[0][0] != '\0';
}

static struct link_flags order_at(const struct recipe *recipe, size_t index)
{
    return (struct link_flags){recipe->ldflags_orders[index], recipe->ldflags_order_counts[index],
                               index};
}

bool first_flags(struct subject_run *run, struct link_flags *ret)
{
    if (run->recipe.order_count > 0) {
        *ret = order_at(&run->recipe, 0);
    } else {
        *ret = (struct link_flags){.number = SIZE_MAX};
    }
    return true;
}

/* Without a build ID nothing but relinking tells; the order is the recipe's. */
static bool next_order(struct subject_run *run, struct link_flags *ret)
{
    if (ret->number == SIZE_MAX || ret->number + 1 >= run->recipe.order_count) {
        return false;
    }
    *ret = order_at(&run->recipe, ret->number + 1);
    return true;
}

static bool gives_part1(const struct link_hash *hash, const struct link_flags *flags,
                        const char *part1)
{
    char own[BUILD_ID_PART_LEN + 1];
    link_hash_part1(hash, flags->words, flags->count, own);
    return strcmp(own, part1) == 0;
}

/* One of the orders that fit what the bytes show. */
static bool search_orders(struct subject_run *run, const struct link_hash *hash,
                          struct link_flags *ret)
{
    const struct recipe *recipe = &run->recipe;
    for (size_t i = 1; i < recipe->order_count; i++) {
        struct link_flags flags = order_at(recipe, i);
        if (gives_part1(hash, &flags, run->file->traits.parts[0])) {
            *ret = flags;
            recipe_assume(&run->result->notes, run->arena, "link-flags-searched",
                          "the order of -ldflags, found as candidate %zu of %zu by part 1 of the "
                          "build ID",
                          i + 1, recipe->order_count);
            return true;
        }
    }
    return false;
}

/* Flags that builders add though they often change nothing, in all orders and subsets. */
static bool search_widely(struct subject_run *run, const struct link_hash *hash,
                          struct link_flags *ret)
{
    static const struct flag_group groups[] = {
        {{"-s"}, 1},
        {{"-w"}, 1},
        {{"-extldflags", "-static"}, 2},
        {{"-extldflags=-static"}, 1},
        {{"-buildid="}, 1},
        {{"-s"}, 1},
        {{"-w"}, 1},
    };
    struct link_search search = {
        .hash = hash,
        .part1 = run->file->traits.parts[0],
        .groups = groups,
        .group_count = ARRAY_LEN(groups),
        .most = run->settings->search == 0 ? DEFAULT_SEARCH : run->settings->search,
        .jobs = run->settings->jobs,
    };
    struct link_find find;
    if (!link_search_run(&search, run->arena, &find)) {
        recipe_infer(&run->result->notes, run->arena, "ldflags", "not found",
                     "none of %llu candidates gives part 1 of the build ID (%.1f s)",
                     (unsigned long long)find.tried, find.seconds);
        return false;
    }
    *ret = (struct link_flags){find.flags, find.count, SIZE_MAX};
    recipe_assume(&run->result->notes, run->arena, "link-flags-searched",
                  "-ldflags found as candidate %llu by part 1 of the build ID",
                  (unsigned long long)find.tried);
    return true;
}

bool next_flags(struct subject_run *run, struct bytes hashes, struct link_flags *ret)
{
    struct link_hash hash;
    if (run->recipe.order_count == 0 || ret->number == SIZE_MAX) {
        return false;
    }
    if (!has_oracle(run) || !link_hash_parse(hashes, run->arena, &hash, NULL)) {
        return next_order(run, ret);
    }
    bool found = search_orders(run, &hash, ret) || search_widely(run, &hash, ret);
    link_hash_free(&hash);
    /* A find is relinked once: it fits by 120 bits. */
    ret->number = SIZE_MAX;
    return found;
}
