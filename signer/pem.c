// SPDX-License-Identifier: Apache-2.0
#include "signer/pem.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/scanner.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"
/* Labels are short; "ENCRYPTED SIGSTORE PRIVATE KEY" is the longest we know. */
#define LONGEST_LABEL 64

bool pem_is_any(struct bytes text)
{
    return bytes_start_with(text, BEGIN);
}

bool pem_is(struct bytes text, const char *label)
{
    struct scanner scanner = scanner_over(text);
    return scanner_expect(&scanner, BEGIN) && scanner_expect(&scanner, label) &&
           scanner_expect(&scanner, DASHES);
}

static bool read_line(struct scanner *scanner, struct bytes *ret)
{
    if (!scanner_line(scanner, LIMIT_LINE, ret)) {
        return false;
    }
    if (bytes_end_with(*ret, "\r")) {
        ret->len--;
    }
    return true;
}

/* The label of the line "PREFIX LABEL-----". */
static bool read_boundary(struct bytes line, const char *prefix, struct bytes *ret)
{
    size_t around = strlen(prefix) + strlen(DASHES);
    if (!bytes_start_with(line, prefix) || !bytes_end_with(line, DASHES) || line.len <= around ||
        line.len > around + LONGEST_LABEL) {
        return false;
    }
    *ret = bytes_from(line.data + strlen(prefix), line.len - around);
    return true;
}

bool pem_open(struct bytes text, struct pem *ret, struct error *err)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    struct bytes label;
    struct bytes end;
    if (!read_line(&scanner, &line) || !read_boundary(line, BEGIN, &label)) {
        return error_set(err, ERROR_FORMAT, "no -----BEGIN line");
    }
    size_t start = scanner.position;
    size_t stop;
    do {
        stop = scanner.position;
        if (!read_line(&scanner, &line)) {
            return error_set(err, ERROR_FORMAT, "no -----END line");
        }
    } while (!bytes_start_with(line, "-"));
    if (!read_boundary(line, END, &end) || !bytes_equal(label, end)) {
        return error_set(err, ERROR_FORMAT, "the -----END line is not that of the -----BEGIN line");
    }
    if (!scanner_done(&scanner)) {
        error_set(err, ERROR_FORMAT, "something follows the -----END line");
        return error_cure(err, "one key or signature a file, nothing else in it");
    }
    *ret = (struct pem){label, bytes_from(text.data + start, stop - start)};
    return true;
}

bool pem_decode(const struct pem *pem, uint8_t *ret, size_t room, size_t *ret_len,
                struct error *err)
{
    struct scanner scanner = scanner_over(pem->body);
    struct bytes line;
    size_t len = 0;
    if (room < pem->body.len) {
        return error_set(err, ERROR_LIMIT, "longer than %zu characters", room);
    }
    while (read_line(&scanner, &line)) {
        if (line.len > 0) {
            memcpy(ret + len, line.data, line.len);
        }
        len += line.len;
    }
    /* The decoder writes behind where it reads. */
    if (!scanner_done(&scanner) ||
        !decode_base64(bytes_from(ret, len), BASE64_STANDARD, ret, room, ret_len)) {
        return error_set(err, ERROR_FORMAT, "not the base64 of RFC 4648, section 4");
    }
    return true;
}

void pem_write(struct buffer *out, const char *label, struct bytes content, size_t line_len)
{
    size_t column = 0;
    buffer_printf(out, BEGIN "%s" DASHES "\n", label);
    /* By groups of three bytes, so that no copy of a secret stays behind. */
    for (struct bytes rest = content; rest.len > 0; rest = bytes_behind(rest, 3)) {
        char group[BASE64_LEN(3) + 1];
        encode_base64(bytes_first(rest, 3), BASE64_STANDARD, group);
        for (size_t i = 0; i < BASE64_LEN(3); i++) {
            if (column == line_len) {
                buffer_byte(out, '\n');
                column = 0;
            }
            buffer_byte(out, (uint8_t)group[i]);
            column++;
        }
    }
    buffer_printf(out, "\n" END "%s" DASHES "\n", label);
}
