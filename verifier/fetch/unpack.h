/* Archives unpacked by the helper program reproof-unpack, which is confined to one directory.
 *
 * Nothing that the helper says is believed: a module tree is hashed afterwards as it lies on disk,
 * and a package's members are looked at as strangers' bytes. What the archive's own structure can
 * lie about is checked here first (zip_directory.h, zip_rules.h). */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "verifier/fetch/zip_directory.h"

/* Unpacks the module zip open at ZIP beneath the empty directory DIR (mode 0700, ours), without its
 * PREFIX "path@version/": files 0444, directories 0755. RET_DIRECTORY is the zip's directory, in
 * ARENA. ERROR_FORMAT, ERROR_LIMIT, ERROR_UNTRUSTED say what is wrong with the zip. What was
 * unpacked before a failure is left in DIR: the caller removes DIR. */
CHECKED bool unpack_module(int zip, const char *prefix, int dir, struct arena *arena,
                           struct zip_directory *ret_directory, struct error *err);

/* What a package held beside its files. */
struct unpacked_package {
    uint64_t files, bytes, skipped;
    const char **skipped_names; /* "symbolic link: bin/x", escaped; the first thousand */
    size_t skipped_name_count;
};

/* What may still be unpacked of one target, however its archives are nested. */
struct unpack_budget {
    uint64_t entries, bytes;
    bool rooted; /* names in the archive at hand may begin with "/", which is then dropped */
};
#define UNPACK_BUDGET                                                                              \
    {                                                                                              \
        .entries = LIMIT_PACKAGE_ENTRIES, .bytes = LIMIT_PACKAGE_UNPACKED                          \
    }

/* Unpacks a package (container_kind.h) one level, in the same way, and takes what it holds off
 * BUDGET. A compressed file that is no archive gives the one file "data". ERROR_FORMAT also where
 * it is neither. */
CHECKED bool unpack_package(int package, int dir, struct unpack_budget *budget, struct arena *arena,
                            struct unpacked_package *ret, struct error *err);
/* As unpack_package, but only the files that begin like a program or an archive and are large
 * enough to be one (LIMIT_INSPECT_ARCHIVE_LEAST): no other touches the disk, nor is it reported. */
CHECKED bool unpack_programs(int package, int dir, struct unpack_budget *budget,
                             struct arena *arena, struct unpacked_package *ret, struct error *err);

/* RET is FILES and, as entries of their own, the directories that the zip names: they have lines in
 * its h1. Sorted; in ARENA. */
struct file_tree;
void unpack_add_directories(const struct zip_directory *directory, const char *prefix,
                            const struct file_tree *files, struct arena *arena,
                            struct file_tree *ret);

/* Compares TREE, as it lies on disk, with what the zip's directory says: paths and sizes.
 * ERROR_INTERNAL names the first difference. */
CHECKED bool unpack_matches(const struct zip_directory *directory, const char *prefix,
                            const struct file_tree *tree, struct error *err);
