// SPDX-License-Identifier: Apache-2.0
#include "cli/gate_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    struct gate_folder folder = {.path = arena_text(arena, bytes_from(absolute, len))};
    folder.partial = arena_printf(arena, "%s.partial", folder.path);
    AUTO_FD int dir = -1;
    struct stat info;
    if (!check_replaceable(folder.path, arena, err)) {
        return false;
    }
    /* What a killed run left goes first; what is missing above is made. */
    if (lstat(folder.partial, &info) == 0 && !remove_tree(folder.partial, err)) {
        return false;
    }
    if (!directory_make_path(folder.partial, &dir, err)) {
        return false;
    }
    if (fchmod(dir, 0755) != 0) {
        return error_errno(err, "%s", folder.partial);
    }
    *ret = folder;
    return true;
}

bool gate_folder_commit(struct gate_folder *folder, struct error *err)
{
    struct stat info;
    bool exists = lstat(folder->path, &info) == 0;
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
    if (folder->partial != NULL && !folder->committed) {
        bool removed = remove_tree(folder->partial, &ignored);
        (void)removed;
    }
    *folder = (struct gate_folder){0};
}
