// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

void buffer_init(struct buffer *buffer, size_t maximum)
{
    *buffer = (struct buffer){.maximum = maximum};
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t len)
{
    if (buffer->overflowed || len > buffer->maximum - buffer->len) {
        buffer->overflowed = true;
        return NULL;
    }
    size_t needed = buffer->len + len + 1;
    if (needed > buffer->capacity) {
        size_t wanted = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
        wanted = wanted < needed ? needed : wanted;
        uint8_t *larger = realloc(buffer->data, wanted);
        if (larger == NULL) {
            bug("out of memory for %zu bytes", wanted);
        }
        buffer->data = larger;
        buffer->capacity = wanted;
    }
    return buffer->data + buffer->len;
}

void buffer_advance(struct buffer *buffer, size_t len)
{
    if (len >= buffer->capacity - buffer->len) {
        bug("advance by %zu beyond the reserved room", len);
    }
    buffer->len += len;
    buffer->data[buffer->len] = '\0';
}

void buffer_append(struct buffer *buffer, struct bytes bytes)
{
    uint8_t *place = buffer_reserve(buffer, bytes.len);
    if (place == NULL) {
        return;
    }
    if (bytes.len > 0) {
        memcpy(place, bytes.data, bytes.len);
    }
    buffer_advance(buffer, bytes.len);
}

void buffer_string(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, bytes_from_string(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    uint8_t *place = len < 0 ? NULL : buffer_reserve(buffer, (size_t)len);
    if (place == NULL) {
        return;
    }
    va_start(args, format);
    vsnprintf((char *)place, (size_t)len + 1, format, args);
    va_end(args);
    buffer_advance(buffer, (size_t)len);
}

void buffer_grouped(struct buffer *buffer, uint64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            buffer_byte(buffer, ',');
        }
        buffer_byte(buffer, (uint8_t)digits[i]);
    }
}

void buffer_byte(struct buffer *buffer, uint8_t value)
{
    buffer_append(buffer, bytes_from(&value, 1));
}

static void append_little_endian(struct buffer *buffer, uint64_t value, size_t len)
{
    uint8_t raw[8];
    for (size_t i = 0; i < len; i++) {
        raw[i] = (uint8_t)(value >> (8 * i));
    }
    buffer_append(buffer, bytes_from(raw, len));
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
    append_little_endian(buffer, value, 4);
}

void buffer_u64(struct buffer *buffer, uint64_t value)
{
    append_little_endian(buffer, value, 8);
}

const char *buffer_cstring(const struct buffer *buffer)
{
    return buffer->data == NULL ? "" : (const char *)buffer->data;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->overflowed = false;
    if (buffer->data != NULL) {
        buffer->data[0] = '\0';
    }
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
