// SPDX-License-Identifier: Apache-2.0
#include "base/checksums.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/scanner.h"

#define LIMIT_ENTRY (LIMIT_FILE_NAME + SHA256_HEX_LEN + 16)

static bool is_plain_name(struct bytes name)
{
    if (name.len == 0 || name.len > LIMIT_FILE_NAME || bytes_equal_string(name, ".") ||
        bytes_equal_string(name, "..")) {
        return false;
    }
    while (name.len > 0) {
        unsigned point;
        size_t len = utf8_decode(name, &point);
        if (len == 0 || point == '/' || point == '\\' || escape_is_deceptive(point)) {
            return false;
        }
        name = bytes_behind(name, len);
    }
    return true;
}

bool checksum_name_check(struct bytes name, struct error *err)
{
    char shown[256];
    if (is_plain_name(name)) {
        return true;
    }
    escape_bytes(name, shown, sizeof(shown));
    error_set(err, ERROR_USAGE, "the name %s cannot stand in a list of checksums", shown);
    return error_cure(err, "printable UTF-8 without slash and backslash can");
}

/* "HEX  NAME" or "HEX *NAME" */
static bool read_gnu(struct bytes line, struct checksum *ret)
{
    struct bytes rest = bytes_behind(line, SHA256_HEX_LEN);
    if (!sha256_from_hex(bytes_first(line, SHA256_HEX_LEN), &ret->digest) ||
        (!bytes_start_with(rest, "  ") && !bytes_start_with(rest, " *"))) {
        return false;
    }
    ret->name = bytes_behind(rest, 2);
    return true;
}

/* "SHA256 (NAME) = HEX" */
static bool read_bsd(struct bytes line, struct checksum *ret)
{
    static const char begin[] = "SHA256 (";
    static const char middle[] = ") = ";
    size_t around = sizeof(begin) - 1 + sizeof(middle) - 1 + SHA256_HEX_LEN;
    if (!bytes_start_with(line, begin) || line.len <= around) {
        return false;
    }
    struct bytes rest = bytes_behind(line, sizeof(begin) - 1);
    ret->name = bytes_first(rest, line.len - around);
    rest = bytes_behind(rest, ret->name.len);
    return bytes_start_with(rest, middle) &&
           sha256_from_hex(bytes_behind(rest, sizeof(middle) - 1), &ret->digest);
}

static int compare_names(const void *a, const void *b)
{
    const struct checksum *first = a;
    const struct checksum *second = b;
    return bytes_compare(first->name, second->name);
}

bool checksums_sort(struct checksum *entries, size_t count, struct error *err)
{
    if (count > 0) {
        qsort(entries, count, sizeof(*entries), compare_names);
    }
    for (size_t i = 1; i < count; i++) {
        if (bytes_equal(entries[i - 1].name, entries[i].name)) {
            char shown[256];
            escape_bytes(entries[i].name, shown, sizeof(shown));
            return error_set(err, ERROR_USAGE, "two files are called %s", shown);
        }
    }
    return true;
}

bool checksums_is_name(const char *path)
{
    static const char *const ends[] = {"SHA256SUMS", "sha256sums", "SHA256SUMS.txt",
                                       "sha256sums.txt", "checksums.txt"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (bytes_end_with(bytes_from_string(path), ends[i])) {
            return true;
        }
    }
    return false;
}

bool checksums_begin(struct bytes text)
{
    struct scanner scanner = scanner_over(bytes_first(text, LIMIT_ENTRY + 1));
    struct bytes line;
    struct checksum entry;
    return scanner_line(&scanner, LIMIT_ENTRY, &line) &&
           (read_gnu(line, &entry) || read_bsd(line, &entry));
}

static bool refuse_line(size_t number, struct error *err)
{
    error_set(err, ERROR_FORMAT, "line %zu is no checksum of a file beside", number);
    return error_cure(err, "every line is \"SHA256  NAME\" or \"SHA256 (NAME) = SHA256\", as "
                           "sha256sum writes them for files in one folder");
}

bool checksums_read(struct bytes text, struct arena *arena, struct checksums *ret,
                    struct error *err)
{
    struct scanner scanner = scanner_over(text);
    struct checksums list = {0};
    size_t capacity = 0;
    struct bytes line;
    while (scanner_line(&scanner, LIMIT_ENTRY, &line)) {
        struct checksum entry;
        if (list.count >= LIMIT_CHECKSUMS) {
            return error_set(err, ERROR_LIMIT, "more than %d checksums", LIMIT_CHECKSUMS);
        }
        if ((!read_gnu(line, &entry) && !read_bsd(line, &entry)) || !is_plain_name(entry.name)) {
            return refuse_line(list.count + 1, err);
        }
        arena_grow(arena, &list.entries, list.count, &capacity, sizeof(entry));
        list.entries[list.count++] = entry;
    }
    if (!scanner_done(&scanner)) {
        return refuse_line(list.count + 1, err);
    }
    if (!checksums_sort(list.entries, list.count, err)) {
        if (err != NULL) {
            err->code = ERROR_FORMAT;
        }
        return false;
    }
    *ret = list;
    return true;
}

const struct checksum *checksums_find(const struct checksums *list, struct bytes name)
{
    struct checksum wanted = {.name = name};
    return list->count == 0
               ? NULL
               : bsearch(&wanted, list->entries, list->count, sizeof(wanted), compare_names);
}

void checksums_put(struct buffer *out, const struct checksum *entry)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&entry->digest, hex);
    buffer_printf(out, "%s  ", hex);
    buffer_append(out, entry->name);
    buffer_byte(out, '\n');
}

void checksums_put_bsd(struct buffer *out, const struct checksum *entry)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&entry->digest, hex);
    buffer_string(out, "SHA256 (");
    buffer_append(out, entry->name);
    buffer_printf(out, ") = %s\n", hex);
}
