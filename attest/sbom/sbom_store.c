// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/sbom/licence_files.h"
#include "attest/sbom/sbom_graph.h"
#include "attest/sbom/sbom_records.h"
#include "base/file.h"
#include "base/limits.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/parallel.h"
#include "verifier/fetch/store.h"
#include "verifier/fetch/toolchain.h"

/* More files than that are no licences of one module. */
#define FILES_MAXIMUM 32

/* One component's module as it lies in the store. */
struct look {
    struct sbom_component *component;
    struct module_id id;
    const char *h1;
    struct sbom_licence_text *texts;
    size_t text_count;
};

struct looks {
    const struct sbom *sbom;
    struct store *store;
    const struct licence_table *table;
    struct look *items;
    size_t count;
};

static bool hash_zip(struct store *store, const struct sha256 *digest, struct file_digests *ret,
                     struct error *err)
{
    char path[8 + SHA256_HEX_LEN + 1] = "objects/";
    AUTO_FD int fd = -1;
    struct source source;
    sha256_hex(digest, path + 8);
    if (!file_open_beneath(store_directory(store), path, O_RDONLY | O_NONBLOCK, 0, &fd, err) ||
        !source_from_fd(fd, &source, err) || !file_digests_read(&source, true, ret, err)) {
        return false;
    }
    return sha256_equal(&ret->sha256, digest) ||
           error_set(err, ERROR_UNTRUSTED, "the stored object %s was changed", path + 8);
}

/* "path-version.zip", without slashes. */
static const char *zip_name(const struct module_id *id, struct arena *arena)
{
    char *name = arena_printf(arena, "%s-%s.zip", id->path, id->version);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '/' ? '-' : *at;
    }
    return name;
}

static bool read_licences(const struct looks *looks, struct look *look,
                          const struct stored_tree *tree, struct arena *arena, struct error *err)
{
    struct licence_file files[FILES_MAXIMUM];
    size_t count = 0;
    for (size_t i = 0; i < tree->files.count && count < FILES_MAXIMUM; i++) {
        const struct file_entry *entry = &tree->files.entries[i];
        if (entry->kind != FILE_KIND_PLAIN || entry->size > LICENCE_FILE_MAXIMUM ||
            licence_file_kind(entry->path) == LICENCE_FILE_NONE) {
            continue;
        }
        files[count].path = entry->path;
        if (!stored_tree_read(tree, entry, LICENCE_FILE_MAXIMUM, arena, &files[count].text, err)) {
            return false;
        }
        count++;
    }
    look->texts = ARENA_ARRAY(arena, count, struct sbom_licence_text);
    licence_files_conclude(looks->table, files, count, arena, &look->component->licences,
                           look->texts, &look->text_count);
    return true;
}

/* The go.mod that lies in the tree, where no record told it. */
static bool read_go_mod(struct sbom_component *component, const struct stored_tree *tree,
                        struct arena *arena, struct error *err)
{
    const struct file_entry *entry = file_tree_find(&tree->files, "go.mod");
    if (component->go_mod.data != NULL || entry == NULL || entry->kind != FILE_KIND_PLAIN) {
        return true;
    }
    return stored_tree_read(tree, entry, LIMIT_ZIP_GO_MOD, arena, &component->go_mod, err);
}

static bool look_at_tree(const struct looks *looks, struct look *look,
                         const struct stored_tree *tree, struct arena *arena, struct error *err)
{
    struct sbom_component *component = look->component;
    if (!hash_zip(looks->store, &tree->zip, &component->zip, err)) {
        return false;
    }
    component->has_zip = true;
    component->zip_name = zip_name(&look->id, arena);
    bool go = component->kind == SBOM_STDLIB || component->kind == SBOM_TOOLCHAIN;
    return (go || read_go_mod(component, tree, arena, err)) &&
           read_licences(looks, look, tree, arena, err);
}

/* Runs in several threads: the component's own arena takes what it finds. */
static bool look_at(void *context, size_t index, struct error *err)
{
    struct looks *looks = context;
    struct look *look = &looks->items[index];
    struct arena *arena = &look->component->arena;
    struct stored_tree tree = {.dir = -1};
    struct error why = {0};
    const char *prefix = arena_printf(arena, "%s@%s/", look->id.path, look->id.version);
    bool ok = store_tree_look(looks->store, look->h1, prefix, arena, &tree, &why) &&
              look_at_tree(looks, look, &tree, arena, &why);
    stored_tree_free(&tree);
    if (ok || why.code == ERROR_ABSENT) {
        return true;
    }
    *err = why;
    return error_prefix(err, "%s@%s", look->id.path, look->id.version);
}

static void add_look(struct looks *looks, struct sbom_component *component,
                     const struct module_id *id, const char *h1)
{
    struct sha256 digest;
    if (h1 != NULL && dirhash_parse(h1, &digest)) {
        looks->items[looks->count++] = (struct look){.component = component, .id = *id, .h1 = h1};
    }
}

static void collect(struct sbom *sbom, struct looks *looks, struct arena *arena)
{
    looks->items = ARENA_ARRAY(arena, sbom->count + 1, struct look);
    for (size_t i = 0; i < sbom->count; i++) {
        struct sbom_component *component = &sbom->components[i];
        struct module_id id = {component->name, component->version};
        if (component->kind == SBOM_MAIN || component->kind == SBOM_DEPENDENCY) {
            add_look(looks, component, &id, component->h1);
        } else if (component->kind == SBOM_TOOLCHAIN && component->source.path != NULL) {
            add_look(looks, component, &component->source, component->source_h1);
        }
    }
}

static int by_id(const void *a, const void *b)
{
    const struct sbom_licence_text *left = a;
    const struct sbom_licence_text *right = b;
    return strcmp(left->id, right->id);
}

/* The same text of several modules is one. */
static void gather_texts(struct sbom *sbom, const struct looks *looks, struct arena *arena)
{
    for (size_t i = 0; i < looks->count; i++) {
        for (size_t k = 0; k < looks->items[i].text_count; k++) {
            arena_grow(arena, &sbom->texts, sbom->text_count, &sbom->text_capacity,
                       sizeof(*sbom->texts));
            sbom->texts[sbom->text_count++] = looks->items[i].texts[k];
        }
    }
    if (sbom->text_count > 0) {
        qsort(sbom->texts, sbom->text_count, sizeof(*sbom->texts), by_id);
    }
    size_t kept = 0;
    for (size_t i = 0; i < sbom->text_count; i++) {
        if (kept == 0 || strcmp(sbom->texts[kept - 1].id, sbom->texts[i].id) != 0) {
            sbom->texts[kept++] = sbom->texts[i];
        }
    }
    sbom->text_count = kept;
}

/* The standard library comes in the same zip as the toolchain. */
static void share_toolchain(struct sbom *sbom)
{
    if (sbom->toolchain == SIZE_MAX || !sbom->components[sbom->toolchain].has_zip) {
        return;
    }
    const struct sbom_component *toolchain = &sbom->components[sbom->toolchain];
    struct sbom_component *stdlib = &sbom->components[sbom->stdlib];
    stdlib->has_zip = true;
    stdlib->zip = toolchain->zip;
    stdlib->zip_name = toolchain->zip_name;
    stdlib->licences = toolchain->licences;
}

/* The toolchain's zip for the platform that most releases are built on; its library is the same on
 * all of them. A rebuild has told which one it used. */
static void choose_toolchain(struct sbom *sbom, struct arena *arena)
{
    if (sbom->toolchain == SIZE_MAX) {
        return;
    }
    struct sbom_component *toolchain = &sbom->components[sbom->toolchain];
    const char *release = arena_printf(arena, "go%s", sbom->components[sbom->stdlib].version);
    struct module_id id = {TOOLCHAIN_MODULE, NULL};
    if (strcmp(toolchain->name, TOOLCHAIN_MODULE) == 0) {
        toolchain->source = (struct module_id){toolchain->name, toolchain->version};
    } else if (toolchain_module_version(release, "linux", "amd64", arena, &id.version, NULL)) {
        toolchain->source = id;
    }
}

static bool look_at_all(struct sbom *sbom, const struct sbom_sources *sources, struct arena *arena,
                        struct error *err)
{
    struct arena scratch = {0};
    struct licence_table table;
    struct looks looks = {.sbom = sbom, .table = &table};
    collect(sbom, &looks, arena);
    licence_table_load(&scratch, &table);
    bool ok = store_open(sources->store, &looks.store, err) &&
              parallel_run(sources->jobs, looks.count, look_at, &looks, err);
    if (ok) {
        gather_texts(sbom, &looks, arena);
        share_toolchain(sbom);
        sbom_link_graph(sbom, arena);
    }
    store_free(&looks.store);
    arena_free(&scratch);
    return ok;
}

static bool is_there(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool sbom_enrich(struct sbom *sbom, const struct sbom_sources *sources, struct arena *arena,
                 struct error *err)
{
    struct fetch_settings settings = {
        .store = sources->store,
        .state = sources->state,
        .offline = !sources->fetch,
        .jobs = sources->jobs,
        .progress = sources->progress,
        .progress_context = sources->progress_context,
    };
    struct fetcher *fetcher = NULL;
    if (!sources->fetch && !is_there(sources->store)) {
        return true;
    }
    choose_toolchain(sbom, arena);
    bool ok = fetcher_open(&settings, &fetcher, err) &&
              sbom_look_up_records(sbom, fetcher, sources->fetch, arena, err) &&
              look_at_all(sbom, sources, arena, err);
    fetcher_free(&fetcher);
    return ok;
}
