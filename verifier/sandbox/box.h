/* A box that runs: what bubblewrap.c and unboxed.c start, and watch.c watches. For this stage only.
 */
#pragma once

#include "base/buffer.h"
#include "base/limits.h"
#include "base/process.h"
#include "verifier/sandbox/cgroup.h"
#include "verifier/sandbox/sandbox.h"

struct box {
    struct process process; /* bubblewrap, or the supervisor of an unboxed build */
    int log;                /* read end of what the program says; never blocks */
    int status;             /* what bubblewrap tells; -1 without it */
    pid_t inner_pid;        /* the first process of the box's pid namespace; 0 without one */
    int inner;              /* its pidfd */
    struct cgroup cgroup;
    struct arena arena;
};

/* JOB with all its limits given. On failure BOX is to be freed as well. */
CHECKED bool bubblewrap_start(const struct sandbox_job *job, struct box *box, struct error *err);
CHECKED bool unboxed_start(const struct sandbox_job *job, struct box *box, struct error *err);

/* Watches until the program has ended or is ended, then kills what is left and waits for it. */
CHECKED bool box_watch(const struct sandbox_job *job, struct box *box, struct arena *arena,
                       struct sandbox_result *ret, struct error *err);

/* Kills everything in the box and waits until it is dead. */
bool box_end(struct box *box, struct error *err);
void box_free(struct box *box);

/* Sets the cure of a box that cannot be made: what keeps this host from it. Returns false. */
bool box_cure(struct error *err);

/* A file in memory with CONTENT, its position at the start. */
CHECKED bool box_memory_file(const char *name, struct bytes content, int *ret, struct error *err);
/* The static program launcher.c. */
struct bytes box_launcher(void);

/* RLIMIT_DATA where no group counts memory: above the limit, so that who watches from outside sees
 * and names it, and still an end for what grows faster than it can be watched. */
static inline uint64_t box_data_limit(uint64_t memory)
{
    return memory + (memory / 4 > GIB ? memory / 4 : GIB);
}

/* The number behind KEY (as in `"exit-code": `) in what bubblewrap tells, JSON of one fixed form.
 */
CHECKED bool box_status_number(struct bytes text, const char *key, uint64_t *ret);
