// SPDX-License-Identifier: Apache-2.0
/* Lists of checksums that lie among the artifacts (SHA256SUMS, GoReleaser's checksums.txt): whoever
 * downloads the release will believe them, so what they say has to be true. */
#include <fcntl.h>
#include <string.h>

#include "base/checksums.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/gate.h"

static bool check_entry(int dir, const struct checksum *entry, struct arena *arena,
                        struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    struct sha256 digest;
    struct error why;
    const char *name = arena_text(arena, entry->name);
    if (!checksum_name_check(entry->name, err)) {
        return false;
    }
    if (!file_open_beneath(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, &why)) {
        return error_set(err, why.code == ERROR_ABSENT ? ERROR_UNTRUSTED : why.code, "%s",
                         why.code == ERROR_ABSENT ? "a file is listed that is not there"
                                                  : why.message) ||
               error_prefix(err, "%s", name);
    }
    if (!source_from_fd(fd, &source, err) || !sha256_source(&source, &digest, err)) {
        return error_prefix(err, "%s", name);
    }
    return sha256_equal(&digest, &entry->digest) ||
           error_set(err, ERROR_UNTRUSTED, "%s has another digest than is listed", name);
}

static bool check_list(const struct gate *gate, const char *path, struct error *err)
{
    AUTO_FD int dir = -1;
    struct bytes folder = bytes_from_string("."), name = bytes_from_string(path), text;
    struct checksums list;
    bool nested = scan_cut_last(name, '/', &folder, &name);
    const char *below = nested ? arena_text(gate->arena, folder) : ".";
    if (!directory_open_beneath(gate->artifacts, below, &dir, err) ||
        !file_read(dir, arena_text(gate->arena, name), LIMIT_CHECKSUM_LIST, gate->arena, &text,
                   err) ||
        !checksums_read(text, gate->arena, &list, err)) {
        return false;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (!check_entry(dir, &list.entries[i], gate->arena, err)) {
            return false;
        }
    }
    return true;
}

bool gate_check_lists(const struct gate *gate, struct error *err)
{
    const struct text_list *others = &gate->manifest.others;
    for (size_t i = 0; i < others->count && gate->artifacts >= 0; i++) {
        if (checksums_is_name(others->items[i]) && !check_list(gate, others->items[i], err)) {
            return error_prefix(err, "%s", others->items[i]);
        }
    }
    return true;
}
