// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/buildinfo/buildinfo_internal.h"
#include "verifier/image/image_wasm.h"

/* In a wasm module the module text lies in the data section, without the header that other formats
 * have (Go source, cmd/link: Link.buildinfo leaves wasm out), and `go version` does not read it. It
 * stands between cmd/go's two markers (modload.infoStart, infoEnd). The version stands in the
 * custom section "producers" (WebAssembly tool conventions, ProducersSection.md), as the language
 * Go's. */
#define MARKER_LEN 16
#define WINDOW_LEN (1 * MIB)
/* Go writes two entries; other tools add some. */
#define LIMIT_PRODUCERS (64 * KIB)

static const char start_marker[] =
    "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
static const char end_marker[] = "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";

static bool read_text(struct reader *reader, struct bytes *ret)
{
    uint64_t len;
    return reader_uvarint(reader, &len) && reader_bytes(reader, len, ret);
}

/* The version of the first entry called Go in the field "language". */
static bool find_language(struct reader *reader, struct bytes *ret)
{
    uint64_t field_count;
    struct bytes field;
    struct bytes name;
    struct bytes version;
    if (!reader_uvarint(reader, &field_count)) {
        return false;
    }
    for (uint64_t i = 0; i < field_count; i++) {
        uint64_t count;
        if (!read_text(reader, &field) || !reader_uvarint(reader, &count)) {
            return false;
        }
        for (uint64_t entry = 0; entry < count; entry++) {
            if (!read_text(reader, &name) || !read_text(reader, &version)) {
                return false;
            }
            if (bytes_equal_string(field, "language") && bytes_equal_string(name, "Go")) {
                *ret = version;
                return true;
            }
        }
    }
    return false;
}

static bool load_version(const struct image *image, struct arena *arena, struct bytes *ret,
                         struct error *err)
{
    const struct image_section *producers = image_section(image, "producers");
    struct bytes bytes;
    if (producers == NULL) {
        return error_set(err, ERROR_ABSENT,
                         "no Go build information: no section names its producer");
    }
    if (!source_load(&image->source, producers->offset, producers->size, LIMIT_PRODUCERS, arena,
                     &bytes, err)) {
        return error_prefix(err, "section producers");
    }
    struct reader reader = reader_over(bytes, LITTLE_ENDIAN_ORDER);
    return find_language(&reader, ret) ||
           error_set(err, ERROR_ABSENT, "no Go build information: its producer is not Go");
}

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

/* A module without the first marker was built without modules. */
static bool load_modules(const struct image *image, const struct image_section *data,
                         struct arena *arena, struct bytes *ret, struct error *err)
{
    uint8_t *window = arena_alloc(arena, WINDOW_LEN);
    uint64_t start = data->offset;
    uint64_t end = data->offset + data->size;
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

bool buildinfo_locate_wasm(const struct image *image, struct arena *arena,
                           struct raw_buildinfo *ret, struct error *err)
{
    const struct wasm_detail *detail = image_wasm(image);
    if (!load_version(image, arena, &ret->version, err)) {
        return false;
    }
    for (size_t i = 0; i < image->section_count; i++) {
        if (detail->ids[i] == WASM_DATA) {
            return load_modules(image, &image->sections[i], arena, &ret->modules, err);
        }
    }
    return true;
}
