// SPDX-License-Identifier: Apache-2.0
#include "base/scanner.h"

bool scanner_until(struct scanner *scanner, char delimiter, size_t maximum, struct bytes *ret)
{
    struct bytes rest = scanner_rest(scanner);
    size_t span = rest.len <= maximum ? rest.len : maximum + 1;
    const uint8_t *hit = span == 0 ? NULL : memchr(rest.data, delimiter, span);
    if (hit == NULL) {
        return false;
    }
    *ret = bytes_from(rest.data, (size_t)(hit - rest.data));
    scanner->position += ret->len + 1;
    return true;
}

bool scanner_field(struct scanner *scanner, char delimiter, size_t maximum, struct bytes *ret)
{
    if (scanner_until(scanner, delimiter, maximum, ret)) {
        return true;
    }
    struct bytes rest = scanner_rest(scanner);
    if (rest.len == 0 || rest.len > maximum) {
        return false;
    }
    *ret = rest;
    scanner->position = scanner->text.len;
    return true;
}

bool scanner_line(struct scanner *scanner, size_t maximum, struct bytes *ret)
{
    return scanner_field(scanner, '\n', maximum, ret);
}

bool scanner_expect(struct scanner *scanner, const char *text)
{
    if (!bytes_start_with(scanner_rest(scanner), text)) {
        return false;
    }
    scanner->position += strlen(text);
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

void scanner_blanks(struct scanner *scanner)
{
    while (!scanner_done(scanner) && is_blank(scanner->text.data[scanner->position])) {
        scanner->position++;
    }
}

bool scanner_number(struct scanner *scanner, uint64_t maximum, uint64_t *ret)
{
    struct bytes rest = scanner_rest(scanner);
    uint64_t value = 0;
    size_t len = 0;
    for (; len < rest.len && rest.data[len] >= '0' && rest.data[len] <= '9'; len++) {
        uint64_t digit = rest.data[len] - (uint64_t)'0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    if (len == 0 || (len > 1 && rest.data[0] == '0') || value > maximum) {
        return false;
    }
    scanner->position += len;
    *ret = value;
    return true;
}

bool scan_number(struct bytes text, uint64_t maximum, uint64_t *ret)
{
    struct scanner scanner = scanner_over(text);
    uint64_t value;
    if (!scanner_number(&scanner, maximum, &value) || !scanner_done(&scanner)) {
        return false;
    }
    *ret = value;
    return true;
}

static bool is_space(uint8_t byte)
{
    return is_blank(byte) || byte == '\r' || byte == '\n';
}

struct bytes scan_trimmed(struct bytes text)
{
    while (text.len > 0 && is_space(text.data[text.len - 1])) {
        text.len--;
    }
    while (text.len > 0 && is_space(text.data[0])) {
        text = bytes_from(text.data + 1, text.len - 1);
    }
    return text;
}

static bool cut_at(struct bytes text, const uint8_t *hit, struct bytes *ret_before,
                   struct bytes *ret_behind)
{
    if (hit == NULL) {
        return false;
    }
    size_t at = (size_t)(hit - text.data);
    *ret_before = bytes_from(text.data, at);
    *ret_behind = bytes_from(hit + 1, text.len - at - 1);
    return true;
}

bool scan_cut(struct bytes text, char delimiter, struct bytes *ret_before, struct bytes *ret_behind)
{
    return text.len > 0 &&
           cut_at(text, memchr(text.data, delimiter, text.len), ret_before, ret_behind);
}

bool scan_cut_last(struct bytes text, char delimiter, struct bytes *ret_before,
                   struct bytes *ret_behind)
{
    return text.len > 0 &&
           cut_at(text, memrchr(text.data, delimiter, text.len), ret_before, ret_behind);
}
