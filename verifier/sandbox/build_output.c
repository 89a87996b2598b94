// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/sandbox/build_internal.h"

static const char *kind_of(mode_t mode)
{
    if (S_ISLNK(mode)) {
        return "a symbolic link";
    }
    if (S_ISDIR(mode)) {
        return "a directory";
    }
    if (S_ISFIFO(mode)) {
        return "a FIFO";
    }
    return S_ISREG(mode) ? NULL : "a special file";
}

/* What is wrong with the file that INFO describes; NULL if nothing is. */
static const char *objection(const struct stat *info, struct arena *arena)
{
    const char *kind = kind_of(info->st_mode);
    if (kind != NULL) {
        return arena_printf(arena, "the build's output is %s, no regular file", kind);
    }
    if (info->st_nlink != 1) {
        return "the build's output has a second name (hard link)";
    }
    if (info->st_size <= 0 || (uint64_t)info->st_size > LIMIT_BUILD_OUTPUT) {
        return arena_printf(arena, "the build's output has %lld bytes", (long long)info->st_size);
    }
    return NULL;
}

bool build_take_output(int out, int *ret, const char **ret_detail, struct arena *arena)
{
    struct stat named;
    struct stat opened;
    struct error err;
    AUTO_FD int fd = -1;
    if (fstatat(out, BUILD_ARTIFACT, &named, AT_SYMLINK_NOFOLLOW) != 0) {
        *ret_detail = "the build ended well but left no output";
        return false;
    }
    const char *wrong = objection(&named, arena);
    if (wrong != NULL) {
        *ret_detail = wrong;
        return false;
    }
    if (!file_open_beneath(out, BUILD_ARTIFACT, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, &fd, &err) ||
        fstat(fd, &opened) != 0) {
        *ret_detail = "the build's output cannot be read";
        return false;
    }
    /* Nobody is left in the box; still, only what was looked at is taken. */
    if (opened.st_ino != named.st_ino || opened.st_dev != named.st_dev ||
        objection(&opened, arena) != NULL) {
        *ret_detail = "the build's output changed while it was taken";
        return false;
    }
    /* Without its name no later build can write into it. */
    if (unlinkat(out, BUILD_ARTIFACT, 0) != 0) {
        *ret_detail = "the build's output cannot be taken";
        return false;
    }
    *ret = fd_steal(&fd);
    return true;
}
