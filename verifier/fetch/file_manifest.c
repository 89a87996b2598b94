// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/file_tree.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/zip_directory.h"

#define FIRST_LINE "reproof tree 1\n"
#define LINE_MAXIMUM (LIMIT_FILE_PATH + 128)

void file_manifest_write(const struct file_tree *tree, struct buffer *out)
{
    buffer_string(out, FIRST_LINE);
    for (size_t i = 0; i < tree->count; i++) {
        const struct file_entry *entry = &tree->entries[i];
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&entry->digest, hex);
        buffer_printf(out, "%c %03o %llu %s ", (char)entry->kind, entry->mode,
                      (unsigned long long)entry->size, hex);
        buffer_string(out, entry->path);
        buffer_byte(out, '\n');
    }
}

static bool parse_kind(struct bytes text, enum file_kind *ret)
{
    if (text.len != 1 || strchr("fgd", text.data[0]) == NULL) {
        return false;
    }
    *ret = (enum file_kind)text.data[0];
    return true;
}

static bool parse_mode(struct bytes text, unsigned *ret)
{
    unsigned mode = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '7') {
            return false;
        }
        mode = mode * 8 + (text.data[i] - '0');
    }
    *ret = mode;
    return text.len == 3;
}

/* The root directory may be an entry of its own, with an empty path. */
static bool path_fits(struct bytes path, enum file_kind kind)
{
    struct bytes directory;
    struct bytes base = path;
    if (path.len == 0) {
        return kind == FILE_KIND_DIRECTORY;
    }
    if (!zip_name_check(path, NULL) || path.data[path.len - 1] == '/') {
        return false;
    }
    bool nested = scan_cut_last(path, '/', &directory, &base);
    (void)nested;
    return kind != FILE_KIND_GO_MOD || bytes_equal_string(base, "go.mod");
}

static bool parse_line(struct bytes line, struct arena *arena, struct file_entry *ret)
{
    struct scanner scanner = scanner_over(line);
    struct bytes kind, mode, size, hex;
    struct file_entry entry = {0};
    if (!scanner_until(&scanner, ' ', 1, &kind) || !parse_kind(kind, &entry.kind) ||
        !scanner_until(&scanner, ' ', 3, &mode) || !parse_mode(mode, &entry.mode) ||
        !scanner_until(&scanner, ' ', 20, &size) || !scan_number(size, UINT64_MAX, &entry.size) ||
        !scanner_until(&scanner, ' ', SHA256_HEX_LEN, &hex) ||
        !sha256_from_hex(hex, &entry.digest) || !path_fits(scanner_rest(&scanner), entry.kind)) {
        return false;
    }
    entry.path = arena_text(arena, scanner_rest(&scanner));
    *ret = entry;
    return true;
}

bool file_manifest_parse(struct bytes text, struct arena *arena, struct file_tree *ret,
                         struct error *err)
{
    struct scanner scanner = scanner_over(text);
    struct file_tree tree = {0};
    size_t capacity = 0;
    struct bytes line;
    if (!scanner_expect(&scanner, FIRST_LINE)) {
        return error_set(err, ERROR_FORMAT, "not a tree manifest of this version");
    }
    while (!scanner_done(&scanner)) {
        arena_grow(arena, &tree.entries, tree.count, &capacity, sizeof(*tree.entries));
        struct file_entry *entry = &tree.entries[tree.count];
        if (tree.count == 2 * LIMIT_ZIP_ENTRIES ||
            !scanner_until(&scanner, '\n', LINE_MAXIMUM, &line) ||
            !parse_line(line, arena, entry) ||
            (tree.count > 0 && strcmp(entry[-1].path, entry->path) >= 0)) {
            return error_set(err, ERROR_FORMAT, "tree manifest, line %zu: malformed or unsorted",
                             tree.count + 2);
        }
        tree.count++;
    }
    *ret = tree;
    return true;
}

const struct file_entry *file_tree_find(const struct file_tree *tree, const char *path)
{
    size_t low = 0;
    size_t high = tree->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(tree->entries[middle].path, path);
        if (order == 0) {
            return &tree->entries[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
