// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image.h"

#include "base/checked.h"
#include "base/limits.h"
#include "verifier/image/image_internal.h"

#define IDENT_LEN 16

struct format_magic {
    const char *text;
    size_t len, offset;
    enum image_format format;
};

/* As debug/buildinfo tells formats apart; wasm besides. */
static const struct format_magic magics[] = {
    {"\x7f"
     "ELF",
     4, 0, IMAGE_ELF},
    {"MZ", 2, 0, IMAGE_PE},
    {"\xfe\xed\xfa", 3, 0, IMAGE_MACHO},
    {"\xfa\xed\xfe", 3, 1, IMAGE_MACHO},
    {"\0asm", 4, 0, IMAGE_WASM},
    {"\x01\xdf", 2, 0, IMAGE_XCOFF},
    {"\x01\xf7", 2, 0, IMAGE_XCOFF},
    {"\x00\x00\x01\xeb", 4, 0, IMAGE_PLAN9}, /* 386 */
    {"\x00\x00\x8a\x97", 4, 0, IMAGE_PLAN9}, /* amd64 */
    {"\x00\x00\x06\x47", 4, 0, IMAGE_PLAN9}, /* arm */
};

enum image_format image_detect(const struct source *source)
{
    uint8_t ident[8];
    if (!source_read(source, 0, ident, sizeof(ident), NULL)) {
        return IMAGE_UNKNOWN;
    }
    struct reader reader = reader_over(bytes_from(ident, sizeof(ident)), BIG_ENDIAN_ORDER);
    for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
        struct reader part;
        if (reader_at(&reader, magics[i].offset, magics[i].len, &part) &&
            bytes_equal(part.bytes, bytes_from(magics[i].text, magics[i].len))) {
            return magics[i].format;
        }
    }
    return IMAGE_UNKNOWN;
}

const char *image_format_name(enum image_format format)
{
    switch (format) {
    case IMAGE_ELF:
        return "elf";
    case IMAGE_MACHO:
        return "macho";
    case IMAGE_PE:
        return "pe";
    case IMAGE_WASM:
        return "wasm";
    case IMAGE_XCOFF:
        return "xcoff";
    case IMAGE_PLAN9:
        return "plan9";
    case IMAGE_UNKNOWN:
        break;
    }
    return "unknown";
}

static bool open_format(struct arena *arena, struct image *image, struct error *err)
{
    switch (image->format) {
    case IMAGE_ELF:
        return image_elf_open(arena, image, err);
    case IMAGE_MACHO:
        return image_macho_open(arena, image, err);
    case IMAGE_PE:
        return image_pe_open(arena, image, err);
    case IMAGE_WASM:
        return image_wasm_open(arena, image, err);
    case IMAGE_XCOFF:
        return image_xcoff_open(arena, image, err);
    case IMAGE_PLAN9:
        return image_plan9_open(arena, image, err);
    case IMAGE_UNKNOWN:
        break;
    }
    return error_set(err, ERROR_UNSUPPORTED, "not an executable of a known format");
}

bool image_open(const struct source *source, struct arena *arena, struct image *ret,
                struct error *err)
{
    struct image image = {
        .format = image_detect(source),
        .source = *source,
        .goarch = "",
        .goos = "",
        .machine = "",
        .interpreter = "",
    };
    if (!open_format(arena, &image, err)) {
        return image.format == IMAGE_UNKNOWN
                   ? false
                   : error_prefix(err, "malformed %s file", image_format_name(image.format));
    }
    *ret = image;
    return true;
}

const struct image_section *image_section(const struct image *image, const char *name)
{
    for (size_t i = 0; i < image->section_count; i++) {
        if (strcmp(image->sections[i].name, name) == 0) {
            return &image->sections[i];
        }
    }
    return NULL;
}

/* The segment whose file-backed part holds ADDRESS, and how much of it is left from there. */
static const struct image_segment *segment_at(const struct image *image, uint64_t address,
                                              uint64_t *ret_left)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (address >= segment->address && address - segment->address < segment->size) {
            *ret_left = segment->size - (address - segment->address);
            return segment;
        }
    }
    return NULL;
}

bool image_address_offset(const struct image *image, uint64_t address, uint64_t *ret)
{
    uint64_t left;
    const struct image_segment *segment = segment_at(image, address, &left);
    return segment != NULL && checked_add(segment->offset, address - segment->address, ret);
}

/* The memory of a wasm module starts as zeros, onto which the segments are laid in their order. */
static bool read_wasm_memory(const struct image *image, uint64_t address, uint8_t *ret, size_t len,
                             struct error *err)
{
    for (size_t i = 0; i < len; i++) {
        ret[i] = 0;
    }
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        uint64_t start = segment->address > address ? segment->address - address : 0;
        uint64_t skipped = address > segment->address ? address - segment->address : 0;
        if (start >= len || skipped >= segment->size) {
            continue;
        }
        uint64_t count =
            segment->size - skipped < len - start ? segment->size - skipped : len - start;
        if (!source_read(&image->source, segment->offset + skipped, &ret[start], (size_t)count,
                         err)) {
            return false;
        }
    }
    return true;
}

static bool wasm_holds(const struct image *image, uint64_t address, size_t len)
{
    uint64_t end = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        uint64_t segment_end = image->segments[i].address + image->segments[i].size;
        end = segment_end > end ? segment_end : end;
    }
    return checked_range(address, len, end);
}

bool image_read_address(const struct image *image, uint64_t address, void *ret, size_t len,
                        struct error *err)
{
    uint64_t left;
    uint64_t offset;
    if (image->format == IMAGE_WASM && wasm_holds(image, address, len)) {
        return read_wasm_memory(image, address, ret, len, err);
    }
    const struct image_segment *segment = segment_at(image, address, &left);
    if (segment == NULL || left < len ||
        !checked_add(segment->offset, address - segment->address, &offset)) {
        return error_set(err, ERROR_FORMAT, "%zu bytes at address 0x%llx are in no segment", len,
                         (unsigned long long)address);
    }
    return source_read(&image->source, offset, ret, len, err);
}

bool image_load(const struct image *image, uint64_t offset, uint64_t len, uint64_t maximum,
                struct arena *arena, struct reader *ret, struct error *err)
{
    struct bytes bytes;
    if (!source_load(&image->source, offset, len, maximum, arena, &bytes, err)) {
        return false;
    }
    *ret = reader_over(bytes, image->order);
    return true;
}

bool image_load_string(const struct image *image, uint64_t offset, size_t maximum,
                       struct arena *arena, const char **ret)
{
    if (offset >= image->source.size) {
        return false;
    }
    uint8_t window[LIMIT_LIBRARY_NAME];
    uint64_t left = image->source.size - offset;
    size_t len = maximum < sizeof(window) ? maximum : sizeof(window);
    len = left < len ? (size_t)left : len;
    if (!source_read(&image->source, offset, window, len, NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(window, len), image->order);
    struct bytes text;
    if (!reader_cstring(&reader, len, &text)) {
        return false;
    }
    *ret = arena_text(arena, text);
    return true;
}

bool image_last_nul(const struct reader *table, size_t *ret)
{
    for (size_t i = table->bytes.len; i > 0; i--) {
        if (table->bytes.data[i - 1] == 0) {
            *ret = i - 1;
            return true;
        }
    }
    return false;
}

bool image_table_text(const struct reader *table, size_t last_nul, uint64_t offset,
                      const char **ret)
{
    struct reader text;
    if (offset > last_nul || !reader_at(table, offset, 1, &text)) {
        return false;
    }
    *ret = (const char *)text.bytes.data;
    return true;
}

void image_add_library(struct image *image, struct arena *arena, const char *name, size_t *capacity)
{
    if (image->library_count == LIMIT_LIBRARIES) {
        return;
    }
    arena_grow(arena, &image->libraries, image->library_count, capacity, sizeof(*image->libraries));
    image->libraries[image->library_count++] = name;
}

struct image_segment image_section_segment(const struct image_section *section)
{
    return (struct image_segment){
        .name = section->name,
        .address = section->address,
        .offset = section->offset,
        .size = section->size,
        .memory_size = section->memory_size,
        .writable = section->writable,
        .executable = section->executable,
    };
}
