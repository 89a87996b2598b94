// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/window.h"

#include "base/checked.h"

#define CAPACITY WINDOW_MAXIMUM
/* What a read fetches that does not follow another. */
#define FIRST_SPAN 4096
/* How much of a text is looked at first. */
#define FIRST_TEXT 128

void window_init(struct window *window, const struct source *source, struct arena *arena)
{
    *window = (struct window){.source = *source};
    if (source->fd >= 0) {
        window->arena = arena;
    }
}

void window_init_memory(struct window *window, const struct image *image, struct arena *arena)
{
    *window = (struct window){.image = image, .source = image->source, .arena = arena};
    /* Addresses have no end but this one. */
    window->source.size = UINT64_MAX - CAPACITY;
}

/* Copies what SEGMENT has in the window's range. */
static bool fill_segment(struct window *window, const struct image_segment *segment,
                         struct error *err)
{
    uint64_t end;
    uint64_t from = segment->address > window->start ? segment->address : window->start;
    if (!checked_add(segment->address, segment->size, &end)) {
        return true;
    }
    uint64_t to = end < window->start + window->len ? end : window->start + window->len;
    return from >= to ||
           source_read(&window->image->source, segment->offset + (from - segment->address),
                       window->buffer + (from - window->start), (size_t)(to - from), err);
}

/* The first segment that ends behind ADDRESS. */
static size_t first_segment(const struct image *image, uint64_t address)
{
    size_t low = 0;
    size_t high = image->segment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct image_segment *segment = &image->segments[middle];
        if (address >= segment->address && address - segment->address >= segment->size) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool fill_memory(struct window *window, struct error *err)
{
    const struct image *image = window->image;
    uint64_t end = window->start + window->len;
    memset(window->buffer, 0, window->len);
    for (size_t i = first_segment(image, window->start);
         i < image->segment_count && image->segments[i].address < end; i++) {
        if (!fill_segment(window, &image->segments[i], err)) {
            return false;
        }
    }
    return true;
}

/* Chooses where the buffer shall begin for LEN bytes at OFFSET: there, or, while reading goes
 * backwards, so far before it that the next ones are in it too. */
static uint64_t choose_start(struct window *window, uint64_t offset, size_t len)
{
    bool forward = offset >= window->start && offset - window->start <= window->len;
    bool backward = offset < window->start && window->start - offset <= window->span;
    window->span = forward || backward ? window->span * 2 : FIRST_SPAN;
    if (window->span > CAPACITY) {
        window->span = CAPACITY;
    }
    if (window->span < len) {
        window->span = len;
    }
    uint64_t end = offset + len;
    return !backward ? offset : end > window->span ? end - window->span : 0;
}

/* Most windows are looked at in one place alone. */
static void make_room(struct window *window)
{
    if (window->capacity < window->span) {
        window->buffer = arena_alloc(window->arena, window->span);
        window->capacity = window->span;
    }
}

static bool move_to(struct window *window, uint64_t offset, size_t len, struct error *err)
{
    window->start = choose_start(window, offset, len);
    make_room(window);
    uint64_t left = window->source.size - window->start;
    window->len = left < window->span ? (size_t)left : window->span;
    bool filled = window->image != NULL ? fill_memory(window, err)
                                        : source_read(&window->source, window->start,
                                                      window->buffer, window->len, err);
    if (!filled) {
        window->len = 0;
    }
    return filled;
}

/* What the buffer holds from OFFSET on, up to END. */
static struct bytes buffered(const struct window *window, uint64_t offset, uint64_t end)
{
    if (offset < window->start || offset - window->start >= window->len || end <= offset) {
        return bytes_from(NULL, 0);
    }
    size_t skipped = (size_t)(offset - window->start);
    size_t left = window->len - skipped;
    return bytes_from(window->buffer + skipped,
                      end - offset < left ? (size_t)(end - offset) : left);
}

bool window_bytes(struct window *window, uint64_t offset, size_t len, struct bytes *ret,
                  struct error *err)
{
    struct source part;
    struct bytes here = buffered(window, offset, UINT64_MAX);
    if (here.len >= len && len > 0) {
        *ret = bytes_from(here.data, len);
        return true;
    }
    if (len > WINDOW_MAXIMUM) {
        bug("window of %zu bytes", len);
    }
    if (!source_slice(&window->source, offset, len, &part, err)) {
        return false;
    }
    if (window->arena == NULL) {
        *ret = bytes_from(window->source.memory.data + part.start, len);
        return true;
    }
    if (len == 0) {
        *ret = bytes_from(NULL, 0);
        return true;
    }
    if (!move_to(window, offset, len, err)) {
        return false;
    }
    *ret = bytes_from(window->buffer + (offset - window->start), len);
    return true;
}

bool window_some(struct window *window, uint64_t offset, uint64_t end, size_t maximum,
                 struct bytes *ret, struct error *err)
{
    if (end > window->source.size) {
        end = window->source.size;
    }
    if (offset >= end) {
        return error_set(err, ERROR_FORMAT, "offset %llu reaches the end at %llu",
                         (unsigned long long)offset, (unsigned long long)end);
    }
    uint64_t left = end - offset;
    return window_bytes(window, offset, left < maximum ? (size_t)left : maximum, ret, err);
}

bool window_uint(struct window *window, uint64_t offset, unsigned width, enum byte_order order,
                 uint64_t *ret, struct error *err)
{
    struct bytes raw;
    if (!window_bytes(window, offset, width, &raw, err)) {
        return false;
    }
    struct reader reader = reader_over(raw, order);
    return reader_uint(&reader, width, ret) ||
           error_set(err, ERROR_INTERNAL, "number of %u bytes", width);
}

bool window_cstring(struct window *window, uint64_t offset, uint64_t end, size_t maximum,
                    struct bytes *ret, struct error *err)
{
    struct reader here =
        reader_over(buffered(window, offset, end - offset > maximum ? offset + maximum : end),
                    LITTLE_ENDIAN_ORDER);
    if (offset < end && reader_cstring(&here, maximum, ret)) {
        return true;
    }
    for (size_t look = FIRST_TEXT;; look *= 8) {
        struct bytes some;
        size_t span = look < maximum ? look : maximum;
        if (!window_some(window, offset, end, span, &some, err)) {
            return false;
        }
        struct reader reader = reader_over(some, LITTLE_ENDIAN_ORDER);
        if (reader_cstring(&reader, span, ret)) {
            return true;
        }
        if (some.len < span || span == maximum) {
            return error_set(err, ERROR_FORMAT, "the text at offset %llu does not end",
                             (unsigned long long)offset);
        }
    }
}
