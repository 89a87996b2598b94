/* Flat bytes between processes of ours, written and read by one and the same walk over a structure,
 * so that both directions cannot disagree.
 *
 * A format is a function that hands each field to the codec in turn. Encoding appends the fields
 * and leaves them as they are; decoding sets them. Numbers are little-endian; a text or a run of
 * bytes is its length in 32 bits, then its content; an array is its count in 32 bits, then its
 * elements. The side that decodes trusts nothing: each length and count is checked against what is
 * left, and the first field that does not fit makes the whole walk fail, while the fields that
 * follow become zero, empty texts and empty arrays. So a walk is checked once, at its end. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/reader.h"

struct codec {
    struct buffer *out; /* NULL: decoding */
    struct reader in;
    struct arena *arena;
    bool failed;
};

static inline struct codec codec_encoder(struct buffer *out)
{
    return (struct codec){.out = out};
}

/* What is decoded lives in ARENA and has no part in BYTES. */
static inline struct codec codec_decoder(struct bytes bytes, struct arena *arena)
{
    return (struct codec){.in = reader_over(bytes, LITTLE_ENDIAN_ORDER), .arena = arena};
}

static inline bool codec_decodes(const struct codec *codec)
{
    return codec->out == NULL;
}

/* True if all that was decoded fitted, and nothing is left. */
CHECKED static inline bool codec_done(const struct codec *codec)
{
    return !codec->failed && reader_done(&codec->in);
}

/* Fails a decoding walk unless HOLDS: for what only its format knows of a field. */
void codec_require(struct codec *codec, bool holds);

/* A byte of at most MAXIMUM: a member of an enumeration. */
void codec_byte(struct codec *codec, uint8_t *value, uint8_t maximum);
void codec_bool(struct codec *codec, bool *value);
void codec_u32(struct codec *codec, uint32_t *value);
void codec_u64(struct codec *codec, uint64_t *value);
void codec_bytes(struct codec *codec, struct bytes *value);

/* Never NULL once decoded; a text with a NUL in it fails. */
void codec_text(struct codec *codec, const char **value);

/* 32 bytes without a length. */
void codec_sha256(struct codec *codec, struct sha256 *value);

/* The count of an array whose elements take LEAST bytes at least, and zeroed room for them, of SIZE
 * bytes each, at *ITEMS (a pointer to the array's pointer). The elements follow by the caller. */
void codec_array(struct codec *codec, void *items, size_t *count, size_t least, size_t size);

/* An error with its cure, escaped and cut as any other; "no error" fails. */
void codec_error(struct codec *codec, struct error *error);
