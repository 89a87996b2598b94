/* The directory of a zip, checked so that every reader sees the same archive in it.
 *
 * Readers of zips disagree about broken ones: which of two directories counts, whether the local or
 * the central header names a file, what overlapping entries or bytes between entries mean. So one
 * that leaves room for two readings is refused before any library unpacks it: headers say the same
 * twice, entries cover the file without gap or overlap, nothing precedes or trails it. Stricter
 * than Go's archive/zip and libarchive everywhere. Format: PKWARE APPNOTE 6.3.10. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/source.h"

struct zip_limits {
    uint64_t bytes, unpacked, entries;
};

struct zip_entry {
    struct bytes name; /* UTF-8; a directory's ends with '/' */
    uint64_t offset;   /* of the local header */
    uint64_t stored, size;
    uint32_t crc;
    uint16_t flags, method;
    bool directory;
};

struct zip_directory {
    struct zip_entry *entries; /* in the order of the central directory */
    size_t count;
    uint64_t unpacked; /* sum of the sizes */
};

/* Reads and checks the directory of ZIP into ARENA; no entry's data is read. ERROR_FORMAT names the
 * entry, ERROR_LIMIT the limit, ERROR_UNTRUSTED a name that leads out of the archive. */
CHECKED bool zip_directory_read(const struct source *zip, const struct zip_limits *limits,
                                struct arena *arena, struct zip_directory *ret, struct error *err);

/* Sets an error unless NAME is a relative path of plain elements that means the same everywhere: no
 * empty, dot or dot-dot element, no backslash, NUL or control, no longer than a file system takes.
 * A final '/' is allowed. ERROR_UNTRUSTED. */
CHECKED bool zip_name_check(struct bytes name, struct error *err);
