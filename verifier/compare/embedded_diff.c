// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/embedded_diff.h"

#include <stdlib.h>

#include "base/limits.h"
#include "verifier/image/embedded.h"

/* Tables that are not alike are matched with each other one by one: programs have some tens. */
#define MOST_UNLIKE 256

struct pairing {
    const struct embedded_tables *tables[2];
    bool *done[2];
    struct arena *arena;
    struct diff *diff;
    size_t capacity;
};

/* Only one of them may have been stripped. */
static bool same_variable(const struct embedded_table *a, const struct embedded_table *b)
{
    return a->variable[0] == '\0' || b->variable[0] == '\0' ||
           strcmp(a->variable, b->variable) == 0;
}

static bool same_names(const struct embedded_table *a, const struct embedded_table *b)
{
    bool same = a->count == b->count && same_variable(a, b);
    for (size_t i = 0; same && i < a->count; i++) {
        same = strcmp(a->files[i].name, b->files[i].name) == 0;
    }
    return same;
}

static bool same_file(const struct embedded_file *a, const struct embedded_file *b)
{
    return a->size == b->size && sha256_equal(&a->sha256, &b->sha256);
}

static bool same_contents(const struct embedded_table *a, const struct embedded_table *b)
{
    for (size_t i = 0; i < a->count; i++) {
        if (!same_file(&a->files[i], &b->files[i])) {
            return false;
        }
    }
    return true;
}

static struct diff_embedded_side side_of(const struct embedded_file *file)
{
    return (struct diff_embedded_side){.size = file->size,
                                       .sha256 = file->sha256,
                                       .whole = file->piece_count == 1 || file->size == 0,
                                       .offset = file->piece_count > 0 ? file->pieces[0].offset : 0,
                                       .hash_offset = file->hash_offset};
}

/* One of A and B may be NULL. */
static void add_file(struct pairing *pairing, const struct embedded_table *table,
                     const struct embedded_file *a, const struct embedded_file *b)
{
    struct diff *diff = pairing->diff;
    if (diff->embedded_total++ >= LIMIT_DIFF_ITEMS) {
        return;
    }
    arena_grow(pairing->arena, &diff->embedded, diff->embedded_count, &pairing->capacity,
               sizeof(*diff->embedded));
    struct diff_embedded *item = &diff->embedded[diff->embedded_count++];
    *item = (struct diff_embedded){
        .name = a != NULL ? a->name : b->name,
        .variable = table->variable,
        .state = (uint8_t)(a == NULL   ? DIFF_ONLY_B
                           : b == NULL ? DIFF_ONLY_A
                                       : DIFF_CHANGED),
    };
    if (a != NULL) {
        item->a = side_of(a);
    }
    if (b != NULL) {
        item->b = side_of(b);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct embedded_file *const *left = a;
    const struct embedded_file *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static const struct embedded_file **sorted(const struct embedded_table *table, struct arena *arena)
{
    const struct embedded_file **files =
        ARENA_ARRAY(arena, table->count, const struct embedded_file *);
    for (size_t i = 0; i < table->count; i++) {
        files[i] = &table->files[i];
    }
    qsort(files, table->count, sizeof(*files), by_name);
    return files;
}

static void compare_tables(struct pairing *pairing, const struct embedded_table *a,
                           const struct embedded_table *b)
{
    struct arena scratch = {0};
    const struct embedded_file **left = sorted(a, &scratch);
    const struct embedded_file **right = sorted(b, &scratch);
    size_t i = 0;
    size_t k = 0;
    while (i < a->count || k < b->count) {
        int order = i == a->count ? 1 : k == b->count ? -1 : strcmp(left[i]->name, right[k]->name);
        if (order != 0 || !same_file(left[i], right[k])) {
            add_file(pairing, order <= 0 ? a : b, order <= 0 ? left[i] : NULL,
                     order >= 0 ? right[k] : NULL);
        }
        i += order <= 0 ? 1 : 0;
        k += order >= 0 ? 1 : 0;
    }
    arena_free(&scratch);
}

static void add_alone(struct pairing *pairing, const struct embedded_table *table, size_t side)
{
    for (size_t i = 0; i < table->count; i++) {
        add_file(pairing, table, side == 0 ? &table->files[i] : NULL,
                 side == 1 ? &table->files[i] : NULL);
    }
}

enum likeness { ALL_EQUAL, NAMES_EQUAL, NAMES_IN_COMMON };

static bool have_name_in_common(const struct embedded_table *a, const struct embedded_table *b)
{
    struct arena scratch = {0};
    const struct embedded_file **left = sorted(a, &scratch);
    const struct embedded_file **right = sorted(b, &scratch);
    bool common = false;
    for (size_t i = 0, k = 0; !common && i < a->count && k < b->count;) {
        int order = strcmp(left[i]->name, right[k]->name);
        common = order == 0;
        i += order < 0 ? 1 : 0;
        k += order > 0 ? 1 : 0;
    }
    arena_free(&scratch);
    return common;
}

static bool is_alike(const struct embedded_table *a, const struct embedded_table *b,
                     enum likeness likeness)
{
    switch (likeness) {
    case ALL_EQUAL:
        return same_names(a, b) && same_contents(a, b);
    case NAMES_EQUAL:
        return same_names(a, b);
    case NAMES_IN_COMMON:
        break;
    }
    bool both_named = a->variable[0] != '\0' && b->variable[0] != '\0';
    return same_variable(a, b) && (both_named || have_name_in_common(a, b));
}

/* Those of B's tables that have no match yet, in their order. */
struct unmatched {
    size_t *items;
    size_t first, count;
};

static struct unmatched list_unmatched(const struct pairing *pairing, struct arena *arena)
{
    size_t total = pairing->tables[1]->count;
    struct unmatched list = {.items = ARENA_ARRAY(arena, total, size_t)};
    for (size_t i = 0; i < total; i++) {
        if (!pairing->done[1][i]) {
            list.items[list.count++] = i;
        }
    }
    return list;
}

/* The item at PLACE leaves the list. Those before it move up: they are few, and those behind not.
 */
static void drop(struct unmatched *list, size_t place)
{
    memmove(&list->items[list->first + 1], &list->items[list->first],
            (place - list->first) * sizeof(*list->items));
    list->first++;
}

/* Matches tables that are alike in that way, in their order; each is looked for among the next ones
 * that are left, as most stand in the same order. */
static void match(struct pairing *pairing, enum likeness likeness)
{
    const struct embedded_tables *a = pairing->tables[0];
    const struct embedded_tables *b = pairing->tables[1];
    struct arena scratch = {0};
    struct unmatched left = list_unmatched(pairing, &scratch);
    for (size_t i = 0; i < a->count; i++) {
        size_t rest = left.count - left.first;
        size_t end = left.first + (rest < MOST_UNLIKE ? rest : MOST_UNLIKE);
        for (size_t place = left.first; !pairing->done[0][i] && place < end; place++) {
            size_t k = left.items[place];
            if (is_alike(&a->items[i], &b->items[k], likeness)) {
                compare_tables(pairing, &a->items[i], &b->items[k]);
                pairing->done[0][i] = pairing->done[1][k] = true;
                drop(&left, place);
            }
        }
    }
    arena_free(&scratch);
}

static bool read_side(const struct image *image, struct arena *arena, struct embedded_tables *ret,
                      struct error *err)
{
    struct error why;
    if (embedded_read(image, arena, ret, &why)) {
        return true;
    }
    *ret = (struct embedded_tables){0};
    return why.code != ERROR_IO || error_pass(err, &why);
}

bool embedded_diff(const struct image *const images[2], struct arena *arena, struct diff *ret,
                   struct error *err)
{
    struct embedded_tables tables[2];
    struct pairing pairing = {.arena = arena, .diff = ret};
    for (size_t i = 0; i < 2; i++) {
        if (!read_side(images[i], arena, &tables[i], err)) {
            return error_prefix(err, i == 0 ? "A" : "B");
        }
        pairing.tables[i] = &tables[i];
        pairing.done[i] = ARENA_ARRAY(arena, tables[i].count, bool);
    }
    match(&pairing, ALL_EQUAL);
    match(&pairing, NAMES_EQUAL);
    match(&pairing, NAMES_IN_COMMON);
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < tables[i].count; k++) {
            if (!pairing.done[i][k]) {
                add_alone(&pairing, &tables[i].items[k], i);
            }
        }
    }
    return true;
}
