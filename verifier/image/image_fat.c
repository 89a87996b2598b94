// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_fat.h"

#include "base/limits.h"
#include "base/reader.h"
#include "verifier/image/image_macho.h"

#define FAT_MAGIC 0xcafebabeU
#define FAT_MAGIC_64 0xcafebabfU
#define FAT_HEADER 8
#define FAT_ENTRY 20
#define FAT_ENTRY_64 32
/* Versions of the Java class format: 45 is JDK 1.1; the minor version stands in the upper half. */
#define JAVA_FIRST 45
#define JAVA_LAST 199

static bool read_fat_header(const struct source *source, uint32_t *ret_magic, uint32_t *ret_count)
{
    uint8_t header[FAT_HEADER];
    if (!source_read(source, 0, header, sizeof(header), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(header, sizeof(header)), BIG_ENDIAN_ORDER);
    return reader_u32(&reader, ret_magic) && reader_u32(&reader, ret_count);
}

bool fat_detect(const struct source *source)
{
    uint32_t magic;
    uint32_t count;
    if (!read_fat_header(source, &magic, &count)) {
        return false;
    }
    uint32_t version = count & 0xffffU;
    bool java = version >= JAVA_FIRST && version <= JAVA_LAST;
    return magic == FAT_MAGIC_64 || (magic == FAT_MAGIC && !java);
}

static bool read_slice(struct reader *table, bool wide, struct fat_slice *ret)
{
    unsigned width = wide ? 8 : 4;
    return reader_u32(table, &ret->cpu_type) && reader_u32(table, &ret->cpu_subtype) &&
           reader_uint(table, width, &ret->offset) && reader_uint(table, width, &ret->size) &&
           reader_skip(table, wide ? 8 : 4);
}

/* The file type in the slice's Mach-O header. */
static bool slice_type(const struct fat_slice *slice, uint32_t *ret)
{
    uint8_t header[16];
    if (image_detect(&slice->source) != IMAGE_MACHO ||
        !source_read(&slice->source, 0, header, sizeof(header), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(header, sizeof(header)), LITTLE_ENDIAN_ORDER);
    uint8_t first;
    if (!reader_u8(&reader, &first)) {
        return false;
    }
    reader.order = first == 0xfe ? BIG_ENDIAN_ORDER : LITTLE_ENDIAN_ORDER;
    return reader_skip(&reader, 11) && reader_u32(&reader, ret);
}

static bool check_pair(const struct fat_slice *a, const struct fat_slice *b, struct error *err)
{
    if (a->cpu_type == b->cpu_type && a->cpu_subtype == b->cpu_subtype) {
        return error_set(err, ERROR_FORMAT, "two slices for the same CPU (%u, %u)", a->cpu_type,
                         a->cpu_subtype);
    }
    if (a->offset < b->offset + b->size && b->offset < a->offset + a->size) {
        return error_set(err, ERROR_FORMAT, "the slices at offsets %llu and %llu overlap",
                         (unsigned long long)a->offset, (unsigned long long)b->offset);
    }
    return true;
}

static bool check_slice(const struct fat_slice *slices, size_t index, uint64_t table_end,
                        struct error *err)
{
    const struct fat_slice *slice = &slices[index];
    if (slice->offset < table_end) {
        return error_set(err, ERROR_FORMAT, "it begins within the table of slices");
    }
    /* At most LIMIT_FAT_SLICES, so that pairs are cheap. */
    for (size_t i = 0; i < index; i++) {
        if (!check_pair(&slices[i], slice, err)) {
            return false;
        }
    }
    uint32_t type;
    uint32_t first_type;
    if (!slice_type(slice, &type) || !slice_type(&slices[0], &first_type)) {
        return error_set(err, ERROR_FORMAT, "it is no Mach-O image");
    }
    if (type != first_type) {
        return error_set(err, ERROR_FORMAT, "file type %u, but %u in the first slice", type,
                         first_type);
    }
    return true;
}

static bool read_slices(const struct source *source, struct reader *table, bool wide,
                        struct fat_slice *slices, size_t count, struct error *err)
{
    uint64_t table_end = FAT_HEADER + table->bytes.len;
    for (size_t i = 0; i < count; i++) {
        struct fat_slice *slice = &slices[i];
        if (!read_slice(table, wide, slice)) {
            return error_set(err, ERROR_FORMAT, "slice %zu: the table is cut short", i);
        }
        if (!source_slice(source, slice->offset, slice->size, &slice->source, err) ||
            !check_slice(slices, i, table_end, err)) {
            return error_prefix(err, "slice %zu", i);
        }
        slice->goarch = macho_goarch(slice->cpu_type);
    }
    return true;
}

bool fat_open(const struct source *source, struct arena *arena, struct fat_slice **ret,
              size_t *ret_count, struct error *err)
{
    uint32_t magic;
    uint32_t count;
    if (!read_fat_header(source, &magic, &count) || (magic != FAT_MAGIC && magic != FAT_MAGIC_64)) {
        return error_set(err, ERROR_UNSUPPORTED, "not a fat Mach-O file");
    }
    if (count == 0) {
        return error_set(err, ERROR_FORMAT, "malformed fat Mach-O file: no slices");
    }
    if (count > LIMIT_FAT_SLICES) {
        return error_set(err, ERROR_LIMIT, "malformed fat Mach-O file: %u slices, at most %u",
                         count, LIMIT_FAT_SLICES);
    }
    bool wide = magic == FAT_MAGIC_64;
    uint64_t len = (uint64_t)count * (wide ? FAT_ENTRY_64 : FAT_ENTRY);
    struct bytes bytes;
    if (!source_load(source, FAT_HEADER, len, len, arena, &bytes, err)) {
        return error_prefix(err, "malformed fat Mach-O file: table of slices");
    }
    struct reader table = reader_over(bytes, BIG_ENDIAN_ORDER);
    struct fat_slice *slices = ARENA_ARRAY(arena, count, struct fat_slice);
    if (!read_slices(source, &table, wide, slices, count, err)) {
        return error_prefix(err, "malformed fat Mach-O file");
    }
    *ret = slices;
    *ret_count = count;
    return true;
}
