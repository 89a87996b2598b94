/* A view of bytes that somebody else owns. Views never own and are passed by value. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

struct bytes {
    const uint8_t *data;
    size_t len;
};

static inline struct bytes bytes_from(const void *data, size_t len)
{
    return (struct bytes){.data = data, .len = len};
}

/* The characters of TEXT without its NUL; NULL counts as empty. */
static inline struct bytes bytes_from_string(const char *text)
{
    return bytes_from(text, text == NULL ? 0 : strlen(text));
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool bytes_equal_string(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_from_string(text));
}

static inline bool bytes_start_with(struct bytes a, const char *text)
{
    size_t len = strlen(text);
    return a.len >= len && memcmp(a.data, text, len) == 0;
}

static inline bool bytes_end_with(struct bytes a, const char *text)
{
    size_t len = strlen(text);
    return a.len >= len && memcmp(a.data + (a.len - len), text, len) == 0;
}

/* The first LEN bytes of A, and A without them; all and nothing if it has no more than LEN. */
static inline struct bytes bytes_first(struct bytes a, size_t len)
{
    return len < a.len ? bytes_from(a.data, len) : a;
}

static inline struct bytes bytes_behind(struct bytes a, size_t len)
{
    return len < a.len ? bytes_from(a.data + len, a.len - len) : bytes_from(a.data, 0);
}

/* Byte order, a shorter prefix first: negative, zero or positive. */
static inline int bytes_compare(struct bytes a, struct bytes b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* The first place of NEEDLE in HAY at or after FROM; SIZE_MAX if there is none or NEEDLE is empty.
 */
static inline size_t bytes_find(struct bytes hay, size_t from, struct bytes needle)
{
    if (hay.data == NULL || from >= hay.len || needle.len == 0) {
        return SIZE_MAX;
    }
    /* The sanitizers look at all of the haystack for memmem, for memchr only at what it reads: a
     * loop over lines would take quadratic time there. */
    const uint8_t *hit = needle.len == 1
                             ? memchr(hay.data + from, needle.data[0], hay.len - from)
                             : memmem(hay.data + from, hay.len - from, needle.data, needle.len);
    return hit == NULL ? SIZE_MAX : (size_t)(hit - hay.data);
}
