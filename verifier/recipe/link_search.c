// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/link_search.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"

#define THREADS_MAXIMUM 64

/* Which groups, in which order. */
struct candidate {
    uint8_t order[LINK_SEARCH_GROUPS];
    size_t len;
};

struct shared {
    const struct link_search *search;
    atomic_ullong best; /* number of the first fitting candidate known so far */
};

struct worker {
    struct shared *shared;
    unsigned index;
    pthread_t thread;
    bool started;
    struct candidate found; /* the one that set shared->best */
    uint64_t found_number, seen;
};

static bool fits(const struct link_search *search, const struct candidate *candidate)
{
    const char *flags[2 * LINK_SEARCH_GROUPS];
    size_t count = 0;
    char part1[BUILD_ID_PART_LEN + 1];
    for (size_t i = 0; i < candidate->len; i++) {
        const struct flag_group *group = &search->groups[candidate->order[i]];
        for (size_t k = 0; k < group->count; k++) {
            flags[count++] = group->words[k];
        }
    }
    link_hash_part1(search->hash, flags, count, part1);
    return strcmp(part1, search->part1) == 0;
}

static void lower_best(struct shared *shared, uint64_t number)
{
    unsigned long long now = atomic_load(&shared->best);
    while (number < now && !atomic_compare_exchange_weak(&shared->best, &now, number)) {
    }
}

/* Steps to the next candidate of the same length, in lexical order; false after the last. */
static bool next_candidate(struct candidate *candidate, size_t groups)
{
    bool used[LINK_SEARCH_GROUPS] = {false};
    for (size_t i = 0; i < candidate->len; i++) {
        used[candidate->order[i]] = true;
    }
    for (size_t i = candidate->len; i-- > 0;) {
        used[candidate->order[i]] = false;
        uint8_t value = (uint8_t)(candidate->order[i] + 1);
        while (value < groups && used[value]) {
            value++;
        }
        if (value == groups) {
            continue;
        }
        candidate->order[i] = value;
        used[value] = true;
        for (size_t k = i + 1; k < candidate->len; k++) {
            uint8_t smallest = 0;
            while (used[smallest]) {
                smallest++;
            }
            candidate->order[k] = smallest;
            used[smallest] = true;
        }
        return true;
    }
    return false;
}

static struct candidate first_candidate(size_t len)
{
    struct candidate candidate = {.len = len};
    for (size_t i = 0; i < len; i++) {
        candidate.order[i] = (uint8_t)i;
    }
    return candidate;
}

/* Each thread goes through all candidates and hashes its share: stepping costs a hundredth. */
static void *run_worker(void *context)
{
    struct worker *worker = context;
    const struct link_search *search = worker->shared->search;
    for (size_t len = 0; len <= search->group_count; len++) {
        struct candidate candidate = first_candidate(len);
        do {
            uint64_t number = ++worker->seen;
            if (number > search->most || number > atomic_load(&worker->shared->best) ||
                interrupt_signal() != 0) {
                return NULL;
            }
            if (number % search->jobs == worker->index && fits(search, &candidate)) {
                worker->found = candidate;
                worker->found_number = number;
                lower_best(worker->shared, number);
                return NULL;
            }
        } while (next_candidate(&candidate, search->group_count));
    }
    worker->seen++;
    return NULL;
}

static void spell_out(const struct link_search *search, const struct worker *worker,
                      struct arena *arena, struct link_find *ret)
{
    ret->flags = ARENA_ARRAY(arena, 2 * LINK_SEARCH_GROUPS, const char *);
    ret->tried = worker->found_number;
    for (size_t i = 0; i < worker->found.len; i++) {
        const struct flag_group *group = &search->groups[worker->found.order[i]];
        for (size_t k = 0; k < group->count; k++) {
            ret->flags[ret->count++] = group->words[k];
        }
    }
}

bool link_search_run(const struct link_search *search, struct arena *arena, struct link_find *ret)
{
    struct link_search bounded = *search;
    struct worker workers[THREADS_MAXIMUM] = {0};
    struct shared shared = {.search = &bounded};
    double start = clock_seconds();
    bounded.jobs = search->jobs == 0                ? 1
                   : search->jobs > THREADS_MAXIMUM ? THREADS_MAXIMUM
                                                    : search->jobs;
    bounded.group_count =
        search->group_count > LINK_SEARCH_GROUPS ? LINK_SEARCH_GROUPS : search->group_count;
    atomic_init(&shared.best, UINT64_MAX);
    for (unsigned i = 0; i < bounded.jobs; i++) {
        workers[i].shared = &shared;
        workers[i].index = i;
        workers[i].started = pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) == 0;
        if (!workers[i].started) {
            run_worker(&workers[i]);
        }
    }
    *ret = (struct link_find){0};
    bool found = false;
    for (unsigned i = 0; i < bounded.jobs; i++) {
        if (workers[i].started) {
            pthread_join(workers[i].thread, NULL);
        }
    }
    for (unsigned i = 0; i < bounded.jobs; i++) {
        if (workers[i].found_number != 0 && workers[i].found_number == atomic_load(&shared.best)) {
            spell_out(&bounded, &workers[i], arena, ret);
            found = true;
        } else if (!found && workers[i].seen > 0) {
            ret->tried = workers[i].seen - 1;
        }
    }
    ret->seconds = clock_seconds() - start;
    return found;
}
