/* Files beneath a directory, and files that appear whole or not at all.
 *
 * Names below come from stores, archives and modules. They are resolved by openat2 with
 * RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS: nothing leads out of the directory they are beneath. All
 * descriptors are close-on-exec. */
#pragma once

#include <sys/stat.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

/* Opens the directory at PATH as the user typed it (symbolic links followed). */
CHECKED bool directory_open(const char *path, int *ret, struct error *err);
/* Makes PATH and what is missing above it with mode 0700, and opens it. */
CHECKED bool directory_make_path(const char *path, int *ret, struct error *err);
/* Makes PATH beneath DIR, and what is missing in between, with MODE (as given, whatever the umask);
 * opens it if RET is not NULL. */
CHECKED bool directory_make(int dir, const char *path, mode_t mode, int *ret, struct error *err);
/* Opens the directory PATH beneath DIR. */
CHECKED bool directory_open_beneath(int dir, const char *path, int *ret, struct error *err);
/* Removes the file or the tree NAME beneath DIR, never following a link; absent is success. */
CHECKED bool directory_remove(int dir, const char *name, struct error *err);
/* The names in DIR without . and .., sorted by bytes. */
CHECKED bool directory_list(int dir, struct arena *arena, char ***ret_names, size_t *ret_count,
                            struct error *err);
/* Makes a fresh directory with a random name that begins with PREFIX beneath DIR. */
CHECKED bool directory_make_fresh(int dir, const char *prefix, mode_t mode, struct arena *arena,
                                  const char **ret_name, int *ret, struct error *err);

/* True if PATH leads beneath where it starts by its shortest way: no empty element, no . or .., not
 * longer than the kernel takes; and no control characters or backslashes, which mislead readers. */
bool file_path_is_plain(struct bytes path);
/* What stands behind the last slash of PATH, or all of it. */
const char *file_base_name(const char *path);

/* Opens PATH beneath DIR with open(2) FLAGS (O_CREAT uses MODE). */
CHECKED bool file_open_beneath(int dir, const char *path, int flags, mode_t mode, int *ret,
                               struct error *err);
/* Opens the input PATH that the user named (or a name beneath DIR, if DIR is not AT_FDCWD), without
 * ever blocking: a FIFO, socket or device is ERROR_USAGE. */
CHECKED bool file_open_input(int dir, const char *path, int *ret, struct error *err);
/* All of PATH beneath DIR, at most MAXIMUM bytes. */
CHECKED bool file_read(int dir, const char *path, uint64_t maximum, struct arena *arena,
                       struct bytes *ret, struct error *err);
CHECKED bool file_exists(int dir, const char *path);

CHECKED bool file_write_all(int fd, struct bytes bytes, struct error *err);
/* All of FROM (from its start) to TO, by reflink or in the kernel where that works. */
CHECKED bool file_copy(int from, int to, struct error *err);
/* Writes NAME (no slash) in DIR: temporary file, fsync, rename, fsync of DIR. */
CHECKED bool file_write_atomic(int dir, const char *name, mode_t mode, struct bytes bytes,
                               struct error *err);

/* PREFIX and 16 random hexadecimal digits. */
CHECKED bool file_random_name(const char *prefix, char *ret, size_t ret_len, struct error *err);

/* A file that is being written and has no final name yet. */
struct atomic_file {
    int dir, fd; /* dir is borrowed */
    char temporary[48];
};
CHECKED bool atomic_file_open(int dir, mode_t mode, struct atomic_file *ret, struct error *err);
/* Syncs it and gives it NAME (no slash), replacing what has that name. */
CHECKED bool atomic_file_commit(struct atomic_file *file, const char *name, struct error *err);
/* Discards it unless committed; accepts {.fd = -1}. */
void atomic_file_free(struct atomic_file *file);

/* Takes an exclusive lock on NAME in DIR (made if absent), waiting if WAIT; released by closing
 * *RET or by the death of the process. Without WAIT, held by another is ERROR_IO. */
CHECKED bool file_lock(int dir, const char *name, bool wait, int *ret, struct error *err);
/* Releases *LOCK and removes NAME; whoever waits for it makes it anew. *LOCK -1: nothing. */
void file_lock_remove(int dir, const char *name, int *lock);
