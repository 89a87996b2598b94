/* What files of a directory are said to be before they are looked at: by a list of checksums, or by
 * GoReleaser's artifacts.json. A file that is another one is refused instead of judged.
 *
 * Whoever lists is a stranger too: what agrees proves nothing. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "verifier/inspect.h"

struct expectation {
    const char *path; /* beneath the directory at hand */
    const char *by;   /* who says so: "dist/artifacts.json" */
    bool has_sha256;
    struct sha256 sha256;
    const char *goos, *goarch, *goamd64; /* "": not said */
    const char *kind;                    /* a program in some packing: "Archive"; else "" */
    bool unread;                         /* to be compared, and not looked into */
    bool seen, refused;
    size_t subjects; /* that were found in it */
};

struct expectations {
    struct expectation *items; /* sorted by path after expectations_sort; one path may be there
                                  several times */
    size_t count, capacity;
    const char *commit, *commit_by; /* that all is said to be built from; "" */
};

void expectations_add(struct expectations *list, const struct expectation *one,
                      struct arena *arena);
void expectations_sort(struct expectations *list);

/* Those of PATH; NULL if there are none. */
struct expectation *expectations_find(const struct expectations *list, const char *path,
                                      size_t *ret_count);

/* Whether the file FD has the digest that each of the COUNT EXPECTED says. ERROR_UNTRUSTED. */
CHECKED bool expectations_check_digest(const struct expectation *expected, size_t count, int fd,
                                       struct error *err);

/* Whether FILE is for the platform that is said, as far as one is. */
bool expectation_fits(const struct expectation *expected, const struct inspection *file);

/* Whether PATH leads from a directory to something beneath it, and is written in the one way. */
bool expectation_path_is_plain(const char *path);
