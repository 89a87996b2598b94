// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/dirhash.h"

#include <stdlib.h>

#include "base/encode.h"

/* A line of the hash. */
struct line {
    const char *name;
    const struct sha256 *digest;
};

static void format_h1(const struct sha256 *digest, char ret[H1_LEN + 1])
{
    memcpy(ret, "h1:", 3);
    encode_base64(sha256_view(digest), BASE64_STANDARD, ret + 3);
}

static void hash_line(struct digest *digest, const struct sha256 *content, const char *prefix,
                      const char *name)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(content, hex);
    digest_update(digest, bytes_from(hex, SHA256_HEX_LEN));
    digest_update(digest, bytes_from("  ", 2));
    digest_update(digest, bytes_from_string(prefix));
    digest_update(digest, bytes_from_string(name));
    digest_update(digest, bytes_from("\n", 1));
}

static int by_name(const void *a, const void *b)
{
    const struct line *left = a;
    const struct line *right = b;
    return strcmp(left->name, right->name);
}

/* The name that the zip has for ENTRY, below its prefix. */
static const char *name_in_zip(const struct file_entry *entry, struct arena *arena)
{
    size_t len = strlen(entry->path);
    if (entry->kind == FILE_KIND_GO_MOD) {
        size_t lead = len - strlen("go.mod");
        return arena_printf(arena, "%.*s_go.mod", (int)lead, entry->path);
    }
    if (entry->kind == FILE_KIND_DIRECTORY && len > 0) {
        return arena_printf(arena, "%s/", entry->path);
    }
    return entry->path;
}

static void hash_lines(struct line *lines, size_t count, const char *prefix, struct sha256 *ret)
{
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    qsort(lines, count, sizeof(*lines), by_name);
    for (size_t i = 0; i < count; i++) {
        hash_line(digest, lines[i].digest, prefix, lines[i].name);
    }
    digest_finish(digest, ret->bytes);
}

bool dirhash_tree(const struct file_tree *tree, const char *prefix, char ret[H1_LEN + 1],
                  struct error *err)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (strchr(tree->entries[i].path, '\n') != NULL) {
            return error_set(err, ERROR_UNTRUSTED, "the file name \"%s\" holds a newline",
                             tree->entries[i].path);
        }
    }
    struct arena arena = {0};
    struct line *lines = ARENA_ARRAY(&arena, tree->count, struct line);
    for (size_t i = 0; i < tree->count; i++) {
        lines[i] = (struct line){.name = name_in_zip(&tree->entries[i], &arena),
                                 .digest = &tree->entries[i].digest};
    }
    struct sha256 sum;
    hash_lines(lines, tree->count, prefix, &sum);
    arena_free(&arena);
    format_h1(&sum, ret);
    return true;
}

void dirhash_go_mod(struct bytes content, char ret[H1_LEN + 1])
{
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    struct sha256 sum = sha256_of(content);
    hash_line(digest, &sum, "", "go.mod");
    digest_finish(digest, sum.bytes);
    format_h1(&sum, ret);
}

bool dirhash_parse(const char *h1, struct sha256 *ret)
{
    struct bytes text = bytes_from_string(h1);
    size_t len;
    struct sha256 digest;
    if (!bytes_start_with(text, "h1:") ||
        !decode_base64(bytes_from(text.data + 3, text.len - 3), BASE64_STANDARD, digest.bytes,
                       sizeof(digest.bytes), &len) ||
        len != sizeof(digest.bytes)) {
        return false;
    }
    *ret = digest;
    return true;
}
