// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/zip_headers.h"

#include "base/checked.h"
#include "base/limits.h"

#define LOCAL_LEN 30
/* Bit 3: sizes and CRC follow the data. Bits 1 and 2: how hard deflate tried. Bit 11: UTF-8. */
#define FLAG_DESCRIPTOR 0x0008
#define FLAGS_KNOWN (FLAG_DESCRIPTOR | 0x0006 | 0x0800)
#define METHOD_STORED 0
#define METHOD_DEFLATE 8
#define EXTRA_ZIP64 0x0001
/* Info-ZIP's second name and libarchive's second description of an entry: libarchive believes them,
 * Go does not look. */
#define EXTRA_UNICODE_PATH 0x7075
#define EXTRA_LIBARCHIVE 0x6c78

/* The fields that stand in both headers, in the same order. */
struct common {
    uint16_t flags, method, name_len, extra_len;
    uint32_t crc, stored, size;
};

/* A value that does not fit stands in the zip64 field, in this order, and only then. */
struct zip64 {
    bool present;
    struct bytes value;
};

static bool read_common(struct reader *reader, struct common *ret)
{
    return reader_u16(reader, &ret->flags) && reader_u16(reader, &ret->method) &&
           reader_skip(reader, 4) && reader_u32(reader, &ret->crc) &&
           reader_u32(reader, &ret->stored) && reader_u32(reader, &ret->size) &&
           reader_u16(reader, &ret->name_len) && reader_u16(reader, &ret->extra_len);
}

/* Some writers pad the extra fields with up to three zero bytes. */
static bool is_padding(const struct reader *reader)
{
    struct reader rest = *reader;
    uint8_t value = 0;
    while (value == 0 && reader_u8(&rest, &value)) {
    }
    return reader_left(reader) < 4 && value == 0;
}

static bool read_extra(struct bytes extra, struct zip64 *ret, struct error *err)
{
    struct reader reader = reader_over(extra, LITTLE_ENDIAN_ORDER);
    while (!is_padding(&reader)) {
        uint16_t tag, len;
        struct bytes value;
        if (!reader_u16(&reader, &tag) || !reader_u16(&reader, &len) ||
            !reader_bytes(&reader, len, &value)) {
            return error_set(err, ERROR_FORMAT, "malformed extra fields");
        }
        if (tag == EXTRA_UNICODE_PATH || tag == EXTRA_LIBARCHIVE ||
            (tag == EXTRA_ZIP64 && ret->present)) {
            return error_set(err, ERROR_FORMAT,
                             "extra field %04x describes the entry a second time", tag);
        }
        if (tag == EXTRA_ZIP64) {
            *ret = (struct zip64){.present = true, .value = value};
        }
    }
    return true;
}

/* VALUE, or what stands for it in the zip64 field if it is the mark for that. */
static bool widen(uint32_t value, struct reader *zip64, uint64_t *ret)
{
    *ret = value;
    return value != UINT32_MAX || reader_u64(zip64, ret);
}

static bool check_supported(const struct common *header, struct error *err)
{
    if ((header->flags & ~FLAGS_KNOWN) != 0) {
        return error_set(err, ERROR_UNSUPPORTED, "flags %04x (encrypted or unusual)",
                         header->flags);
    }
    if (header->method != METHOD_STORED && header->method != METHOD_DEFLATE) {
        return error_set(err, ERROR_UNSUPPORTED, "compression method %u", header->method);
    }
    return true;
}

bool zip_central_header_read(struct reader *reader, struct zip_entry *ret, struct error *err)
{
    struct common header;
    uint16_t comment_len, disk;
    uint32_t offset;
    struct bytes name, extra;
    struct zip64 zip64 = {0};
    if (!reader_expect(reader, "PK\1\2") || !reader_skip(reader, 4) ||
        !read_common(reader, &header) || !reader_u16(reader, &comment_len) ||
        !reader_u16(reader, &disk) || !reader_skip(reader, 6) || !reader_u32(reader, &offset) ||
        !reader_bytes(reader, header.name_len, &name) ||
        !reader_bytes(reader, header.extra_len, &extra) || !reader_skip(reader, comment_len) ||
        disk != 0) {
        return error_set(err, ERROR_FORMAT, "malformed central header");
    }
    if (!check_supported(&header, err) || !read_extra(extra, &zip64, err)) {
        return false;
    }
    struct reader wide = reader_over(zip64.value, LITTLE_ENDIAN_ORDER);
    struct zip_entry entry = {.name = name,
                              .crc = header.crc,
                              .flags = header.flags,
                              .method = header.method,
                              .directory = name.len > 0 && name.data[name.len - 1] == '/'};
    if (!widen(header.size, &wide, &entry.size) || !widen(header.stored, &wide, &entry.stored) ||
        !widen(offset, &wide, &entry.offset)) {
        return error_set(err, ERROR_FORMAT, "the 64-bit sizes are missing");
    }
    if ((entry.directory && entry.size != 0) ||
        (entry.method == METHOD_STORED && entry.stored != entry.size)) {
        return error_set(err, ERROR_FORMAT, "its sizes contradict its kind");
    }
    *ret = entry;
    return true;
}

/* Behind a local header that announces a descriptor, its own fields may also be zero. */
static bool local_sizes_agree(const struct common *header, struct bytes zip64,
                              const struct zip_entry *entry)
{
    struct reader wide = reader_over(zip64, LITTLE_ENDIAN_ORDER);
    uint64_t size, stored;
    if (!widen(header->size, &wide, &size) || !widen(header->stored, &wide, &stored)) {
        return false;
    }
    bool later = (entry->flags & FLAG_DESCRIPTOR) != 0;
    return (header->crc == entry->crc || (later && header->crc == 0)) &&
           (size == entry->size || (later && size == 0)) &&
           (stored == entry->stored || (later && stored == 0));
}

/* LEN bytes at OFFSET: an optional signature, CRC, both sizes in 4 or 8 bytes each. */
static bool check_descriptor(const struct source *zip, uint64_t offset, uint64_t len,
                             const struct zip_entry *entry, struct error *err)
{
    uint8_t raw[24];
    if (len != 12 && len != 16 && len != 20 && len != 24) {
        return error_set(err, ERROR_FORMAT, "%llu bytes behind its data are no data descriptor",
                         (unsigned long long)len);
    }
    if (!source_read(zip, offset, raw, (size_t)len, err)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, (size_t)len), LITTLE_ENDIAN_ORDER);
    unsigned width = len >= 20 ? 8 : 4;
    uint32_t crc;
    uint64_t stored, size;
    if (((len == 16 || len == 24) && !reader_expect(&reader, "PK\7\10")) ||
        !reader_u32(&reader, &crc) || !reader_uint(&reader, width, &stored) ||
        !reader_uint(&reader, width, &size) || crc != entry->crc || stored != entry->stored ||
        size != entry->size) {
        return error_set(err, ERROR_FORMAT, "its data descriptor contradicts the directory");
    }
    return true;
}

static bool check_local_extra(const struct source *zip, const struct common *header,
                              const struct zip_entry *entry, struct error *err)
{
    struct arena arena = {0};
    struct bytes extra = {0};
    struct zip64 zip64 = {0};
    uint64_t at = entry->offset + LOCAL_LEN + header->name_len;
    bool ok = (header->extra_len == 0 ||
               source_load(zip, at, header->extra_len, UINT16_MAX, &arena, &extra, err)) &&
              read_extra(extra, &zip64, err);
    if (ok && !local_sizes_agree(header, zip64.value, entry)) {
        ok = error_set(err, ERROR_FORMAT, "local and central header disagree about its size");
    }
    arena_free(&arena);
    return ok;
}

/* The local header of ENTRY, its name included. */
static bool read_local(const struct source *zip, const struct zip_entry *entry, struct common *ret,
                       struct error *err)
{
    uint8_t raw[LOCAL_LEN + LIMIT_FILE_PATH];
    if (!source_read(zip, entry->offset, raw, LOCAL_LEN + entry->name.len, err)) {
        return false;
    }
    struct reader reader =
        reader_over(bytes_from(raw, LOCAL_LEN + entry->name.len), LITTLE_ENDIAN_ORDER);
    struct bytes name;
    if (!reader_expect(&reader, "PK\3\4") || !reader_skip(&reader, 2) ||
        !read_common(&reader, ret) || !reader_bytes(&reader, entry->name.len, &name)) {
        return error_set(err, ERROR_FORMAT, "no local header at offset %llu",
                         (unsigned long long)entry->offset);
    }
    if (ret->name_len != entry->name.len || !bytes_equal(name, entry->name) ||
        ret->flags != entry->flags || ret->method != entry->method) {
        return error_set(err, ERROR_FORMAT, "local and central header disagree");
    }
    return true;
}

bool zip_local_entry_check(const struct source *zip, const struct zip_entry *entry, uint64_t next,
                           struct error *err)
{
    struct common header;
    if (!read_local(zip, entry, &header, err) || !check_local_extra(zip, &header, entry, err)) {
        return false;
    }
    uint64_t end;
    if (!checked_add(entry->offset + LOCAL_LEN + header.name_len + header.extra_len, entry->stored,
                     &end) ||
        end > next) {
        return error_set(err, ERROR_FORMAT, "its data reach into what follows");
    }
    if ((entry->flags & FLAG_DESCRIPTOR) != 0) {
        return check_descriptor(zip, end, next - end, entry, err);
    }
    return end == next || error_set(err, ERROR_FORMAT, "a gap follows its data");
}
