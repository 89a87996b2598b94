// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"
#include "base/limits.h"
#include "verifier/image/image_internal.h"
#include "verifier/image/image_wasm_internal.h"

/* Go imports a few dozen functions; the cap leaves room for any hand-made module. */
#define LIMIT_IMPORTS (8 * MIB)
/* Go begins a new data segment at each longer run of zeros: 30,000 in the smallest program. Of more
 * than this none is kept, so that they are 15 MB at most. */
#define LIMIT_DATA_SEGMENTS 262144
/* Room for the count, or for a segment's head: flags, memory, address, length. */
#define HEAD_LEN 64
#define WINDOW_LEN 16384

enum import_kind { IMPORT_FUNCTION, IMPORT_TABLE, IMPORT_MEMORY, IMPORT_GLOBAL, IMPORT_TAG };

enum opcode {
    OPCODE_END = 0x0b,
    OPCODE_GLOBAL = 0x23,
    OPCODE_I32 = 0x41,
    OPCODE_I64 = 0x42,
};

static bool read_name(struct reader *reader, struct bytes *ret)
{
    uint32_t len;
    return wasm_u32(reader, &len) && reader_bytes(reader, len, ret) && utf8_is_valid(*ret);
}

/* Flags: bit 0 a maximum follows, bit 1 shared, bit 2 addresses of 64 bits. */
static bool skip_limits(struct reader *reader)
{
    uint8_t flags;
    uint64_t bound;
    return reader_u8(reader, &flags) && flags <= 7 && reader_uvarint(reader, &bound) &&
           ((flags & 1) == 0 || reader_uvarint(reader, &bound));
}

static bool skip_description(struct reader *reader)
{
    uint8_t kind;
    uint8_t byte;
    uint32_t index;
    if (!reader_u8(reader, &kind)) {
        return false;
    }
    switch ((enum import_kind)kind) {
    case IMPORT_FUNCTION:
        return wasm_u32(reader, &index);
    case IMPORT_TABLE:
        return reader_u8(reader, &byte) && skip_limits(reader);
    case IMPORT_MEMORY:
        return skip_limits(reader);
    case IMPORT_GLOBAL:
        return reader_u8(reader, &byte) && reader_u8(reader, &byte) && byte <= 1;
    case IMPORT_TAG:
        return reader_u8(reader, &byte) && byte == 0 && wasm_u32(reader, &index);
    default:
        return false;
    }
}

static bool known_library(const struct image *image, struct bytes name)
{
    /* From the end: imports come in groups. Few distinct ones are kept, so this stays short. */
    for (size_t i = image->library_count; i > 0; i--) {
        if (bytes_equal_string(name, image->libraries[i - 1])) {
            return true;
        }
    }
    return false;
}

#define LIMIT_MODULES 16 /* distinct modules that are kept: Go has one or two */

bool image_wasm_imports(struct image *image, const struct image_section *section,
                        struct arena *arena, struct error *err)
{
    struct reader reader;
    uint32_t count;
    size_t capacity = 0;
    if (!image_load(image, section->offset, section->size, LIMIT_IMPORTS, arena, &reader, err)) {
        return error_prefix(err, "imports");
    }
    if (!wasm_u32(&reader, &count)) {
        return error_set(err, ERROR_FORMAT, "the count of imports is no number of 32 bits");
    }
    for (uint32_t i = 0; i < count; i++) {
        struct bytes module;
        struct bytes name;
        if (!read_name(&reader, &module) || !read_name(&reader, &name) ||
            !skip_description(&reader)) {
            return error_set(err, ERROR_FORMAT, "import %u at offset %llu of the section", i,
                             (unsigned long long)reader_offset(&reader));
        }
        if (image->library_count < LIMIT_MODULES && !known_library(image, module)) {
            image_add_library(image, arena, arena_text(arena, module), &capacity);
        }
    }
    return reader_done(&reader) ||
           error_set(err, ERROR_FORMAT, "bytes are left behind the imports");
}

/* A signed LEB128 number of at most BITS bits. */
static bool read_signed(struct reader *reader, unsigned bits, int64_t *ret)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte = 0x80;
    while ((byte & 0x80) != 0) {
        if (shift >= bits || !reader_u8(reader, &byte)) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    }
    if (shift < 64 && (byte & 0x40) != 0) {
        value |= ~(uint64_t)0 << shift;
    }
    *ret = (int64_t)value;
    return true;
}

/* The address of an active segment. *RET_CONSTANT is false for any expression but one number; then
 * the expression is passed over if it is the value of a global. */
static bool read_address(struct reader *reader, uint64_t *ret, bool *ret_constant)
{
    uint8_t opcode;
    uint8_t end;
    int64_t value = 0;
    uint32_t index;
    if (!reader_u8(reader, &opcode)) {
        return false;
    }
    *ret_constant = opcode == OPCODE_I32 || opcode == OPCODE_I64;
    bool known = *ret_constant ? read_signed(reader, opcode == OPCODE_I32 ? 32 : 64, &value)
                               : opcode == OPCODE_GLOBAL && wasm_u32(reader, &index);
    *ret = opcode == OPCODE_I32 ? (uint32_t)value : (uint64_t)value;
    return known && reader_u8(reader, &end) && end == OPCODE_END;
}

/* The head of a data segment: *RET_MAPPED says whether it is put at *RET_ADDRESS at the start. */
static bool read_head(struct reader *reader, uint64_t *ret_address, bool *ret_mapped,
                      uint32_t *ret_len)
{
    uint32_t flags;
    uint32_t memory = 0;
    bool constant = false;
    if (!wasm_u32(reader, &flags) || flags > 2 || (flags == 2 && !wasm_u32(reader, &memory)) ||
        (flags != 1 && !read_address(reader, ret_address, &constant))) {
        return false;
    }
    *ret_mapped = flags != 1 && memory == 0 && constant;
    return wasm_u32(reader, ret_len);
}

struct data_walk {
    struct image *image;
    struct arena *arena;
    uint64_t offset, end;
    size_t capacity;
    uint64_t window_offset;
    size_t window_len;
    uint8_t window[WINDOW_LEN];
};

/* A reader over the next HEAD_LEN bytes, fewer at the section's end. Segments are short and many,
 * so their heads are taken from a larger piece of the file. */
static bool next_head(struct data_walk *walk, struct reader *ret, struct error *err)
{
    uint64_t left = walk->end - walk->offset;
    size_t wanted = left < HEAD_LEN ? (size_t)left : HEAD_LEN;
    if (walk->offset < walk->window_offset ||
        walk->offset + wanted > walk->window_offset + walk->window_len) {
        walk->window_offset = walk->offset;
        walk->window_len = left < WINDOW_LEN ? (size_t)left : WINDOW_LEN;
        if (!source_read(&walk->image->source, walk->offset, walk->window, walk->window_len, err)) {
            return false;
        }
    }
    struct reader window =
        reader_over(bytes_from(walk->window, walk->window_len), LITTLE_ENDIAN_ORDER);
    return reader_at(&window, walk->offset - walk->window_offset, wanted, ret) ||
           error_set(err, ERROR_FORMAT, "the section is cut short");
}

static bool read_segment(struct data_walk *walk, bool *ret_mapped, struct error *err)
{
    struct reader reader;
    uint64_t address = 0;
    uint32_t len;
    if (!next_head(walk, &reader, err)) {
        return false;
    }
    if (!read_head(&reader, &address, ret_mapped, &len) ||
        len > walk->end - walk->offset - reader_offset(&reader)) {
        return error_set(err, ERROR_FORMAT, "data segment at offset %llu",
                         (unsigned long long)walk->offset);
    }
    walk->offset += reader_offset(&reader);
    struct image *image = walk->image;
    if (*ret_mapped) {
        arena_grow(walk->arena, &image->segments, image->segment_count, &walk->capacity,
                   sizeof(*image->segments));
        image->segments[image->segment_count++] = (struct image_segment){.name = "",
                                                                         .address = address,
                                                                         .offset = walk->offset,
                                                                         .size = len,
                                                                         .memory_size = len,
                                                                         .writable = true};
    }
    walk->offset += len;
    return true;
}

bool image_wasm_data(struct image *image, struct wasm_detail *detail,
                     const struct image_section *section, struct arena *arena, struct error *err)
{
    struct data_walk walk = {.image = image,
                             .arena = arena,
                             .offset = section->offset,
                             .end = section->offset + section->size};
    struct reader reader;
    uint32_t count;
    if (!next_head(&walk, &reader, err)) {
        return false;
    }
    if (!wasm_u32(&reader, &count)) {
        return error_set(err, ERROR_FORMAT, "the count of data segments is no number of 32 bits");
    }
    if (count > LIMIT_DATA_SEGMENTS) {
        detail->all_data_mapped = false;
        return true;
    }
    walk.offset += reader_offset(&reader);
    for (uint32_t i = 0; i < count; i++) {
        bool mapped = false;
        if (!read_segment(&walk, &mapped, err)) {
            return error_prefix(err, "data segment %u", i);
        }
        detail->all_data_mapped &= mapped;
    }
    return walk.offset == walk.end ||
           error_set(err, ERROR_FORMAT, "bytes are left behind the data segments");
}
