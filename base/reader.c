// SPDX-License-Identifier: Apache-2.0
#include "base/reader.h"

#include <endian.h>

#include "base/checked.h"

bool reader_bytes(struct reader *reader, uint64_t len, struct bytes *ret)
{
    if (len > reader_left(reader)) {
        return false;
    }
    *ret = bytes_from(reader->bytes.data + reader->position, (size_t)len);
    reader->position += (size_t)len;
    return true;
}

bool reader_skip(struct reader *reader, uint64_t len)
{
    struct bytes passed;
    return reader_bytes(reader, len, &passed);
}

/* In one load: tables of millions of numbers are read. */
#define DEFINE_FIXED(name, type, width, from_big, from_little)                                     \
    bool name(struct reader *reader, type *ret)                                                    \
    {                                                                                              \
        struct bytes raw;                                                                          \
        type value;                                                                                \
        if (!reader_bytes(reader, width, &raw)) {                                                  \
            return false;                                                                          \
        }                                                                                          \
        memcpy(&value, raw.data, width);                                                           \
        *ret = reader->order == BIG_ENDIAN_ORDER ? from_big(value) : from_little(value);           \
        return true;                                                                               \
    }

DEFINE_FIXED(reader_u8, uint8_t, 1, , )
DEFINE_FIXED(reader_u16, uint16_t, 2, be16toh, le16toh)
DEFINE_FIXED(reader_u32, uint32_t, 4, be32toh, le32toh)
DEFINE_FIXED(reader_u64, uint64_t, 8, be64toh, le64toh)

bool reader_uint(struct reader *reader, unsigned width, uint64_t *ret)
{
    struct bytes raw;
    uint32_t half;
    if (width == 8) {
        return reader_u64(reader, ret);
    }
    if (width == 4 && reader_u32(reader, &half)) {
        *ret = half;
        return true;
    }
    if (width > 8 || !reader_bytes(reader, width, &raw)) {
        return false;
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        value = value << 8 | raw.data[reader->order == BIG_ENDIAN_ORDER ? i : width - 1 - i];
    }
    *ret = value;
    return true;
}

bool reader_uvarint(struct reader *reader, uint64_t *ret)
{
    struct reader ahead = *reader;
    uint64_t value = 0;
    uint8_t byte = 0x80;
    for (unsigned shift = 0; byte & 0x80; shift += 7) {
        if (shift > 63 || !reader_u8(&ahead, &byte) || (shift == 63 && byte > 1)) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    *reader = ahead;
    *ret = value;
    return true;
}

bool reader_copy(struct reader *reader, void *ret, size_t len)
{
    struct bytes found;
    if (!reader_bytes(reader, len, &found)) {
        return false;
    }
    if (len > 0) {
        memcpy(ret, found.data, len);
    }
    return true;
}

bool reader_cstring(struct reader *reader, size_t maximum, struct bytes *ret)
{
    size_t left = reader_left(reader);
    size_t span = left < maximum ? left : maximum;
    const uint8_t *start = reader->bytes.data + reader->position;
    const uint8_t *end = span == 0 ? NULL : memchr(start, 0, span);
    if (end == NULL) {
        return false;
    }
    *ret = bytes_from(start, (size_t)(end - start));
    reader->position += ret->len + 1;
    return true;
}

bool reader_sub(struct reader *reader, uint64_t len, struct reader *ret)
{
    struct bytes inside;
    if (!reader_bytes(reader, len, &inside)) {
        return false;
    }
    *ret = reader_over(inside, reader->order);
    return true;
}

bool reader_at(const struct reader *reader, uint64_t offset, uint64_t len, struct reader *ret)
{
    if (!checked_range(offset, len, reader->bytes.len)) {
        return false;
    }
    *ret = reader_over(bytes_from(reader->bytes.data + offset, (size_t)len), reader->order);
    return true;
}

bool reader_expect(struct reader *reader, const char *text)
{
    struct reader ahead = *reader;
    struct bytes found;
    if (!reader_bytes(&ahead, strlen(text), &found) || !bytes_equal_string(found, text)) {
        return false;
    }
    *reader = ahead;
    return true;
}
