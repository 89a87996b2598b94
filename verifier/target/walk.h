/* Going through a tree of files, and through the archives in it as through folders. */
#pragma once

#include "verifier/fetch/container_kind.h"
#include "verifier/fetch/unpack.h"
#include "verifier/target/expect.h"
#include "verifier/target/target.h"

struct walk {
    struct inspector *inspector;
    struct arena *arena;
    struct target *target;
    const struct target_settings *settings;
    int root;                   /* of the tree at hand, for package_around */
    const char *prefix;         /* put before each name: "dist/" */
    size_t container;           /* TARGET_NO_CONTAINER for a directory that the user named */
    unsigned nesting;           /* archives around the tree at hand */
    struct container_kind kind; /* of the outermost archive */
    const char *inner;          /* the name of the archive at hand */
    const char *space;          /* the distribution that the user named, or NULL */
    struct unpack_budget budget;
    size_t file_count, archive_count;
    size_t subject_capacity, container_capacity, other_capacity, refused_capacity, note_capacity;
    size_t refused_unnamed;
    struct expectations *expected; /* of the directory that the user named; NULL: none */
    /* What the file around all says of a version, where no package does. */
    const char *stated_name, *stated_version;
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

/* Adds a refusal; beyond LIMIT_TARGET_REFUSED the last one counts the further ones. */
void walk_refuse(struct walk *walk, const char *name, const struct error *error);
void walk_note(struct walk *walk, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

/* Whether ERR ends the whole run, not only what is said of one file. */
bool walk_is_over(const struct error *err);

/* What was found so far, to be gone back to. */
struct walk_mark {
    size_t subjects, refused, containers, members, others;
};
struct walk_mark walk_mark_here(const struct walk *walk);
void walk_go_back(struct walk *walk, const struct walk_mark *mark);

/* Looks at the file FD, which lies at PATH beneath the walk's root. */
CHECKED bool walk_file(struct walk *walk, int fd, const char *path, struct error *err);

/* The same if the user's directory is said to hold certain files: what contradicts that is refused.
 */
CHECKED bool walk_expected(struct walk *walk, int fd, const char *path, const char *name,
                           struct error *err);
/* Looks at the files that are expected in DIR, and at no others; each is one name. */
CHECKED bool walk_expected_alone(struct walk *walk, int dir, struct error *err);
/* Refuses what was expected and not found. */
void walk_refuse_absent(struct walk *walk);
