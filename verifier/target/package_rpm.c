// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/package_rpm.h"

#include "base/limits.h"
#include "base/reader.h"

#define LEAD_LEN 96
#define LEAD_MAGIC "\xed\xab\xee\xdb"
#define HEADER_MAGIC "\x8e\xad\xe8\x01"
#define ENTRY_LEN 16
#define ALIGNMENT 8
#define TYPE_INT32 4
#define TYPE_STRING 6

enum { TAG_NAME = 1000, TAG_VERSION = 1001, TAG_RELEASE = 1002, TAG_EPOCH = 1003, TAG_ARCH = 1022 };

/* A header's index and store. */
struct header {
    struct reader index, store;
    uint32_t count;
};

static bool read_header(struct reader *reader, struct header *ret)
{
    uint32_t bytes;
    return reader_expect(reader, HEADER_MAGIC) && reader_skip(reader, 4) &&
           reader_u32(reader, &ret->count) && reader_u32(reader, &bytes) &&
           ret->count <= LIMIT_SECTIONS &&
           reader_sub(reader, (uint64_t)ret->count * ENTRY_LEN, &ret->index) &&
           reader_sub(reader, bytes, &ret->store);
}

struct found {
    struct bytes name, version, release, arch;
    uint32_t epoch;
    bool has_epoch;
    unsigned texts; /* a bit for each text found */
};

static bool take_text(const struct header *header, uint32_t offset, unsigned bit, struct bytes *ret,
                      struct found *found)
{
    struct reader at;
    if (offset > header->store.bytes.len || (found->texts & bit) != 0 ||
        !reader_at(&header->store, offset, header->store.bytes.len - offset, &at)) {
        return false;
    }
    found->texts |= bit;
    return reader_cstring(&at, LIMIT_FILE_NAME, ret);
}

static bool take_epoch(const struct header *header, uint32_t offset, struct found *found)
{
    struct reader at;
    found->has_epoch = true;
    return reader_at(&header->store, offset, 4, &at) && reader_u32(&at, &found->epoch);
}

static bool take_entry(struct header *header, struct found *found)
{
    uint32_t tag, type, offset, count;
    if (!reader_u32(&header->index, &tag) || !reader_u32(&header->index, &type) ||
        !reader_u32(&header->index, &offset) || !reader_u32(&header->index, &count)) {
        return false;
    }
    if (tag == TAG_EPOCH && type == TYPE_INT32) {
        return take_epoch(header, offset, found);
    }
    struct bytes *const texts[] = {&found->name, &found->version, &found->release, &found->arch};
    static const uint32_t tags[] = {TAG_NAME, TAG_VERSION, TAG_RELEASE, TAG_ARCH};
    for (unsigned i = 0; i < ARRAY_LEN(tags); i++) {
        if (tag == tags[i] && type == TYPE_STRING) {
            return take_text(header, offset, 1U << i, texts[i], found);
        }
    }
    return true;
}

bool package_parse_rpm(struct bytes bytes, struct arena *arena, struct package *ret)
{
    struct reader reader = reader_over(bytes, BIG_ENDIAN_ORDER);
    struct header signature, header;
    struct found found = {0};
    if (!reader_expect(&reader, LEAD_MAGIC) || !reader_skip(&reader, LEAD_LEN - 4) ||
        !read_header(&reader, &signature) ||
        !reader_skip(&reader, -reader_offset(&reader) % ALIGNMENT) ||
        !read_header(&reader, &header)) {
        return false;
    }
    for (uint32_t i = 0; i < header.count; i++) {
        if (!take_entry(&header, &found)) {
            return false;
        }
    }
    const struct package package = {
        .kind = PACKAGE_RPM,
        .name = arena_text(arena, found.name),
        .version = arena_printf(arena, "%s-%s", arena_text(arena, found.version),
                                arena_text(arena, found.release)),
        .architecture = arena_text(arena, found.arch),
        .epoch = found.has_epoch ? arena_printf(arena, "%u", found.epoch) : NULL,
    };
    return found.texts == 15 && package_settle(&package, ret);
}
