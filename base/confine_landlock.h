/* Landlock: which files and ports a process may still reach (kernel 5.13 and later).
 *
 * The rights asked for are masked to what the kernel's version of Landlock knows; a kernel without
 * Landlock is no error, as the system call filter holds in any case.
 * Kernel: Documentation/userspace-api/landlock.rst. */
#pragma once

#include <stddef.h>

#include "base/error.h"

/* What the process may do beneath a directory. */
enum landlock_access { LANDLOCK_READ, LANDLOCK_MAKE };

struct landlock_rule {
    int dir; /* of a directory or file; borrowed */
    enum landlock_access kind;
};

/* The version of Landlock that the kernel offers, 0 if it has none. */
int landlock_version(void);

/* Takes away every right to files but those of the rules, and to signal and reach processes
 * outside; to bind TCP ports, and to connect unless CONNECT. no_new_privs must be set. */
CHECKED bool landlock_restrict(const struct landlock_rule *rules, size_t count, bool connect,
                               struct error *err);
