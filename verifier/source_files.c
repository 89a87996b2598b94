// SPDX-License-Identifier: Apache-2.0
#include "verifier/source_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "verifier/fetch/file_tree.h"

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

void source_files_add(struct source_files *files, const struct subject_result *result,
                      unsigned jobs, struct arena *arena)
{
    AUTO_FD int dir = -1;
    struct file_tree tree;
    if (!result->accepted || !result->has_source || result->source.tree == NULL ||
        is_among(files, result->source.tree)) {
        return;
    }
    if (!directory_open(result->source.tree, &dir, NULL) ||
        !file_tree_scan(dir, arena, &tree, NULL) || !file_tree_hash(dir, &tree, jobs, NULL)) {
        return;
    }
    arena_grow(arena, &files->trees, files->tree_count, &files->tree_capacity,
               sizeof(*files->trees));
    files->trees[files->tree_count++] = result->source.tree;
    add_tree(files, &tree,
             arena_printf(arena, "%s@%s", result->source.id.path, result->source.id.version),
             arena);
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
