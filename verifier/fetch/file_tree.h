/* The files of an unpacked tree: where they lie, how long they are, what they hash to.
 *
 * A tree in the store carries its list as a manifest. The manifest proves nothing by itself: the
 * module's h1 is computed from its digests, and the files are hashed and compared with it before
 * every use. Text, a line a file, sorted by path:
 *
 *     reproof tree 1
 *     f 644 1234 <64 hex digits> src/fmt/print.go
 *
 * Kind f is a file, g a go.mod file that the zip calls _go.mod (toolchains), d a directory that is
 * an entry of its own in the zip (its h1 line counts; size 0). */
#pragma once

#include <sys/stat.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"

enum file_kind { FILE_KIND_PLAIN = 'f', FILE_KIND_GO_MOD = 'g', FILE_KIND_DIRECTORY = 'd' };

struct file_entry {
    enum file_kind kind;
    unsigned mode; /* permission bits */
    uint64_t size;
    struct sha256 digest;
    const char *path; /* beneath the root */
};

struct file_tree {
    struct file_entry *entries; /* sorted by path */
    size_t count;
};

/* Lists what lies beneath DIR, not hashed yet. Anything but regular files and directories, and
 * more than LIMIT_ZIP_ENTRIES of them, is ERROR_UNTRUSTED. */
CHECKED bool file_tree_scan(int dir, struct arena *arena, struct file_tree *ret, struct error *err);

/* Hashes the files of TREE as they lie beneath DIR, in JOBS threads. ERROR_UNTRUSTED if one has
 * another size than TREE says. */
CHECKED bool file_tree_hash(int dir, struct file_tree *tree, unsigned jobs, struct error *err);

/* Lists and hashes what lies beneath DIR: exactly what EXPECTED says, else ERROR_UNTRUSTED naming
 * the first path that differs. Modes count. */
CHECKED bool file_tree_verify(int dir, const struct file_tree *expected, unsigned jobs,
                              struct error *err);

/* The entry of that path, NULL if there is none. */
const struct file_entry *file_tree_find(const struct file_tree *tree, const char *path);

void file_manifest_write(const struct file_tree *tree, struct buffer *out);
/* Paths are copied into ARENA. ERROR_FORMAT names the line. */
CHECKED bool file_manifest_parse(struct bytes text, struct arena *arena, struct file_tree *ret,
                                 struct error *err);
/* Room that a manifest may take: LIMIT_ZIP_DIRECTORY plus its fixed columns. */
#define FILE_MANIFEST_MAXIMUM (LIMIT_ZIP_DIRECTORY + 96ULL * LIMIT_ZIP_ENTRIES)
