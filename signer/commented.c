// SPDX-License-Identifier: Apache-2.0
#include "signer/commented.h"

#include "base/encode.h"
#include "base/limits.h"

#define LABEL "untrusted comment: "

bool commented_read_line(struct scanner *scanner, size_t maximum, struct bytes *ret)
{
    struct bytes line;
    if (!scanner_line(scanner, maximum + 1, &line)) {
        return false;
    }
    if (bytes_end_with(line, "\r")) {
        line.len--;
    }
    if (line.len > maximum) {
        return false;
    }
    *ret = line;
    return true;
}

static bool read_comment(struct scanner *scanner, struct bytes *ret)
{
    struct bytes line;
    if (!commented_read_line(scanner, LIMIT_MINISIGN_COMMENT, &line) ||
        !bytes_start_with(line, LABEL)) {
        return false;
    }
    *ret = bytes_behind(line, sizeof(LABEL) - 1);
    return true;
}

size_t commented_payload_len(struct bytes text)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    return read_comment(&scanner, &line) && commented_read_line(&scanner, LIMIT_LINE, &line)
               ? line.len
               : 0;
}

bool commented_read_payload(struct scanner *scanner, uint8_t *ret, size_t len)
{
    struct bytes line;
    size_t found;
    return commented_read_line(scanner, BASE64_LEN(len), &line) &&
           decode_base64(line, BASE64_STANDARD, ret, len, &found) && found == len;
}

bool commented_read(struct scanner *scanner, struct bytes *ret_comment, uint8_t *ret, size_t len)
{
    return read_comment(scanner, ret_comment) && commented_read_payload(scanner, ret, len);
}

void commented_write_payload(struct buffer *out, struct bytes payload)
{
    size_t len = BASE64_LEN(payload.len);
    uint8_t *place = buffer_reserve(out, len + 1);
    if (place != NULL) {
        encode_base64(payload, BASE64_STANDARD, (char *)place);
        buffer_advance(out, len);
        buffer_byte(out, '\n');
    }
}

void commented_write(struct buffer *out, const char *comment, struct bytes payload)
{
    buffer_printf(out, LABEL "%s\n", comment);
    commented_write_payload(out, payload);
}
