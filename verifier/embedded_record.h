/* Tables of embedded files as flat bytes: how they leave the confined process. Little-endian; a
 * text is its length in 32 bits and its bytes. Who decodes trusts nothing in it. */
#pragma once

#include "base/buffer.h"
#include "verifier/image/embedded.h"

struct embedded_record {
    bool ok;
    struct embedded_tables tables;
    struct error error;
};

void embedded_record_encode(const struct embedded_record *record, struct buffer *out);

/* ERROR_FORMAT if BYTES are not exactly one record, whose names are valid and whose pieces lie one
 * behind the other within their files and within SIZE bytes. */
CHECKED bool embedded_record_decode(struct bytes bytes, uint64_t size, struct arena *arena,
                                    struct embedded_record *ret, struct error *err);
