// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "base/file.h"
#include "base/scanner.h"

#define LOCK_SUFFIX ".lock"

/* Locks the fresh file NAME. *RET_GONE is set if a cleaner took it between its making and locking.
 */
static bool take_lock(int parent, const char *name, int *ret, bool *ret_gone, struct error *err)
{
    AUTO_FD int fd = -1;
    struct stat info;
    if (!file_open_beneath(parent, name, O_RDWR | O_CREAT | O_EXCL, 0600, &fd, err)) {
        return false;
    }
    while (flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            return error_errno(err, "cannot lock %s", name);
        }
    }
    if (fstat(fd, &info) != 0) {
        return error_errno(err, "cannot examine %s", name);
    }
    *ret_gone = info.st_nlink == 0;
    *ret = fd_steal(&fd);
    return true;
}

/* The lock comes first, so that no directory is ever without one. */
static bool make_locked(int parent, const char *name, mode_t mode, struct workspace *ret,
                        bool *ret_gone, struct error *err)
{
    char lock_name[sizeof(ret->name) + sizeof(LOCK_SUFFIX)];
    snprintf(lock_name, sizeof(lock_name), "%s" LOCK_SUFFIX, name);
    AUTO_FD int lock = -1;
    if (!take_lock(parent, lock_name, &lock, ret_gone, err)) {
        return false;
    }
    if (*ret_gone) {
        return true;
    }
    if (!directory_make(parent, name, mode, &ret->dir, err)) {
        unlinkat(parent, lock_name, 0);
        return false;
    }
    ret->parent = parent;
    ret->lock = fd_steal(&lock);
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    return true;
}

bool workspace_make(int parent, const char *parent_path, mode_t mode, struct arena *arena,
                    struct workspace *ret, struct error *err)
{
    struct workspace workspace = {.dir = -1, .parent = -1, .lock = -1};
    bool gone = true;
    while (gone) {
        char name[sizeof(workspace.name)];
        if (!file_random_name("run-", name, sizeof(name), err) ||
            !make_locked(parent, name, mode, &workspace, &gone, err)) {
            return false;
        }
    }
    workspace.path =
        parent_path == NULL ? NULL : arena_printf(arena, "%s/%s", parent_path, workspace.name);
    *ret = workspace;
    return true;
}

void workspace_disown(struct workspace *workspace)
{
    fd_close(&workspace->dir);
}

static void remove_lock(int parent, const char *name)
{
    char lock_name[sizeof(((struct workspace *)NULL)->name) + sizeof(LOCK_SUFFIX)];
    snprintf(lock_name, sizeof(lock_name), "%s" LOCK_SUFFIX, name);
    unlinkat(parent, lock_name, 0);
}

void workspace_free(struct workspace *workspace)
{
    if (workspace->lock >= 0) {
        bool removed =
            workspace->dir < 0 || directory_remove(workspace->parent, workspace->name, NULL);
        /* The lock's name goes only after the directory: see workspace_clean. */
        if (removed) {
            remove_lock(workspace->parent, workspace->name);
        }
    }
    fd_close(&workspace->dir);
    fd_close(&workspace->lock);
    *workspace = (struct workspace){.dir = -1, .parent = -1, .lock = -1};
}

static void clean_one(int parent, const char *lock_name, size_t len)
{
    AUTO_FD int lock = -1;
    char name[sizeof(((struct workspace *)NULL)->name)];
    if (len == 0 || len >= sizeof(name) ||
        !file_open_beneath(parent, lock_name, O_RDWR, 0, &lock, NULL) ||
        flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return;
    }
    memcpy(name, lock_name, len);
    name[len] = '\0';
    if (directory_remove(parent, name, NULL)) {
        unlinkat(parent, lock_name, 0);
    }
}

void workspace_clean(int parent)
{
    struct arena arena = {0};
    char **names;
    size_t count;
    if (directory_list(parent, &arena, &names, &count, NULL)) {
        for (size_t i = 0; i < count; i++) {
            size_t len = strlen(names[i]);
            size_t suffix = strlen(LOCK_SUFFIX);
            if (len > suffix && strcmp(names[i] + len - suffix, LOCK_SUFFIX) == 0) {
                clean_one(parent, names[i], len - suffix);
            }
        }
    }
    arena_free(&arena);
}
