/* A job as bubblewrap's arguments. For this stage only. */
#pragma once

#include "base/buffer.h"
#include "verifier/sandbox/sandbox.h"

#define BOX_DIRECTORY "/.box"
#define BOX_LAUNCHER BOX_DIRECTORY "/launch"

/* Descriptors that bubblewrap gets beside its arguments. */
struct bubblewrap_descriptors {
    int seccomp, status, block, launcher;
    const int *files; /* one for each of the job's files */
};

/* Refuses what would make a mount point below a tree from outside (bubblewrap GHSA-pxhw-h44j-8pfx),
 * or hide one mount below another. ERROR_USAGE. */
CHECKED bool bubblewrap_check(const struct sandbox_job *job, struct arena *arena,
                              struct error *err);

/* Writes the arguments, each ended by a NUL, as --args takes them. */
void bubblewrap_arguments(const struct sandbox_job *job,
                          const struct bubblewrap_descriptors *descriptors, bool as_root,
                          struct arena *arena, struct buffer *out);
