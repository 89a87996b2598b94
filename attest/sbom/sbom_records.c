// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_records.h"

#include <string.h>

#include "verifier/fetch/module_path.h"

/* One by one is only worth it for what a program has. */
#define SINGLE_MAXIMUM 2000

struct lookup {
    struct sbom *sbom;
    struct fetcher *fetcher;
    bool trees;
    struct arena *arena;
    struct module_id *ids;
    size_t *components; /* which component an id belongs to */
    size_t count;
};

static void collect(struct lookup *lookup)
{
    struct sbom *sbom = lookup->sbom;
    lookup->ids = ARENA_ARRAY(lookup->arena, sbom->count + 1, struct module_id);
    lookup->components = ARENA_ARRAY(lookup->arena, sbom->count + 1, size_t);
    for (size_t i = 0; i < sbom->count; i++) {
        const struct sbom_component *component = &sbom->components[i];
        bool module = component->kind == SBOM_MAIN || component->kind == SBOM_DEPENDENCY ||
                      (component->kind == SBOM_TOOLCHAIN && component->source.path != NULL);
        struct module_id id = {component->name, component->version};
        if (component->kind == SBOM_TOOLCHAIN) {
            id = component->source;
        }
        if (module && component->directory[0] == '\0' && module_check(id.path, id.version, NULL)) {
            lookup->components[lookup->count] = i;
            lookup->ids[lookup->count++] = id;
        }
    }
}

static void use_record(struct lookup *lookup, size_t which, const struct fetched_module *fetched)
{
    struct sbom_component *component = &lookup->sbom->components[lookup->components[which]];
    component->go_mod = fetched->go_mod;
    component->source_h1 = fetched->h1;
    if (component->kind == SBOM_TOOLCHAIN) {
        return;
    }
    if (component->h1[0] == '\0') {
        component->h1 = fetched->h1;
    } else if (fetched->h1[0] != '\0' && strcmp(component->h1, fetched->h1) != 0) {
        sbom_add_finding(lookup->sbom, lookup->arena, "sum-differs",
                         "%s@%s: the file states %s, the checksum database %s", component->name,
                         component->version, component->h1, fetched->h1);
        return;
    }
    if (fetched->proof == FETCH_PROOF_RECORDED && component->standing == SBOM_CLAIMED) {
        component->standing = SBOM_RECORDED;
    }
}

static bool ask(struct lookup *lookup, size_t first, size_t count, struct error *err)
{
    struct fetched_module *fetched = ARENA_ARRAY(lookup->arena, count + 1, struct fetched_module);
    bool ok = lookup->trees ? fetch_modules(lookup->fetcher, lookup->ids + first, count,
                                            lookup->arena, fetched, err)
                            : fetch_go_mods(lookup->fetcher, lookup->ids + first, count,
                                            lookup->arena, fetched, err);
    for (size_t i = 0; ok && i < count; i++) {
        use_record(lookup, first + i, &fetched[i]);
    }
    return ok;
}

static bool ends_run(const struct error *err)
{
    return err->code == ERROR_UNTRUSTED || err->code == ERROR_INTERRUPTED ||
           err->code == ERROR_INTERNAL;
}

bool sbom_look_up_records(struct sbom *sbom, struct fetcher *fetcher, bool trees,
                          struct arena *arena, struct error *err)
{
    struct lookup lookup = {.sbom = sbom, .fetcher = fetcher, .trees = trees, .arena = arena};
    struct error why = {0};
    collect(&lookup);
    if (lookup.count == 0 || ask(&lookup, 0, lookup.count, &why)) {
        return true;
    }
    for (size_t i = 0; i < lookup.count && !ends_run(&why); i++) {
        if (lookup.count <= SINGLE_MAXIMUM && !ask(&lookup, i, 1, &why) && trees &&
            !ends_run(&why)) {
            sbom_add_finding(sbom, arena, "unavailable", "%s", why.message)->passing = true;
        }
    }
    if (ends_run(&why)) {
        *err = why;
        return false;
    }
    return true;
}
