// SPDX-License-Identifier: Apache-2.0
#include "verifier/source_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "verifier/fetch/file_tree.h"
#include "verifier/source_walk.h"

static int compare_digests(const void *a, const void *b)
{
    const struct source_file *first = a;
    const struct source_file *second = b;
    int order = bytes_compare(sha256_view(&first->digest), sha256_view(&second->digest));
    return order != 0 ? order : strcmp(first->path, second->path);
}

static bool is_among(const struct source_files *files, const char *tree)
{
    for (size_t i = 0; i < files->tree_count; i++) {
        if (strcmp(files->trees[i], tree) == 0) {
            return true;
        }
    }
    return false;
}

static void add_tree(struct source_files *files, const struct file_tree *tree, const char *source,
                     struct arena *arena)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct file_entry *entry = &tree->entries[i];
        if (entry->kind == FILE_KIND_DIRECTORY) {
            continue;
        }
        arena_grow(arena, &files->items, files->count, &files->capacity, sizeof(*files->items));
        files->items[files->count++] = (struct source_file){entry->digest, entry->path, source};
    }
    if (files->count > 0) {
        qsort(files->items, files->count, sizeof(*files->items), compare_digests);
    }
}

/* -- working copies -- */

struct copy {
    struct source_files *files;
    const char *source, *without; /* "/dist", NULL: there is no such folder in it */
    struct arena *arena;
};

static void add_file(void *context, int dir, const char *name, const char *place, uint64_t size)
{
    struct copy *copy = context;
    size_t lead = copy->without == NULL ? 0 : strlen(copy->without);
    AUTO_FD int fd = -1;
    struct source source;
    struct sha256 digest;
    (void)size;
    if (lead > 0 && strncmp(place, copy->without, lead) == 0 &&
        (place[lead] == '/' || place[lead] == '\0')) {
        return;
    }
    if (!file_open_beneath(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, NULL) ||
        !source_from_fd(fd, &source, NULL) || !sha256_source(&source, &digest, NULL)) {
        return;
    }
    struct source_files *files = copy->files;
    const char *path = arena_printf(copy->arena, "%s/%s", place, name) + 1;
    arena_grow(copy->arena, &files->items, files->count, &files->capacity, sizeof(*files->items));
    files->items[files->count++] = (struct source_file){digest, path, copy->source};
}

/* FOLDER from the directory TREE on, "/dist"; NULL if it does not lie in it. */
static const char *path_within(const char *tree, const char *folder, struct arena *arena)
{
    AUTO_FREE char *outer = realpath(tree, NULL);
    AUTO_FREE char *inner = folder == NULL ? NULL : realpath(folder, NULL);
    size_t lead = outer == NULL ? 0 : strlen(outer);
    bool within = inner != NULL && lead > 0 && strncmp(inner, outer, lead) == 0;
    return within && inner[lead] == '/' ? arena_string(arena, inner + lead) : NULL;
}

void source_files_add_copy(struct source_files *files, const char *path, const char *source,
                           struct arena *arena)
{
    AUTO_FD int dir = -1;
    struct copy copy = {.files = files,
                        .source = source,
                        .without = path_within(path, files->artifacts, arena),
                        .arena = arena};
    if (!directory_open(path, &dir, NULL)) {
        return;
    }
    source_walk(dir, "", add_file, &copy);
    if (files->count > 0) {
        qsort(files->items, files->count, sizeof(*files->items), compare_digests);
    }
}

static void add_stored(struct source_files *files, const struct subject_result *result,
                       unsigned jobs, const char *source, struct arena *arena)
{
    AUTO_FD int dir = -1;
    struct file_tree tree;
    if (directory_open(result->source.tree, &dir, NULL) &&
        file_tree_scan(dir, arena, &tree, NULL) && file_tree_hash(dir, &tree, jobs, NULL)) {
        add_tree(files, &tree, source, arena);
    }
}

void source_files_add(struct source_files *files, const struct subject_result *result,
                      unsigned jobs, struct arena *arena)
{
    if (!result->accepted || !result->has_source || result->source.tree == NULL ||
        is_among(files, result->source.tree)) {
        return;
    }
    const struct module_id *id = &result->source.id;
    const char *source =
        id->version[0] == '\0' ? id->path : arena_printf(arena, "%s@%s", id->path, id->version);
    arena_grow(arena, &files->trees, files->tree_count, &files->tree_capacity,
               sizeof(*files->trees));
    files->trees[files->tree_count++] = result->source.tree;
    if (result->source_kind != NULL && strcmp(result->source_kind, "directory") == 0) {
        source_files_add_copy(files, result->source.tree, source, arena);
    } else {
        add_stored(files, result, jobs, source, arena);
    }
}

const struct source_file *source_files_find(const struct source_files *files,
                                            const struct target_member *member)
{
    size_t low = 0, high = member->regular ? files->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(sha256_view(&files->items[middle].digest), sha256_view(&member->sha256)) <
            0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = member->regular && low < files->count &&
                 sha256_equal(&files->items[low].digest, &member->sha256);
    return found ? &files->items[low] : NULL;
}

void source_files_judge(const struct source_files *files, const struct target_container *from,
                        struct arena *arena, struct container_result *ret)
{
    const char **unproven = ARENA_ARRAY(arena, from->other_count + 1, const char *);
    struct proven_member *proven = ARENA_ARRAY(arena, from->other_count + 1, struct proven_member);
    ret->unproven_count = ret->proven_count = 0;
    for (size_t i = 0; i < from->other_count; i++) {
        const struct source_file *file = source_files_find(files, &from->others[i]);
        const char *name = from->others[i].name;
        if (file == NULL) {
            unproven[ret->unproven_count++] = name;
        } else {
            proven[ret->proven_count++] = (struct proven_member){
                name, arena_printf(arena, "%s/%s", file->source, file->path)};
        }
    }
    ret->unproven = unproven;
    ret->proven = proven;
}
