/* Which archive a file is, told by its first bytes: one compression at most, one format within.
 *
 * libarchive is never left to guess: what it recognises it unpacks layer after layer. Formats:
 * POSIX tar, PKWARE zip, Debian packages (deb(5): an ar archive), RPM 4 packages (a cpio archive
 * behind three headers); RFC 1952, xz, RFC 8878 and bzip2 around a tar or around one file. */
#pragma once

#include "base/error.h"
#include "base/source.h"

enum compression {
    COMPRESSION_NONE,
    COMPRESSION_GZIP,
    COMPRESSION_XZ,
    COMPRESSION_ZSTD,
    COMPRESSION_BZIP2,
};

enum container_format {
    CONTAINER_ZIP,
    CONTAINER_TAR, /* if compressed: or one file that is no archive */
    CONTAINER_DEB,
    CONTAINER_RPM,
};

struct container_kind {
    enum container_format format;
    enum compression compression;
    uint64_t start; /* where the compressed bytes, or the archive itself, begin in the file */
};

/* False if SOURCE begins like none of them; what it holds behind its first bytes is not looked at.
 */
bool container_kind_detect(const struct source *source, struct container_kind *ret);
