// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_graph.h"

#include <stdlib.h>
#include <string.h>

#include "verifier/recipe/gomod.h"

/* A component by the path that others require it by. */
struct named {
    const char *path;
    size_t index;
};

static int by_path(const void *a, const void *b)
{
    const struct named *left = a;
    const struct named *right = b;
    return strcmp(left->path, right->path);
}

static int by_number(const void *a, const void *b)
{
    const size_t *left = a;
    const size_t *right = b;
    return (*left > *right) - (*left < *right);
}

struct index {
    struct named *items;
    size_t count;
};

static struct index make_index(const struct sbom *sbom, struct arena *arena)
{
    struct index index = {ARENA_ARRAY(arena, sbom->count + 1, struct named), 0};
    for (size_t i = 0; i < sbom->count; i++) {
        if (sbom->components[i].kind == SBOM_DEPENDENCY) {
            index.items[index.count++] = (struct named){sbom->components[i].required_as, i};
        }
    }
    if (index.count > 0) {
        qsort(index.items, index.count, sizeof(*index.items), by_path);
    }
    return index;
}

static void link_component(const struct index *index, size_t self, struct sbom_component *component,
                           struct arena *arena)
{
    struct arena scratch = {0};
    struct gomod gomod;
    if (gomod_parse(component->go_mod, &scratch, &gomod, NULL)) {
        size_t *edges = ARENA_ARRAY(arena, gomod.require_count, size_t);
        size_t count = 0;
        for (size_t i = 0; index->count > 0 && i < gomod.require_count; i++) {
            struct named wanted = {gomod.requires[i].path, 0};
            const struct named *found =
                bsearch(&wanted, index->items, index->count, sizeof(*index->items), by_path);
            if (found != NULL && found->index != self) {
                edges[count++] = found->index;
            }
        }
        if (count > 0) {
            qsort(edges, count, sizeof(*edges), by_number);
        }
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
            if (kept == 0 || edges[kept - 1] != edges[i]) {
                edges[kept++] = edges[i];
            }
        }
        component->edges = edges;
        component->edge_count = kept;
        component->edges_known = true;
    }
    arena_free(&scratch);
}

void sbom_link_graph(struct sbom *sbom, struct arena *arena)
{
    struct arena scratch = {0};
    struct index index = make_index(sbom, &scratch);
    for (size_t i = 0; i < sbom->count; i++) {
        struct sbom_component *component = &sbom->components[i];
        if (component->go_mod.data != NULL) {
            link_component(&index, i, component, arena);
        } else if (component->kind == SBOM_STDLIB || component->kind == SBOM_TOOLCHAIN) {
            component->edges_known = true;
        }
    }
    arena_free(&scratch);
}
