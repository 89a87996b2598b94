/* The signatures that lie beside a file: its own (FILE.minisig and so on), and those of a list of
 * checksums in the same folder, which vouches for every file it names.
 *
 * Names are conventions that say where to look; what a file holds is told by its content. */
#pragma once

#include "base/checksums.h"
#include "signer/signature.h"

/* A file that was found, and the signature in it. */
struct found_signature {
    const char *path; /* for people: as the user would type it */
    bool named;       /* by the user, so that it has to be usable */
    bool readable;
    struct signature signature;
    struct error reason; /* why it is not readable */
};

/* A list of checksums with its signatures. */
struct signed_list {
    const char *path;
    struct checksums checksums;
    struct message message; /* the text of the list */
    struct found_signature *signatures;
    size_t count;
};

/* All signatures beside NAME in the folder DIR, which goes by FOLDER in paths ("" or with a slash
 * at its end). Everything lives in ARENA. */
void beside_signatures(int dir, const char *folder, const char *name, struct arena *arena,
                       struct found_signature **ret, size_t *ret_count);

/* The signed lists in the folder DIR: SHA256SUMS with its signatures, and signify's SHA256.sig. A
 * list that is malformed is left out. */
void beside_lists(int dir, const char *folder, struct arena *arena, struct signed_list **ret,
                  size_t *ret_count);

/* Reads the signature file NAME beneath DIR (AT_FDCWD: as the user typed it), shown as PATH. False
 * if there is no such file. */
bool found_signature_read(int dir, const char *name, const char *path, struct arena *arena,
                          struct found_signature *ret);

/* The list that the signify signature FOUND is over; false if it is over something else or the list
 * is malformed. */
CHECKED bool signed_list_embedded(const struct found_signature *found, struct arena *arena,
                                  struct signed_list *ret, struct error *err);
