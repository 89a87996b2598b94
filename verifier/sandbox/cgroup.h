/* Limits on memory and processes for all of a box together, where this user may make control
 * groups.
 *
 * Knows version 1 (a group each in `memory` and `pids`) and version 2 (one group). Where no group
 * can be made, the box has the limits of usage.h and rlimits instead.
 * Kernel: Documentation/admin-guide/cgroup-v1, cgroup-v2.rst. */
#pragma once

#include <sys/types.h>

#include "base/arena.h"

/* Directories; NULL where there is none. In version 2 both are the same. */
struct cgroup {
    const char *memory, *pids;
    bool unified;
};

/* Makes the group; an all-NULL RET where this is not possible. */
void cgroup_make(uint64_t memory, unsigned processes, struct arena *arena, struct cgroup *ret);
/* Moves the process PID in; false if it could not be moved. */
CHECKED bool cgroup_add(const struct cgroup *group, pid_t pid);
/* "memory" or "processes" if the group has run into that limit, else NULL. */
const char *cgroup_limit_hit(const struct cgroup *group);
/* The most memory that the group had at once, in bytes; 0 if not known. */
uint64_t cgroup_peak_memory(const struct cgroup *group);
/* Removes the group, whose processes must be dead. */
void cgroup_remove(struct cgroup *group);
