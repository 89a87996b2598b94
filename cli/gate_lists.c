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

static bool is_hex(struct bytes text)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(digits, text.data[i]) == NULL || text.data[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* Whether TEXT begins as the lists of SHA-1, SHA-224, SHA-384, SHA-512 and MD5 do. */
static bool is_of_another_algorithm(struct bytes text)
{
    static const size_t lens[] = {32, 40, 56, 96, 128};
    struct scanner scanner = scanner_over(text);
    struct bytes line, digest, name;
    if (!scanner_line(&scanner, LIMIT_LINE, &line)) {
        return false;
    }
    bool bsd = bytes_start_with(line, "SHA") || bytes_start_with(line, "MD5 (");
    if (bsd) {
        return !bytes_start_with(line, "SHA256 (");
    }
    for (size_t i = 0; i < ARRAY_LEN(lens) && scan_cut(line, ' ', &digest, &name); i++) {
        if (digest.len == lens[i]) {
            return is_hex(digest);
        }
    }
    return false;
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
                   err)) {
        return false;
    }
    if (is_of_another_algorithm(text)) {
        terminal_note(gate->invocation->terminal,
                      "reproof: %s: not compared: only lists of SHA-256 are", path);
        return true;
    }
    if (!checksums_read(text, gate->arena, &list, err)) {
        return false;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (!check_entry(dir, &list.entries[i], gate->arena, err)) {
            return false;
        }
    }
    return true;
}

/* Those of other algorithms are told, as nobody checks them here. */
static bool is_list(const char *path)
{
    static const char *const ends[] = {"SHA512SUMS", "SHA1SUMS", "MD5SUMS"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (bytes_end_with(bytes_from_string(path), ends[i])) {
            return true;
        }
    }
    return checksums_is_name(path);
}

bool gate_check_lists(const struct gate *gate, struct error *err)
{
    const struct text_list *others = &gate->manifest.others;
    for (size_t i = 0; i < others->count && gate->artifacts >= 0; i++) {
        if (is_list(others->items[i]) && !check_list(gate, others->items[i], err)) {
            return error_prefix(err, "%s", others->items[i]);
        }
    }
    return true;
}
