// SPDX-License-Identifier: Apache-2.0
#include "cli/gate_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"

/* What an earlier run wrote may be replaced, and an empty directory; nothing else. */
static bool check_replaceable(const char *path, struct arena *arena, struct error *err)
{
    AUTO_FD int dir = -1;
    char **names;
    size_t count;
    struct stat info;
    if (lstat(path, &info) != 0) {
        return errno == ENOENT || error_errno(err, "%s", path);
    }
    if (!directory_open(path, &dir, err) || !directory_list(dir, arena, &names, &count, err)) {
        return false;
    }
    if (count == 0 || (file_exists(dir, "summary.json") && file_exists(dir, "index.json"))) {
        return true;
    }
    error_set(err, ERROR_USAGE, "%s holds other files", path);
    return error_cure(err, "name a directory that is empty or not there yet");
}

/* Removes the tree at the absolute PATH; absent is success. */
static bool remove_tree(const char *path, struct error *err)
{
    AUTO_FD int parent = -1;
    const char *slash = strrchr(path, '/');
    char *above = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    bool ok = above != NULL && directory_open(above, &parent, err);
    free(above);
    return ok && directory_remove(parent, slash + 1, err);
}

/* Whether PATH still stands for the directory open at DIR. */
static bool is_named(const char *path, int dir)
{
    struct stat open_one, named;
    return fstat(dir, &open_one) == 0 && lstat(path, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

/* For this run alone: another one to the same place would take away what this one writes. The lock
 * dies with the process. */
static bool lock_directory(int dir, const char *path, struct error *err)
{
    if (flock(dir, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (errno != EWOULDBLOCK) {
        return error_errno(err, "cannot lock %s", path);
    }
    error_set(err, ERROR_IO, "another run writes to %s", path);
    return error_cure(err, "wait for it, or name another directory with --out");
}

/* What a killed run left. */
static bool remove_stale(const char *path, struct error *err)
{
    AUTO_FD int dir = -1;
    struct stat info;
    if (lstat(path, &info) != 0) {
        return errno == ENOENT || error_errno(err, "%s", path);
    }
    bool directory = S_ISDIR(info.st_mode);
    return (!directory || (directory_open(path, &dir, err) && lock_directory(dir, path, err))) &&
           remove_tree(path, err);
}

static bool make_directory(const char *path, int *ret, struct error *err)
{
    AUTO_FD int dir = -1;
    if (!remove_stale(path, err) || !directory_make_path(path, &dir, err) ||
        !lock_directory(dir, path, err)) {
        return false;
    }
    if (!is_named(path, dir)) {
        return error_set(err, ERROR_IO, "another run writes to %s", path);
    }
    if (fchmod(dir, 0755) != 0) {
        return error_errno(err, "%s", path);
    }
    *ret = fd_steal(&dir);
    return true;
}

bool gate_folder_open(const char *path, struct arena *arena, struct gate_folder *ret,
                      struct error *err)
{
    char *here = path[0] == '/' ? NULL : realpath(".", NULL);
    const char *absolute =
        here == NULL ? arena_string(arena, path) : arena_printf(arena, "%s/%s", here, path);
    free(here);
    size_t len = strlen(absolute);
    while (len > 1 && absolute[len - 1] == '/') {
        len--;
    }
    struct gate_folder folder = {.path = arena_text(arena, bytes_from(absolute, len)), .dir = -1};
    folder.partial = arena_printf(arena, "%s.partial", folder.path);
    if (!check_replaceable(folder.path, arena, err) ||
        !make_directory(folder.partial, &folder.dir, err)) {
        return false;
    }
    *ret = folder;
    return true;
}

bool gate_folder_commit(struct gate_folder *folder, struct error *err)
{
    struct stat info;
    bool exists = lstat(folder->path, &info) == 0;
    if (!is_named(folder->partial, folder->dir)) {
        return error_set(err, ERROR_IO, "%s was replaced meanwhile", folder->partial);
    }
    if (renameat2(AT_FDCWD, folder->partial, AT_FDCWD, folder->path,
                  exists ? RENAME_EXCHANGE : RENAME_NOREPLACE) != 0) {
        return error_errno(err, "cannot give %s its name", folder->path);
    }
    folder->committed = true;
    return !exists || remove_tree(folder->partial, err);
}

void gate_folder_free(struct gate_folder *folder)
{
    struct error ignored;
    if (folder->partial == NULL) {
        return;
    }
    if (!folder->committed && is_named(folder->partial, folder->dir)) {
        bool removed = remove_tree(folder->partial, &ignored);
        (void)removed;
    }
    fd_close(&folder->dir);
    *folder = (struct gate_folder){0};
}
