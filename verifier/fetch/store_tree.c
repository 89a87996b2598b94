// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/store_internal.h"

bool store_draft(struct store *store, struct arena *arena, struct workspace *ret_draft,
                 int *ret_root, struct error *err)
{
    struct workspace draft;
    if (!workspace_make(store->drafts, NULL, 0700, arena, &draft, err)) {
        return false;
    }
    if (!directory_make(draft.dir, "tree", 0755, ret_root, err)) {
        workspace_free(&draft);
        return false;
    }
    *ret_draft = draft;
    return true;
}

static bool write_manifest(int dir, const struct file_tree *files, const struct sha256 *zip,
                           struct error *err)
{
    AUTO(buffer) struct buffer text;
    buffer_init(&text, FILE_MANIFEST_MAXIMUM);
    file_manifest_write(files, &text);
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(zip, hex);
    if (!buffer_ok(&text)) {
        return error_set(err, ERROR_LIMIT, "the manifest is too long");
    }
    return file_write_atomic(dir, "manifest", 0444, buffer_view(&text), err) &&
           file_write_atomic(dir, "zip", 0444, bytes_from(hex, SHA256_HEX_LEN), err);
}

bool store_tree_publish(struct store *store, struct workspace *draft, const char *h1,
                        const struct file_tree *files, const struct sha256 *zip, struct error *err)
{
    char name[SHA256_HEX_LEN + 1];
    if (!store_h1_name(h1, name, err) || !write_manifest(draft->dir, files, zip, err)) {
        return false;
    }
    /* The bytes reach the disk before the name does; one call is enough for ten thousand files. */
    if (syncfs(draft->dir) != 0 || fchmod(draft->dir, 0711) != 0) {
        return error_errno(err, "cannot write a tree to disk");
    }
    if (renameat(draft->parent, draft->name, store->trees, name) == 0) {
        workspace_disown(draft);
        return fsync(store->trees) == 0 || error_errno(err, "cannot write a tree to disk");
    }
    return errno == EEXIST || errno == ENOTEMPTY ||
           error_errno(err, "cannot name the tree %s", name);
}

static bool read_zip_digest(int dir, struct arena *arena, struct sha256 *ret, struct error *err)
{
    struct bytes text;
    return file_read(dir, "zip", SHA256_HEX_LEN, arena, &text, err) &&
           (sha256_from_hex(text, ret) ||
            error_set(err, ERROR_UNTRUSTED, "the zip's digest is malformed"));
}

/* The manifest is as good as the h1 that its lines give. */
static bool check_manifest(int dir, const char *h1, const char *prefix, struct arena *arena,
                           struct stored_tree *tree, struct error *err)
{
    struct bytes manifest;
    char found[H1_LEN + 1];
    if (!file_read(dir, "manifest", FILE_MANIFEST_MAXIMUM, arena, &manifest, err) ||
        !file_manifest_parse(manifest, arena, &tree->files, err) ||
        !dirhash_tree(&tree->files, prefix, found, err)) {
        return false;
    }
    if (strcmp(found, h1) != 0) {
        return error_set(err, ERROR_UNTRUSTED, "the manifest was changed: it gives %s", found);
    }
    return true;
}

/* The files are as good as the manifest. */
static bool check_tree(struct store *store, int dir, const char *h1, const char *prefix,
                       unsigned jobs, struct arena *arena, struct stored_tree *tree,
                       struct error *err)
{
    AUTO_FD int zip = -1;
    return check_manifest(dir, h1, prefix, arena, tree, err) &&
           directory_open_beneath(dir, "tree", &tree->dir, err) &&
           file_tree_verify(tree->dir, &tree->files, jobs, err) &&
           read_zip_digest(dir, arena, &tree->zip, err) &&
           store_object_open(store, &tree->zip, &zip, err);
}

/* What is wrong with what was stored; running out of something or being stopped is not. */
static bool is_damage(const struct error *err)
{
    return err->code == ERROR_UNTRUSTED || err->code == ERROR_FORMAT || err->code == ERROR_ABSENT;
}

bool store_tree_open(struct store *store, const char *h1, const char *prefix, unsigned jobs,
                     struct arena *arena, struct stored_tree *ret, struct error *err)
{
    char name[SHA256_HEX_LEN + 1];
    AUTO_FD int dir = -1;
    struct stored_tree tree = {.dir = -1};
    struct error why = {0};
    if (!store_h1_name(h1, name, err) || !directory_open_beneath(store->trees, name, &dir, err)) {
        return false;
    }
    if (check_tree(store, dir, h1, prefix, jobs, arena, &tree, &why)) {
        tree.path = arena_printf(arena, "%s/trees/%s/tree", store->path, name);
        *ret = tree;
        return true;
    }
    stored_tree_free(&tree);
    if (!is_damage(&why)) {
        return error_pass(err, &why);
    }
    const char *moved;
    store_quarantine(store, "trees", name, why.message, arena, &moved);
    return error_set(err, ERROR_UNTRUSTED, "the stored tree was changed (%s); it is now %s",
                     why.message, moved);
}

void stored_tree_free(struct stored_tree *tree)
{
    fd_close(&tree->dir);
}

bool store_tree_look(struct store *store, const char *h1, const char *prefix, struct arena *arena,
                     struct stored_tree *ret, struct error *err)
{
    char name[SHA256_HEX_LEN + 1];
    AUTO_FD int dir = -1;
    struct stored_tree tree = {.dir = -1};
    if (!store_h1_name(h1, name, err) || !directory_open_beneath(store->trees, name, &dir, err)) {
        return false;
    }
    if (!check_manifest(dir, h1, prefix, arena, &tree, err) ||
        !read_zip_digest(dir, arena, &tree.zip, err) ||
        !directory_open_beneath(dir, "tree", &tree.dir, err)) {
        return false;
    }
    tree.path = arena_printf(arena, "%s/trees/%s/tree", store->path, name);
    *ret = tree;
    return true;
}

bool stored_tree_read(const struct stored_tree *tree, const struct file_entry *entry,
                      uint64_t maximum, struct arena *arena, struct bytes *ret, struct error *err)
{
    struct bytes content;
    if (!file_read(tree->dir, entry->path, maximum, arena, &content, err)) {
        return false;
    }
    struct sha256 digest = sha256_of(content);
    if (!sha256_equal(&digest, &entry->digest)) {
        return error_set(err, ERROR_UNTRUSTED, "%s was changed in the store", entry->path);
    }
    *ret = content;
    return true;
}
