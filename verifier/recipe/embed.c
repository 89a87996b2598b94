// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/embed.h"

#include <string.h>

#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/recipe/limits.h"

#define DIRECTIVE "//go:embed"
#define ALL "all:"

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static void add_pattern(struct embed_directives *all, struct embed_directive *directive,
                        struct bytes pattern)
{
    if (pattern.len == 0 || pattern.len > RECIPE_LIMIT_TEXT ||
        directive->count == RECIPE_LIMIT_PATTERNS) {
        return;
    }
    arena_grow(all->arena, &directive->patterns, directive->count, &directive->capacity,
               sizeof(*directive->patterns));
    directive->patterns[directive->count++] = arena_text(all->arena, pattern);
}

/* Patterns stand between blanks; those with blanks in them between quotes. Escapes within double
 * quotes are left as they are: no file is called like that. */
static void add_patterns(struct embed_directives *all, struct embed_directive *directive,
                         struct bytes line)
{
    while (line.len > 0) {
        uint8_t quote = line.data[0];
        size_t end = 0;
        if (is_blank(quote)) {
            line = bytes_behind(line, 1);
            continue;
        }
        bool quoted = quote == '"' || quote == '`';
        for (end = quoted ? 1 : 0;
             end < line.len && (quoted ? line.data[end] != quote : !is_blank(line.data[end]));) {
            end++;
        }
        add_pattern(all, directive,
                    quoted ? bytes_behind(bytes_first(line, end), 1) : bytes_first(line, end));
        line = bytes_behind(line, quoted ? end + 1 : end);
    }
}

static bool is_identifier(uint8_t byte)
{
    return byte == '_' || byte >= 0x80 || (byte >= '0' && byte <= '9') ||
           (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* `var NAME TYPE`, or `NAME TYPE` within a group. */
static void name_variable(struct embed_directives *all, struct embed_directive *directive,
                          struct bytes line)
{
    size_t len = 0;
    if (bytes_start_with(line, "var ") || bytes_start_with(line, "var\t")) {
        line = scan_trimmed(bytes_behind(line, 4));
    }
    while (len < line.len && is_identifier(line.data[len])) {
        len++;
    }
    struct bytes type = scan_trimmed(bytes_behind(line, len));
    directive->variable = arena_text(all->arena, bytes_first(line, len));
    directive->is_text = bytes_start_with(type, "string") || bytes_start_with(type, "[]");
}

static void add_directive(struct embed_directives *all, const struct embed_directive *directive)
{
    if (directive->count == 0 || all->count == RECIPE_LIMIT_PATTERNS) {
        return;
    }
    arena_grow(all->arena, &all->items, all->count, &all->capacity, sizeof(*all->items));
    all->items[all->count++] = *directive;
}

void embed_directives_add(struct embed_directives *directives, struct bytes text)
{
    struct embed_directive current = {.variable = ""};
    /* Most files have none. */
    if (bytes_find(text, 0, bytes_from_string(DIRECTIVE)) == SIZE_MAX) {
        return;
    }
    while (text.len > 0) {
        size_t end = bytes_find(text, 0, bytes_from_string("\n"));
        struct bytes line = scan_trimmed(bytes_first(text, end == SIZE_MAX ? text.len : end));
        text = bytes_behind(text, end == SIZE_MAX ? text.len : end + 1);
        if (bytes_start_with(line, DIRECTIVE) && line.len > strlen(DIRECTIVE) &&
            is_blank(line.data[strlen(DIRECTIVE)])) {
            add_patterns(directives, &current, bytes_behind(line, strlen(DIRECTIVE)));
        } else if (line.len > 0 && !bytes_start_with(line, "//") && current.count > 0) {
            name_variable(directives, &current, line);
            add_directive(directives, &current);
            current = (struct embed_directive){.variable = ""};
        }
    }
}

/* Whether the class that begins behind PATTERN's '[' takes BYTE; *RET_LEN up to and with its ']'.
 */
static bool class_takes(struct bytes pattern, uint8_t byte, size_t *ret_len)
{
    bool negated = pattern.len > 0 && pattern.data[0] == '^';
    bool takes = false;
    size_t at = negated ? 1 : 0;
    for (size_t start = at; at < pattern.len && (pattern.data[at] != ']' || at == start);) {
        uint8_t low = pattern.data[at];
        at += low == '\\' && pattern.len - at > 1 ? 1 : 0;
        low = pattern.data[at++];
        uint8_t high = low;
        if (pattern.len - at > 1 && pattern.data[at] == '-' && pattern.data[at + 1] != ']') {
            high = pattern.data[at + 1];
            at += 2;
        }
        takes = takes || (byte >= low && byte <= high);
    }
    *ret_len = at < pattern.len ? at + 1 : at;
    return takes != negated && byte != '/';
}

/* One character of PATTERN, which is no star, against BYTE; *RET_LEN is how long it is. */
static bool one_takes(struct bytes pattern, uint8_t byte, size_t *ret_len)
{
    uint8_t first = pattern.data[0];
    *ret_len = 1;
    if (first == '?') {
        return byte != '/';
    }
    if (first == '[') {
        bool takes = class_takes(bytes_behind(pattern, 1), byte, ret_len);
        ++*ret_len;
        return takes;
    }
    if (first == '\\' && pattern.len > 1) {
        *ret_len = 2;
        return pattern.data[1] == byte;
    }
    return first == byte;
}

/* As path.Match, going back to the last star alone: that is enough, and quadratic at most. */
static bool match(struct bytes pattern, struct bytes name)
{
    struct bytes star_pattern = {0};
    struct bytes star_name = {0};
    bool has_star = false;
    while (name.len > 0) {
        size_t len;
        if (pattern.len > 0 && pattern.data[0] == '*') {
            has_star = true;
            pattern = star_pattern = bytes_behind(pattern, 1);
            star_name = name;
        } else if (pattern.len > 0 && one_takes(pattern, name.data[0], &len)) {
            pattern = bytes_behind(pattern, len);
            name = bytes_behind(name, 1);
        } else if (has_star && star_name.len > 0 && star_name.data[0] != '/') {
            pattern = star_pattern;
            name = star_name = bytes_behind(star_name, 1);
        } else {
            return false;
        }
    }
    while (pattern.len > 0 && pattern.data[0] == '*') {
        pattern = bytes_behind(pattern, 1);
    }
    return pattern.len == 0;
}

/* What is below a directory is left out if it, or a directory in between, begins so. */
static bool is_hidden(struct bytes below)
{
    for (size_t i = 0; i < below.len; i++) {
        if ((i == 0 || below.data[i - 1] == '/') &&
            (below.data[i] == '.' || below.data[i] == '_')) {
            return true;
        }
    }
    return false;
}

bool embed_pattern_takes(const char *pattern, const char *name)
{
    struct bytes wanted = bytes_from_string(pattern);
    struct bytes whole = bytes_from_string(name);
    bool all = bytes_start_with(wanted, ALL);
    wanted = bytes_behind(wanted, all ? strlen(ALL) : 0);
    if (match(wanted, whole)) {
        return true;
    }
    bool any = bytes_equal_string(wanted, ".");
    if (any) {
        return all || !is_hidden(whole);
    }
    for (size_t i = 0; i < whole.len; i++) {
        if (whole.data[i] == '/' && (all || !is_hidden(bytes_behind(whole, i + 1))) &&
            match(wanted, bytes_first(whole, i))) {
            return true;
        }
    }
    return false;
}

bool embed_directive_fits(const struct embed_directive *directive, const char *const *names,
                          size_t count, uint64_t *budget)
{
    uint8_t used[RECIPE_LIMIT_PATTERNS] = {0};
    for (size_t i = 0; i < count; i++) {
        bool taken = false;
        size_t len = strlen(names[i]) + 1;
        for (size_t k = 0; k < directive->count; k++) {
            uint64_t steps = (uint64_t)len * (strlen(directive->patterns[k]) + 1);
            if (*budget < steps) {
                return false;
            }
            *budget -= steps;
            if (embed_pattern_takes(directive->patterns[k], names[i])) {
                taken = true;
                used[k] = 1;
            }
        }
        if (!taken) {
            return false;
        }
    }
    for (size_t k = 0; k < directive->count; k++) {
        if (!used[k]) {
            return false;
        }
    }
    return !directive->is_text && count > 0;
}

bool embed_path_is_data(const char *path)
{
    static const char *const sources[] = {
        ".go", ".c", ".cc",  ".cpp", ".cxx", ".m", ".h",  ".hh",   ".hpp",     ".hxx",
        ".f",  ".F", ".for", ".f90", ".s",   ".S", ".sx", ".swig", ".swigcxx", ".syso"};
    static const char *const names[] = {"go.mod",      "go.sum", "go.work",    "go.work.sum",
                                        "modules.txt", ".git",   "default.pgo"};
    const char *slash = strrchr(path, '/');
    struct bytes base = bytes_from_string(slash == NULL ? path : slash + 1);
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        if (bytes_end_with(base, sources[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (bytes_equal_string(base, names[i])) {
            return false;
        }
    }
    return strncmp(path, ".git/", 5) != 0 && strstr(path, "/.git/") == NULL;
}
