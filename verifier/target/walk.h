/* Going through a tree of files, and through the archives in it as through folders. */
#pragma once

#include "verifier/fetch/unpack.h"
#include "verifier/target/target.h"

struct walk {
    struct inspector *inspector;
    struct arena *arena;
    struct target *target;
    const char *scratch; /* where archives are unpacked to */
    int root;            /* of the tree at hand, for package_around */
    const char *prefix;  /* put before each name: "dist/" */
    size_t container;    /* TARGET_NO_CONTAINER for a directory that the user named */
    unsigned nesting;    /* archives around the tree at hand */
    struct unpack_budget budget;
    size_t file_count, archive_count;
    size_t subject_capacity, container_capacity, other_capacity, refused_capacity;
};

/* Looks through the tree open at DIR. What is no Go binary and no archive is another member. */
CHECKED bool walk_tree(struct walk *walk, int dir, struct error *err);

/* Takes the archive open at FD apart, which goes by NAME. The outermost is a container; those
 * within are folders of it, and one without a Go binary counts as one member. */
CHECKED bool walk_archive(struct walk *walk, int fd, const char *name, struct error *err);

/* Makes a fresh folder beneath the target's scratch directory. */
CHECKED bool walk_make_folder(struct walk *walk, const char **ret_name, int *ret,
                              struct error *err);

/* Adds what the inspector found in the file FD of PACKAGE. */
struct package;
CHECKED bool walk_add_subjects(struct walk *walk, const struct inspection *files, size_t count,
                               int fd, const struct package *package, struct error *err);
