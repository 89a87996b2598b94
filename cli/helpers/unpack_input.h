/* The bytes of an archive as libarchive reads them: a source, from where the archive begins.
 *
 * gzip is taken off here, with zlib: libarchive's own reader of it does not compare the checksums
 * and lengths of RFC 1952, section 2.3.1, so that a changed member would go unseen. */
#pragma once

#include <zlib.h>

#include "base/source.h"
#include "verifier/fetch/container_kind.h"

#define UNPACK_BLOCK 65536

struct unpack_input {
    const struct source *source;
    uint64_t position;
    bool gzip, within; /* within: a gzip member has begun and not ended */
    z_stream stream;
    uint8_t stored[UNPACK_BLOCK], bytes[UNPACK_BLOCK];
};

struct archive;

/* Opens READER on SOURCE by way of INPUT; both must outlive READER, which reports all errors but
 * the ERROR_FORMAT of this call. */
CHECKED bool unpack_input_open(struct unpack_input *input, const struct source *source,
                               const struct container_kind *kind, struct archive *reader,
                               struct error *err);
/* Accepts a zeroed one. */
void unpack_input_free(struct unpack_input *input);
