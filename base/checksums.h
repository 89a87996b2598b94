/* Lists of checksums over a release: sha256sum's form ("HEX  NAME", GNU coreutils) and the BSD form
 * that signify signs ("SHA256 (NAME) = HEX").
 *
 * Names are those of files beside the list: no directories, nothing that needs escaping. One list,
 * one signature, and every file in it is vouched for. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"

/* The conventional names of such a list, and of signify's, which has its signature inside. */
#define CHECKSUMS_NAME "SHA256SUMS"
#define CHECKSUMS_SIGNIFY_NAME "SHA256.sig"

struct checksum {
    struct bytes name;
    struct sha256 digest;
};

struct checksums {
    struct checksum *entries; /* sorted by name */
    size_t count;
};

/* Whether PATH ends as such lists are called: SHA256SUMS, GoReleaser's NAME_checksums.txt. */
bool checksums_is_name(const char *path);
/* Whether the first line of TEXT is one of such a list. */
bool checksums_begin(struct bytes text);

/* Reads TEXT, every line of it in one of the two forms. The names are views into TEXT, the entries
 * live in ARENA. ERROR_FORMAT names the line; a name twice is refused. */
CHECKED bool checksums_read(struct bytes text, struct arena *arena, struct checksums *ret,
                            struct error *err);

/* The entry of NAME, NULL if there is none. */
const struct checksum *checksums_find(const struct checksums *list, struct bytes name);

/* ERROR_USAGE for a name that cannot stand in a list. */
CHECKED bool checksum_name_check(struct bytes name, struct error *err);

void checksums_put(struct buffer *out, const struct checksum *entry);
void checksums_put_bsd(struct buffer *out, const struct checksum *entry);

/* Sorts ENTRIES by name; ERROR_USAGE if two have the same. */
CHECKED bool checksums_sort(struct checksum *entries, size_t count, struct error *err);
