// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"

bool directory_open(const char *path, int *ret, struct error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return error_errno(err, "cannot open the directory %s", path);
    }
    *ret = fd;
    return true;
}

bool directory_make_path(const char *path, int *ret, struct error *err)
{
    char partial[LIMIT_PATH];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(partial)) {
        return error_set(err, ERROR_USAGE, "no usable path: \"%s\"", path);
    }
    memcpy(partial, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (partial[i] != '/' && partial[i] != '\0') {
            continue;
        }
        char kept = partial[i];
        partial[i] = '\0';
        if (mkdir(partial, 0700) != 0 && errno != EEXIST) {
            return error_errno(err, "cannot make the directory %s", partial);
        }
        partial[i] = kept;
    }
    return directory_open(path, ret, err);
}

bool directory_open_beneath(int dir, const char *path, int *ret, struct error *err)
{
    return file_open_beneath(dir, path, O_RDONLY | O_DIRECTORY, 0, ret, err);
}

/* Makes NAME in DIR unless it is there, and opens it. */
static bool make_one(int dir, const char *name, mode_t mode, int *ret, struct error *err)
{
    if (mkdirat(dir, name, mode) == 0) {
        /* mkdirat obeys the umask; what a caller asks for is what it gets. */
        if (fchmodat(dir, name, mode, 0) != 0) {
            return error_errno(err, "cannot set the mode of %s", name);
        }
    } else if (errno != EEXIST) {
        return error_errno(err, "cannot make the directory %s", name);
    }
    return directory_open_beneath(dir, name, ret, err);
}

bool directory_make(int dir, const char *path, mode_t mode, int *ret, struct error *err)
{
    struct scanner scanner = scanner_over(bytes_from_string(path));
    struct bytes element;
    AUTO_FD int at = fcntl(dir, F_DUPFD_CLOEXEC, 3);
    while (scanner_field(&scanner, '/', LIMIT_PATH, &element)) {
        char name[256];
        if (element.len == 0 || element.len >= sizeof(name) || bytes_equal_string(element, "..")) {
            return error_set(err, ERROR_USAGE, "not a path beneath a directory: \"%s\"", path);
        }
        memcpy(name, element.data, element.len);
        name[element.len] = '\0';
        int next;
        if (!make_one(at, name, mode, &next, err)) {
            return error_prefix(err, "%s", path);
        }
        fd_close(&at);
        at = next;
    }
    if (at < 0) {
        return error_errno(err, "cannot open %s", path);
    }
    if (ret != NULL) {
        *ret = fd_steal(&at);
    }
    return true;
}

static bool is_directory(int dir, const char *name)
{
    struct stat info;
    return fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

/* Opens the directory NAME of DIR for emptying, whatever its mode was. */
static bool open_for_removal(int dir, const char *name, int *ret, struct error *err)
{
    if (fchmodat(dir, name, 0700, 0) != 0) {
        return error_errno(err, "cannot open %s for removal", name);
    }
    return directory_open_beneath(dir, name, ret, err);
}

/* Gives the directory NAME of FROM a fresh name in TOP, where empty_top meets it again. */
static bool move_up(int from, const char *name, int top, unsigned *counter, struct error *err)
{
    char fresh[32];
    /* Moving a directory changes its "..", so it must be writable itself. */
    if (fchmodat(from, name, 0700, 0) != 0) {
        return error_errno(err, "cannot move %s", name);
    }
    do {
        snprintf(fresh, sizeof(fresh), ".gone-%u", (*counter)++);
        if (renameat2(from, name, top, fresh, RENAME_NOREPLACE) == 0) {
            return true;
        }
    } while (errno == EEXIST);
    return error_errno(err, "cannot move %s", name);
}

/* Removes NAME of DIR if that is no directory or an empty one; else, its content: files at once,
 * directories by moving them up to TOP. */
static bool remove_entry(int dir, const char *name, int top, unsigned *counter, struct error *err)
{
    if (!is_directory(dir, name)) {
        return unlinkat(dir, name, 0) == 0 || errno == ENOENT ||
               error_errno(err, "cannot remove %s", name);
    }
    if (unlinkat(dir, name, AT_REMOVEDIR) == 0) {
        return true;
    }
    if (dir != top) {
        return move_up(dir, name, top, counter, err);
    }
    struct arena arena = {0};
    AUTO_FD int inside = -1;
    char **names;
    size_t count;
    bool ok = open_for_removal(dir, name, &inside, err) &&
              directory_list(inside, &arena, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        ok = remove_entry(inside, names[i], top, counter, err);
    }
    arena_free(&arena);
    return ok &&
           (unlinkat(dir, name, AT_REMOVEDIR) == 0 || error_errno(err, "cannot remove %s", name));
}

/* Empties TOP. Trees are flattened into it level by level, so neither the stack nor the number of
 * open files grows with their depth. */
static bool empty_top(int top, struct error *err)
{
    unsigned counter = 0;
    for (;;) {
        struct arena arena = {0};
        char **names;
        size_t count;
        bool ok = directory_list(top, &arena, &names, &count, err);
        for (size_t i = 0; ok && i < count; i++) {
            ok = remove_entry(top, names[i], top, &counter, err);
        }
        arena_free(&arena);
        if (!ok || count == 0) {
            return ok;
        }
    }
}

bool directory_remove(int dir, const char *name, struct error *err)
{
    if (!is_directory(dir, name)) {
        return unlinkat(dir, name, 0) == 0 || errno == ENOENT ||
               error_errno(err, "cannot remove %s", name);
    }
    AUTO_FD int top = -1;
    if (!open_for_removal(dir, name, &top, err) || !empty_top(top, err)) {
        return error_prefix(err, "%s", name);
    }
    return unlinkat(dir, name, AT_REMOVEDIR) == 0 || error_errno(err, "cannot remove %s", name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool directory_list(int dir, struct arena *arena, char ***ret_names, size_t *ret_count,
                    struct error *err)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (stream == NULL) {
        error_errno(err, "cannot list a directory");
        fd_close(&copy);
        return false;
    }
    char **names = NULL;
    size_t count = 0;
    size_t capacity = 0;
    struct dirent *entry;
    while ((errno = 0, entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            arena_grow(arena, &names, count, &capacity, sizeof(*names));
            names[count++] = arena_string(arena, entry->d_name);
        }
    }
    bool ok = errno == 0 || error_errno(err, "cannot list a directory");
    closedir(stream);
    if (ok) {
        if (count > 1) {
            qsort(names, count, sizeof(*names), compare_names);
        }
        *ret_names = names;
        *ret_count = count;
    }
    return ok;
}

bool directory_make_fresh(int dir, const char *prefix, mode_t mode, struct arena *arena,
                          const char **ret_name, int *ret, struct error *err)
{
    char name[64];
    if (!file_random_name(prefix, name, sizeof(name), err)) {
        return false;
    }
    if (mkdirat(dir, name, mode) != 0 || fchmodat(dir, name, mode, 0) != 0) {
        return error_errno(err, "cannot make the directory %s", name);
    }
    if (!directory_open_beneath(dir, name, ret, err)) {
        return false;
    }
    *ret_name = arena_string(arena, name);
    return true;
}
