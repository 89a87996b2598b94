/* The directory of --out: written under another name, and given its own when it is complete. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

struct gate_folder {
    const char *path, *partial; /* absolute; NULL: none */
    int dir;                    /* the partial one, locked */
    bool committed;
};

/* ERROR_USAGE if PATH holds something that is not an earlier run's; ERROR_IO if another run writes
 * there. */
CHECKED bool gate_folder_open(const char *path, struct arena *arena, struct gate_folder *ret,
                              struct error *err);
CHECKED bool gate_folder_commit(struct gate_folder *folder, struct error *err);
/* Removes what was not committed; accepts a zeroed one. */
void gate_folder_free(struct gate_folder *folder);
