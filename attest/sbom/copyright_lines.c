// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/copyright_lines.h"

#include <strings.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "base/scanner.h"

/* Marks of comments and lists in front of a line. */
static struct bytes without_marks(struct bytes line)
{
    line = scan_trimmed(line);
    while (line.len > 0 && strchr("/*#;>-=.\"", line.data[0]) != NULL) {
        line = scan_trimmed(bytes_behind(line, 1));
    }
    return line;
}

static bool begins(struct bytes line, const char *word)
{
    size_t len = strlen(word);
    return line.len > len && strncasecmp((const char *)line.data, word, len) == 0;
}

static bool has_digit(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] >= '0' && line.data[i] <= '9') {
            return true;
        }
    }
    return false;
}

static bool has(struct bytes line, const char *text)
{
    return bytes_find(line, 0, bytes_from_string(text)) != SIZE_MAX;
}

/* "Copyright 2009 The Go Authors", "(c) 2020 X", "Copyright (c) Y"; not "copyright notice", not a
 * licence's own "Copyright [yyyy] [name]". */
static bool names_owner(struct bytes line)
{
    static const char *const others[] = {
        "[yyyy]",           "<year>",           "{yyyy}",
        "{{ year",          "[year]",           "Free Software Foundation",
        "copyright notice", "copyright holder", "copyright owner"};
    bool sign = begins(line, "(c)") || begins(line, "\xc2\xa9");
    bool word = begins(line, "copyright");
    if ((!sign && !word) ||
        !(has_digit(line) || has(line, "(c)") || has(line, "(C)") || has(line, "\xc2\xa9"))) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (has(line, others[i])) {
            return false;
        }
    }
    return true;
}

static bool is_known(const struct copyright_lines *lines, struct bytes line)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (bytes_equal_string(line, lines->lines[i])) {
            return true;
        }
    }
    return false;
}

void copyright_lines_add(struct copyright_lines *lines, struct bytes text, struct arena *arena)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    while (lines->count < COPYRIGHT_LINES && scanner_line(&scanner, text.len, &line)) {
        line = without_marks(line);
        if (line.len <= COPYRIGHT_LINE_MAXIMUM && names_owner(line) && !is_known(lines, line)) {
            lines->lines[lines->count++] = arena_text(arena, line);
        }
    }
}

const char *copyright_lines_text(const struct copyright_lines *lines, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < lines->count; i++) {
        text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : "\n", lines->lines[i]);
    }
    return text;
}
