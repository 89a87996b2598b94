// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/buildinfo/buildinfo_internal.h"
#include "verifier/image/image_wasm.h"

/* In a wasm module both texts lie in the data section, without the header that other formats have
 * (Go source, cmd/link: Link.buildinfo leaves wasm out), and `go version` reads neither. The module
 * text stands between cmd/go's two markers (modload.infoStart, infoEnd). */
#define MARKER_LEN 16
#define WINDOW_LEN (1 * MIB)
#define VERSION_MAX 127
#define OPCODE_END 0x0b

static const char start_marker[] =
    "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
static const char end_marker[] = "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";
static const char version_start[] = "go1.";

struct wasm_search {
    const struct image *image;
    uint64_t start, end; /* of the data section's contents */
    uint8_t *window;
};

typedef bool (*wasm_match)(struct bytes window, size_t hit, size_t *ret_len);

/* Finds NEEDLE from FROM on, where MATCH (if any) agrees. Windows overlap by what a match may need.
 */
static bool find(const struct wasm_search *search, uint64_t from, struct bytes needle,
                 wasm_match match, uint64_t *ret, size_t *ret_len, struct error *err)
{
    for (uint64_t place = from; place < search->end;) {
        uint64_t left = search->end - place;
        size_t len = left < WINDOW_LEN ? (size_t)left : WINDOW_LEN;
        if (!source_read(&search->image->source, place, search->window, len, err)) {
            return false;
        }
        struct bytes window = bytes_from(search->window, len);
        size_t hit = bytes_find(window, 0, needle);
        while (hit != SIZE_MAX && match != NULL && !match(window, hit, ret_len)) {
            hit = bytes_find(window, hit + 1, needle);
        }
        if (hit != SIZE_MAX) {
            *ret = place + hit;
            return true;
        }
        if (left <= WINDOW_LEN) {
            break;
        }
        place += WINDOW_LEN - 2 * VERSION_MAX;
    }
    return error_set(err, ERROR_ABSENT, "no Go build information: its text is not in the data");
}

static bool is_version_byte(uint8_t byte)
{
    return byte != '\0' && strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  ".-+_:, ",
                                  byte) != NULL;
}

/* Since 1.18 the version is a string of its own, so it stands between zeros or at a data segment's
 * edge, where the next segment's head begins with a zero. Other texts with "go1." in them have
 * neighbours. */
static bool is_version(struct bytes window, size_t hit, size_t *ret_len)
{
    struct reader reader = reader_over(window, LITTLE_ENDIAN_ORDER);
    size_t len = 0;
    uint8_t byte = 0;
    if (!reader_skip(&reader, hit)) {
        return false;
    }
    while (len <= VERSION_MAX && reader_u8(&reader, &byte) && is_version_byte(byte)) {
        len++;
    }
    if (byte != 0 || len > VERSION_MAX || len < sizeof(version_start)) {
        return false;
    }
    *ret_len = len;
    /* At a segment's start: behind the end of its address, and its length, which is a byte. */
    bool at_start = hit > 1 && window.data[hit - 1] == len && window.data[hit - 2] == OPCODE_END;
    return at_start || (hit > 0 && window.data[hit - 1] == 0);
}

static bool find_data(const struct image *image, struct arena *arena, struct wasm_search *ret)
{
    const struct wasm_detail *detail = image_wasm(image);
    for (size_t i = 0; i < image->section_count; i++) {
        if (detail->ids[i] == WASM_DATA) {
            const struct image_section *data = &image->sections[i];
            *ret = (struct wasm_search){.image = image,
                                        .start = data->offset,
                                        .end = data->offset + data->size,
                                        .window = arena_alloc(arena, WINDOW_LEN)};
            return true;
        }
    }
    return false;
}

static bool load_modules(const struct wasm_search *search, struct arena *arena, struct bytes *ret,
                         struct error *err)
{
    uint64_t start;
    uint64_t end;
    size_t unused;
    struct error problem = {0};
    if (!find(search, search->start, bytes_from(start_marker, MARKER_LEN), NULL, &start, &unused,
              &problem)) {
        return problem.code == ERROR_ABSENT || error_set(err, problem.code, "%s", problem.message);
    }
    return find(search, start, bytes_from(end_marker, MARKER_LEN), NULL, &end, &unused, err) &&
           source_load(&search->image->source, start, end + MARKER_LEN - start,
                       LIMIT_BUILDINFO_BYTES, arena, ret, err);
}

bool buildinfo_locate_wasm(const struct image *image, struct arena *arena,
                           struct raw_buildinfo *ret, struct error *err)
{
    struct wasm_search search;
    uint64_t place;
    size_t len;
    if (!find_data(image, arena, &search)) {
        return error_set(err, ERROR_ABSENT, "no Go build information: the module has no data");
    }
    /* Up to Go 1.19 there is no build ID, but for js the imports are Go's own. */
    if (image_section(image, "go:buildid") == NULL && strcmp(image->goos, "js") != 0) {
        return error_set(err, ERROR_ABSENT, "no Go build information: not linked by Go");
    }
    struct bytes needle = bytes_from(version_start, sizeof(version_start) - 1);
    return find(&search, search.start, needle, is_version, &place, &len, err) &&
           source_load(&image->source, place, len, VERSION_MAX, arena, &ret->version, err) &&
           load_modules(&search, arena, &ret->modules, err);
}
