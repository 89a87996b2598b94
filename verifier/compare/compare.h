/* Two files byte for byte: equal, or where not.
 *
 * Both are read once, in pieces, and hashed in the same pass, so that the bytes compared are the
 * bytes whose digests are told. Memory does not grow with the files. */
#pragma once

#include "base/digest.h"
#include "base/source.h"

struct byte_range {
    uint64_t offset, length;
};

/* So many ranges are kept; what lies close together is one range. */
#define COMPARE_RANGES 256

struct comparison {
    bool equal; /* every byte, and the sizes */
    struct sha256 artifact, rebuild;
    uint64_t artifact_size, rebuild_size;
    uint64_t differing; /* bytes that differ at the same offset, and those that one file has more */
    struct byte_range ranges[COMPARE_RANGES]; /* in the artifact's offsets, ascending */
    size_t range_count;
    bool more_ranges;
};

CHECKED bool compare_sources(const struct source *artifact, const struct source *rebuild,
                             struct comparison *ret, struct error *err);
