/* Dep lines found by path, and lists of requirements without twins. */
#pragma once

#include "base/error.h"
#include "verifier/recipe/recipe.h"

struct dep_index {
    const struct module **sorted; /* by path */
    size_t count;
};

void dep_index_build(const struct module *deps, size_t count, struct arena *arena,
                     struct dep_index *ret);
/* The dep line of PATH (left side), or NULL. */
const struct module *dep_index_find(const struct dep_index *index, const char *path);

struct requirement {
    const char *path, *version; /* version "": all versions */
};

struct requirement_list {
    struct requirement *items;
    size_t count, capacity;
};

/* ERROR_LIMIT beyond RECIPE_LIMIT_GRAPH. */
CHECKED bool requirement_add(struct requirement_list *list, struct arena *arena, const char *path,
                             const char *version, struct error *err);
/* Sorts by path and version, each pair once. */
void requirement_sort(struct requirement_list *list);
