/* Checked reads of binary input: the only way that untrusted bytes are taken apart.
 *
 * A reader walks over bytes that somebody else owns. Every call says whether it succeeded, advances
 * only then, and must be looked at; so a format reads as the list of its fields joined by &&. The
 * calls take no error: the parser sets one at the end with reader_offset(). A reader never
 * allocates. */
#pragma once

#include "base/bytes.h"

enum byte_order { LITTLE_ENDIAN_ORDER, BIG_ENDIAN_ORDER };

struct reader {
    struct bytes bytes;
    size_t position;
    enum byte_order order;
};

static inline struct reader reader_over(struct bytes bytes, enum byte_order order)
{
    return (struct reader){.bytes = bytes, .order = order};
}

static inline size_t reader_offset(const struct reader *reader)
{
    return reader->position;
}

static inline size_t reader_left(const struct reader *reader)
{
    return reader->bytes.len - reader->position;
}

/* True if everything was read. */
CHECKED static inline bool reader_done(const struct reader *reader)
{
    return reader_left(reader) == 0;
}

CHECKED bool reader_u8(struct reader *reader, uint8_t *ret);
CHECKED bool reader_u16(struct reader *reader, uint16_t *ret);
CHECKED bool reader_u32(struct reader *reader, uint32_t *ret);
CHECKED bool reader_u64(struct reader *reader, uint64_t *ret);

/* An unsigned number of WIDTH bytes (1, 2, 4 or 8) in the reader's byte order. */
CHECKED bool reader_uint(struct reader *reader, unsigned width, uint64_t *ret);

/* Unsigned LEB128, as in Go's encoding/binary Uvarint and in wasm; at most ten bytes, no bits lost.
 */
CHECKED bool reader_uvarint(struct reader *reader, uint64_t *ret);

/* The next LEN bytes as a view. */
CHECKED bool reader_bytes(struct reader *reader, uint64_t len, struct bytes *ret);

/* The next LEN bytes copied to RET. */
CHECKED bool reader_copy(struct reader *reader, void *ret, size_t len);

CHECKED bool reader_skip(struct reader *reader, uint64_t len);

/* The bytes up to a NUL, which is passed over too; fails if there is none within MAXIMUM bytes. */
CHECKED bool reader_cstring(struct reader *reader, size_t maximum, struct bytes *ret);

/* A reader over the next LEN bytes, which this one passes over. */
CHECKED bool reader_sub(struct reader *reader, uint64_t len, struct reader *ret);

/* A reader over LEN bytes at OFFSET from the start of READER's bytes: the only way to follow an
 * offset found in a file. READER itself does not move. */
CHECKED bool reader_at(const struct reader *reader, uint64_t offset, uint64_t len,
                       struct reader *ret);

/* Passes over TEXT if it comes next. */
CHECKED bool reader_expect(struct reader *reader, const char *text);
