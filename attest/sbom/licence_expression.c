// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/licence_expression.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/scanner.h"

#define TAG "SPDX-License-Identifier:"
#define EXPRESSION_MAXIMUM 1024
#define NESTING 16

static bool is_name_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '+';
}

/* The table has one identifier for each text: "-only" stands for its sisters. */
static bool is_known(const struct licence_table *table, struct bytes id)
{
    struct arena arena = {0};
    struct bytes stem = id;
    if (bytes_end_with(id, "-or-later")) {
        stem = bytes_first(id, id.len - strlen("-or-later"));
    } else if (bytes_end_with(id, "+")) {
        stem = bytes_first(id, id.len - 1);
    }
    const char *only = arena_printf(&arena, "%s-only", arena_text(&arena, stem));
    bool known =
        licence_table_has(table, stem) || licence_table_has(table, bytes_from_string(only));
    arena_free(&arena);
    return known;
}

/* The next word, "(" or ")"; empty at the end. */
static struct bytes next_token(struct scanner *scanner)
{
    scanner_blanks(scanner);
    struct bytes rest = scanner_rest(scanner);
    size_t len = 0;
    while (len < rest.len && is_name_byte(rest.data[len])) {
        len++;
    }
    if (len == 0 && rest.len > 0) {
        len = 1;
    }
    scanner->position += len;
    return bytes_first(rest, len);
}

bool licence_expression_is_valid(const struct licence_table *table, struct bytes text)
{
    struct scanner scanner = scanner_over(text);
    unsigned depth = 0;
    bool wants_name = true;
    if (text.len > EXPRESSION_MAXIMUM) {
        return false;
    }
    for (struct bytes token = next_token(&scanner); token.len > 0; token = next_token(&scanner)) {
        if (wants_name && bytes_equal_string(token, "(") && depth < NESTING) {
            depth++;
        } else if (wants_name && is_known(table, token)) {
            wants_name = false;
        } else if (!wants_name && bytes_equal_string(token, ")") && depth > 0) {
            depth--;
        } else if (!wants_name &&
                   (bytes_equal_string(token, "AND") || bytes_equal_string(token, "OR"))) {
            wants_name = true;
        } else if (!wants_name && bytes_equal_string(token, "WITH")) {
            token = next_token(&scanner);
            if (token.len == 0 || !is_name_byte(token.data[0])) {
                return false;
            }
        } else {
            return false;
        }
    }
    return !wants_name && depth == 0;
}

/* Ends of comments behind it. */
static struct bytes without_end(struct bytes text)
{
    static const char *const ends[] = {"*/", "-->"};
    text = scan_trimmed(text);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (bytes_end_with(text, ends[i])) {
            text = scan_trimmed(bytes_first(text, text.len - strlen(ends[i])));
        }
    }
    return text;
}

bool licence_stated(const struct licence_table *table, struct bytes text, size_t *ret_offset,
                    struct bytes *ret)
{
    size_t at = bytes_find(text, 0, bytes_from_string(TAG));
    if (at == SIZE_MAX) {
        return false;
    }
    struct scanner scanner = scanner_over(bytes_behind(text, at + strlen(TAG)));
    struct bytes line;
    if (!scanner_line(&scanner, EXPRESSION_MAXIMUM, &line)) {
        return false;
    }
    line = without_end(line);
    if (!licence_expression_is_valid(table, line)) {
        return false;
    }
    *ret_offset = (size_t)(line.data - text.data);
    *ret = line;
    return true;
}

static int by_text(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

const char *licence_join(const char **expressions, size_t count, const char *word,
                         struct arena *arena)
{
    AUTO(buffer) struct buffer joined;
    buffer_init(&joined, LIMIT_SBOM_BYTES);
    const char *before = NULL;
    size_t different = 0;
    if (count > 0) {
        qsort(expressions, count, sizeof(*expressions), by_text);
    }
    for (size_t i = 0; i < count; i++) {
        different += i == 0 || strcmp(expressions[i - 1], expressions[i]) != 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (before != NULL && strcmp(before, expressions[i]) == 0) {
            continue;
        }
        bool grouped = different > 1 && strchr(expressions[i], ' ') != NULL;
        buffer_printf(&joined, "%s%s%s%s%s%s", before == NULL ? "" : " ",
                      before == NULL ? "" : word, before == NULL ? "" : " ", grouped ? "(" : "",
                      expressions[i], grouped ? ")" : "");
        before = expressions[i];
    }
    return arena_text(arena, buffer_view(&joined));
}
