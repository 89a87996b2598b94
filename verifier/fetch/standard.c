// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/standard.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/fetch/standard_internal.h"

/* By the part of the key that is in the name: who makes room knows no other. */
static void lock_name(const char *key, char ret[STANDARD_KEY_LEN + 1])
{
    memcpy(ret, key, STANDARD_KEY_LEN);
    ret[STANDARD_KEY_LEN] = '\0';
}

bool standard_lock(struct fetcher *fetcher, const char *key, int *ret, struct error *err)
{
    char name[STANDARD_KEY_LEN + 1];
    lock_name(key, name);
    return store_lock(fetcher->store, name, ret, err);
}

void standard_unlock(struct fetcher *fetcher, const char *key, int *lock)
{
    char name[STANDARD_KEY_LEN + 1];
    lock_name(key, name);
    file_lock_remove(fetcher->store->locks, name, lock);
}

/* Of the key and of what was written down: who shares a store, but not the state, has another. */
static const char *name_of(const char *key, const struct sha256 *digest, struct arena *arena)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(digest, hex);
    return arena_printf(arena, "%.*s-%.*s", STANDARD_KEY_LEN, key, STANDARD_DIGEST_LEN, hex);
}

bool standard_open_folder(struct fetcher *fetcher, int *ret, struct error *err)
{
    return directory_make(fetcher->store->dir, STANDARD_FOLDER, 0700, ret, err);
}

bool standard_open_notes(struct fetcher *fetcher, int *ret, struct error *err)
{
    struct arena arena = {0};
    const char *path = arena_printf(&arena, "%s/" STANDARD_FOLDER, fetcher->state);
    bool ok = directory_make_path(path, ret, err);
    arena_free(&arena);
    return ok;
}

/* The digest that was written down when the cache was made. */
static bool read_note(struct fetcher *fetcher, const char *key, struct arena *arena,
                      struct sha256 *ret, struct error *err)
{
    AUTO_FD int dir = -1;
    struct bytes text;
    return standard_open_notes(fetcher, &dir, err) &&
           file_read(dir, key, SHA256_HEX_LEN, arena, &text, err) &&
           (sha256_from_hex(text, ret) || error_set(err, ERROR_ABSENT, "%s: no digest", key));
}

static bool write_note(struct fetcher *fetcher, const char *key, const struct sha256 *digest,
                       struct error *err)
{
    AUTO_FD int dir = -1;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(digest, hex);
    return standard_open_notes(fetcher, &dir, err) &&
           file_write_atomic(dir, key, 0600, bytes_from(hex, SHA256_HEX_LEN), err);
}

bool standard_open(struct fetcher *fetcher, const char *key, struct arena *arena, int *ret,
                   struct file_tree *ret_files, struct error *err)
{
    AUTO_FD int folder = -1;
    AUTO_FD int dir = -1;
    AUTO_FD int tree = -1;
    struct sha256 noted;
    struct bytes manifest;
    struct file_tree files;
    if (!read_note(fetcher, key, arena, &noted, err) ||
        !standard_open_folder(fetcher, &folder, err) ||
        !directory_open_beneath(folder, name_of(key, &noted, arena), &dir, err) ||
        !file_read(dir, "manifest", FILE_MANIFEST_MAXIMUM, arena, &manifest, err) ||
        !directory_open_beneath(dir, "tree", &tree, err)) {
        return false;
    }
    struct sha256 digest = sha256_of(manifest);
    if (!sha256_equal(&digest, &noted) || !file_manifest_parse(manifest, arena, &files, err)) {
        standard_drop(fetcher, key, "its manifest is not what was written down");
        return error_set(err, ERROR_ABSENT, "the cache %s is not ours", key);
    }
    /* Which ones nobody used is told by this time; a store that cannot be written is not pruned. */
    (void)futimens(dir, NULL);
    *ret = fd_steal(&tree);
    *ret_files = files;
    return true;
}

void standard_drop(struct fetcher *fetcher, const char *key, const char *reason)
{
    struct arena arena = {0};
    const char *ignored;
    struct sha256 noted;
    if (read_note(fetcher, key, &arena, &noted, NULL)) {
        store_quarantine(fetcher->store, STANDARD_FOLDER, name_of(key, &noted, &arena), reason,
                         &arena, &ignored);
    }
    arena_free(&arena);
}

bool standard_draft(struct fetcher *fetcher, struct arena *arena, struct workspace *ret,
                    int *ret_root, struct error *err)
{
    return store_draft(fetcher->store, arena, ret, ret_root, err);
}

/* Nothing is synced: what a crash cuts short has another digest. */
static bool give_name(struct fetcher *fetcher, const char *name, struct workspace *draft,
                      struct error *err)
{
    AUTO_FD int folder = -1;
    if (!standard_open_folder(fetcher, &folder, err) || !directory_remove(folder, name, err)) {
        return false;
    }
    if (renameat(draft->parent, draft->name, folder, name) != 0) {
        return error_errno(err, "cannot name the cache %s", name);
    }
    workspace_disown(draft);
    return true;
}

bool standard_publish(struct fetcher *fetcher, const char *key, struct workspace *draft, int root,
                      struct error *err)
{
    AUTO(buffer) struct buffer manifest = {0};
    struct arena arena = {0};
    struct file_tree files;
    buffer_init(&manifest, FILE_MANIFEST_MAXIMUM);
    bool ok = file_tree_scan(root, &arena, &files, err) &&
              file_tree_hash(root, &files, fetcher->jobs, err);
    if (ok) {
        file_manifest_write(&files, &manifest);
        ok = buffer_ok(&manifest) || error_set(err, ERROR_LIMIT, "the manifest is too long");
    }
    struct sha256 digest = sha256_of(buffer_view(&manifest));
    ok = ok && file_write_atomic(draft->dir, "manifest", 0444, buffer_view(&manifest), err) &&
         give_name(fetcher, name_of(key, &digest, &arena), draft, err) &&
         write_note(fetcher, key, &digest, err);
    arena_free(&arena);
    if (ok) {
        standard_prune(fetcher, LIMIT_STANDARD_BYTES, LIMIT_STANDARD_AGE);
    }
    return ok;
}
