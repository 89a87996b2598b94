// SPDX-License-Identifier: Apache-2.0
/* The module text by its markers: cmd/go puts it between two of them (modload.infoStart, infoEnd)
 * into package main, where it stays even if the linker writes no header that points at it. */
#include "base/limits.h"
#include "verifier/buildinfo/buildinfo_internal.h"

#define MARKER_LEN 16
#define WINDOW_LEN (1 * MIB)

static const char start_marker[] =
    "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
static const char end_marker[] = "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";

/* Finds a marker from *PLACE to END, window by window, and moves *PLACE there. Windows overlap, so
 * that a marker across an edge is seen. */
static bool find_marker(const struct image *image, const char *marker, uint64_t end,
                        uint8_t *window, uint64_t *place, bool *ret_found, struct error *err)
{
    uint64_t start = *place;
    *ret_found = false;
    while (end - start >= MARKER_LEN) {
        size_t len = end - start < WINDOW_LEN ? (size_t)(end - start) : WINDOW_LEN;
        uint64_t data = source_data(&image->source, start);
        if (data - start >= len) {
            start += len - MARKER_LEN + 1;
            continue;
        }
        if (!source_read(&image->source, start, window, len, err)) {
            return false;
        }
        size_t hit = bytes_find(bytes_from(window, len), 0, bytes_from(marker, MARKER_LEN));
        if (hit != SIZE_MAX) {
            *place = start + hit;
            *ret_found = true;
            return true;
        }
        start += len - MARKER_LEN + 1;
    }
    return true;
}

bool buildinfo_load_marked(const struct image *image, uint64_t start, uint64_t end,
                           struct arena *arena, struct bytes *ret, struct error *err)
{
    uint8_t *window = arena_alloc(arena, WINDOW_LEN);
    bool found;
    if (!find_marker(image, start_marker, end, window, &start, &found, err)) {
        return false;
    }
    if (!found) {
        return true;
    }
    uint64_t last = start;
    if (!find_marker(image, end_marker, end, window, &last, &found, err)) {
        return false;
    }
    if (!found) {
        return error_set(err, ERROR_FORMAT, "Go build information: the module text has no end");
    }
    return source_load(&image->source, start, last + MARKER_LEN - start, LIMIT_BUILDINFO_BYTES,
                       arena, ret, err);
}
