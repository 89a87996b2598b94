/* Part 1 of the Go build ID, computed without linking.
 *
 * go prints what it hashes for an action where GODEBUG holds gocachehash=1. From the log of one
 * trial build the link's own texts are taken; replacing the one that names -ldflags gives the part
 * 1 that a build with other flags would have. Source: cmd/go/internal/work/exec.go (linkActionID)
 * and buildid.go, Go 1.16 to 1.27; the log's form: cmd/internal/cache/hash.go. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"

#define BUILD_ID_PART_LEN 20

struct link_hash {
    struct digest *before;  /* has taken in all that stands before the flags; heap */
    struct digest *written; /* the same for -buildmode=exe; NULL: the trial asked for a mode */
    struct bytes behind;    /* all that follows them */
    const char *part1;      /* of the trial itself */
};

/* Takes the link's texts from LOG. ERROR_ABSENT if there is no link in it (it came from a cache, or
 * the build failed); ERROR_MISMATCH if they do not give the digest that go itself printed. */
CHECKED bool link_hash_parse(struct bytes log, struct arena *arena, struct link_hash *ret,
                             struct error *err);
void link_hash_free(struct link_hash *hash);

/* The same link with -buildmode=exe written out, which is the default and yet another text. RET
 * borrows from HASH and is not freed. False if the trial itself asked for a mode. */
bool link_hash_with_written_mode(const struct link_hash *hash, struct link_hash *ret);

/* Writes part 1 of a link with FLAGS (after shell splitting) and a NUL to RET. */
void link_hash_part1(const struct link_hash *hash, const char *const *flags, size_t count,
                     char ret[BUILD_ID_PART_LEN + 1]);
