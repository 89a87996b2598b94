/* What a box uses, looked up from outside: disk in its writable directories, and processes and
 * memory where no control group counts them. The box is hostile: each look is bounded. */
#pragma once

#include <sys/types.h>

#include "base/arena.h"

/* Adds what lies beneath the directory DIR to *TOTAL: the blocks of each file, at least 4 KiB.
 * False as soon as *TOTAL is above MAXIMUM, or if there are more files, deeper directories or
 * unreadable ones than any build makes. */
CHECKED bool usage_of_directory(int dir, uint64_t maximum, uint64_t *total);

struct process_usage {
    uint64_t threads, memory; /* resident bytes, pages that are shared counted each time */
};

/* What the process TOP and all its descendants use. */
struct process_usage usage_of_processes(pid_t top, struct arena *scratch);
