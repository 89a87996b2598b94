// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/licence_match.h"

#include <stdlib.h>

#include "attest/sbom/licence_words.h"

/* A licence that took another one's text and changed some words of it is told by these words. A few
 * of them may be a quirk of the list's text alone. */
#define OWN_LEAST 4
#define OWN_PERCENT 50

/* A text as triples, and which of them still count. */
struct text {
    struct licence_triple *triples;
    size_t count;
    bool *taken;
    uint32_t *counts; /* of each of the table's hashes in the window at hand; zero between */
};

/* One hash of a licence, seen. */
struct sighting {
    uint32_t place, hash; /* indices of a triple, and into the table's hashes */
};

/* Where one licence was seen, in ascending order. */
struct sightings {
    struct sighting *items;
    size_t count;
    size_t own; /* hits of what this licence alone has */
};

struct window {
    size_t first, last; /* indices of triples */
    size_t hits;
};

/* Lists for each licence where its hashes are seen. */
static struct sightings *sight(const struct licence_table *table, const struct text *text,
                               struct arena *arena)
{
    struct sightings *all = ARENA_ARRAY(arena, table->count, struct sightings);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < text->count; i++) {
            const struct licence_hash *entry = licence_table_find(table, text->triples[i].hash);
            for (; entry != NULL; entry = licence_table_next(table, entry)) {
                struct sightings *one = &all[entry->licence];
                if (entry->own) {
                    one->own += pass == 0;
                    continue;
                }
                if (pass == 1) {
                    one->items[one->count] =
                        (struct sighting){(uint32_t)i, (uint32_t)(entry - table->hashes)};
                }
                one->count++;
            }
        }
        for (size_t k = 0; pass == 0 && k < table->count; k++) {
            all[k].items = ARENA_ARRAY(arena, all[k].count, struct sighting);
            all[k].count = 0;
        }
    }
    return all;
}

/* What else may stand between the words of a licence: names, layout, comments on it. */
static size_t longest_span(const struct licence *licence)
{
    return licence->triples + licence->triples / 2 + 60;
}

/* Enters (or, with STEP -1, leaves) a sighting; true if that changes which hashes are there. */
static bool count_sighting(const struct text *text, const struct sighting *one, int step)
{
    uint32_t *count = &text->counts[one->hash];
    if (text->taken[one->place]) {
        return false;
    }
    *count = (uint32_t)((int64_t)*count + step);
    return *count == (step > 0 ? 1 : 0);
}

/* True if the window loses no hash by beginning behind ONE. */
static bool is_spare(const struct text *text, const struct sighting *one)
{
    return text->taken[one->place] || text->counts[one->hash] > 1;
}

/* The shortest window with the most different hashes that is no longer than the licence can be. */
static struct window best_window(const struct licence *licence, const struct sightings *seen,
                                 const struct text *text)
{
    struct window best = {0};
    size_t span = longest_span(licence);
    size_t from = 0;
    size_t hits = 0;
    for (size_t to = 0; to < seen->count; to++) {
        hits += count_sighting(text, &seen->items[to], 1);
        while (from < to && (seen->items[to].place - seen->items[from].place > span ||
                             is_spare(text, &seen->items[from]))) {
            hits -= count_sighting(text, &seen->items[from++], -1);
        }
        if (hits > best.hits) {
            best = (struct window){seen->items[from].place, seen->items[to].place, hits};
        }
    }
    for (; from < seen->count; from++) {
        (void)count_sighting(text, &seen->items[from], -1);
    }
    return best;
}

static unsigned cover_of(const struct licence *licence, const struct window *window)
{
    return (unsigned)(window->hits * 100 / licence->kept);
}

/* What is there less four times what is missing, in triples: a whole text explains a file better
 * than parts of a longer one. */
static int64_t score_of(const struct licence *licence, const struct window *window)
{
    int64_t hits = (int64_t)window->hits;
    int64_t kept = (int64_t)licence->kept;
    return (int64_t)licence->triples * (5 * hits - 4 * kept) * 1000 / kept;
}

static void take(struct text *text, const struct window *window)
{
    for (size_t i = window->first; i <= window->last; i++) {
        text->taken[i] = true;
    }
}

struct candidate {
    size_t licence;
    struct window window;
    int64_t score;
    unsigned own; /* percent of its own words that are there */
};

/* Versions and variants of a licence score alike: then its own words decide. */
static bool is_better(const struct candidate *a, const struct candidate *b)
{
    int64_t more = a->score - b->score;
    bool alike = (more < 0 ? -more : more) * 100 <= 4 * b->score;
    return alike && a->own != b->own ? a->own > b->own : more > 0;
}

static unsigned own_percent(const struct licence *licence, const struct sightings *seen)
{
    size_t own = seen->own < licence->own ? seen->own : licence->own;
    return licence->own < OWN_LEAST ? 100 : (unsigned)(own * 100 / licence->own);
}

/* The best licence in what is left of TEXT; false if none is there. */
static bool find_best(const struct licence_table *table, const struct sightings *seen,
                      const struct text *text, struct candidate *ret)
{
    struct candidate best = {0};
    for (size_t i = 0; i < table->count; i++) {
        const struct licence *licence = &table->licences[i];
        if (seen[i].count * 100 < (size_t)licence->kept * LICENCE_COVER ||
            own_percent(licence, &seen[i]) < OWN_PERCENT) {
            continue;
        }
        struct candidate one = {.licence = i,
                                .window = best_window(licence, &seen[i], text),
                                .own = own_percent(licence, &seen[i])};
        one.score = score_of(licence, &one.window);
        if (cover_of(licence, &one.window) >= LICENCE_COVER && one.score > 0 &&
            (best.score == 0 || is_better(&one, &best))) {
            best = one;
        }
    }
    *ret = best;
    return best.score > 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct licence_match *left = a;
    const struct licence_match *right = b;
    return (left->offset > right->offset) - (left->offset < right->offset);
}

size_t licence_match(const struct licence_table *table, struct bytes text,
                     struct licence_match *ret)
{
    struct arena arena = {0};
    struct text read = {0};
    struct candidate best;
    size_t count = 0;
    read.count = licence_triples(text, &arena, &read.triples);
    read.taken = ARENA_ARRAY(&arena, read.count + 1, bool);
    read.counts = ARENA_ARRAY(&arena, table->hash_count, uint32_t);
    struct sightings *seen = sight(table, &read, &arena);
    while (count < LICENCE_MATCHES && find_best(table, seen, &read, &best)) {
        const struct licence *licence = &table->licences[best.licence];
        size_t start = read.triples[best.window.first].start;
        ret[count++] = (struct licence_match){.id = licence->id,
                                              .offset = start,
                                              .len = read.triples[best.window.last].end - start,
                                              .cover = cover_of(licence, &best.window)};
        take(&read, &best.window);
    }
    if (count > 1) {
        qsort(ret, count, sizeof(*ret), by_offset);
    }
    arena_free(&arena);
    return count;
}
