// SPDX-License-Identifier: Apache-2.0
/* Making room among the kept standard libraries. Whatever fails here is tried again next time: a
 * cache too many costs room, one too few costs time. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/fetch/standard_internal.h"

#define NAME_LEN (STANDARD_KEY_LEN + 1 + STANDARD_DIGEST_LEN)

struct kept {
    const char *name;
    time_t used;
    uint64_t bytes;
};

/* What has another name is not ours to remove. */
static bool is_name(const char *name)
{
    return strlen(name) == NAME_LEN && name[STANDARD_KEY_LEN] == '-' &&
           strspn(name, "0123456789abcdef") == STANDARD_KEY_LEN &&
           strspn(name + STANDARD_KEY_LEN + 1, "0123456789abcdef") == STANDARD_DIGEST_LEN;
}

/* As its manifest says; 0 where there is none, since the removal was cut short. */
static uint64_t bytes_of(int dir)
{
    struct arena arena = {0};
    struct bytes manifest;
    struct file_tree files = {0};
    uint64_t bytes = 0;
    if (file_read(dir, "manifest", FILE_MANIFEST_MAXIMUM, &arena, &manifest, NULL) &&
        file_manifest_parse(manifest, &arena, &files, NULL)) {
        for (size_t i = 0; i < files.count && files.entries[i].size < UINT64_MAX - bytes; i++) {
            bytes += files.entries[i].size;
        }
    }
    arena_free(&arena);
    return bytes;
}

static size_t list(int folder, struct arena *arena, struct kept **ret)
{
    char **names;
    size_t count = 0, used = 0;
    struct stat info;
    if (!directory_list(folder, arena, &names, &count, NULL) || count == 0) {
        return 0;
    }
    struct kept *kept = ARENA_ARRAY(arena, count, struct kept);
    for (size_t i = 0; i < count; i++) {
        AUTO_FD int dir = -1;
        if (is_name(names[i]) && directory_open_beneath(folder, names[i], &dir, NULL) &&
            fstat(dir, &info) == 0) {
            uint64_t bytes = bytes_of(dir);
            kept[used++] = (struct kept){names[i], bytes == 0 ? 0 : info.st_mtime, bytes};
        }
    }
    *ret = kept;
    return used;
}

static int by_use(const void *a, const void *b)
{
    const struct kept *one = a, *other = b;
    return one->used != other->used ? (one->used > other->used) - (one->used < other->used)
                                    : strcmp(one->name, other->name);
}

/* What is written down of a cache that is gone is of no use. */
static void remove_note(int notes, const char *name)
{
    struct arena arena = {0};
    struct bytes text;
    char **keys;
    size_t count = 0;
    if (directory_list(notes, &arena, &keys, &count, NULL)) {
        for (size_t i = 0; i < count; i++) {
            if (strncmp(keys[i], name, STANDARD_KEY_LEN) == 0 &&
                file_read(notes, keys[i], SHA256_HEX_LEN, &arena, &text, NULL) &&
                text.len == SHA256_HEX_LEN &&
                memcmp(text.data, name + STANDARD_KEY_LEN + 1, STANDARD_DIGEST_LEN) == 0) {
                unlinkat(notes, keys[i], 0);
            }
        }
    }
    arena_free(&arena);
}

/* The manifest goes first: without it a removal that is cut short leaves nothing that could be
 * taken for a cache that somebody changed. */
static bool remove_one(struct fetcher *fetcher, int folder, const char *name)
{
    AUTO_FD int dir = -1;
    AUTO_FD int notes = -1;
    int lock = -1;
    char key[STANDARD_KEY_LEN + 1];
    memcpy(key, name, STANDARD_KEY_LEN);
    key[STANDARD_KEY_LEN] = '\0';
    if (!file_lock(fetcher->store->locks, key, false, &lock, NULL)) {
        return false;
    }
    bool ok = directory_open_beneath(folder, name, &dir, NULL) &&
              (unlinkat(dir, "manifest", 0) == 0 || errno == ENOENT) &&
              directory_remove(folder, name, NULL);
    if (ok && standard_open_notes(fetcher, &notes, NULL)) {
        remove_note(notes, name);
    }
    file_lock_remove(fetcher->store->locks, key, &lock);
    return ok;
}

void standard_prune(struct fetcher *fetcher, uint64_t bytes, int64_t age)
{
    AUTO_FD int folder = -1;
    struct arena arena = {0};
    struct kept *kept = NULL;
    size_t count = standard_open_folder(fetcher, &folder, NULL) ? list(folder, &arena, &kept) : 0;
    time_t now = time(NULL);
    uint64_t total = 0;
    if (count > 0) {
        qsort(kept, count, sizeof(*kept), by_use);
    }
    for (size_t i = 0; i < count; i++) {
        total += kept[i].bytes < UINT64_MAX - total ? kept[i].bytes : UINT64_MAX - total;
    }
    for (size_t i = 0; i < count; i++) {
        bool old = kept[i].used < now - age;
        if ((old || total > bytes) && remove_one(fetcher, folder, kept[i].name)) {
            total -= kept[i].bytes;
        }
    }
    arena_free(&arena);
}
