// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/list.h"

#include "base/checksums.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"

#define BEGINNING 1024

bool list_is_one(int fd, const char *path)
{
    struct source source;
    uint8_t begin[BEGINNING];
    if (!source_from_fd(fd, &source, NULL) || source.size == 0) {
        return false;
    }
    size_t len = source.size < sizeof(begin) ? (size_t)source.size : sizeof(begin);
    return checksums_is_name(path) ||
           (source_read(&source, 0, begin, len, NULL) && checksums_begin(bytes_from(begin, len)));
}

static bool read_list(int fd, struct arena *arena, struct checksums *ret, struct error *err)
{
    struct source source;
    struct bytes text;
    return source_from_fd(fd, &source, err) &&
           source_load(&source, 0, source.size, LIMIT_CHECKSUM_LIST, arena, &text, err) &&
           checksums_read(text, arena, ret, err);
}

bool list_open(const char *path, int fd, struct walk *walk, struct error *err)
{
    struct checksums list;
    struct expectations expected = {0};
    struct bytes folder = bytes_from_string("");
    struct bytes name = bytes_from_string(path);
    AUTO_FD int dir = -1;
    if (!read_list(fd, walk->arena, &list, err)) {
        return false;
    }
    bool nested = scan_cut_last(name, '/', &folder, &name);
    const char *above = arena_text(walk->arena, folder);
    walk->prefix = nested ? arena_printf(walk->arena, "%s/", above) : "";
    for (size_t i = 0; i < list.count; i++) {
        const struct expectation one = {.path = arena_text(walk->arena, list.entries[i].name),
                                        .by = arena_text(walk->arena, name),
                                        .has_sha256 = true,
                                        .sha256 = list.entries[i].digest,
                                        .goos = "",
                                        .goarch = "",
                                        .goamd64 = "",
                                        .kind = ""};
        expectations_add(&expected, &one, walk->arena);
    }
    expectations_sort(&expected);
    walk->expected = &expected;
    bool ok = directory_open(nested ? walk->prefix : ".", &dir, err) &&
              walk_expected_alone(walk, dir, err);
    walk->expected = NULL;
    return ok;
}
