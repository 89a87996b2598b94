/* Output that grows up to a maximum given at birth.
 *
 * Going past the maximum loses nothing silently: the buffer turns "overflowed", further appends do
 * nothing, and buffer_ok says no; so a series of appends is checked once, at its end. The content
 * is always followed by a NUL that is not counted. */
#pragma once

#include "base/bytes.h"

struct buffer {
    uint8_t *data;
    size_t len, capacity, maximum;
    bool overflowed;
};

void buffer_init(struct buffer *buffer, size_t maximum);
void buffer_append(struct buffer *buffer, struct bytes bytes);
void buffer_string(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_grouped(struct buffer *buffer, uint64_t number); /* as people read it: 71,769,961 */
void buffer_byte(struct buffer *buffer, uint8_t value);
void buffer_u32(struct buffer *buffer, uint32_t value); /* little-endian */
void buffer_u64(struct buffer *buffer, uint64_t value); /* little-endian */

/* Makes room for LEN more bytes and returns where they go, NULL if that passes the maximum; the
 * caller then says how many it wrote with buffer_advance. */
uint8_t *buffer_reserve(struct buffer *buffer, size_t len);
void buffer_advance(struct buffer *buffer, size_t len);

CHECKED static inline bool buffer_ok(const struct buffer *buffer)
{
    return !buffer->overflowed;
}

/* Views that live until the next append. The string is never NULL. */
static inline struct bytes buffer_view(const struct buffer *buffer)
{
    return bytes_from(buffer->data, buffer->len);
}
const char *buffer_cstring(const struct buffer *buffer);

/* Empties it; memory and maximum stay. */
void buffer_clear(struct buffer *buffer);
/* Releases the memory; accepts a zeroed buffer. */
void buffer_free(struct buffer *buffer);
