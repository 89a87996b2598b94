/* Other programs run under our control: exact descriptors, environment and limits, no shell.
 *
 * A child gets stdin, stdout, stderr and the listed descriptors, nothing else; it dies when we die
 * (PR_SET_PDEATHSIG), and process_free kills and reaps what is still running. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

struct process_limit {
    int resource; /* RLIMIT_... */
    uint64_t value;
};

struct process_spec {
    const char *const *argv;            /* NULL-terminated; argv[0] is an absolute path */
    const char *const *environment;     /* NULL-terminated, "NAME=value"; never inherited */
    int stdin_fd, stdout_fd, stderr_fd; /* borrowed; -1: /dev/null */
    const int *descriptors;             /* further ones, kept under their own numbers */
    size_t descriptor_count;
    const struct process_limit *limits;
    size_t limit_count;
    bool new_session;
};

struct process {
    pid_t pid; /* 0: none */
    int pidfd;
};

CHECKED bool process_start(const struct process_spec *spec, struct process *ret, struct error *err);

/* Waits up to TIMEOUT_MS (-1: for ever). *RET_STATUS is the exit code, or 128 + the signal.
 * ERROR_TIMEOUT leaves the process running; ERROR_INTERRUPTED as in interrupt.h. */
CHECKED bool process_wait(struct process *process, int timeout_ms, int *ret_status,
                          struct error *err);

/* Kills and reaps it if it still runs; accepts a zeroed one. */
void process_free(struct process *process);

/* The absolute path of program NAME: from the absolute entries of PATH, then the system's own
 * directories. ERROR_ABSENT with a cure (the Debian package CURE_PACKAGE). */
CHECKED bool process_find(const char *name, const char *cure_package, struct arena *arena,
                          const char **ret, struct error *err);

/* The absolute path of one of our own helper programs (reproof-fetch, reproof-unpack): beside this
 * program in its build tree, else in the libexec directory it was installed with. */
CHECKED bool process_find_helper(const char *name, struct arena *arena, const char **ret,
                                 struct error *err);
