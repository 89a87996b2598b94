// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"
#include "base/reader.h"
#include "verifier/buildinfo/buildinfo_internal.h"

#define REPLACEMENT 0xfffdU
#define CODE_POINT_MAX 0x10ffffU
/* The longest that one byte of the literal can become: U+FFFD in UTF-8 for a byte that is not. */
#define GROWTH 3

/* Where the unescaped bytes go; room was made for the longest possible outcome. */
struct output {
    char *text;
    size_t len;
};

static void put(struct output *output, unsigned byte)
{
    output->text[output->len++] = (char)byte;
}

static void put_code_point(struct output *output, unsigned point)
{
    if (point < 0x80) {
        put(output, point);
    } else if (point < 0x800) {
        put(output, 0xc0 | point >> 6);
        put(output, 0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        put(output, 0xe0 | point >> 12);
        put(output, 0x80 | (point >> 6 & 0x3f));
        put(output, 0x80 | (point & 0x3f));
    } else {
        put(output, 0xf0 | point >> 18);
        put(output, 0x80 | (point >> 12 & 0x3f));
        put(output, 0x80 | (point >> 6 & 0x3f));
        put(output, 0x80 | (point & 0x3f));
    }
}

static bool read_digits(struct reader *reader, unsigned count, unsigned base, unsigned *value)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t digit;
        if (!reader_u8(reader, &digit)) {
            return false;
        }
        unsigned number = digit >= '0' && digit <= '9'   ? digit - (unsigned)'0'
                          : digit >= 'a' && digit <= 'f' ? digit - (unsigned)'a' + 10
                          : digit >= 'A' && digit <= 'F' ? digit - (unsigned)'A' + 10
                                                         : 16;
        if (number >= base) {
            return false;
        }
        *value = *value * base + number;
    }
    return true;
}

static bool put_byte_escape(struct reader *reader, unsigned digits, unsigned base, unsigned value,
                            struct output *output)
{
    if (!read_digits(reader, digits, base, &value) || value > 255) {
        return false;
    }
    put(output, value);
    return true;
}

static bool put_unicode_escape(struct reader *reader, unsigned digits, struct output *output)
{
    unsigned point = 0;
    if (!read_digits(reader, digits, 16, &point) || point > CODE_POINT_MAX ||
        (point >= 0xd800 && point <= 0xdfff)) {
        return false;
    }
    put_code_point(output, point);
    return true;
}

static bool put_escape(struct reader *reader, struct output *output)
{
    static const char letters[] = "abfnrtv\\\"";
    static const char meanings[] = "\a\b\f\n\r\t\v\\\"";
    uint8_t letter;
    if (!reader_u8(reader, &letter)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(letters) - 1; i++) {
        if (letter == (uint8_t)letters[i]) {
            put(output, (uint8_t)meanings[i]);
            return true;
        }
    }
    switch (letter) {
    case 'x':
        return put_byte_escape(reader, 2, 16, 0, output);
    case 'u':
        return put_unicode_escape(reader, 4, output);
    case 'U':
        return put_unicode_escape(reader, 8, output);
    default:
        return letter >= '0' && letter <= '7' &&
               put_byte_escape(reader, 2, 8, letter - (unsigned)'0', output);
    }
}

/* One character that is no escape; bytes that are not UTF-8 become the replacement character. */
static bool put_character(struct reader *reader, struct output *output)
{
    struct bytes rest;
    unsigned point = REPLACEMENT;
    struct reader ahead = *reader;
    if (!reader_bytes(&ahead, reader_left(reader), &rest)) {
        return false;
    }
    size_t len = utf8_decode(rest, &point);
    put_code_point(output, len == 0 ? REPLACEMENT : point);
    return reader_skip(reader, len == 0 ? 1 : len);
}

static bool unquote_interpreted(struct reader *reader, struct output *output)
{
    while (!reader_expect(reader, "\"")) {
        if (reader_done(reader)) {
            return false;
        }
        bool ok = reader_expect(reader, "\\") ? put_escape(reader, output)
                                              : put_character(reader, output);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* Between back quotes everything stands for itself but carriage returns, which Go drops. */
static bool unquote_raw(struct reader *reader, struct output *output)
{
    uint8_t byte;
    while (reader_u8(reader, &byte)) {
        if (byte == '`') {
            return true;
        }
        if (byte != '\r') {
            put(output, byte);
        }
    }
    return false;
}

bool buildinfo_unquote(struct bytes text, struct arena *arena, const char **ret, size_t *ret_len)
{
    struct reader reader = reader_over(text, LITTLE_ENDIAN_ORDER);
    struct output output = {.text = arena_array(arena, text.len + 1, GROWTH)};
    bool ok = reader_expect(&reader, "`")    ? unquote_raw(&reader, &output)
              : reader_expect(&reader, "\"") ? unquote_interpreted(&reader, &output)
                                             : false;
    if (!ok || memchr(output.text, '\0', output.len) != NULL) {
        return false;
    }
    output.text[output.len] = '\0';
    *ret = output.text;
    *ret_len = reader_offset(&reader);
    return true;
}
