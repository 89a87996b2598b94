// SPDX-License-Identifier: Apache-2.0
#include "signer/beside.h"

#include "base/file.h"
#include "base/limits.h"

#define EVERY_PART (MESSAGE_CONTENT | MESSAGE_BLAKE2B | MESSAGE_SHA256 | MESSAGE_SHA512)
#define MOST_LISTS 2

static bool load(int dir, const char *name, uint64_t maximum, struct arena *arena,
                 struct bytes *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    return file_open_input(dir, name, &fd, err) && source_from_fd(fd, &source, err) &&
           source_load(&source, 0, source.size, maximum, arena, ret, err);
}

bool found_signature_read(int dir, const char *name, const char *path, struct arena *arena,
                          struct found_signature *ret)
{
    struct found_signature found = {.path = path};
    struct bytes content;
    /* Signed lists are signature files too. */
    if (!load(dir, name, LIMIT_CHECKSUM_LIST, arena, &content, &found.reason)) {
        if (found.reason.code == ERROR_ABSENT) {
            return false;
        }
    } else {
        found.readable = signature_read(content, arena, &found.signature, &found.reason);
    }
    *ret = found;
    return true;
}

void beside_signatures(int dir, const char *folder, const char *name, struct arena *arena,
                       struct found_signature **ret, size_t *ret_count)
{
    struct found_signature *found =
        ARENA_ARRAY(arena, signature_format_count, struct found_signature);
    size_t count = 0;
    for (size_t i = 0; i < signature_format_count; i++) {
        const char *file = arena_printf(arena, "%s%s", name, signature_formats[i]->suffix);
        const char *path = arena_printf(arena, "%s%s", folder, file);
        count += found_signature_read(dir, file, path, arena, &found[count]) ? 1 : 0;
    }
    *ret = found;
    *ret_count = count;
}

static bool read_list(struct bytes text, struct arena *arena, struct signed_list *ret,
                      struct error *err)
{
    struct source source = source_from_bytes(text);
    return checksums_read(text, arena, &ret->checksums, err) &&
           message_read(&source, EVERY_PART, -1, arena, &ret->message, err);
}

bool signed_list_embedded(const struct found_signature *found, struct arena *arena,
                          struct signed_list *ret, struct error *err)
{
    struct signed_list list = {.path = found->path, .count = 1};
    if (!found->readable || found->signature.list.len == 0) {
        return error_set(err, ERROR_ABSENT, "no list of checksums in it");
    }
    if (!read_list(found->signature.list, arena, &list, err)) {
        return false;
    }
    list.signatures = ARENA_NEW(arena, struct found_signature);
    list.signatures[0] = *found;
    *ret = list;
    return true;
}

static bool find_gnu_list(int dir, const char *folder, struct arena *arena, struct signed_list *ret)
{
    struct signed_list list = {.path = arena_printf(arena, "%s" CHECKSUMS_NAME, folder)};
    struct bytes text;
    if (!load(dir, CHECKSUMS_NAME, LIMIT_CHECKSUM_LIST, arena, &text, NULL) ||
        !read_list(text, arena, &list, NULL)) {
        return false;
    }
    beside_signatures(dir, folder, CHECKSUMS_NAME, arena, &list.signatures, &list.count);
    *ret = list;
    return true;
}

static bool find_signify_list(int dir, const char *folder, struct arena *arena,
                              struct signed_list *ret)
{
    const char *path = arena_printf(arena, "%s" CHECKSUMS_SIGNIFY_NAME, folder);
    struct found_signature found;
    return found_signature_read(dir, CHECKSUMS_SIGNIFY_NAME, path, arena, &found) &&
           signed_list_embedded(&found, arena, ret, NULL);
}

void beside_lists(int dir, const char *folder, struct arena *arena, struct signed_list **ret,
                  size_t *ret_count)
{
    struct signed_list *lists = ARENA_ARRAY(arena, MOST_LISTS, struct signed_list);
    size_t count = 0;
    count += find_gnu_list(dir, folder, arena, &lists[count]) ? 1 : 0;
    count += find_signify_list(dir, folder, arena, &lists[count]) ? 1 : 0;
    *ret = lists;
    *ret_count = count;
}
