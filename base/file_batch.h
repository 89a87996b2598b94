/* Many small files that appear together: all are written and on disk before the first gets its
 * name.
 *
 * One sync for all of them is what makes ten thousand files bearable. A process that is killed
 * before file_batch_commit leaves nothing under a final name; one killed within leaves whole files
 * only. */
#pragma once

#include <sys/stat.h>

#include "base/arena.h"
#include "base/error.h"

struct file_batch {
    struct arena arena;
    struct batch_file *files;
    struct batch_directory *directories;
    size_t count, capacity, directory_count, directory_capacity;
};

/* PATH is as the user typed it. REPLACE: a file of that name may be there already; else that is
 * ERROR_USAGE, when committing. MODE is as given, whatever the umask. */
CHECKED bool file_batch_add(struct file_batch *batch, const char *path, mode_t mode, bool replace,
                            struct bytes content, struct error *err);
/* The same for NAME in the directory DIR, which stays the caller's. */
CHECKED bool file_batch_add_at(struct file_batch *batch, int dir, const char *name, mode_t mode,
                               bool replace, struct bytes content, struct error *err);
CHECKED bool file_batch_commit(struct file_batch *batch, struct error *err);
/* Removes what was not committed; accepts a zeroed one. */
void file_batch_free(struct file_batch *batch);
