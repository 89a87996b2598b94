// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/unpack_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"

/* Read-only, as Go's module cache has them; the umask is 0 here. */
#define FILE_MODE 0444
#define DIRECTORY_MODE 0755

static bool open_parent(struct unpack_disk *disk, struct bytes path, struct error *err)
{
    char *kept = disk->parent_path;
    if (disk->parent >= 0 && bytes_equal_string(path, kept)) {
        return true;
    }
    fd_close(&disk->parent);
    if (path.len >= sizeof(disk->parent_path)) {
        return error_set(err, ERROR_UNTRUSTED, "a path that is too long");
    }
    memcpy(kept, path.data, path.len);
    kept[path.len] = '\0';
    return directory_make(disk->root, kept, DIRECTORY_MODE, &disk->parent, err);
}

static bool make_directory(void *context, const char *path, struct error *err)
{
    struct unpack_disk *disk = context;
    return directory_make(disk->root, path, DIRECTORY_MODE, NULL, err);
}

static bool open_file(void *context, const char *path, struct error *err)
{
    struct unpack_disk *disk = context;
    const char *slash = strrchr(path, '/');
    int dir = disk->root;
    if (slash != NULL) {
        if (!open_parent(disk, bytes_from(path, (size_t)(slash - path)), err)) {
            return false;
        }
        dir = disk->parent;
        path = slash + 1;
    }
    return file_open_beneath(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE,
                             &disk->file, err);
}

static bool write_file(void *context, struct bytes bytes, struct error *err)
{
    struct unpack_disk *disk = context;
    return file_write_all(disk->file, bytes, err);
}

static bool close_file(void *context, struct error *err)
{
    struct unpack_disk *disk = context;
    int fd = fd_steal(&disk->file);
    return close(fd) == 0 || error_errno(err, "cannot write");
}

static void skipped(void *context, const char *path, const char *what)
{
    char shown[1024];
    (void)context;
    escape_text(path, shown, sizeof(shown));
    printf("skipped %s: %s\n", what, shown);
}

struct unpack_sink unpack_disk_sink(struct unpack_disk *disk)
{
    return (struct unpack_sink){.context = disk,
                                .make_directory = make_directory,
                                .open_file = open_file,
                                .write_file = write_file,
                                .close_file = close_file,
                                .skipped = skipped};
}

void unpack_disk_free(struct unpack_disk *disk)
{
    fd_close(&disk->parent);
    fd_close(&disk->file);
}
