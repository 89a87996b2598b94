// SPDX-License-Identifier: Apache-2.0
#include "base/file_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

/* From so many files on, one sync of the file system is quicker than one of each. */
#define SYNC_ALL_FROM 16

struct batch_directory {
    const char *path; /* NULL: the caller's own, BORROWED */
    int fd, borrowed;
};

struct batch_file {
    size_t directory;
    const char *name;
    char temporary[48];
    bool replace, named;
};

static size_t put_directory(struct file_batch *batch, const struct batch_directory *directory)
{
    arena_grow(&batch->arena, &batch->directories, batch->directory_count,
               &batch->directory_capacity, sizeof(*directory));
    batch->directories[batch->directory_count] = *directory;
    return batch->directory_count++;
}

/* Files of one directory mostly come one after the other, so only the last one is looked at. */
static bool find_directory(struct file_batch *batch, const char *path, size_t *ret,
                           struct error *err)
{
    struct batch_directory directory = {.path = arena_string(&batch->arena, path)};
    size_t last = batch->directory_count;
    if (last > 0 && batch->directories[last - 1].path != NULL &&
        strcmp(batch->directories[last - 1].path, path) == 0) {
        *ret = last - 1;
        return true;
    }
    if (!directory_open(path, &directory.fd, err)) {
        return false;
    }
    *ret = put_directory(batch, &directory);
    return true;
}

static bool find_borrowed(struct file_batch *batch, int dir, size_t *ret, struct error *err)
{
    struct batch_directory directory = {.borrowed = dir};
    size_t last = batch->directory_count;
    if (last > 0 && batch->directories[last - 1].path == NULL &&
        batch->directories[last - 1].borrowed == dir) {
        *ret = last - 1;
        return true;
    }
    directory.fd = fcntl(dir, F_DUPFD_CLOEXEC, 3);
    if (directory.fd < 0) {
        return error_errno(err, "cannot open the directory again");
    }
    *ret = put_directory(batch, &directory);
    return true;
}

static bool split_path(struct arena *arena, const char *path, const char **ret_directory,
                       const char **ret_name, struct error *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    *ret_name = slash == NULL ? path : slash + 1;
    *ret_directory = slash == NULL ? "."
                     : len == 0    ? "/"
                                   : arena_text(arena, bytes_from(path, len));
    return (*ret_name)[0] != '\0' || error_set(err, ERROR_USAGE, "%s names no file", path);
}

static bool write_temporary(int directory, mode_t mode, struct bytes content,
                            struct batch_file *file, struct error *err)
{
    AUTO_FD int fd = -1;
    if (!file_random_name(".tmp-", file->temporary, sizeof(file->temporary), err) ||
        !file_open_beneath(directory, file->temporary, O_WRONLY | O_CREAT | O_EXCL, 0600, &fd,
                           err)) {
        return false;
    }
    if (!file_write_all(fd, content, err) ||
        (fchmod(fd, mode) != 0 && !error_errno(err, "cannot set the mode"))) {
        unlinkat(directory, file->temporary, 0);
        return false;
    }
    return true;
}

static bool add_file(struct file_batch *batch, struct batch_file *file, mode_t mode,
                     struct bytes content, struct error *err)
{
    if (!write_temporary(batch->directories[file->directory].fd, mode, content, file, err)) {
        return false;
    }
    file->name = arena_string(&batch->arena, file->name);
    arena_grow(&batch->arena, &batch->files, batch->count, &batch->capacity, sizeof(*file));
    batch->files[batch->count++] = *file;
    return true;
}

bool file_batch_add(struct file_batch *batch, const char *path, mode_t mode, bool replace,
                    struct bytes content, struct error *err)
{
    struct batch_file file = {.replace = replace};
    const char *directory;
    return (split_path(&batch->arena, path, &directory, &file.name, err) &&
            find_directory(batch, directory, &file.directory, err) &&
            add_file(batch, &file, mode, content, err)) ||
           error_prefix(err, "%s", path);
}

bool file_batch_add_at(struct file_batch *batch, int dir, const char *name, mode_t mode,
                       bool replace, struct bytes content, struct error *err)
{
    struct batch_file file = {.replace = replace, .name = name};
    return (find_borrowed(batch, dir, &file.directory, err) &&
            add_file(batch, &file, mode, content, err)) ||
           error_prefix(err, "%s", name);
}

static const char *path_of(const struct batch_directory *directory)
{
    return directory->path == NULL ? "the directory" : directory->path;
}

static bool sync_file(int directory, const char *name, struct error *err)
{
    AUTO_FD int fd = -1;
    if (!file_open_beneath(directory, name, O_RDONLY, 0, &fd, err)) {
        return false;
    }
    return fsync(fd) == 0 || error_errno(err, "cannot write %s to disk", name);
}

static bool sync_content(const struct file_batch *batch, struct error *err)
{
    if (batch->count < SYNC_ALL_FROM) {
        for (size_t i = 0; i < batch->count; i++) {
            const struct batch_file *file = &batch->files[i];
            if (!sync_file(batch->directories[file->directory].fd, file->temporary, err)) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = 0; i < batch->directory_count; i++) {
        if (syncfs(batch->directories[i].fd) != 0) {
            return error_errno(err, "cannot write %s to disk", path_of(&batch->directories[i]));
        }
    }
    return true;
}

static bool give_name(const struct file_batch *batch, struct batch_file *file, struct error *err)
{
    int directory = batch->directories[file->directory].fd;
    unsigned flags = file->replace ? 0 : RENAME_NOREPLACE;
    if (renameat2(directory, file->temporary, directory, file->name, flags) == 0) {
        file->named = true;
        return true;
    }
    if (errno == EEXIST && !file->replace) {
        error_set(err, ERROR_USAGE, "%s is there already", file->name);
        return error_cure(err, "choose another name, or move that file away");
    }
    return error_errno(err, "cannot name %s", file->name);
}

bool file_batch_commit(struct file_batch *batch, struct error *err)
{
    if (!sync_content(batch, err)) {
        return false;
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (!give_name(batch, &batch->files[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < batch->directory_count; i++) {
        if (fsync(batch->directories[i].fd) != 0) {
            return error_errno(err, "cannot write %s to disk", path_of(&batch->directories[i]));
        }
    }
    return true;
}

void file_batch_free(struct file_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_file *file = &batch->files[i];
        if (!file->named) {
            unlinkat(batch->directories[file->directory].fd, file->temporary, 0);
        }
    }
    for (size_t i = 0; i < batch->directory_count; i++) {
        fd_close(&batch->directories[i].fd);
    }
    arena_free(&batch->arena);
    *batch = (struct file_batch){0};
}
