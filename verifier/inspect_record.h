/* Inspections as flat bytes: how a result leaves the confined process.
 *
 * Little-endian; a text is its length in 32 bits and its bytes. The side that decodes trusts
 * nothing in it: each length is checked against what is left, each count against what could stand
 * there. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "verifier/inspect.h"

/* What one run came to: inspections, or an error. */
struct inspect_record {
    bool ok;
    struct inspection *files;
    size_t file_count;
    struct error error;
};

void inspect_record_encode(const struct inspect_record *record, struct buffer *out);

/* Strings live in ARENA. ERROR_FORMAT if BYTES are not exactly one record. */
CHECKED bool inspect_record_decode(struct bytes bytes, struct arena *arena,
                                   struct inspect_record *ret, struct error *err);
