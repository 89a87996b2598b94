// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/source.h"

bool file_open_beneath(int dir, const char *path, int flags, mode_t mode, int *ret,
                       struct error *err)
{
    struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC),
                           .mode = flags & (O_CREAT | O_TMPFILE) ? mode : 0,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long fd;
    do {
        fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    if (fd < 0) {
        if (errno == EXDEV || errno == ELOOP) {
            return error_set(err, ERROR_UNTRUSTED, "%s leads out of its directory", path);
        }
        return error_errno(err, "cannot open %s", path);
    }
    *ret = (int)fd;
    return true;
}

bool file_open_input(int dir, const char *path, int *ret, struct error *err)
{
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    /* What cannot be opened that way at all: sockets, and devices that nobody drives. */
    if (fd < 0 && errno != ENXIO) {
        return error_errno(err, "cannot open %s", path);
    }
    struct stat info = {0};
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        const char *kind = S_ISDIR(info.st_mode) ? "a directory" : "not a regular file";
        fd_close(&fd);
        error_set(err, ERROR_USAGE, "%s is %s", path, kind);
        return error_cure(err, "name a regular file");
    }
    *ret = fd;
    return true;
}

bool file_path_is_plain(struct bytes path)
{
    size_t start = 0;
    if (path.len == 0 || path.len > LIMIT_FILE_PATH) {
        return false;
    }
    for (size_t i = 0; i <= path.len; i++) {
        uint8_t byte = i == path.len ? '/' : path.data[i];
        if (byte == '/') {
            struct bytes element = bytes_from(path.data + start, i - start);
            if (element.len == 0 || element.len > LIMIT_FILE_NAME ||
                bytes_equal_string(element, ".") || bytes_equal_string(element, "..")) {
                return false;
            }
            start = i + 1;
        } else if (byte < 0x20 || byte == 0x7f || byte == '\\') {
            return false;
        }
    }
    return true;
}

const char *file_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool file_read(int dir, const char *path, uint64_t maximum, struct arena *arena, struct bytes *ret,
               struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    if (!file_open_beneath(dir, path, O_RDONLY | O_NONBLOCK, 0, &fd, err)) {
        return false;
    }
    if (!source_from_fd(fd, &source, err) ||
        !source_load(&source, 0, source.size, maximum, arena, ret, err)) {
        return error_prefix(err, "%s", path);
    }
    return true;
}

bool file_exists(int dir, const char *path)
{
    AUTO_FD int fd = -1;
    return file_open_beneath(dir, path, O_PATH | O_NOFOLLOW, 0, &fd, NULL);
}

bool file_write_all(int fd, struct bytes bytes, struct error *err)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.data, bytes.len);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return error_errno(err, "cannot write");
        }
        bytes = bytes_from(bytes.data + put, bytes.len - (size_t)put);
    }
    return true;
}

static bool copy_by_hand(int from, int to, struct error *err)
{
    uint8_t piece[65536];
    for (;;) {
        ssize_t got = read(from, piece, sizeof(piece));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_errno(err, "cannot read");
        }
        if (got == 0) {
            return true;
        }
        if (!file_write_all(to, bytes_from(piece, (size_t)got), err)) {
            return false;
        }
    }
}

bool file_copy(int from, int to, struct error *err)
{
    if (lseek(from, 0, SEEK_SET) < 0) {
        return error_errno(err, "cannot rewind");
    }
    if (ioctl(to, FICLONE, from) == 0) {
        return true;
    }
    ssize_t moved;
    do {
        moved = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
    } while (moved > 0 || (moved < 0 && errno == EINTR));
    if (moved == 0) {
        return true;
    }
    if (errno == ENOSPC || errno == EDQUOT || errno == EIO) {
        return error_errno(err, "cannot copy");
    }
    /* Some file systems know neither; what was copied so far stands, both offsets have moved. */
    return copy_by_hand(from, to, err);
}

bool file_random_name(const char *prefix, char *ret, size_t ret_len, struct error *err)
{
    uint8_t noise[8];
    char hex[2 * sizeof(noise) + 1];
    if (getrandom(noise, sizeof(noise), 0) != (ssize_t)sizeof(noise)) {
        return error_errno(err, "the system gives no random bytes");
    }
    encode_hex(bytes_from(noise, sizeof(noise)), hex);
    snprintf(ret, ret_len, "%s%s", prefix, hex);
    return true;
}

bool atomic_file_open(int dir, mode_t mode, struct atomic_file *ret, struct error *err)
{
    struct atomic_file file = {.dir = dir, .fd = -1};
    if (!file_random_name(".tmp-", file.temporary, sizeof(file.temporary), err) ||
        !file_open_beneath(dir, file.temporary, O_RDWR | O_CREAT | O_EXCL, 0600, &file.fd, err)) {
        return false;
    }
    if (fchmod(file.fd, mode) != 0) {
        error_errno(err, "cannot set the mode of %s", file.temporary);
        atomic_file_free(&file);
        return false;
    }
    *ret = file;
    return true;
}

bool atomic_file_commit(struct atomic_file *file, const char *name, struct error *err)
{
    if (fsync(file->fd) != 0) {
        return error_errno(err, "cannot write %s to disk", name);
    }
    int fd = fd_steal(&file->fd);
    if (close(fd) != 0) {
        error_errno(err, "cannot write %s to disk", name);
        unlinkat(file->dir, file->temporary, 0);
        return false;
    }
    if (renameat(file->dir, file->temporary, file->dir, name) != 0) {
        error_errno(err, "cannot name %s", name);
        unlinkat(file->dir, file->temporary, 0);
        return false;
    }
    if (fsync(file->dir) != 0) {
        return error_errno(err, "cannot write the directory of %s to disk", name);
    }
    return true;
}

void atomic_file_free(struct atomic_file *file)
{
    if (file->fd >= 0) {
        fd_close(&file->fd);
        unlinkat(file->dir, file->temporary, 0);
    }
}

bool file_write_atomic(int dir, const char *name, mode_t mode, struct bytes bytes,
                       struct error *err)
{
    AUTO(atomic_file) struct atomic_file file = {.fd = -1};
    if (!atomic_file_open(dir, mode, &file, err)) {
        return false;
    }
    return (file_write_all(file.fd, bytes, err) && atomic_file_commit(&file, name, err)) ||
           error_prefix(err, "%s", name);
}

/* Whether NAME still stands for the file open at FD: file_lock_remove may have come first. */
static bool is_named(int dir, const char *name, int fd)
{
    struct stat open_one, named;
    return fstat(fd, &open_one) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

static bool wait_for_lock(int fd, const char *name, bool wait, struct error *err)
{
    while (flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return error_set(err, ERROR_IO, "%s is locked by another process", name);
        }
        if (errno != EINTR || !interrupt_check(err)) {
            return errno == EINTR ? false : error_errno(err, "cannot lock %s", name);
        }
    }
    return true;
}

bool file_lock(int dir, const char *name, bool wait, int *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    do {
        fd_close(&fd);
        if (!file_open_beneath(dir, name, O_RDWR | O_CREAT, 0600, &fd, err) ||
            !wait_for_lock(fd, name, wait, err)) {
            return false;
        }
    } while (!is_named(dir, name, fd));
    *ret = fd_steal(&fd);
    return true;
}

void file_lock_remove(int dir, const char *name, int *lock)
{
    if (*lock >= 0 && is_named(dir, name, *lock)) {
        unlinkat(dir, name, 0);
    }
    fd_close(lock);
}
