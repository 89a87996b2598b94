// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/buildinfo/buildinfo_internal.h"
#include "verifier/buildinfo/memory.h"

/* Go source, debug/buildinfo: a header of 32 bytes, aligned to 16: 14 bytes of magic, the size of a
 * pointer, flags, and (before 1.18) two pointers to Go strings; since 1.18 the strings follow, each
 * behind its length. */
#define ALIGNMENT 16
#define HEADER_LEN 32
#define FLAG_BIG_ENDIAN 1
#define FLAG_INLINE 2
#define LENGTH_MAX_LEN 10
#define WINDOW_LEN (1 * MIB) /* Go's own; what it finds depends on it */

static const char magic_text[] = "\xff Go buildinf:";

static bool absent(struct error *err, const char *why)
{
    return error_set(err, ERROR_ABSENT, "no Go build information: %s", why);
}

/* The aligned magic in one window. Go forgets what it skipped over when it returns the place behind
 * a misaligned one, so that *RET is the distance from the last misaligned one's end. */
static bool search_window(struct bytes window, uint64_t remaining, bool *ret_stop, size_t *ret)
{
    struct bytes magic = bytes_from(magic_text, sizeof(magic_text) - 1);
    size_t skipped = 0;
    for (;;) {
        size_t hit = bytes_find(window, skipped, magic);
        if (hit == SIZE_MAX) {
            return false;
        }
        size_t place = hit - skipped;
        if (remaining - place < HEADER_LEN) {
            *ret_stop = true;
            return false;
        }
        if (place % ALIGNMENT == 0) {
            *ret = place;
            return true;
        }
        skipped = (hit + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (skipped > window.len) {
            *ret_stop = true;
            return false;
        }
    }
}

/* True if LEN bytes at ADDRESS are a hole of the file: gigabytes of nothing need not be read. (What
 * is less than a window is not worth a question.) */
static bool is_hole(const struct memory *memory, uint64_t address, size_t len)
{
    const struct source *source = &memory->image->source;
    uint64_t offset;
    return len == WINDOW_LEN && memory_find(memory, address, len, &offset) &&
           source_data(source, offset) - offset >= len;
}

static bool search(const struct memory *memory, uint64_t start, uint64_t end, uint8_t *window,
                   uint64_t *ret, struct error *err)
{
    bool stop = false;
    for (uint64_t place = start; place < end && !stop;) {
        uint64_t remaining = end - place;
        size_t len = remaining < WINDOW_LEN ? (size_t)remaining : WINDOW_LEN;
        size_t got = 0;
        size_t hit;
        if (is_hole(memory, place, len)) {
            place += len;
            continue;
        }
        switch (memory_read_some(memory, place, window, len, &got, err)) {
        case MEMORY_READ:
            break;
        case MEMORY_FAILED:
            return false;
        case MEMORY_END:
        case MEMORY_UNMAPPED:
            return absent(err, "the data ends before it");
        }
        if (search_window(bytes_from(window, got), remaining, &stop, &hit)) {
            *ret = place + hit;
            return true;
        }
        place += len;
    }
    return absent(err, "its magic is not in the data");
}

static bool find_header(const struct memory *memory, struct arena *arena, uint64_t *ret,
                        struct error *err)
{
    uint64_t start;
    uint64_t size;
    if (!memory_data_start(memory->image, &start, &size) || size == 0) {
        return absent(err, "the file has no section for it");
    }
    uint64_t end = start + size;
    uint64_t aligned = (start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (end < start || aligned < start || aligned >= end) {
        return absent(err, "its section is too small");
    }
    size_t window = size < WINDOW_LEN ? (size_t)size : WINDOW_LEN;
    return search(memory, aligned, end, arena_alloc(arena, window), ret, err);
}

/* What is loaded: how messages call it, and how long it may be. */
struct part {
    const char *name;
    uint64_t maximum;
};

static const struct part part_header = {"the header", HEADER_LEN};
static const struct part part_version = {"the version", LIMIT_LINE};
static const struct part part_modules = {"the module text", LIMIT_BUILDINFO_BYTES};

/* LEN bytes at ADDRESS, all of them. */
static bool load(const struct memory *memory, uint64_t address, uint64_t len,
                 const struct part *what, struct arena *arena, struct bytes *ret, struct error *err)
{
    uint64_t offset;
    if (!memory_find(memory, address, len, &offset)) {
        return error_set(err, ERROR_FORMAT,
                         "Go build information: %s, %llu bytes at address 0x%llx, is cut short",
                         what->name, (unsigned long long)len, (unsigned long long)address);
    }
    return source_load(&memory->image->source, offset, len, what->maximum, arena, ret, err) ||
           error_prefix(err, "Go build information: %s", what->name);
}

/* A text behind its length, from *ADDRESS on, which moves behind it. Go wants ten bytes to be there
 * for the length, however short it is. */
static bool load_inline(const struct memory *memory, uint64_t *address, const struct part *what,
                        struct arena *arena, struct bytes *ret, struct error *err)
{
    struct bytes head;
    uint64_t len;
    if (!load(memory, *address, LENGTH_MAX_LEN, what, arena, &head, err)) {
        return false;
    }
    struct reader reader = reader_over(head, LITTLE_ENDIAN_ORDER);
    if (!reader_uvarint(&reader, &len)) {
        return error_set(err, ERROR_FORMAT, "Go build information: the length of %s is no number",
                         what->name);
    }
    uint64_t start = *address + reader_offset(&reader);
    if (!load(memory, start, len, what, arena, ret, err)) {
        return false;
    }
    *address = start + len;
    return true;
}

/* The Go string (pointer and length) at ADDRESS. */
static bool load_string(const struct memory *memory, uint64_t address, unsigned pointer_size,
                        enum byte_order order, const struct part *what, struct arena *arena,
                        struct bytes *ret, struct error *err)
{
    struct bytes head;
    uint64_t data;
    uint64_t len;
    if (!load(memory, address, 2ULL * pointer_size, what, arena, &head, err)) {
        return false;
    }
    struct reader reader = reader_over(head, order);
    return reader_uint(&reader, pointer_size, &data) && reader_uint(&reader, pointer_size, &len) &&
           load(memory, data, len, what, arena, ret, err);
}

static bool load_pointers(const struct memory *memory, struct reader *header, unsigned pointer_size,
                          struct arena *arena, struct raw_buildinfo *ret, struct error *err)
{
    uint64_t version;
    uint64_t modules;
    if (pointer_size != 4 && pointer_size != 8) {
        return absent(err, "its pointers have neither four nor eight bytes");
    }
    if (!reader_uint(header, pointer_size, &version) ||
        !reader_uint(header, pointer_size, &modules)) {
        return absent(err, "its header is cut short");
    }
    if (!load_string(memory, version, pointer_size, header->order, &part_version, arena,
                     &ret->version, err)) {
        return false;
    }
    /* To Go, a module text that cannot be read is the same as none. Beyond our limits is not. */
    struct error problem = {0};
    if (load_string(memory, modules, pointer_size, header->order, &part_modules, arena,
                    &ret->modules, &problem)) {
        return true;
    }
    if (problem.code != ERROR_FORMAT) {
        return error_set(err, problem.code, "%s", problem.message);
    }
    ret->modules = bytes_from(NULL, 0);
    return true;
}

bool buildinfo_locate(const struct image *image, struct arena *arena, struct raw_buildinfo *ret,
                      struct error *err)
{
    struct memory memory;
    struct bytes header;
    uint64_t address = 0;
    uint8_t pointer_size = 0;
    uint8_t flags = 0;
    memory_open(image, arena, &memory);
    if (!find_header(&memory, arena, &address, err) ||
        !load(&memory, address, HEADER_LEN, &part_header, arena, &header, err)) {
        return false;
    }
    struct reader reader = reader_over(header, LITTLE_ENDIAN_ORDER);
    if (!reader_skip(&reader, sizeof(magic_text) - 1) || !reader_u8(&reader, &pointer_size) ||
        !reader_u8(&reader, &flags)) {
        return absent(err, "its header is cut short");
    }
    if ((flags & FLAG_INLINE) == 0) {
        reader.order = (flags & FLAG_BIG_ENDIAN) != 0 ? BIG_ENDIAN_ORDER : LITTLE_ENDIAN_ORDER;
        return load_pointers(&memory, &reader, pointer_size, arena, ret, err);
    }
    address += HEADER_LEN;
    return load_inline(&memory, &address, &part_version, arena, &ret->version, err) &&
           load_inline(&memory, &address, &part_modules, arena, &ret->modules, err);
}
