// SPDX-License-Identifier: Apache-2.0
/* The grammar of RFC 8259, and no more than that, over raw bytes. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "base/json_read.h"
#include "base/limits.h"

/* One open object or array. Keys of an object are collected, sorted and compared at its end, so
 * that a million members cost no more than a sort. */
struct level {
    bool is_object;
    size_t first_key; /* index into keys */
};

struct checker {
    struct bytes text;
    size_t at;
    struct level levels[LIMIT_JSON_DEPTH];
    size_t depth;
    struct arena arena;
    struct bytes *keys; /* decoded */
    size_t key_count, key_capacity;
    const char *problem;
};

static bool fail(struct checker *checker, const char *problem)
{
    if (checker->problem == NULL) {
        checker->problem = problem;
    }
    return false;
}

static int peek(const struct checker *checker)
{
    return checker->at < checker->text.len ? checker->text.data[checker->at] : -1;
}

static void skip_space(struct checker *checker)
{
    int next = peek(checker);
    while (next == ' ' || next == '\t' || next == '\n' || next == '\r') {
        checker->at++;
        next = peek(checker);
    }
}

static bool expect(struct checker *checker, const char *word)
{
    size_t len = strlen(word);
    if (checker->text.len - checker->at < len ||
        memcmp(checker->text.data + checker->at, word, len) != 0) {
        return fail(checker, "not a JSON value");
    }
    checker->at += len;
    return true;
}

static size_t digits(struct checker *checker)
{
    size_t start = checker->at;
    while (peek(checker) >= '0' && peek(checker) <= '9') {
        checker->at++;
    }
    return checker->at - start;
}

static bool check_number(struct checker *checker)
{
    checker->at += peek(checker) == '-';
    bool leads_with_zero = peek(checker) == '0';
    size_t whole = digits(checker);
    if (whole == 0 || (leads_with_zero && whole > 1)) {
        return fail(checker, "malformed number");
    }
    if (peek(checker) == '.') {
        checker->at++;
        if (digits(checker) == 0) {
            return fail(checker, "number without digits behind the point");
        }
    }
    if (peek(checker) == 'e' || peek(checker) == 'E') {
        checker->at++;
        checker->at += peek(checker) == '+' || peek(checker) == '-';
        if (digits(checker) == 0) {
            return fail(checker, "number without digits in the exponent");
        }
    }
    return true;
}

static bool read_code_unit(struct checker *checker, unsigned *ret)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++, checker->at++) {
        int c = peek(checker);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return fail(checker, "malformed \\u escape");
        }
        value = value << 4 | (unsigned)digit;
    }
    *ret = value;
    return true;
}

static void append_utf8(struct buffer *out, unsigned point)
{
    if (point < 0x80) {
        buffer_byte(out, (uint8_t)point);
        return;
    }
    unsigned tails = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const uint8_t leads[] = {0, 0xc0, 0xe0, 0xf0};
    buffer_byte(out, (uint8_t)(leads[tails] | point >> (6 * tails)));
    while (tails-- > 0) {
        buffer_byte(out, (uint8_t)(0x80 | (point >> (6 * tails) & 0x3f)));
    }
}

static bool check_unicode_escape(struct checker *checker, struct buffer *out)
{
    unsigned point;
    if (!read_code_unit(checker, &point)) {
        return false;
    }
    if (point >= 0xdc00 && point <= 0xdfff) {
        return fail(checker, "lone surrogate");
    }
    if (point >= 0xd800 && point <= 0xdbff) {
        unsigned low;
        if (!expect(checker, "\\u") || !read_code_unit(checker, &low) || low < 0xdc00 ||
            low > 0xdfff) {
            checker->problem = NULL;
            return fail(checker, "lone surrogate");
        }
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    /* A NUL would cut the string short for everybody who reads it as C does. */
    if (point == 0) {
        return fail(checker, "NUL in a string");
    }
    append_utf8(out, point);
    return true;
}

static bool check_escape(struct checker *checker, struct buffer *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    int letter = peek(checker);
    checker->at++;
    if (letter == 'u') {
        return check_unicode_escape(checker, out);
    }
    const char *hit = letter <= 0 ? NULL : strchr(letters, letter);
    if (hit == NULL) {
        return fail(checker, "unknown escape in a string");
    }
    buffer_byte(out, (uint8_t)values[hit - letters]);
    return true;
}

/* Reads a string; its decoded bytes go to OUT. */
static bool check_string(struct checker *checker, struct buffer *out)
{
    if (peek(checker) != '"') {
        return fail(checker, "a string was expected");
    }
    checker->at++;
    for (;;) {
        int next = peek(checker);
        unsigned point;
        struct bytes rest =
            bytes_from(checker->text.data + checker->at, checker->text.len - checker->at);
        size_t len = utf8_decode(rest, &point);
        if (next < 0) {
            return fail(checker, "string without end");
        }
        if (next < 0x20 || len == 0) {
            return fail(checker, next < 0x20 ? "control character in a string" : "not UTF-8");
        }
        checker->at += len;
        if (next == '"') {
            return true;
        }
        if (next == '\\') {
            if (!check_escape(checker, out)) {
                return false;
            }
        } else {
            buffer_append(out, bytes_from(rest.data, len));
        }
    }
}

static bool check_key(struct checker *checker)
{
    struct buffer key;
    buffer_init(&key, LIMIT_JSON_BYTES);
    bool ok = check_string(checker, &key);
    if (ok) {
        arena_grow(&checker->arena, &checker->keys, checker->key_count, &checker->key_capacity,
                   sizeof(*checker->keys));
        checker->keys[checker->key_count++] = arena_bytes(&checker->arena, buffer_view(&key));
        skip_space(checker);
        ok = peek(checker) == ':' || fail(checker, "a colon was expected");
        checker->at++;
    }
    buffer_free(&key);
    return ok;
}

static int compare_keys(const void *a, const void *b)
{
    const struct bytes *left = a;
    const struct bytes *right = b;
    size_t common = left->len < right->len ? left->len : right->len;
    int order = common == 0 ? 0 : memcmp(left->data, right->data, common);
    return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

static bool close_level(struct checker *checker)
{
    struct level *level = &checker->levels[--checker->depth];
    size_t count = checker->key_count - level->first_key;
    struct bytes *keys = checker->keys + level->first_key;
    if (level->is_object && count > 1) {
        qsort(keys, count, sizeof(*keys), compare_keys);
        for (size_t i = 1; i < count; i++) {
            if (bytes_equal(keys[i - 1], keys[i])) {
                return fail(checker, "the same key twice in one object");
            }
        }
    }
    checker->key_count = level->first_key;
    checker->at++;
    return true;
}

static bool open_level(struct checker *checker, bool is_object)
{
    if (checker->depth == LIMIT_JSON_DEPTH) {
        return fail(checker, "nested too deeply");
    }
    checker->levels[checker->depth++] =
        (struct level){.is_object = is_object, .first_key = checker->key_count};
    checker->at++;
    return true;
}

static bool check_scalar(struct checker *checker)
{
    int next = peek(checker);
    if (next == '"') {
        struct buffer ignored;
        buffer_init(&ignored, LIMIT_JSON_BYTES);
        bool ok = check_string(checker, &ignored);
        buffer_free(&ignored);
        return ok;
    }
    if (next == '-' || (next >= '0' && next <= '9')) {
        return check_number(checker);
    }
    return expect(checker, next == 't' ? "true" : next == 'f' ? "false" : "null");
}

/* After a value: closes what ends here, up to the comma before the next value. False at an error;
 * *RET_MORE is false once the outermost value has ended. */
static bool finish_value(struct checker *checker, bool *ret_more)
{
    for (;;) {
        skip_space(checker);
        if (checker->depth == 0) {
            *ret_more = false;
            return true;
        }
        bool is_object = checker->levels[checker->depth - 1].is_object;
        int next = peek(checker);
        if (next == ',') {
            checker->at++;
            skip_space(checker);
            *ret_more = true;
            return !is_object || check_key(checker);
        }
        if (next != (is_object ? '}' : ']')) {
            return fail(checker,
                        is_object ? "a comma or } was expected" : "a comma or ] was expected");
        }
        if (!close_level(checker)) {
            return false;
        }
    }
}

/* Reads the value that comes next, or opens it. *RET_OPENED if it is a nest with something inside.
 */
static bool begin_value(struct checker *checker, bool *ret_opened)
{
    skip_space(checker);
    int next = peek(checker);
    *ret_opened = false;
    if (next != '{' && next != '[') {
        return check_scalar(checker);
    }
    if (!open_level(checker, next == '{')) {
        return false;
    }
    skip_space(checker);
    if (peek(checker) == (next == '{' ? '}' : ']')) {
        return close_level(checker);
    }
    *ret_opened = true;
    return next == '[' || check_key(checker);
}

static bool check_document(struct checker *checker)
{
    bool more = true;
    while (more) {
        bool opened;
        if (!begin_value(checker, &opened) || (!opened && !finish_value(checker, &more))) {
            return false;
        }
    }
    return checker->at == checker->text.len || fail(checker, "something follows the value");
}

static bool report(const struct checker *checker, struct error *err)
{
    size_t at = checker->at < checker->text.len ? checker->at : checker->text.len;
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < at; i++) {
        bool ends = checker->text.data[i] == '\n';
        line += ends;
        column = ends ? 1 : column + 1;
    }
    return error_set(err, ERROR_FORMAT, "JSON line %zu column %zu: %s", line, column,
                     checker->problem);
}

bool json_check(struct bytes text, struct error *err)
{
    if (text.len > LIMIT_JSON_BYTES) {
        return error_set(err, ERROR_LIMIT, "a JSON document of %zu bytes", text.len);
    }
    struct checker checker = {.text = text};
    bool ok = check_document(&checker) || report(&checker, err);
    arena_free(&checker.arena);
    return ok;
}
