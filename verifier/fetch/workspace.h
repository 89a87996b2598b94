/* Directories that live as long as the process that made them.
 *
 * Each has a lock file beside it ("NAME.lock"), held by flock: the kernel lets go of it however the
 * process ends, so whoever comes next sees which directories nobody owns any more, and removes
 * them. No process number is written anywhere. The public face is struct workspace in fetch.h. */
#pragma once

#include <sys/types.h>

#include "verifier/fetch/fetch.h"

/* Makes a fresh directory of MODE beneath the directory PARENT, which is borrowed. PARENT_PATH may
 * be NULL; then the workspace has no path. */
CHECKED bool workspace_make(int parent, const char *parent_path, mode_t mode, struct arena *arena,
                            struct workspace *ret, struct error *err);

/* The directory was moved elsewhere: workspace_free lets go of the lock alone. */
void workspace_disown(struct workspace *workspace);

/* Removes those beneath PARENT whose owners are gone. What cannot be removed stays for next time.
 */
void workspace_clean(int parent);
