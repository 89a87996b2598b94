// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_wasm.h"

#include "base/escape.h"
#include "base/limits.h"
#include "verifier/image/image_internal.h"
#include "verifier/image/image_wasm_internal.h"

#define HEADER_LEN 8
#define VERSION 1
#define SECTION_HEAD 6 /* an id and a number of at most five bytes */
#define NAME_MAX_LEN 1024
#define NAME_HEAD (5 + NAME_MAX_LEN)

struct kind {
    const char *name;
    unsigned order; /* in which they must appear */
};

/* By id; the count of data segments (12) goes before the code, tags (13) behind the memories. */
static const struct kind kinds[] = {
    {"custom", 0}, {"type", 1},   {"import", 2},     {"function", 3}, {"table", 4},
    {"memory", 5}, {"global", 7}, {"export", 8},     {"start", 9},    {"element", 10},
    {"code", 12},  {"data", 13},  {"datacount", 11}, {"tag", 6},
};

struct wasm_walk {
    struct image *image;
    struct wasm_detail *detail;
    struct arena *arena;
    size_t capacity, id_capacity;
    unsigned order;
    uint64_t offset; /* of the next section */
};

bool wasm_u32(struct reader *reader, uint32_t *ret)
{
    struct reader ahead = *reader;
    uint64_t value;
    if (!reader_uvarint(&ahead, &value) || value > UINT32_MAX ||
        reader_offset(&ahead) - reader_offset(reader) > 5) {
        return false;
    }
    *reader = ahead;
    *ret = (uint32_t)value;
    return true;
}

/* Up to LEN bytes at OFFSET into WINDOW, fewer at the end of the file. */
static bool read_window(const struct image *image, uint64_t offset, uint8_t *window, size_t len,
                        struct reader *ret, struct error *err)
{
    uint64_t left = offset < image->source.size ? image->source.size - offset : 0;
    len = left < len ? (size_t)left : len;
    if (!source_read(&image->source, offset, window, len, err)) {
        return false;
    }
    *ret = reader_over(bytes_from(window, len), LITTLE_ENDIAN_ORDER);
    return true;
}

/* A custom section begins with its name; its contents are what is behind it. */
static bool read_custom(const struct wasm_walk *walk, struct image_section *section,
                        struct error *err)
{
    uint8_t window[NAME_HEAD];
    struct reader reader;
    struct bytes name;
    uint32_t len;
    size_t room = section->size < sizeof(window) ? (size_t)section->size : sizeof(window);
    if (!read_window(walk->image, section->offset, window, room, &reader, err)) {
        return false;
    }
    if (!wasm_u32(&reader, &len) || len > section->size - reader_offset(&reader)) {
        return error_set(err, ERROR_FORMAT, "its name is longer than the section");
    }
    if (len > NAME_MAX_LEN) {
        return error_set(err, ERROR_LIMIT, "its name has %u bytes, at most %u", len, NAME_MAX_LEN);
    }
    if (!reader_bytes(&reader, len, &name) || !utf8_is_valid(name)) {
        return error_set(err, ERROR_FORMAT, "its name is not valid UTF-8");
    }
    section->name = arena_text(walk->arena, name);
    section->offset += reader_offset(&reader);
    section->size -= reader_offset(&reader);
    section->memory_size = section->size;
    return true;
}

static void add_section(struct wasm_walk *walk, const struct image_section *section, uint8_t id)
{
    struct image *image = walk->image;
    arena_grow(walk->arena, &image->sections, image->section_count, &walk->capacity,
               sizeof(*image->sections));
    arena_grow(walk->arena, &walk->detail->ids, image->section_count, &walk->id_capacity,
               sizeof(*walk->detail->ids));
    image->sections[image->section_count] = *section;
    walk->detail->ids[image->section_count++] = id;
}

static bool check_order(struct wasm_walk *walk, uint8_t id, struct error *err)
{
    if (id >= ARRAY_LEN(kinds)) {
        return error_set(err, ERROR_FORMAT, "unknown section id %u", id);
    }
    if (id == WASM_CUSTOM) {
        return true;
    }
    if (kinds[id].order <= walk->order) {
        return error_set(err, ERROR_FORMAT, "the section %s is out of order or there twice",
                         kinds[id].name);
    }
    walk->order = kinds[id].order;
    return true;
}

static bool read_contents(struct wasm_walk *walk, uint8_t id, struct image_section *section,
                          struct error *err)
{
    switch (id) {
    case WASM_CUSTOM:
        return read_custom(walk, section, err);
    case WASM_IMPORT:
        return image_wasm_imports(walk->image, section, walk->arena, err);
    case WASM_DATA:
        return image_wasm_data(walk->image, walk->detail, section, walk->arena, err);
    default:
        return true;
    }
}

static bool read_section(struct wasm_walk *walk, struct error *err)
{
    uint8_t window[SECTION_HEAD];
    struct reader reader;
    uint8_t id;
    uint32_t size;
    struct source part;
    if (!read_window(walk->image, walk->offset, window, sizeof(window), &reader, err)) {
        return false;
    }
    if (!reader_u8(&reader, &id) || !check_order(walk, id, err)) {
        return false;
    }
    if (!wasm_u32(&reader, &size)) {
        return error_set(err, ERROR_FORMAT, "its size is no number of 32 bits");
    }
    uint64_t offset = walk->offset + reader_offset(&reader);
    if (!source_slice(&walk->image->source, offset, size, &part, err)) {
        return false;
    }
    struct image_section section = {.name = kinds[id].name,
                                    .segment = "",
                                    .offset = offset,
                                    .size = size,
                                    .memory_size = size,
                                    .executable = id == WASM_CODE};
    walk->offset = offset + size;
    if (!read_contents(walk, id, &section, err)) {
        return false;
    }
    add_section(walk, &section, id);
    return true;
}

static bool read_header(const struct image *image, struct error *err)
{
    uint8_t raw[HEADER_LEN];
    uint32_t version;
    if (!source_read(&image->source, 0, raw, sizeof(raw), err)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), LITTLE_ENDIAN_ORDER);
    if (!reader_skip(&reader, 4) || !reader_u32(&reader, &version) || version != VERSION) {
        return error_set(err, ERROR_FORMAT, "the version at offset 4 is not 1");
    }
    return true;
}

static void set_platform(struct image *image)
{
    image->machine = "wasm32";
    image->goarch = "wasm";
    for (size_t i = 0; i < image->library_count; i++) {
        const char *library = image->libraries[i];
        if (strcmp(library, "gojs") == 0 || strcmp(library, "go") == 0) {
            image->goos = "js";
        } else if (strcmp(library, "wasi_snapshot_preview1") == 0) {
            image->goos = "wasip1";
        }
    }
}

bool image_wasm_open(struct arena *arena, struct image *image, struct error *err)
{
    struct wasm_detail *detail = ARENA_NEW(arena, struct wasm_detail);
    struct wasm_walk walk = {
        .image = image, .detail = detail, .arena = arena, .offset = HEADER_LEN};
    image->detail = detail;
    image->order = LITTLE_ENDIAN_ORDER;
    image->pointer_size = 8; /* as Go lays out its data, though memory is addressed with 32 bits */
    detail->all_data_mapped = true;
    if (!read_header(image, err)) {
        return false;
    }
    while (walk.offset < image->source.size) {
        uint64_t offset = walk.offset;
        if (image->section_count == LIMIT_SECTIONS) {
            return error_set(err, ERROR_LIMIT, "more than %u sections", LIMIT_SECTIONS);
        }
        if (!read_section(&walk, err)) {
            return error_prefix(err, "section %zu at offset %llu", image->section_count,
                                (unsigned long long)offset);
        }
    }
    set_platform(image);
    return true;
}
