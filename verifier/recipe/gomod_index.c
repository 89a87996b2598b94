// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/gomod_index.h"

#include <stdlib.h>

#include "verifier/recipe/limits.h"

static int by_path(const void *a, const void *b)
{
    const struct module *const *left = a, *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

void dep_index_build(const struct module *deps, size_t count, struct arena *arena,
                     struct dep_index *ret)
{
    struct dep_index index = {.count = count};
    index.sorted = ARENA_ARRAY(arena, count, const struct module *);
    for (size_t i = 0; i < count; i++) {
        index.sorted[i] = &deps[i];
    }
    if (count > 1) {
        qsort(index.sorted, count, sizeof(*index.sorted), by_path);
    }
    *ret = index;
}

const struct module *dep_index_find(const struct dep_index *index, const char *path)
{
    struct module key = {.path = path};
    const struct module *wanted = &key;
    const struct module **found = index->count == 0 ? NULL
                                                    : bsearch(&wanted, index->sorted, index->count,
                                                              sizeof(*index->sorted), by_path);
    return found == NULL ? NULL : *found;
}

bool requirement_add(struct requirement_list *list, struct arena *arena, const char *path,
                     const char *version, struct error *err)
{
    if (list->count == RECIPE_LIMIT_GRAPH) {
        return error_set(err, ERROR_LIMIT,
                         "the go.mod files of the dependencies require more than "
                         "%d modules",
                         RECIPE_LIMIT_GRAPH);
    }
    arena_grow(arena, &list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = (struct requirement){.path = path, .version = version};
    return true;
}

static int by_path_and_version(const void *a, const void *b)
{
    const struct requirement *left = a, *right = b;
    int order = strcmp(left->path, right->path);
    return order != 0 ? order : strcmp(left->version, right->version);
}

void requirement_sort(struct requirement_list *list)
{
    size_t kept = 0;
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), by_path_and_version);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || by_path_and_version(&list->items[kept - 1], &list->items[i]) != 0) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}
