// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "verifier/sandbox/box.h"

/* A switch of the kernel that keeps ordinary users from making namespaces. */
struct kernel_switch {
    const char *path;
    char forbids; /* the first character of its content if it does */
    const char *cure;
};

static const struct kernel_switch switches[] = {
    {"/proc/sys/user/max_user_namespaces", '0', "sysctl -w user.max_user_namespaces=10000"},
    {"/proc/sys/kernel/unprivileged_userns_clone", '0',
     "sysctl -w kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1',
     "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
};

static char first_character(const char *path)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    char character = '\0';
    return fd >= 0 && read(fd, &character, 1) == 1 ? character : '\0';
}

bool box_cure(struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(switches) && geteuid() != 0; i++) {
        if (first_character(switches[i].path) == switches[i].forbids) {
            return error_cure(err,
                              "let users make namespaces (as root: %s), or use --sandbox none "
                              "where a build may touch this machine",
                              switches[i].cure);
        }
    }
    return error_cure(err, "%s, or use --sandbox none where a build may touch this machine",
                      geteuid() == 0 ? "run it where root may mount, in a container with "
                                       "CAP_SYS_ADMIN or as an ordinary user"
                                     : "see what `bwrap --unshare-all --ro-bind / / true` says");
}
