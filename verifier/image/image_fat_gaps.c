// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_fat_gaps.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/reader.h"

#define FAT_HEADER 8
#define FAT_ENTRY 20
#define FAT_ENTRY_64 32
#define FAT_MAGIC_64 0xcafebabfU
#define PIECE 65536

static int compare_slices(const void *a, const void *b)
{
    const struct fat_part *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Finds the first byte from START to END that is not zero; END if there is none. */
static bool find_byte(const struct source *source, uint64_t start, uint64_t end, uint64_t *ret,
                      struct error *err)
{
    uint8_t piece[PIECE];
    while (start < end) {
        start = source_data(source, start);
        size_t len = start >= end ? 0 : end - start < PIECE ? (size_t)(end - start) : PIECE;
        if (!source_read(source, start, piece, len, err)) {
            return false;
        }
        for (size_t i = 0; i < len; i++) {
            if (piece[i] != 0) {
                *ret = start + i;
                return true;
            }
        }
        start += len;
    }
    *ret = end;
    return true;
}

/* What an entry of the table says besides CPU, offset and size: an alignment that its offset has,
 * and zeros. */
static bool check_entry(struct reader *table, bool wide)
{
    uint32_t align, reserved = 0;
    uint64_t offset, size;
    unsigned width = wide ? 8 : 4;
    return reader_skip(table, 8) && reader_uint(table, width, &offset) &&
           reader_uint(table, width, &size) && reader_u32(table, &align) && align < 32 &&
           (offset & ((1ULL << align) - 1)) == 0 && (!wide || reader_u32(table, &reserved)) &&
           reserved == 0;
}

/* The table of COUNT slices; RET_END: where it ends, or the entry that is not as it should be. */
static bool check_table(const struct source *source, size_t count, uint64_t *ret_end, bool *ret_ok,
                        struct error *err)
{
    uint8_t bytes[FAT_HEADER + LIMIT_FAT_SLICES * FAT_ENTRY_64];
    uint32_t magic = 0, stated = 0;
    if (!source_read(source, 0, bytes, FAT_HEADER, err)) {
        return false;
    }
    struct reader head = reader_over(bytes_from(bytes, FAT_HEADER), BIG_ENDIAN_ORDER);
    bool ok = reader_u32(&head, &magic) && reader_u32(&head, &stated) && stated == count;
    bool wide = magic == FAT_MAGIC_64;
    size_t entry = wide ? FAT_ENTRY_64 : FAT_ENTRY;
    if (!source_read(source, FAT_HEADER, bytes, count * entry, err)) {
        return false;
    }
    struct reader table = reader_over(bytes_from(bytes, count * entry), BIG_ENDIAN_ORDER);
    for (size_t i = 0; ok && i < count; i++) {
        ok = check_entry(&table, wide);
    }
    *ret_end = FAT_HEADER + count * entry;
    *ret_ok = ok;
    return true;
}

bool fat_find_stray(const struct source *source, const struct fat_part *parts, size_t count,
                    uint64_t *ret, struct error *err)
{
    struct fat_part sorted[LIMIT_FAT_SLICES + 1];
    uint64_t at, found;
    bool ok;
    if (count == 0 || count > LIMIT_FAT_SLICES) {
        return error_set(err, ERROR_LIMIT, "%zu slices", count);
    }
    if (!check_table(source, count, &at, &ok, err)) {
        return false;
    }
    if (!ok) {
        *ret = 0;
        return true;
    }
    memcpy(sorted, parts, count * sizeof(*parts));
    qsort(sorted, count, sizeof(*sorted), compare_slices);
    sorted[count] = (struct fat_part){source->size, 0};
    for (size_t i = 0; i <= count; i++) {
        if (!find_byte(source, at, sorted[i].offset, &found, err)) {
            return false;
        }
        if (found < sorted[i].offset) {
            *ret = found;
            return true;
        }
        at = sorted[i].offset + sorted[i].size;
    }
    *ret = source->size;
    return true;
}
