// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include <stdio.h>
#include <string.h>

size_t utf8_decode(struct bytes text, unsigned *ret_code_point)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text.len == 0) {
        return 0;
    }
    unsigned first = text.data[0];
    size_t len = first < 0x80       ? 1
                 : first >> 5 == 6  ? 2
                 : first >> 4 == 14 ? 3
                 : first >> 3 == 30 ? 4
                                    : 0;
    if (len == 0 || len > text.len) {
        return 0;
    }
    unsigned point = len == 1 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (text.data[i] >> 6 != 2) {
            return 0;
        }
        point = point << 6 | (text.data[i] & 0x3fU);
    }
    if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        return 0;
    }
    *ret_code_point = point;
    return len;
}

bool utf8_is_valid(struct bytes text)
{
    unsigned point;
    while (text.len > 0) {
        size_t len = utf8_decode(text, &point);
        if (len == 0) {
            return false;
        }
        text = bytes_from(text.data + len, text.len - len);
    }
    return true;
}

bool escape_is_deceptive(unsigned point)
{
    static const struct {
        unsigned first, last;
    } ranges[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x34f, 0x34f},
                  {0x61c, 0x61c},   {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},
                  {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0x3164, 0x3164},
                  {0xe000, 0xf8ff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
                  {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff}};
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

void escape_bytes(struct bytes text, char *ret, size_t ret_len)
{
    size_t used = 0;
    while (text.len > 0) {
        char piece[16];
        unsigned point = 0;
        size_t len = utf8_decode(text, &point);
        if (len == 0) {
            len = 1;
            snprintf(piece, sizeof(piece), "\\x%02x", text.data[0]);
        } else if (escape_is_deceptive(point)) {
            snprintf(piece, sizeof(piece), point < 0x100 ? "\\x%02x" : "\\u{%x}", point);
        } else {
            memcpy(piece, text.data, len);
            piece[len] = '\0';
        }
        size_t piece_len = strlen(piece);
        if (used + piece_len >= ret_len) {
            break;
        }
        memcpy(ret + used, piece, piece_len);
        used += piece_len;
        text = bytes_from(text.data + len, text.len - len);
    }
    ret[used] = '\0';
}

void escape_text(const char *text, char *ret, size_t ret_len)
{
    escape_bytes(bytes_from_string(text), ret, ret_len);
}
