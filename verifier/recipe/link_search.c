// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/link_search.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"

#define THREADS_MAXIMUM 64
/* How often progress is told: a few times a second. */
#define TOLD_EVERY 16384

struct shared {
    const struct link_search *search;
    unsigned jobs;
    uint64_t end;
    double start;
    atomic_ullong best; /* the first fitting candidate known so far */
};

struct worker {
    struct shared *shared;
    unsigned index;
    pthread_t thread;
    bool started;
};

static bool fits(const struct link_search *search, uint64_t number)
{
    struct link_candidate candidate = {.count = 0};
    char part1[BUILD_ID_PART_LEN + 1];
    search->spell(search->context, number, &candidate);
    link_hash_part1(search->hash, candidate.words, candidate.count, part1);
    return strcmp(part1, search->part1) == 0;
}

static void lower_best(struct shared *shared, uint64_t number)
{
    unsigned long long now = atomic_load(&shared->best);
    while (number < now && !atomic_compare_exchange_weak(&shared->best, &now, number)) {
    }
}

static void tell(const struct worker *worker, uint64_t number)
{
    const struct link_search *search = worker->shared->search;
    if (worker->index == 0 && search->progress != NULL &&
        number / worker->shared->jobs % TOLD_EVERY == 0) {
        search->progress(search->progress_context, number, clock_seconds() - worker->shared->start);
    }
}

/* Each thread takes every so-manieth candidate. */
static void *run_worker(void *context)
{
    struct worker *worker = context;
    struct shared *shared = worker->shared;
    for (uint64_t number = worker->index; number < shared->end; number += shared->jobs) {
        if (number > atomic_load(&shared->best) || interrupt_signal() != 0) {
            break;
        }
        tell(worker, number);
        if (fits(shared->search, number)) {
            lower_best(shared, number);
            break;
        }
    }
    return NULL;
}

/* The caller's own thread is the first worker. */
static void run_workers(struct shared *shared)
{
    struct worker workers[THREADS_MAXIMUM] = {0};
    for (unsigned i = 0; i < shared->jobs; i++) {
        workers[i].shared = shared;
        workers[i].index = i;
        workers[i].started =
            i > 0 && pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) == 0;
    }
    for (unsigned i = 0; i < shared->jobs; i++) {
        if (!workers[i].started) {
            run_worker(&workers[i]);
        }
    }
    for (unsigned i = 0; i < shared->jobs; i++) {
        if (workers[i].started) {
            pthread_join(workers[i].thread, NULL);
        }
    }
}

bool link_search_run(const struct link_search *search, struct arena *arena, struct link_find *ret)
{
    struct shared shared = {
        .search = search,
        .jobs = search->jobs == 0                ? 1
                : search->jobs > THREADS_MAXIMUM ? THREADS_MAXIMUM
                                                 : search->jobs,
        .end = search->total < search->most ? search->total : search->most,
        .start = clock_seconds(),
    };
    atomic_init(&shared.best, UINT64_MAX);
    run_workers(&shared);
    uint64_t best = atomic_load(&shared.best);
    bool found = best != UINT64_MAX;
    *ret = (struct link_find){.tried = found ? best + 1 : shared.end};
    if (found) {
        struct link_candidate candidate = {.count = 0};
        search->spell(search->context, best, &candidate);
        ret->flags = ARENA_ARRAY(arena, candidate.count + 1, const char *);
        ret->count = candidate.count;
        memcpy(ret->flags, candidate.words, candidate.count * sizeof(*ret->flags));
    }
    ret->seconds = clock_seconds() - shared.start;
    return found;
}

void link_candidate_add(struct link_candidate *candidate, const struct flag_group *group)
{
    for (size_t i = 0; i < group->count && candidate->count < LINK_SEARCH_WORDS; i++) {
        candidate->words[candidate->count++] = group->words[i];
    }
}

/* COUNT * (COUNT - 1) * ... with LEN factors; UINT64_MAX if that is too much. */
static uint64_t falling(size_t count, size_t len)
{
    uint64_t product = 1;
    for (size_t i = 0; i < len; i++) {
        if (__builtin_mul_overflow(product, (uint64_t)(count - i), &product)) {
            return UINT64_MAX;
        }
    }
    return product;
}

uint64_t orders_of(size_t n)
{
    return falling(n, n);
}

void order_at_number(uint64_t number, size_t count, size_t len, uint8_t *ret)
{
    uint32_t used = 0;
    for (size_t i = 0; i < len; i++) {
        uint64_t block = falling(count - 1 - i, len - 1 - i);
        uint64_t skip = number / block;
        number %= block;
        uint8_t at = 0;
        while ((used >> at & 1) != 0 || skip-- > 0) {
            at++;
        }
        used |= 1U << at;
        ret[i] = at;
    }
}

uint64_t group_orders_total(const struct group_orders *orders)
{
    uint64_t total = 0;
    for (size_t len = 0; len <= orders->count; len++) {
        total += falling(orders->count, len);
    }
    return total;
}

void group_orders_spell(const void *context, uint64_t number, struct link_candidate *ret)
{
    const struct group_orders *orders = context;
    uint8_t order[LINK_SEARCH_GROUPS];
    size_t len = 0;
    while (number >= falling(orders->count, len)) {
        number -= falling(orders->count, len++);
    }
    order_at_number(number, orders->count, len, order);
    for (size_t i = 0; i < len; i++) {
        link_candidate_add(ret, &orders->groups[order[i]]);
    }
}
