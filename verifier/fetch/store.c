// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/store_internal.h"

/* Seconds. A download that was broken off can be continued for a week. */
#define PARTIAL_AGE (7 * 86400)
#define TEMPORARY_AGE 86400

/* A build is run as another user when root starts it: that user has to get through to its inputs,
 * but sees no names. */
static mode_t passage_mode(void)
{
    return geteuid() == 0 ? 0711 : 0700;
}

/* Nobody but us may have written here. */
static bool check_owner(int dir, const char *path, struct error *err)
{
    struct stat info;
    if (fstat(dir, &info) != 0) {
        return error_errno(err, "cannot examine %s", path);
    }
    if (info.st_uid != geteuid() || (info.st_mode & 022) != 0) {
        error_set(err, ERROR_UNTRUSTED, "%s belongs to another user or can be written by others",
                  path);
        return error_cure(err, "name a directory of your own with --store, or chmod go-w it");
    }
    return true;
}

static bool make_folders(struct store *store, struct error *err)
{
    const struct {
        const char *name;
        mode_t mode;
        int *ret;
    } folders[] = {
        {"objects", 0700, &store->objects},       {"trees", passage_mode(), &store->trees},
        {"partial", 0700, &store->partial},       {"locks", 0700, &store->locks},
        {"drafts", 0700, &store->drafts},         {"work", passage_mode(), &store->work},
        {"quarantine", 0700, &store->quarantine},
    };
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        if (!directory_make(store->dir, folders[i].name, folders[i].mode, folders[i].ret, err)) {
            return error_prefix(err, "%s", store->path);
        }
    }
    return true;
}

static bool is_older(int dir, const char *name, time_t age)
{
    struct stat info;
    return fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_mtime < time(NULL) - age;
}

/* Removes what has that PREFIX in DIR and was not touched for AGE seconds: nobody works on it. */
static void sweep(int dir, const char *prefix, time_t age)
{
    struct arena arena = {0};
    char **names;
    size_t count = 0;
    if (directory_list(dir, &arena, &names, &count, NULL)) {
        for (size_t i = 0; i < count; i++) {
            if (strncmp(names[i], prefix, strlen(prefix)) == 0 && is_older(dir, names[i], age)) {
                unlinkat(dir, names[i], 0);
            }
        }
    }
    arena_free(&arena);
}

/* Partial downloads and their notes. A clock that jumps makes those under way old: they are locked.
 */
static void sweep_partial(struct store *store)
{
    struct arena arena = {0};
    char **names;
    size_t count = 0;
    if (directory_list(store->partial, &arena, &names, &count, NULL)) {
        for (size_t i = 0; i < count; i++) {
            size_t len = strcspn(names[i], ".");
            /* A temporary file begins with the dot. */
            const char *key = len == 0 ? names[i] : arena_text(&arena, bytes_from(names[i], len));
            int lock = -1;
            if (is_older(store->partial, names[i], PARTIAL_AGE) &&
                file_lock(store->locks, key, false, &lock, NULL)) {
                unlinkat(store->partial, names[i], 0);
                file_lock_remove(store->locks, key, &lock);
            }
        }
    }
    arena_free(&arena);
}

/* Locks that nobody holds. */
static void sweep_locks(int dir)
{
    struct arena arena = {0};
    char **names;
    size_t count = 0;
    if (directory_list(dir, &arena, &names, &count, NULL)) {
        for (size_t i = 0; i < count; i++) {
            int lock = -1;
            if (is_older(dir, names[i], PARTIAL_AGE) &&
                file_lock(dir, names[i], false, &lock, NULL)) {
                file_lock_remove(dir, names[i], &lock);
            }
        }
    }
    arena_free(&arena);
}

/* What killed runs left: directories without an owner at once, files after a while. */
static void clean(struct store *store)
{
    static const char *const folders[] = {"mods", "exempt", "hearsay", "quarantine"};
    workspace_clean(store->drafts);
    workspace_clean(store->work);
    sweep_partial(store);
    sweep_locks(store->locks);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        AUTO_FD int dir = -1;
        if (directory_open_beneath(store->dir, folders[i], &dir, NULL)) {
            sweep(dir, ".tmp-", TEMPORARY_AGE);
        }
    }
}

bool store_open(const char *path, struct store **ret, struct error *err)
{
    if (path[0] != '/') {
        return error_set(err, ERROR_USAGE, "the store \"%s\" is not an absolute path", path);
    }
    AUTO(store) struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        bug("out of memory for the store");
    }
    store->dir = store->objects = store->trees = store->partial = store->locks = -1;
    store->drafts = store->work = store->quarantine = -1;
    store->path = strdup(path);
    if (!directory_make_path(path, &store->dir, err) || !check_owner(store->dir, path, err)) {
        return error_prefix(err, "store");
    }
    if (geteuid() == 0 && fchmod(store->dir, passage_mode()) != 0) {
        return error_errno(err, "cannot set the mode of %s", path);
    }
    if (!make_folders(store, err)) {
        return false;
    }
    clean(store);
    *ret = STEAL(store);
    return true;
}

void store_free(struct store **store)
{
    struct store *s = *store;
    if (s == NULL) {
        return;
    }
    int *descriptors[] = {&s->dir,   &s->objects, &s->trees, &s->partial,
                          &s->locks, &s->drafts,  &s->work,  &s->quarantine};
    for (size_t i = 0; i < ARRAY_LEN(descriptors); i++) {
        fd_close(descriptors[i]);
    }
    free(s->path);
    free(s);
    *store = NULL;
}

const char *store_path(const struct store *store)
{
    return store->path;
}

int store_directory(const struct store *store)
{
    return store->dir;
}

void store_key(const char *text, char ret[SHA256_HEX_LEN + 1])
{
    struct sha256 digest = sha256_of(bytes_from_string(text));
    sha256_hex(&digest, ret);
}

bool store_h1_name(const char *h1, char ret[SHA256_HEX_LEN + 1], struct error *err)
{
    struct sha256 digest;
    if (!dirhash_parse(h1, &digest)) {
        return error_set(err, ERROR_INTERNAL, "\"%s\" is no h1", h1);
    }
    sha256_hex(&digest, ret);
    return true;
}

bool store_lock(struct store *store, const char *key, int *ret, struct error *err)
{
    return file_lock(store->locks, key, true, ret, err);
}

static void etag_name(const char *key, char ret[SHA256_HEX_LEN + 8])
{
    snprintf(ret, SHA256_HEX_LEN + 8, "%s.etag", key);
}

static bool read_etag(struct store *store, const char *key, char *ret, size_t size)
{
    struct arena arena = {0};
    struct bytes text;
    char name[SHA256_HEX_LEN + 8];
    etag_name(key, name);
    bool ok = file_read(store->partial, name, size - 1, &arena, &text, NULL);
    if (ok) {
        memcpy(ret, text.data, text.len);
        ret[text.len] = '\0';
    }
    arena_free(&arena);
    return ok;
}

bool store_partial_open(struct store *store, const char *key, int *ret, char *etag, size_t size,
                        struct error *err)
{
    AUTO_FD int fd = -1;
    if (!file_open_beneath(store->partial, key, O_RDWR | O_CREAT, 0600, &fd, err)) {
        return false;
    }
    if (!read_etag(store, key, etag, size)) {
        etag[0] = '\0';
        if (ftruncate(fd, 0) != 0) {
            return error_errno(err, "cannot empty a partial download");
        }
    }
    *ret = fd_steal(&fd);
    return true;
}

bool store_partial_note(struct store *store, const char *key, const char *etag, struct error *err)
{
    char name[SHA256_HEX_LEN + 8];
    etag_name(key, name);
    return file_write_atomic(store->partial, name, 0600, bytes_from_string(etag), err);
}

void store_partial_remove(struct store *store, const char *key)
{
    char name[SHA256_HEX_LEN + 8];
    etag_name(key, name);
    unlinkat(store->partial, key, 0);
    unlinkat(store->partial, name, 0);
}

static bool hash_descriptor(int fd, struct sha256 *ret, struct error *err)
{
    struct source source;
    return source_from_fd(fd, &source, err) && sha256_source(&source, ret, err);
}

bool store_object_adopt(struct store *store, const char *key, int fd, struct sha256 *ret,
                        struct error *err)
{
    struct sha256 digest;
    char name[SHA256_HEX_LEN + 1];
    if (!hash_descriptor(fd, &digest, err)) {
        return false;
    }
    if (fsync(fd) != 0) {
        return error_errno(err, "cannot write a download to disk");
    }
    sha256_hex(&digest, name);
    /* Writable until it has its name: else who is stopped in between could not go on with it. */
    if (renameat(store->partial, key, store->objects, name) != 0 || fchmod(fd, 0444) != 0 ||
        fsync(store->objects) != 0) {
        return error_errno(err, "cannot name the object %s", name);
    }
    store_partial_remove(store, key);
    *ret = digest;
    return true;
}

bool store_object_open(struct store *store, const struct sha256 *digest, int *ret,
                       struct error *err)
{
    char name[SHA256_HEX_LEN + 1];
    sha256_hex(digest, name);
    AUTO_FD int fd = -1;
    struct sha256 found;
    if (!file_open_beneath(store->objects, name, O_RDONLY | O_NONBLOCK, 0, &fd, err) ||
        !hash_descriptor(fd, &found, err)) {
        return error_prefix(err, "object");
    }
    if (!sha256_equal(&found, digest)) {
        struct arena arena = {0};
        const char *moved;
        store_quarantine(store, "objects", name, "its bytes do not have its digest", &arena,
                         &moved);
        error_set(err, ERROR_UNTRUSTED, "the stored object %s was changed; it is now %s", name,
                  moved);
        arena_free(&arena);
        return false;
    }
    *ret = fd_steal(&fd);
    return true;
}

bool store_note_read(struct store *store, const char *folder, const char *name, uint64_t maximum,
                     struct arena *arena, struct bytes *ret, struct error *err)
{
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    return file_read(store->dir, path, maximum, arena, ret, err);
}

bool store_note_write(struct store *store, const char *folder, const char *name,
                      struct bytes content, struct error *err)
{
    struct arena arena = {0};
    const char *path = arena_printf(&arena, "%s/%s", folder, name);
    AUTO_FD int dir = -1;
    const char *slash = strrchr(path, '/');
    const char *above = arena_text(&arena, bytes_from(path, (size_t)(slash - path)));
    bool ok = directory_make(store->dir, above, 0700, &dir, err) &&
              file_write_atomic(dir, slash + 1, 0444, content, err);
    arena_free(&arena);
    return ok;
}

/* "20260131T235959Z-noise", so that a list of them is in the order of time. */
static bool quarantine_name(char *ret, size_t ret_len)
{
    char noise[24];
    char stamp[24];
    time_t now = time(NULL);
    struct tm parts;
    return gmtime_r(&now, &parts) != NULL &&
           strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &parts) > 0 &&
           file_random_name("-", noise, sizeof(noise), NULL) &&
           snprintf(ret, ret_len, "%s%s", stamp, noise) > 0;
}

void store_quarantine(struct store *store, const char *folder, const char *name, const char *reason,
                      struct arena *arena, const char **ret_name)
{
    char fresh[64] = "unnamed";
    const char *from = arena_printf(arena, "%s/%s", folder, name);
    if (!quarantine_name(fresh, sizeof(fresh)) ||
        renameat(store->dir, from, store->quarantine, fresh) != 0) {
        /* It must not be used again, whatever happens to it. */
        if (errno != ENOENT && !directory_remove(store->dir, from, NULL)) {
            snprintf(fresh, sizeof(fresh), "../%s", from);
        }
    } else {
        const char *note = arena_printf(arena, "%s.txt", fresh);
        const char *text = arena_printf(arena, "%s: %s\n", from, reason);
        /* The reason is only for people: losing it loses no evidence. */
        bool noted =
            file_write_atomic(store->quarantine, note, 0444, bytes_from_string(text), NULL);
        (void)noted;
    }
    if (ret_name != NULL) {
        *ret_name = arena_printf(arena, "%s/quarantine/%s", store->path, fresh);
    }
}

bool store_workspace(struct store *store, struct arena *arena, struct workspace *ret,
                     struct error *err)
{
    const char *path = arena_printf(arena, "%s/work", store->path);
    return workspace_make(store->work, path, 0711, arena, ret, err);
}
