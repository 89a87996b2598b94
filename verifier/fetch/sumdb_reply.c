// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/sumdb_reply.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/scanner.h"

static bool is_record_text(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < ' ' && text.data[i] != '\n') {
            return false;
        }
    }
    return !bytes_start_with(text, "\n") && utf8_is_valid(text);
}

bool sumdb_reply_parse(struct bytes reply, struct sumdb_reply *ret, struct error *err)
{
    struct scanner scanner = scanner_over(reply);
    struct sumdb_reply result;
    if (!scanner_number(&scanner, INT64_MAX, &result.id) || !scanner_expect(&scanner, "\n")) {
        return error_set(err, ERROR_UNTRUSTED,
                         "the checksum database's reply begins with no record number");
    }
    struct bytes rest = scanner_rest(&scanner);
    size_t blank = bytes_find(rest, 0, bytes_from_string("\n\n"));
    if (blank == SIZE_MAX || !is_record_text(bytes_first(rest, blank + 1))) {
        return error_set(err, ERROR_UNTRUSTED, "the checksum database's reply holds no record");
    }
    result.text = bytes_first(rest, blank + 1);
    result.note = bytes_behind(rest, blank + 2);
    *ret = result;
    return true;
}

/* True if TEXT is "h1:" and 32 bytes in base64. */
static bool is_h1(struct bytes text)
{
    struct scanner scanner = scanner_over(text);
    uint8_t raw[SHA256_LEN];
    size_t len;
    return scanner_expect(&scanner, "h1:") &&
           decode_base64(scanner_rest(&scanner), BASE64_STANDARD, raw, sizeof(raw), &len) &&
           len == SHA256_LEN;
}

/* The line "PATH VERSION<SUFFIX> h1:...". */
static bool take_line(struct scanner *scanner, const char *path, const char *version,
                      const char *suffix, struct bytes *ret)
{
    struct bytes line;
    if (!scanner_until(scanner, '\n', LIMIT_LINE, &line)) {
        return false;
    }
    struct scanner fields = scanner_over(line);
    if (!scanner_expect(&fields, path) || !scanner_expect(&fields, " ") ||
        !scanner_expect(&fields, version) || !scanner_expect(&fields, suffix) ||
        !scanner_expect(&fields, " ") || !is_h1(scanner_rest(&fields))) {
        return false;
    }
    *ret = scanner_rest(&fields);
    return true;
}

bool sumdb_record_hashes(struct bytes text, const char *path, const char *version,
                         struct arena *arena, const char **ret_h1, const char **ret_go_mod_h1,
                         struct error *err)
{
    struct scanner scanner = scanner_over(text);
    struct bytes h1, go_mod_h1;
    if (!take_line(&scanner, path, version, "", &h1) ||
        !take_line(&scanner, path, version, "/go.mod", &go_mod_h1) || !scanner_done(&scanner)) {
        return error_set(err, ERROR_UNTRUSTED,
                         "the checksum database's record is not the two lines for this module");
    }
    *ret_h1 = arena_text(arena, h1);
    *ret_go_mod_h1 = arena_text(arena, go_mod_h1);
    return true;
}
