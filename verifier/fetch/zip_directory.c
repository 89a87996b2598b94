// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/zip_directory.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/reader.h"
#include "verifier/fetch/zip_headers.h"

#define END_LEN 22
#define END64_LEN 56
#define LOCATOR_LEN 20
#define COMMENT_MAX 65535

struct end_record {
    uint64_t count, size, offset; /* of the central directory */
    uint64_t position;            /* where the directory has to end */
};

bool zip_name_check(struct bytes name, struct error *err)
{
    char shown[300];
    escape_bytes(name, shown, sizeof(shown));
    if (name.len == 0 || name.len > LIMIT_FILE_PATH || name.data[0] == '/' ||
        !utf8_is_valid(name)) {
        return error_set(err, ERROR_UNTRUSTED,
                         "the name \"%s\" is empty, absolute, too long or not "
                         "UTF-8",
                         shown);
    }
    size_t start = 0;
    for (size_t i = 0; i <= name.len; i++) {
        uint8_t c = i < name.len ? name.data[i] : '/';
        if (c < 0x20 || c == 0x7f || c == '\\') {
            return error_set(err, ERROR_UNTRUSTED, "the name \"%s\" holds a control or backslash",
                             shown);
        }
        if (c != '/') {
            continue;
        }
        size_t len = i - start;
        bool final_slash = i == name.len && len == 0;
        bool dots = len > 0 && len <= 2 && name.data[start] == '.' && name.data[i - 1] == '.';
        if ((len == 0 && !final_slash) || dots || len > LIMIT_FILE_NAME) {
            return error_set(err, ERROR_UNTRUSTED, "the name \"%s\" leads elsewhere", shown);
        }
        start = i + 1;
    }
    return true;
}

/* The offset of the last end record in TAIL; SIZE_MAX if there is none. */
static size_t find_end(struct bytes tail)
{
    for (size_t from = tail.len; from-- > 0;) {
        if (bytes_start_with(bytes_from(tail.data + from, tail.len - from), "PK\5\6")) {
            return from;
        }
    }
    return SIZE_MAX;
}

/* The 64-bit record has to stand right before its locator and say what the short record says,
 * wherever that says anything. */
static bool read_end64(const struct source *zip, uint64_t locator, struct end_record *end,
                       struct error *err)
{
    uint8_t raw[END64_LEN + LOCATOR_LEN];
    if (locator < END64_LEN) {
        return error_set(err, ERROR_FORMAT, "no room for the 64-bit end record");
    }
    uint64_t position = locator - END64_LEN;
    if (!source_read(zip, position, raw, sizeof(raw), err)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), LITTLE_ENDIAN_ORDER);
    uint64_t len, here, count, size, offset, where;
    uint32_t disk, first_disk, locator_disk, disks;
    if (!reader_expect(&reader, "PK\6\6") || !reader_u64(&reader, &len) || len != END64_LEN - 12 ||
        !reader_skip(&reader, 4) || !reader_u32(&reader, &disk) ||
        !reader_u32(&reader, &first_disk) || !reader_u64(&reader, &here) ||
        !reader_u64(&reader, &count) || !reader_u64(&reader, &size) ||
        !reader_u64(&reader, &offset) || !reader_expect(&reader, "PK\6\7") ||
        !reader_u32(&reader, &locator_disk) || !reader_u64(&reader, &where) ||
        !reader_u32(&reader, &disks) || disk != 0 || first_disk != 0 || locator_disk != 0 ||
        disks != 1 || here != count || where != position) {
        return error_set(err, ERROR_FORMAT, "malformed 64-bit end record at offset %llu",
                         (unsigned long long)position);
    }
    if ((end->count != UINT16_MAX && end->count != count) ||
        (end->size != UINT32_MAX && end->size != size) ||
        (end->offset != UINT32_MAX && end->offset != offset)) {
        return error_set(err, ERROR_FORMAT, "the two end records disagree");
    }
    *end =
        (struct end_record){.count = count, .size = size, .offset = offset, .position = position};
    return true;
}

static bool has_locator(const struct source *zip, uint64_t end, bool *ret, struct error *err)
{
    uint8_t raw[4];
    *ret = false;
    if (end < LOCATOR_LEN) {
        return true;
    }
    if (!source_read(zip, end - LOCATOR_LEN, raw, sizeof(raw), err)) {
        return false;
    }
    *ret = bytes_start_with(bytes_from(raw, sizeof(raw)), "PK\6\7");
    return true;
}

static bool read_end(const struct source *zip, struct arena *arena, struct end_record *ret,
                     struct error *err)
{
    uint64_t want = zip->size < END_LEN + COMMENT_MAX ? zip->size : END_LEN + COMMENT_MAX;
    struct bytes tail;
    if (!source_load(zip, zip->size - want, want, want, arena, &tail, err)) {
        return false;
    }
    size_t at = find_end(tail);
    if (at == SIZE_MAX) {
        return error_set(err, ERROR_FORMAT, "not a zip: no end of central directory");
    }
    struct reader reader =
        reader_over(bytes_from(tail.data + at, tail.len - at), LITTLE_ENDIAN_ORDER);
    uint16_t disk, first_disk, here, count, comment;
    uint32_t size, offset;
    if (!reader_skip(&reader, 4) || !reader_u16(&reader, &disk) ||
        !reader_u16(&reader, &first_disk) || !reader_u16(&reader, &here) ||
        !reader_u16(&reader, &count) || !reader_u32(&reader, &size) ||
        !reader_u32(&reader, &offset) || !reader_u16(&reader, &comment) ||
        !reader_skip(&reader, comment) || !reader_done(&reader) || disk != 0 || first_disk != 0 ||
        here != count) {
        return error_set(err, ERROR_FORMAT,
                         "the end of central directory is malformed, cut, or "
                         "followed by other bytes");
    }
    struct end_record end = {
        .count = count, .size = size, .offset = offset, .position = zip->size - want + at};
    bool located;
    if (!has_locator(zip, end.position, &located, err) ||
        (located && !read_end64(zip, end.position - LOCATOR_LEN, &end, err))) {
        return false;
    }
    if (end.size > end.position || end.offset != end.position - end.size) {
        return error_set(err, ERROR_FORMAT,
                         "the central directory does not end where the end "
                         "record begins");
    }
    *ret = end;
    return true;
}

static bool read_entries(struct bytes central, const struct zip_limits *limits,
                         struct zip_directory *directory, struct error *err)
{
    struct reader reader = reader_over(central, LITTLE_ENDIAN_ORDER);
    for (size_t i = 0; i < directory->count; i++) {
        struct zip_entry *entry = &directory->entries[i];
        if (!zip_central_header_read(&reader, entry, err) || !zip_name_check(entry->name, err)) {
            return error_prefix(err, "entry %zu", i + 1);
        }
        if (!checked_add(directory->unpacked, entry->size, &directory->unpacked) ||
            directory->unpacked > limits->unpacked) {
            return error_set(err, ERROR_LIMIT, "unpacked it has more than the %llu bytes allowed",
                             (unsigned long long)limits->unpacked);
        }
    }
    if (!reader_done(&reader)) {
        return error_set(err, ERROR_FORMAT, "the central directory holds more than its %zu entries",
                         directory->count);
    }
    return true;
}

static int by_offset(const void *a, const void *b)
{
    const struct zip_entry *const *left = a;
    const struct zip_entry *const *right = b;
    return ((*left)->offset > (*right)->offset) - ((*left)->offset < (*right)->offset);
}

/* Entries have to follow each other from the first byte to the central directory. */
static bool check_cover(const struct source *zip, const struct zip_directory *directory,
                        uint64_t end, struct arena *arena, struct error *err)
{
    const struct zip_entry **sorted =
        ARENA_ARRAY(arena, directory->count, const struct zip_entry *);
    for (size_t i = 0; i < directory->count; i++) {
        sorted[i] = &directory->entries[i];
    }
    qsort(sorted, directory->count, sizeof(const struct zip_entry *), by_offset);
    uint64_t position = 0;
    for (size_t i = 0; i < directory->count; i++) {
        char shown[300];
        escape_bytes(sorted[i]->name, shown, sizeof(shown));
        if (sorted[i]->offset != position) {
            return error_set(err, ERROR_FORMAT, "%s: entries overlap or leave a gap at offset %llu",
                             shown, (unsigned long long)position);
        }
        uint64_t next = i + 1 < directory->count ? sorted[i + 1]->offset : end;
        if (!zip_local_entry_check(zip, sorted[i], next, err)) {
            return error_prefix(err, "%s", shown);
        }
        position = next;
    }
    return position == end || error_set(err, ERROR_FORMAT,
                                        "bytes before the central directory "
                                        "belong to no entry");
}

bool zip_directory_read(const struct source *zip, const struct zip_limits *limits,
                        struct arena *arena, struct zip_directory *ret, struct error *err)
{
    if (zip->size > limits->bytes) {
        return error_set(err, ERROR_LIMIT, "the zip has %llu bytes, more than the %llu allowed",
                         (unsigned long long)zip->size, (unsigned long long)limits->bytes);
    }
    struct end_record end = {0};
    if (!read_end(zip, arena, &end, err)) {
        return false;
    }
    /* A header has 46 bytes: the count cannot make us take more memory than the directory's own. */
    if (end.count > limits->entries || end.count > end.size / ZIP_CENTRAL_LEN) {
        return error_set(
            err, end.count > limits->entries ? ERROR_LIMIT : ERROR_FORMAT,
            "%llu entries are more than its directory can hold or than the %llu allowed",
            (unsigned long long)end.count, (unsigned long long)limits->entries);
    }
    struct bytes central;
    if (!source_load(zip, end.offset, end.size, LIMIT_ZIP_DIRECTORY, arena, &central, err)) {
        return error_prefix(err, "central directory");
    }
    struct zip_directory directory = {.entries = ARENA_ARRAY(arena, end.count, struct zip_entry),
                                      .count = (size_t)end.count};
    if (!read_entries(central, limits, &directory, err) ||
        !check_cover(zip, &directory, end.offset, arena, err)) {
        return false;
    }
    *ret = directory;
    return true;
}
