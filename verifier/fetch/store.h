/* The store: everything that was fetched, under the digests that it was proven by.
 *
 *     objects/SHA-256          module zips as they were downloaded
 *     trees/H1/{manifest,tree,zip}  unpacked modules; H1 is their h1 in hexadecimal
 *     mods/H1                  go.mod files
 *     exempt/KEY, hearsay/KEY  what no database vouches for, by the SHA-256 of its name
 *     sumdb/NAME/              replies and tiles of the checksum database
 *     partial/KEY{,.etag}, locks/KEY  downloads; removed after a week in which nobody held the lock
 *     standard/                compiled standard libraries (standard.h)
 *     drafts/, work/           directories that die with their process
 *     quarantine/              what did not hold what it promised, with the reason
 *
 * Nothing is believed because it lies here: objects and trees are hashed again before each use.
 * Everything appears under its name whole or not at all; any number of processes may share a store,
 * and each may be killed at any time. */
#pragma once

#include "verifier/fetch/file_tree.h"
#include "verifier/fetch/workspace.h"

struct store;

/* Opens the store at the absolute PATH, made if absent, and removes what killed runs left. Ours
 * alone may it be: ERROR_UNTRUSTED if others own it or may write to it. */
CHECKED bool store_open(const char *path, struct store **ret, struct error *err);
void store_free(struct store **store);

const char *store_path(const struct store *store);
int store_directory(const struct store *store);

/* The name under which PATH@VERSION (or any text) has its lock, partial download and notes. */
void store_key(const char *text, char ret[SHA256_HEX_LEN + 1]);

/* Waits for the lock KEY; closing *RET lets go of it. */
CHECKED bool store_lock(struct store *store, const char *key, int *ret, struct error *err);

/* Opens the partial download KEY for reading and writing, as the holder of its lock. ETAG (SIZE
 * bytes) is the one that was noted for what it holds; if none was, the file is emptied. */
CHECKED bool store_partial_open(struct store *store, const char *key, int *ret, char *etag,
                                size_t size, struct error *err);
/* Notes the ETAG of what was downloaded so far. Without it the download begins anew: nothing is
 * lost but time. */
CHECKED bool store_partial_note(struct store *store, const char *key, const char *etag,
                                struct error *err);
/* Removes it and its note. */
void store_partial_remove(struct store *store, const char *key);

/* Moves the partial download KEY, open at FD, to the objects under the digest of what it holds. */
CHECKED bool store_object_adopt(struct store *store, const char *key, int fd, struct sha256 *ret,
                                struct error *err);

/* Opens an object and hashes it. ERROR_ABSENT; ERROR_UNTRUSTED if it has other bytes: then it has
 * been put in quarantine. */
CHECKED bool store_object_open(struct store *store, const struct sha256 *digest, int *ret,
                               struct error *err);

/* Small files: FOLDER is mods, exempt, hearsay or sumdb/..., NAME a path beneath it. ERROR_ABSENT.
 */
CHECKED bool store_note_read(struct store *store, const char *folder, const char *name,
                             uint64_t maximum, struct arena *arena, struct bytes *ret,
                             struct error *err);
CHECKED bool store_note_write(struct store *store, const char *folder, const char *name,
                              struct bytes content, struct error *err);

/* A tree in the store. */
struct stored_tree {
    struct file_tree files; /* as its manifest says */
    struct sha256 zip;      /* the module zip it came from */
    const char *path;       /* absolute, of its root */
    int dir;                /* its root */
};

/* Makes the directories of a tree that is to come: DRAFT.dir is the draft, its "tree" is *RET_ROOT.
 */
CHECKED bool store_draft(struct store *store, struct arena *arena, struct workspace *ret_draft,
                         int *ret_root, struct error *err);

/* Gives the draft its name H1 (of the form "h1:..."), with the manifest of FILES. Whoever else did
 * so first has won: that is no error. */
CHECKED bool store_tree_publish(struct store *store, struct workspace *draft, const char *h1,
                                const struct file_tree *files, const struct sha256 *zip,
                                struct error *err);

/* Opens the tree H1 whose names begin with PREFIX: its manifest gives that h1, every file is hashed
 * in JOBS threads and is what the manifest says, and so is the zip. ERROR_ABSENT; ERROR_UNTRUSTED
 * if something was changed: then it has been put in quarantine. */
CHECKED bool store_tree_open(struct store *store, const char *h1, const char *prefix, unsigned jobs,
                             struct arena *arena, struct stored_tree *ret, struct error *err);
void stored_tree_free(struct stored_tree *tree);

/* As store_tree_open, but for a few files alone: the manifest gives that h1, no file was hashed and
 * nothing is put in quarantine. Read them with stored_tree_read. */
CHECKED bool store_tree_look(struct store *store, const char *h1, const char *prefix,
                             struct arena *arena, struct stored_tree *ret, struct error *err);
/* One file of TREE, which must be what the manifest says: else ERROR_UNTRUSTED. ERROR_LIMIT above
 * MAXIMUM bytes. */
CHECKED bool stored_tree_read(const struct stored_tree *tree, const struct file_entry *entry,
                              uint64_t maximum, struct arena *arena, struct bytes *ret,
                              struct error *err);

/* Moves NAME of FOLDER to the quarantine with the REASON beside it; RET_NAME (may be NULL) is its
 * path there, in ARENA. What cannot be moved is removed. */
void store_quarantine(struct store *store, const char *folder, const char *name, const char *reason,
                      struct arena *arena, const char **ret_name);

/* Makes a directory for one run, as workspace_open of fetch.h. */
CHECKED bool store_workspace(struct store *store, struct arena *arena, struct workspace *ret,
                             struct error *err);
