// SPDX-License-Identifier: Apache-2.0
#include "verifier/embedded_source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/recipe/embed.h"
#include "verifier/recipe/limits.h"
#include "verifier/source_walk.h"

/* Larger Go files are data; and all that is read of them. */
#define FILE_MAXIMUM (4 * MIB)
#define TREE_MAXIMUM (512 * MIB)
#define ROOT "."

/* A variable that embeds files, and the table that it is thought to have. */
struct variable {
    const struct embed_directive *directive;
    const char *place; /* of its package: ROOT, ROOT/ui */
    int tree;
    bool taken;
};

struct sources {
    struct arena *arena;
    const char *module; /* "" while dependencies are looked at */
    int tree;
    uint64_t bytes;
    struct variable *items;
    size_t count, capacity;
    uint64_t steps; /* that comparing may still take */
};

/* What one look at a file costs, in steps of comparing names. */
#define LOOK_STEPS 10000

/* How the source has the files of a table. */
struct state {
    size_t equal, different, missing;
};

static void add_variables(struct sources *sources, const struct embed_directives *found,
                          const char *place)
{
    const char *copy = arena_string(sources->arena, place);
    for (size_t i = 0; i < found->count && sources->count < RECIPE_LIMIT_PATTERNS; i++) {
        arena_grow(sources->arena, &sources->items, sources->count, &sources->capacity,
                   sizeof(*sources->items));
        sources->items[sources->count++] =
            (struct variable){.directive = &found->items[i], .place = copy, .tree = sources->tree};
    }
}

static void take_file(void *context, int dir, const char *name, const char *place, uint64_t size)
{
    struct sources *sources = context;
    struct embed_directives found = {.arena = sources->arena};
    struct bytes base = bytes_from_string(name);
    struct arena arena = {0};
    struct bytes text;
    if (!bytes_end_with(base, ".go") || bytes_end_with(base, "_test.go") || size > FILE_MAXIMUM ||
        sources->bytes + size > TREE_MAXIMUM) {
        return;
    }
    sources->bytes += size;
    if (file_read(dir, name, FILE_MAXIMUM, &arena, &text, NULL)) {
        embed_directives_add(&found, text);
        add_variables(sources, &found, place);
    }
    arena_free(&arena);
}

static const char *path_of(const struct variable *variable, const char *name, struct arena *arena)
{
    const char *below = variable->place + strlen(ROOT);
    return *below == '\0' ? arena_string(arena, name)
                          : arena_printf(arena, "%s/%s", below + 1, name);
}

/* *RET_EXISTS: whether there is anything of that name. */
static bool has_same(int tree, const char *path, const struct embedded_file *file, bool *ret_exists)
{
    AUTO_FD int fd = -1;
    struct source source;
    struct sha256 digest;
    *ret_exists = file_exists(tree, path);
    return *ret_exists &&
           file_open_beneath(tree, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, &fd, NULL) &&
           source_from_fd(fd, &source, NULL) && source.size == file->size &&
           sha256_source(&source, &digest, NULL) && sha256_equal(&digest, &file->sha256);
}

static struct state look(struct sources *sources, const struct variable *variable,
                         const struct embedded_table *table)
{
    struct state state = {0};
    struct arena arena = {0};
    for (size_t i = 0; i < table->count && sources->steps >= LOOK_STEPS; i++) {
        sources->steps -= LOOK_STEPS;
        bool exists;
        const struct embedded_file *file = &table->files[i];
        if (has_same(variable->tree, path_of(variable, file->name, &arena), file, &exists)) {
            state.equal++;
        } else if (exists) {
            state.different++;
        } else {
            state.missing++;
        }
    }
    arena_free(&arena);
    return state;
}

/* The symbol table's name of the variable, where there is one: "main.content", "a.org/m/ui.files".
 */
static bool has_name(const struct sources *sources, const struct variable *variable,
                     const char *name)
{
    const char *own = variable->directive->variable;
    if (name[0] == '\0' || own[0] == '\0' || sources->module[0] == '\0') {
        return true;
    }
    struct bytes left = bytes_from_string(name);
    size_t len = strlen(own);
    if (left.len <= len || !bytes_end_with(left, own) || name[left.len - len - 1] != '.') {
        return false;
    }
    struct bytes package = bytes_first(left, left.len - len - 1);
    struct bytes module = bytes_from_string(sources->module);
    return bytes_equal_string(package, "main") ||
           (bytes_start_with(package, sources->module) &&
            bytes_equal_string(bytes_behind(package, module.len), variable->place + strlen(ROOT)));
}

static bool may_have(struct sources *sources, const struct variable *variable,
                     const struct embedded_table *table, const char *const *names)
{
    return !variable->taken && has_name(sources, variable, table->variable) &&
           embed_directive_fits(variable->directive, names, table->count, &sources->steps);
}

static bool is_better(const struct state *a, const struct state *b)
{
    return a->equal > b->equal || (a->equal == b->equal && a->different < b->different);
}

/* What may have TABLE: the best one, NULL if there is none, and how many. */
static struct variable *choose(struct sources *sources, const struct embedded_table *table,
                               const char *const *names, struct state *ret_state, size_t *ret_count)
{
    struct variable *best = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < sources->count; i++) {
        struct variable *variable = &sources->items[i];
        if (!may_have(sources, variable, table, names)) {
            continue;
        }
        struct state state = look(sources, variable, table);
        if (best == NULL || is_better(&state, ret_state)) {
            best = variable;
            *ret_state = state;
        }
        ++*ret_count;
    }
    return best;
}

/* All tables, those that are not settled yet, and the names in each. */
struct open_tables {
    const struct embedded_tables *tables;
    const char *const **names;
    bool *open;
};

static struct open_tables open_all(const struct embedded_tables *tables, struct arena *arena)
{
    struct open_tables all = {.tables = tables,
                              .names = ARENA_ARRAY(arena, tables->count, const char *const *),
                              .open = ARENA_ARRAY(arena, tables->count, bool)};
    for (size_t i = 0; i < tables->count; i++) {
        const struct embedded_table *table = &tables->items[i];
        const char **names = ARENA_ARRAY(arena, table->count, const char *);
        for (size_t k = 0; k < table->count; k++) {
            names[k] = table->files[k].name;
        }
        all.names[i] = names;
        all.open[i] = true;
    }
    return all;
}

/* Tables that the source has whole come first: they take their variables out of the others' reach.
 */
static void settle_equal(struct sources *sources, const struct open_tables *all)
{
    for (size_t i = 0; i < all->tables->count; i++) {
        struct state state;
        size_t count;
        const struct embedded_table *table = &all->tables->items[i];
        struct variable *variable =
            all->open[i] ? choose(sources, table, all->names[i], &state, &count) : NULL;
        if (variable != NULL && state.equal == table->count) {
            variable->taken = true;
            all->open[i] = false;
        }
    }
}

/* True if more than one of the tables left may belong to one variable. */
static bool is_contested(struct sources *sources, const struct open_tables *all)
{
    for (size_t k = 0; k < sources->count; k++) {
        size_t count = 0;
        for (size_t i = 0; i < all->tables->count && count < 2; i++) {
            bool fits = all->open[i] && may_have(sources, &sources->items[k],
                                                 &all->tables->items[i], all->names[i]);
            count += fits ? 1 : 0;
        }
        if (count > 1) {
            return true;
        }
    }
    return false;
}

static void settle_dependencies(const struct embedded_question *question, struct arena *arena,
                                const struct open_tables *all)
{
    for (size_t i = 0; i < question->dep_count; i++) {
        struct sources sources = {
            .arena = arena, .module = "", .steps = RECIPE_LIMIT_MATCH_STEPS, .tree = -1};
        const char *tree = question->deps[i].tree;
        if (tree != NULL && directory_open(tree, &sources.tree, NULL)) {
            source_walk(sources.tree, ROOT, take_file, &sources);
            settle_equal(&sources, all);
        }
        fd_close(&sources.tree);
    }
}

static void add_needs(const struct variable *variable, const struct embedded_table *table,
                      struct arena *arena, struct embedded_needs *needs)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct embedded_file *file = &table->files[i];
        const char *path = path_of(variable, file->name, arena);
        bool exists;
        if (has_same(variable->tree, path, file, &exists)) {
            continue;
        }
        if (embed_path_is_data(path) && file_path_is_plain(bytes_from_string(path))) {
            arena_grow(arena, &needs->items, needs->count, &needs->capacity, sizeof(*needs->items));
            needs->items[needs->count++] = (struct recipe_embedded){
                .path = path, .size = file->size, .sha256 = file->sha256, .replaces = exists};
        } else if (needs->refused == NULL) {
            needs->refused = path;
        }
    }
}

static int by_path(const void *a, const void *b)
{
    const struct recipe_embedded *left = a;
    const struct recipe_embedded *right = b;
    return strcmp(left->path, right->path);
}

/* Two variables may embed one file. */
static void sort_needs(struct embedded_needs *needs)
{
    size_t kept = 0;
    if (needs->count == 0) {
        return;
    }
    qsort(needs->items, needs->count, sizeof(*needs->items), by_path);
    for (size_t i = 1; i < needs->count; i++) {
        if (strcmp(needs->items[kept].path, needs->items[i].path) != 0) {
            needs->items[++kept] = needs->items[i];
        }
    }
    needs->count = kept + 1;
}

static void note(const struct variable *variable, const struct embedded_table *table, size_t others,
                 struct arena *arena, struct recipe_notes *notes)
{
    const char *patterns = "";
    for (size_t i = 0; i < variable->directive->count && strlen(patterns) < 200; i++) {
        patterns = arena_printf(arena, "%s %s", patterns, variable->directive->patterns[i]);
    }
    recipe_infer(notes, arena, "embedded", path_of(variable, variable->directive->variable, arena),
                 "%zu files at 0x%llx fit its //go:embed%s%s", table->count,
                 (unsigned long long)table->address, patterns,
                 others == 0 ? "" : "; they would fit another variable, too");
}

/* The tables that are left, each with the variable that it fits best. */
static void find_needs(struct sources *sources, const struct open_tables *all,
                       struct recipe_notes *notes, struct embedded_needs *ret)
{
    for (size_t i = 0; i < all->tables->count; i++) {
        struct state state;
        size_t count;
        const struct embedded_table *table = &all->tables->items[i];
        struct variable *variable =
            all->open[i] ? choose(sources, table, all->names[i], &state, &count) : NULL;
        if (variable != NULL) {
            variable->taken = true;
            note(variable, table, count - 1, sources->arena, notes);
            add_needs(variable, table, sources->arena, ret);
        }
    }
    sort_needs(ret);
}

void embedded_compare(const struct embedded_question *question, struct arena *arena,
                      struct recipe_notes *notes, struct embedded_needs *ret)
{
    struct sources sources = {
        .arena = arena, .module = question->module, .steps = RECIPE_LIMIT_MATCH_STEPS, .tree = -1};
    *ret = (struct embedded_needs){0};
    if (!directory_open(question->tree, &sources.tree, NULL)) {
        return;
    }
    struct open_tables all = open_all(question->tables, arena);
    source_walk(sources.tree, ROOT, take_file, &sources);
    settle_equal(&sources, &all);
    if (is_contested(&sources, &all)) {
        settle_dependencies(question, arena, &all);
    }
    find_needs(&sources, &all, notes, ret);
    fd_close(&sources.tree);
}
