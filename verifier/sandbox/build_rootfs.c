// SPDX-License-Identifier: Apache-2.0
/* The root file system that a C toolchain lives in, at its own places in the box. What may lie
 * below another mount of ours is left out: /usr/local is where the Go of many builders was. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "verifier/sandbox/build_internal.h"

/* Where compilers, linkers, headers and libraries are; /etc/alternatives says which of several. */
static const char *const tops[] = {"bin", "etc", "lib", "lib32", "lib64", "libx32", "sbin"};
static const char *const left_out[] = {"games", "local", "src"};

/* Mounts ROOTFS/NAME at /NAME, if it is a directory or, as since Debian 12, a link to one within.
 */
static bool add_directory(struct build_box *box, const char *rootfs, const char *name,
                          struct error *err)
{
    const char *path = arena_printf(&box->arena, "%s/%s", rootfs, name);
    struct stat info;
    char *real = realpath(path, NULL);
    if (real == NULL) {
        return errno == ENOENT || error_errno(err, "%s", path);
    }
    bool is_directory = stat(real, &info) == 0 && S_ISDIR(info.st_mode);
    bool is_within = strncmp(real, rootfs, strlen(rootfs)) == 0 && real[strlen(rootfs)] == '/';
    if (is_directory && is_within) {
        build_add_mount(box, arena_string(&box->arena, real),
                        arena_printf(&box->arena, "/%s", name), false);
    }
    free(real);
    return !is_directory || is_within ||
           error_set(err, ERROR_UNSUPPORTED, "%s leads out of the root file system", path);
}

static bool is_left_out(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
        if (strcmp(name, left_out[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_usr(struct build_box *box, const char *rootfs, struct error *err)
{
    AUTO_FD int usr = -1;
    char **names;
    size_t count;
    const char *path = arena_printf(&box->arena, "%s/usr", rootfs);
    if (!directory_open(path, &usr, err) ||
        !directory_list(usr, &box->arena, &names, &count, err)) {
        error_prefix(err, "--rootfs");
        return error_cure(err, "name the root of a Linux system, as debootstrap makes one");
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_left_out(names[i]) &&
            !add_directory(box, rootfs, arena_printf(&box->arena, "usr/%s", names[i]), err)) {
            return false;
        }
    }
    return true;
}

bool build_add_rootfs(struct build_box *box, struct error *err)
{
    char *real = realpath(box->recipe->rootfs, NULL);
    if (real == NULL) {
        return error_errno(err, "--rootfs %s", box->recipe->rootfs);
    }
    /* Names are put behind it with a slash. */
    const char *rootfs = strcmp(real, "/") == 0 ? "" : arena_string(&box->arena, real);
    free(real);
    for (size_t i = 0; i < ARRAY_LEN(tops); i++) {
        if (!add_directory(box, rootfs, tops[i], err)) {
            return false;
        }
    }
    return add_usr(box, rootfs, err);
}
