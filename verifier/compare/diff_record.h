/* A diff as flat bytes: how it leaves the confined process.
 *
 * Little-endian; a text is its length in 32 bits and its bytes. The side that decodes trusts
 * nothing in it: each length is checked against what is left, each count against what could stand
 * there, each kind against its largest. */
#pragma once

#include "base/buffer.h"
#include "verifier/compare/diff.h"

/* What one run came to: a result, or an error. */
struct diff_record {
    bool ok;
    struct diff_result result;
    struct error error;
};

void diff_record_encode(const struct diff_record *record, struct buffer *out);

/* Texts live in ARENA. ERROR_FORMAT if BYTES are not exactly one record. */
CHECKED bool diff_record_decode(struct bytes bytes, struct arena *arena, struct diff_record *ret,
                                struct error *err);
