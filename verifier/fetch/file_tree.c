// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/fetch/file_tree.h"
#include "verifier/fetch/parallel.h"

/* Files are hashed in groups, so that threads meet rarely and share no buffers. */
#define GROUP 32
#define PIECE (128 * KIB)

struct walk {
    int root;
    struct arena *arena;
    struct file_tree tree;
    size_t capacity;
    const char **directories; /* found and to be listed; "" is the root */
    size_t directory_count, directory_capacity;
};

static void add_directory(struct walk *walk, const char *path)
{
    arena_grow(walk->arena, &walk->directories, walk->directory_count, &walk->directory_capacity,
               sizeof(*walk->directories));
    walk->directories[walk->directory_count++] = path;
}

static bool add_name(struct walk *walk, int dir, const char *parent, const char *name,
                     struct error *err)
{
    const char *path = *parent == '\0' ? name : arena_printf(walk->arena, "%s/%s", parent, name);
    struct stat info;
    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return error_errno(err, "cannot examine %s", path);
    }
    if (walk->tree.count + walk->directory_count > 2 * LIMIT_ZIP_ENTRIES) {
        return error_set(err, ERROR_UNTRUSTED, "the tree holds more files than a zip may");
    }
    if (S_ISDIR(info.st_mode)) {
        add_directory(walk, path);
        return true;
    }
    if (!S_ISREG(info.st_mode)) {
        return error_set(err, ERROR_UNTRUSTED, "%s is neither a file nor a directory", path);
    }
    arena_grow(walk->arena, &walk->tree.entries, walk->tree.count, &walk->capacity,
               sizeof(*walk->tree.entries));
    walk->tree.entries[walk->tree.count++] = (struct file_entry){.kind = FILE_KIND_PLAIN,
                                                                 .mode = info.st_mode & 07777,
                                                                 .size = (uint64_t)info.st_size,
                                                                 .path = path};
    return true;
}

static bool list_directory(struct walk *walk, const char *path, struct error *err)
{
    AUTO_FD int dir = -1;
    char **names;
    size_t count;
    if (!directory_open_beneath(walk->root, *path == '\0' ? "." : path, &dir, err) ||
        !directory_list(dir, walk->arena, &names, &count, err)) {
        return error_prefix(err, "%s", path);
    }
    for (size_t i = 0; i < count; i++) {
        if (!add_name(walk, dir, path, names[i], err)) {
            return false;
        }
    }
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

bool file_tree_scan(int dir, struct arena *arena, struct file_tree *ret, struct error *err)
{
    struct walk walk = {.root = dir, .arena = arena};
    add_directory(&walk, "");
    for (size_t i = 0; i < walk.directory_count; i++) {
        if (!list_directory(&walk, walk.directories[i], err)) {
            return false;
        }
    }
    if (walk.tree.count > 1) {
        qsort(walk.tree.entries, walk.tree.count, sizeof(*walk.tree.entries), by_path);
    }
    *ret = walk.tree;
    return true;
}

struct hashing {
    int dir;
    struct file_tree *tree;
};

/* Reads FD to its end; the size has to be ENTRY's, whatever is appended or cut meanwhile. */
static bool hash_open_file(int fd, uint8_t *piece, struct digest *digest, struct file_entry *entry,
                           struct error *err)
{
    uint64_t total = 0;
    ssize_t got;
    while ((got = read(fd, piece, PIECE)) != 0) {
        if (got < 0 && errno != EINTR) {
            return error_errno(err, "cannot read");
        }
        if (got > 0) {
            digest_update(digest, bytes_from(piece, (size_t)got));
            total += (uint64_t)got;
        }
        if (total > entry->size) {
            break;
        }
    }
    if (total != entry->size) {
        return error_set(err, ERROR_UNTRUSTED, "changed while it was read");
    }
    digest_finish(digest, entry->digest.bytes);
    return true;
}

static bool hash_group(void *context, size_t index, struct error *err)
{
    const struct hashing *hashing = context;
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    AUTO_FREE uint8_t *piece = malloc(PIECE);
    if (piece == NULL) {
        bug("out of memory for a buffer");
    }
    size_t end = (index + 1) * GROUP;
    end = end < hashing->tree->count ? end : hashing->tree->count;
    for (size_t i = index * GROUP; i < end; i++) {
        struct file_entry *entry = &hashing->tree->entries[i];
        AUTO_FD int fd = -1;
        if (entry->kind == FILE_KIND_DIRECTORY) {
            entry->digest = sha256_of(bytes_from(NULL, 0));
            continue;
        }
        if (!file_open_beneath(hashing->dir, entry->path, O_RDONLY | O_NONBLOCK, 0, &fd, err)) {
            return false;
        }
        if (!hash_open_file(fd, piece, digest, entry, err)) {
            return error_prefix(err, "%s", entry->path);
        }
    }
    return true;
}

bool file_tree_hash(int dir, struct file_tree *tree, unsigned jobs, struct error *err)
{
    struct hashing hashing = {.dir = dir, .tree = tree};
    return parallel_run(jobs, (tree->count + GROUP - 1) / GROUP, hash_group, &hashing, err);
}

/* The next file at or after INDEX: directories have no bytes to compare. */
static size_t next_file(const struct file_tree *tree, size_t index)
{
    while (index < tree->count && tree->entries[index].kind == FILE_KIND_DIRECTORY) {
        index++;
    }
    return index;
}

static bool compare_shape(const struct file_tree *expected, const struct file_tree *found,
                          struct error *err)
{
    size_t e = 0;
    for (size_t f = 0;; e++, f++) {
        e = next_file(expected, e);
        if (e == expected->count || f == found->count) {
            break;
        }
        const struct file_entry *want = &expected->entries[e];
        const struct file_entry *have = &found->entries[f];
        int order = strcmp(want->path, have->path);
        if (order != 0) {
            return order < 0
                       ? error_set(err, ERROR_UNTRUSTED, "%s is missing", want->path)
                       : error_set(err, ERROR_UNTRUSTED, "%s does not belong here", have->path);
        }
        if (want->size != have->size || want->mode != have->mode) {
            return error_set(err, ERROR_UNTRUSTED, "%s has another size or mode", want->path);
        }
    }
    if (e < expected->count) {
        return error_set(err, ERROR_UNTRUSTED, "%s is missing", expected->entries[e].path);
    }
    size_t files = 0;
    for (size_t i = 0; i < expected->count; i++) {
        files += expected->entries[i].kind != FILE_KIND_DIRECTORY;
    }
    return found->count == files ||
           error_set(err, ERROR_UNTRUSTED, "%s does not belong here", found->entries[files].path);
}

static bool compare_digests(const struct file_tree *expected, const struct file_tree *found,
                            struct error *err)
{
    size_t e = 0;
    for (size_t f = 0; f < found->count; f++, e++) {
        e = next_file(expected, e);
        if (!sha256_equal(&expected->entries[e].digest, &found->entries[f].digest)) {
            return error_set(err, ERROR_UNTRUSTED, "%s has other bytes", found->entries[f].path);
        }
    }
    return true;
}

bool file_tree_verify(int dir, const struct file_tree *expected, unsigned jobs, struct error *err)
{
    struct arena arena = {0};
    struct file_tree found;
    bool ok = file_tree_scan(dir, &arena, &found, err) && compare_shape(expected, &found, err) &&
              file_tree_hash(dir, &found, jobs, err) && compare_digests(expected, &found, err);
    arena_free(&arena);
    return ok;
}
