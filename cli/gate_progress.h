/* What the pairs that are being judged are at, for people who wait: a line that is drawn anew on a
 * terminal; elsewhere, as in the log of a pipeline, a line for each stage that takes long.
 *
 * Each pair is judged in a process of its own, which sends notes of one size through a pipe to the
 * process that runs all of them. A note that does not fit is lost: nothing waits for it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "cli/terminal.h"

enum gate_stage {
    STAGE_READ,
    STAGE_FETCH,
    STAGE_PROVE,
    STAGE_BUILD,
    STAGE_COMPARE,
    STAGE_DESCRIBE, /* its SBOM */
    STAGE_COUNT
};

/* The end of a process that judges. */
struct gate_teller {
    int fd; /* -1: nobody listens */
    uint32_t pair;
};
void gate_tell(const struct gate_teller *teller, enum gate_stage stage, uint64_t done,
               uint64_t total);

/* One pair that is at work. */
struct gate_watched {
    size_t pair;
    const char *name; /* NULL: free */
    char shown[80];   /* the same, safe to print */
    enum gate_stage stage;
    uint64_t done, total; /* bytes, where it fetches */
    double started, stage_started, told;
    double seconds[STAGE_COUNT];
};

struct gate_watch {
    struct terminal *terminal;
    int reading, writing;
    struct gate_watched *pairs;
    size_t room;
    size_t finished, total;
};

/* ROOM: most pairs at once, for which PAIRS has place. */
CHECKED bool gate_watch_open(struct terminal *terminal, struct gate_watched *pairs, size_t room,
                             size_t total, struct gate_watch *ret, struct error *err);
void gate_watch_close(struct gate_watch *watch);
void gate_watch_begin(struct gate_watch *watch, size_t pair, const char *name);
/* It has ended, with WHAT ("" if as it should): tells how long each stage took. */
void gate_watch_end(struct gate_watch *watch, size_t pair, const char *what);
/* It was not begun at all. */
void gate_watch_skip(struct gate_watch *watch, const char *name, const char *what);
/* Waits a moment for notes, and shows them. */
void gate_watch_wait(struct gate_watch *watch);
