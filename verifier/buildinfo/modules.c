// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/buildinfo/buildinfo_internal.h"

#define COLUMNS 3

/* The lines are taken apart in a copy of the text, in which each field gets its NUL where a tab or
 * a newline was: a million lines cost one copy and no small allocations. */
struct parser {
    struct arena *arena;
    char *text;
    struct buildinfo info;
    struct module *last; /* the main module; or last_dep is set */
    bool last_dep;
    size_t dep_capacity, setting_capacity;
};

/* Part of the parser's text. */
struct span {
    size_t start, end;
};

static bool starts(const struct parser *parser, struct span *line, const char *word)
{
    size_t len = strlen(word);
    struct bytes text = bytes_from(&parser->text[line->start], line->end - line->start);
    if (!bytes_start_with(text, word)) {
        return false;
    }
    line->start += len;
    return true;
}

static const char *seal(struct parser *parser, struct span span)
{
    parser->text[span.end] = '\0';
    return &parser->text[span.start];
}

/* Cuts LINE at its tabs; the count goes on beyond COLUMNS. */
static size_t split(const struct parser *parser, struct span line, struct span columns[COLUMNS])
{
    struct bytes text = bytes_from(parser->text, line.end);
    size_t count = 0;
    size_t start = line.start;
    for (;;) {
        size_t tab = bytes_find(text, start, bytes_from("\t", 1));
        size_t end = tab == SIZE_MAX ? line.end : tab;
        if (count < COLUMNS) {
            columns[count] = (struct span){start, end};
        }
        count++;
        if (tab == SIZE_MAX) {
            return count;
        }
        start = end + 1;
    }
}

static bool read_module(struct parser *parser, struct span line, size_t least, struct module *ret,
                        struct error *err)
{
    struct span columns[COLUMNS];
    size_t count = split(parser, line, columns);
    if (count < least || count > COLUMNS) {
        return error_set(err, ERROR_FORMAT, "%zu columns in a module line", count);
    }
    *ret = (struct module){.path = seal(parser, columns[0]),
                           .version = seal(parser, columns[1]),
                           .sum = count < COLUMNS ? "" : seal(parser, columns[2])};
    return true;
}

static bool read_dep(struct parser *parser, struct span line, struct error *err)
{
    struct buildinfo *info = &parser->info;
    if (info->dep_count == LIMIT_DEPENDENCIES) {
        return error_set(err, ERROR_LIMIT, "more than %u dependencies", LIMIT_DEPENDENCIES);
    }
    arena_grow(parser->arena, &info->deps, info->dep_count, &parser->dep_capacity,
               sizeof(*info->deps));
    if (!read_module(parser, line, 2, &info->deps[info->dep_count], err)) {
        return false;
    }
    info->dep_count++;
    parser->last = NULL;
    parser->last_dep = true;
    return true;
}

static bool read_replacement(struct parser *parser, struct span line, struct error *err)
{
    struct buildinfo *info = &parser->info;
    struct module *last = parser->last_dep ? &info->deps[info->dep_count - 1] : parser->last;
    struct module *replace = ARENA_NEW(parser->arena, struct module);
    if (!read_module(parser, line, COLUMNS, replace, err)) {
        return false;
    }
    if (last == NULL) {
        return error_set(err, ERROR_FORMAT, "a replacement without a module before it");
    }
    last->replace = replace;
    parser->last = NULL;
    parser->last_dep = false;
    return true;
}

static bool read_setting(struct parser *parser, struct span line, struct error *err)
{
    struct buildinfo *info = &parser->info;
    if (info->setting_count == LIMIT_SETTINGS) {
        return error_set(err, ERROR_LIMIT, "more than %u build settings", LIMIT_SETTINGS);
    }
    arena_grow(parser->arena, &info->settings, info->setting_count, &parser->setting_capacity,
               sizeof(*info->settings));
    if (!buildinfo_parse_setting(&parser->text[line.start], line.end - line.start, parser->arena,
                                 &info->settings[info->setting_count], err)) {
        return false;
    }
    info->setting_count++;
    return true;
}

enum line_kind { LINE_PATH, LINE_MAIN, LINE_DEP, LINE_REPLACEMENT, LINE_SETTING, LINE_OTHER };

/* The kind of LINE, which then begins behind its first word. */
static enum line_kind line_kind(const struct parser *parser, struct span *line)
{
    static const char *const words[] = {"path\t", "mod\t", "dep\t", "=>\t", "build\t"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (starts(parser, line, words[i])) {
            return (enum line_kind)i;
        }
    }
    return LINE_OTHER;
}

/* Lines of other kinds are passed over, as in Go: a later version may add some. A NUL, which Go
 * takes for any other character, would make us show less than what is there. */
static bool read_line(struct parser *parser, struct span line, struct error *err)
{
    enum line_kind kind = line_kind(parser, &line);
    struct bytes text = bytes_from(&parser->text[line.start], line.end - line.start);
    if (kind != LINE_OTHER && bytes_find(text, 0, bytes_from("", 1)) != SIZE_MAX) {
        return error_set(err, ERROR_FORMAT, "there is a NUL in it");
    }
    switch (kind) {
    case LINE_PATH:
        parser->info.path = seal(parser, line);
        return true;
    case LINE_MAIN:
        parser->info.has_main = true;
        parser->last = &parser->info.main;
        parser->last_dep = false;
        return read_module(parser, line, 2, &parser->info.main, err);
    case LINE_DEP:
        return read_dep(parser, line, err);
    case LINE_REPLACEMENT:
        return read_replacement(parser, line, err);
    case LINE_SETTING:
        return read_setting(parser, line, err);
    case LINE_OTHER:
        break;
    }
    return true;
}

static bool read_lines(struct parser *parser, size_t len, struct error *err)
{
    struct bytes text = bytes_from(parser->text, len);
    size_t number = 1;
    for (size_t start = 0; start < len; number++) {
        size_t end = bytes_find(text, start, bytes_from("\n", 1));
        /* Go does not read a last line without a newline. */
        if (end == SIZE_MAX) {
            break;
        }
        if (!read_line(parser, (struct span){start, end}, err)) {
            return error_prefix(err, "Go build information, line %zu", number);
        }
        start = end + 1;
    }
    return true;
}

bool buildinfo_parse_modules(struct bytes text, struct arena *arena, struct buildinfo *ret,
                             struct error *err)
{
    if (text.len > LIMIT_BUILDINFO_BYTES) {
        return error_set(err, ERROR_LIMIT, "Go build information: %zu bytes are too many",
                         text.len);
    }
    struct parser parser = {.arena = arena, .text = arena_text(arena, text)};
    const struct module empty = {.path = "", .version = "", .sum = ""};
    parser.info.path = "";
    parser.info.main = empty;
    if (!read_lines(&parser, text.len, err)) {
        return false;
    }
    ret->path = parser.info.path;
    ret->has_main = parser.info.has_main;
    ret->main = parser.info.main;
    ret->deps = parser.info.deps;
    ret->dep_count = parser.info.dep_count;
    ret->settings = parser.info.settings;
    ret->setting_count = parser.info.setting_count;
    return true;
}
