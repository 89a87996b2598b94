// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/expect.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/scanner.h"

void expectations_add(struct expectations *list, const struct expectation *one, struct arena *arena)
{
    arena_grow(arena, &list->items, list->count, &list->capacity, sizeof(*one));
    list->items[list->count++] = *one;
}

static int compare_paths(const void *a, const void *b)
{
    const struct expectation *first = a;
    const struct expectation *second = b;
    return strcmp(first->path, second->path);
}

void expectations_sort(struct expectations *list)
{
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof(*list->items), compare_paths);
    }
}

struct expectation *expectations_find(const struct expectations *list, const char *path,
                                      size_t *ret_count)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list->items[middle].path, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t end = low;
    while (end < list->count && strcmp(list->items[end].path, path) == 0) {
        end++;
    }
    *ret_count = end - low;
    return end == low ? NULL : &list->items[low];
}

bool expectations_check_digest(const struct expectation *expected, size_t count, int fd,
                               struct error *err)
{
    struct source source;
    struct sha256 found;
    bool read = false;
    for (size_t i = 0; i < count; i++) {
        char said[SHA256_HEX_LEN + 1], is[SHA256_HEX_LEN + 1];
        if (!expected[i].has_sha256) {
            continue;
        }
        if (!read && (!source_from_fd(fd, &source, err) || !sha256_source(&source, &found, err))) {
            return false;
        }
        read = true;
        if (!sha256_equal(&found, &expected[i].sha256)) {
            sha256_hex(&expected[i].sha256, said);
            sha256_hex(&found, is);
            error_set(err, ERROR_UNTRUSTED, "its SHA-256 is %s, and %s says %s", is, expected[i].by,
                      said);
            return error_cure(err,
                              "do not use this file; get it again from where the list is from");
        }
    }
    return true;
}

bool expectation_fits(const struct expectation *expected, const struct inspection *file)
{
    static const char variable[] = "GOAMD64=";
    struct bytes variant = bytes_from_string(file->variant);
    if (expected->goos[0] != '\0' && strcmp(expected->goos, file->goos) != 0) {
        return false;
    }
    /* "all" are the slices of a fat Mach-O. */
    if (expected->goarch[0] != '\0' && strcmp(expected->goarch, "all") != 0 &&
        strcmp(expected->goarch, file->goarch) != 0) {
        return false;
    }
    return expected->goamd64[0] == '\0' || !bytes_start_with(variant, variable) ||
           bytes_equal_string(bytes_behind(variant, sizeof(variable) - 1), expected->goamd64);
}

bool expectation_path_is_plain(const char *path)
{
    struct scanner scanner = scanner_over(bytes_from_string(path));
    struct bytes part;
    size_t len = strlen(path);
    if (len == 0 || len > LIMIT_FILE_PATH || path[len - 1] == '/') {
        return false;
    }
    while (scanner_field(&scanner, '/', LIMIT_FILE_NAME, &part)) {
        if (part.len == 0 || bytes_equal_string(part, ".") || bytes_equal_string(part, "..")) {
            return false;
        }
    }
    return scanner_done(&scanner);
}
