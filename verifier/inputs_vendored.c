// SPDX-License-Identifier: Apache-2.0
/* The vendor directory of --source DIR, file by file against the zips of the modules that the dep
 * lines name. A vendored file that somebody changed is in no module, so nobody vouches for it. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/file_tree.h"
#include "verifier/pipeline_internal.h"
#include "verifier/recipe/gomod_index.h"
#include "verifier/recipe/modpath.h"

/* Room for the names of one module's files; the number behind it is always told. */
#define NAMES_BYTES (16 * KIB)
/* Build constraints stand at the top of a file. */
#define HEAD_BYTES (64 * KIB)

/* What was found out of one dep line. */
struct vendored_module {
    const struct module *line;
    struct fetched_module got; /* tree NULL: it could not be had */
    size_t equal, different;
    struct buffer names; /* "a.go changed, b.go added" */
};

struct vendored {
    struct subject_run *run;
    int dir; /* vendor/ */
    struct file_tree files;
    struct dep_index index;
    struct vendored_module *modules; /* one for each dep line */
    const char *why;                 /* the first that could not be had; NULL: all could */
};

static const struct module *right_side(const struct module *line)
{
    return line->replace != NULL ? line->replace : line;
}

static bool is_fetchable(const struct module *line)
{
    const struct module *right = right_side(line);
    return module_path_is_valid(right->path) && module_version_is_valid(right->version);
}

/* Errors that are not about what can be had. */
static bool ends_run(enum error_code code)
{
    return code == ERROR_UNTRUSTED || code == ERROR_IO || code == ERROR_INTERRUPTED ||
           code == ERROR_INTERNAL;
}

/* Gets each module that can be had. */
static bool get_singly(struct vendored *vendored, struct error *err)
{
    const struct subject_run *run = vendored->run;
    bool reachable = true;
    for (size_t i = 0; i < run->recipe.dep_count && reachable; i++) {
        struct vendored_module *module = &vendored->modules[i];
        const struct module *right = right_side(module->line);
        struct module_id id = {right->path, right->version};
        struct error why = {0};
        if (!is_fetchable(module->line) ||
            fetch_modules(run->fetcher, &id, 1, run->arena, &module->got, &why)) {
            continue;
        }
        if (ends_run(why.code)) {
            *err = why;
            return false;
        }
        vendored->why =
            vendored->why == NULL ? arena_string(run->arena, why.message) : vendored->why;
        reachable = run->settings->offline || why.code == ERROR_ABSENT;
    }
    return true;
}

static bool get_modules(struct vendored *vendored, struct error *err)
{
    const struct subject_run *run = vendored->run;
    size_t most = run->recipe.dep_count, count = 0;
    struct module_id *ids = ARENA_ARRAY(run->arena, most + 1, struct module_id);
    struct fetched_module *got = ARENA_ARRAY(run->arena, most + 1, struct fetched_module);
    struct error why = {0};
    for (size_t i = 0; i < most; i++) {
        const struct module *right = right_side(vendored->modules[i].line);
        if (is_fetchable(vendored->modules[i].line)) {
            ids[count++] = (struct module_id){right->path, right->version};
        }
    }
    if (count > 0 && !fetch_modules(run->fetcher, ids, count, run->arena, got, &why)) {
        if (ends_run(why.code)) {
            *err = why;
            return false;
        }
        return get_singly(vendored, err);
    }
    for (size_t i = 0, k = 0; i < most && count > 0; i++) {
        if (is_fetchable(vendored->modules[i].line)) {
            vendored->modules[i].got = got[k++];
        }
    }
    return true;
}

static bool tree_has(const struct vendored_module *module, const char *path)
{
    struct error ignored;
    AUTO_FD int tree = -1;
    return module->got.tree != NULL && directory_open(module->got.tree, &tree, &ignored) &&
           file_exists(tree, path);
}

/* The module that the vendored file PATH is of: that of the longest path which has such a file, or
 * else of the longest path. NULL if no dep line's: the program does not use it. */
static struct vendored_module *owner_of(const struct vendored *vendored, const char *path,
                                        const char **ret_below)
{
    struct arena arena = {0};
    struct vendored_module *owner = NULL;
    for (size_t len = strlen(path); len > 0; len--) {
        if (path[len] != '/') {
            continue;
        }
        const char *place = arena_text(&arena, bytes_from(path, len));
        const struct module *line = dep_index_find(&vendored->index, place);
        if (line == NULL) {
            continue;
        }
        struct vendored_module *module = &vendored->modules[line - vendored->run->recipe.deps];
        bool has = tree_has(module, path + len + 1);
        if (owner == NULL || has) {
            owner = module;
            *ret_below = path + len + 1;
        }
        if (has) {
            break;
        }
    }
    arena_free(&arena);
    return owner;
}

static void name_difference(struct vendored_module *module, const char *path, const char *how)
{
    size_t before = module->names.len;
    module->different++;
    buffer_printf(&module->names, "%s%s %s", before == 0 ? "" : ", ", path, how);
}

static bool hash_beneath(int dir, const char *path, struct sha256 *ret, struct error *err)
{
    struct source source;
    AUTO_FD int file = -1;
    return file_open_beneath(dir, path, O_RDONLY | O_NONBLOCK, 0, &file, err) &&
           source_from_fd(file, &source, err) && sha256_source(&source, ret, err);
}

static bool compare_file(const struct vendored *vendored, const struct file_entry *entry,
                         struct error *err)
{
    const char *below;
    struct sha256 theirs;
    AUTO_FD int tree = -1;
    struct vendored_module *module = owner_of(vendored, entry->path, &below);
    if (module == NULL || module->got.tree == NULL) {
        return true;
    }
    if (!tree_has(module, below)) {
        name_difference(module, below, "added");
        return true;
    }
    if (!directory_open(module->got.tree, &tree, err)) {
        return false;
    }
    /* A directory of the zip in the place of a file is no equal either. */
    if (hash_beneath(tree, below, &theirs, NULL) && sha256_equal(&theirs, &entry->digest)) {
        module->equal++;
    } else {
        name_difference(module, below, "changed");
    }
    return true;
}

/* What go build may compile of a directory. */
static bool is_source(const char *name)
{
    static const char *const endings[] = {
        ".go",  ".s", ".S", ".c", ".h",   ".cc",  ".cpp",     ".cxx",  ".hh",  ".hpp",
        ".hxx", ".m", ".f", ".F", ".for", ".f90", ".swigcxx", ".swig", ".syso"};
    struct bytes text = bytes_from_string(name);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if (bytes_end_with(text, endings[i])) {
            return !bytes_end_with(text, "_test.go");
        }
    }
    return false;
}

/* "//go:build ignore", which go mod vendor leaves out: no build can use it. */
static bool is_ignored(int directory, const char *name)
{
    struct arena arena = {0};
    struct bytes text, line;
    bool ignored = false;
    if (file_read(directory, name, LIMIT_ZIP_BYTES, &arena, &text, NULL)) {
        struct scanner scanner =
            scanner_over(bytes_from(text.data, text.len < HEAD_BYTES ? text.len : HEAD_BYTES));
        while (!ignored && scanner_line(&scanner, HEAD_BYTES, &line) &&
               !bytes_start_with(line, "package ")) {
            line = scan_trimmed(line);
            ignored = bytes_equal_string(line, "//go:build ignore") ||
                      bytes_equal_string(line, "// +build ignore") ||
                      bytes_start_with(line, "//go:build ignore &&");
        }
    }
    arena_free(&arena);
    return ignored;
}

/* Files of a vendored package that its module's zip has and the vendor directory has not. */
static bool find_missing(const struct vendored *vendored, const char *package, struct error *err)
{
    struct arena arena = {0};
    char **names;
    size_t count = 0;
    const char *below;
    AUTO_FD int tree = -1;
    AUTO_FD int directory = -1;
    const char *any = arena_printf(&arena, "%s/.", package);
    struct vendored_module *module = owner_of(vendored, any, &below);
    bool known = module != NULL && module->got.tree != NULL &&
                 directory_open(module->got.tree, &tree, NULL) &&
                 directory_open_beneath(tree, below, &directory, NULL);
    bool listed = !known || directory_list(directory, &arena, &names, &count, err);
    for (size_t i = 0; i < count && listed; i++) {
        const char *path = arena_printf(&arena, "%s/%s", package, names[i]);
        if (is_source(names[i]) && file_tree_find(&vendored->files, path) == NULL &&
            !is_ignored(directory, names[i])) {
            const char *shown = path + strlen(module->line->path) + 1;
            name_difference(module, shown, "missing");
        }
    }
    arena_free(&arena);
    return listed;
}

static int by_name(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static bool find_all_missing(const struct vendored *vendored, const char **packages, size_t count,
                             struct error *err)
{
    if (count > 1) {
        qsort(packages, count, sizeof(*packages), by_name);
    }
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && strcmp(packages[i], packages[i - 1]) == 0;
        if (!again && !find_missing(vendored, packages[i], err)) {
            return false;
        }
    }
    return true;
}

static bool compare_files(const struct vendored *vendored, struct error *err)
{
    struct arena *arena = vendored->run->arena;
    const char **packages = ARENA_ARRAY(arena, vendored->files.count + 1, const char *);
    size_t count = 0;
    for (size_t i = 0; i < vendored->files.count; i++) {
        const struct file_entry *entry = &vendored->files.entries[i];
        const char *slash = strrchr(entry->path, '/');
        if (entry->kind == FILE_KIND_DIRECTORY || slash == NULL) {
            continue;
        }
        if (!compare_file(vendored, entry, err)) {
            return false;
        }
        if (bytes_end_with(bytes_from_string(entry->path), ".go")) {
            packages[count++] =
                arena_text(arena, bytes_from(entry->path, (size_t)(slash - entry->path)));
        }
    }
    return find_all_missing(vendored, packages, count, err);
}

static void note_differences(const struct vendored *vendored)
{
    struct subject_run *run = vendored->run;
    size_t files = 0, modules = 0, bare = 0;
    const struct module *first_bare = NULL;
    for (size_t i = 0; i < run->recipe.dep_count; i++) {
        struct vendored_module *module = &vendored->modules[i];
        if (module->different > 0) {
            recipe_assume(&run->result->notes, run->arena, "dependencies-differ",
                          "vendored %s %s is not as in its module's zip: %s%s", module->line->path,
                          module->line->version, buffer_cstring(&module->names),
                          buffer_ok(&module->names)
                              ? ""
                              : arena_printf(run->arena, " ... (%zu files)", module->different));
        } else if (module->got.tree == NULL) {
            first_bare = first_bare == NULL ? module->line : first_bare;
            bare++;
        } else {
            run->deps[i] = module->got;
            modules++;
        }
        files += module->equal;
    }
    recipe_infer(&run->result->notes, run->arena, "vendored files",
                 arena_printf(run->arena, "%zu equal", files),
                 "compared with the module zips; %zu of %zu modules have no other file", modules,
                 run->recipe.dep_count);
    if (first_bare != NULL) {
        recipe_assume(&run->result->notes, run->arena, "local-source",
                      "the vendored files of %s %s%s are compared with nothing: %s",
                      first_bare->path, first_bare->version,
                      bare == 1 ? "" : arena_printf(run->arena, " and %zu more modules", bare - 1),
                      vendored->why == NULL ? "it is replaced by a directory" : vendored->why);
    }
}

/* ERROR_ABSENT: there is none, and go will say so. */
static bool scan_vendor(struct vendored *vendored, struct error *err)
{
    AUTO_FD int root = -1;
    const struct subject_run *run = vendored->run;
    return directory_open(run->recipe.directory, &root, err) &&
           directory_open_beneath(root, "vendor", &vendored->dir, err) &&
           file_tree_scan(vendored->dir, run->arena, &vendored->files, err) &&
           file_tree_hash(vendored->dir, &vendored->files, run->settings->jobs, err);
}

static void set_modules(struct vendored *vendored)
{
    const struct recipe *recipe = &vendored->run->recipe;
    dep_index_build(recipe->deps, recipe->dep_count, vendored->run->arena, &vendored->index);
    vendored->modules =
        ARENA_ARRAY(vendored->run->arena, recipe->dep_count + 1, struct vendored_module);
    for (size_t i = 0; i < recipe->dep_count; i++) {
        vendored->modules[i].line = &recipe->deps[i];
        buffer_init(&vendored->modules[i].names, NAMES_BYTES);
    }
}

enum step compare_vendored(struct subject_run *run, struct error *err)
{
    struct vendored vendored = {.run = run, .dir = -1};
    enum step step = STEP_GO_ON;
    if (!run->recipe.vendored || run->recipe.source_kind != SOURCE_DIRECTORY) {
        return STEP_GO_ON;
    }
    if (!scan_vendor(&vendored, err)) {
        /* Links, unreadable files: nothing can be said of them. */
        recipe_assume(&run->result->notes, run->arena, "dependencies-differ",
                      "the vendor directory cannot be compared with any module: %s", err->message);
        fd_close(&vendored.dir);
        return STEP_GO_ON;
    }
    set_modules(&vendored);
    if (!get_modules(&vendored, err) || !compare_files(&vendored, err)) {
        step = settle_error(run, err, "source-unavailable");
    } else {
        note_differences(&vendored);
    }
    for (size_t i = 0; i < run->recipe.dep_count; i++) {
        buffer_free(&vendored.modules[i].names);
    }
    fd_close(&vendored.dir);
    return step;
}
