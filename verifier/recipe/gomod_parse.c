// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/recipe/gomod.h"
#include "verifier/recipe/goversion.h"
#include "verifier/recipe/limits.h"

/* A statement has at most "replace path version => path version"; more is of no use to us. */
#define WORDS 8

struct parser {
    struct arena *arena;
    struct gomod gomod;
    size_t require_capacity, replace_capacity, exclude_capacity, godebug_capacity, ignore_capacity;
    size_t use_capacity;
    bool in_block;
    struct bytes verb; /* of the block */
};

struct statement {
    struct bytes words[WORDS];
    size_t count;
    bool too_many, indirect;
};

static bool ends_word(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == ',' || c == '(' || c == ')' || c == '[' ||
           c == ']' || c == '{' || c == '}';
}

/* The word at *POSITION of LINE: quoted, a bracket or comma, or what reaches up to one of these. */
static bool next_word(struct bytes line, size_t *position, struct bytes *ret)
{
    size_t start = *position, end = start;
    uint8_t first = line.data[start];
    if (first == '"' || first == '`') {
        for (end = start + 1; end < line.len && line.data[end] != first; end++) {
            if (first == '"' && line.data[end] == '\\') {
                return false; /* no path or version needs an escape */
            }
        }
        *ret = bytes_from(line.data + start + 1, end - start - 1);
        *position = end + 1;
        return end < line.len;
    }
    if (ends_word(first)) {
        end = start + 1;
    }
    while (end == start || (!ends_word(first) && end < line.len && !ends_word(line.data[end]) &&
                            !bytes_start_with(bytes_from(line.data + end, line.len - end), "//"))) {
        end++;
    }
    *ret = bytes_from(line.data + start, end - start);
    *position = end;
    return true;
}

static bool is_indirect(struct bytes comment)
{
    struct bytes text = scan_trimmed(comment);
    return bytes_equal_string(text, "indirect") || bytes_start_with(text, "indirect;");
}

static bool split_line(struct bytes line, struct statement *ret)
{
    struct statement statement = {0};
    size_t position = 0;
    while (position < line.len) {
        struct bytes rest = bytes_from(line.data + position, line.len - position), word;
        if (rest.data[0] == ' ' || rest.data[0] == '\t' || rest.data[0] == '\r') {
            position++;
            continue;
        }
        if (bytes_start_with(rest, "//")) {
            statement.indirect = is_indirect(bytes_from(rest.data + 2, rest.len - 2));
            break;
        }
        if (!next_word(line, &position, &word)) {
            return false;
        }
        statement.too_many = statement.count == WORDS;
        if (!statement.too_many) {
            statement.words[statement.count++] = word;
        }
    }
    *ret = statement;
    return true;
}

static const char *text_at(struct parser *parser, const struct statement *statement, size_t index)
{
    return index < statement->count ? arena_text(parser->arena, statement->words[index]) : "";
}

static void add_pair(struct parser *parser, const struct statement *statement,
                     struct gomod_require **list, size_t *count, size_t *capacity)
{
    arena_grow(parser->arena, list, *count, capacity, sizeof(**list));
    (*list)[(*count)++] = (struct gomod_require){.path = text_at(parser, statement, 1),
                                                 .version = text_at(parser, statement, 2),
                                                 .indirect = statement->indirect};
}

static bool add_replace(struct parser *parser, const struct statement *statement)
{
    struct gomod *gomod = &parser->gomod;
    size_t arrow = bytes_equal_string(statement->words[2], "=>") ? 2 : 3;
    if (statement->count < arrow + 2 || statement->count > arrow + 3 ||
        !bytes_equal_string(statement->words[arrow], "=>")) {
        return false;
    }
    arena_grow(parser->arena, &gomod->replaces, gomod->replace_count, &parser->replace_capacity,
               sizeof(*gomod->replaces));
    gomod->replaces[gomod->replace_count++] =
        (struct gomod_replace){.old_path = text_at(parser, statement, 1),
                               .old_version = arrow == 3 ? text_at(parser, statement, 2) : "",
                               .new_path = text_at(parser, statement, arrow + 1),
                               .new_version = text_at(parser, statement, arrow + 2)};
    return true;
}

static void add_text(struct parser *parser, const struct statement *statement, const char ***list,
                     size_t *count, size_t *capacity)
{
    arena_grow(parser->arena, list, *count, capacity, sizeof(**list));
    (*list)[(*count)++] = text_at(parser, statement, 1);
}

static bool take_once(struct parser *parser, const struct statement *statement, const char **field)
{
    if ((*field)[0] != '\0' || statement->count != 2) {
        return false;
    }
    *field = text_at(parser, statement, 1);
    return true;
}

/* One statement, its verb first. */
static bool take(struct parser *parser, const struct statement *statement)
{
    struct gomod *gomod = &parser->gomod;
    struct bytes verb = statement->words[0];
    if (bytes_equal_string(verb, "module")) {
        return take_once(parser, statement, &gomod->module);
    }
    if (bytes_equal_string(verb, "go")) {
        return take_once(parser, statement, &gomod->go);
    }
    if (bytes_equal_string(verb, "require")) {
        add_pair(parser, statement, &gomod->requires, &gomod->require_count,
                 &parser->require_capacity);
        return statement->count == 3;
    }
    if (bytes_equal_string(verb, "exclude")) {
        add_pair(parser, statement, &gomod->excludes, &gomod->exclude_count,
                 &parser->exclude_capacity);
        return statement->count == 3;
    }
    if (bytes_equal_string(verb, "replace")) {
        return add_replace(parser, statement);
    }
    if (bytes_equal_string(verb, "godebug")) {
        add_text(parser, statement, &gomod->godebug, &gomod->godebug_count,
                 &parser->godebug_capacity);
        return statement->count == 2;
    }
    if (bytes_equal_string(verb, "use")) {
        add_text(parser, statement, &gomod->use, &gomod->use_count, &parser->use_capacity);
        return statement->count == 2;
    }
    if (bytes_equal_string(verb, "ignore")) {
        add_text(parser, statement, &gomod->ignore, &gomod->ignore_count, &parser->ignore_capacity);
        return statement->count == 2;
    }
    return true;
}

static bool take_line(struct parser *parser, struct bytes line)
{
    struct statement statement;
    if (!split_line(line, &statement)) {
        return false;
    }
    if (statement.count == 0) {
        return true;
    }
    struct bytes last = statement.words[statement.count - 1];
    if (parser->in_block && statement.count == 1 && bytes_equal_string(last, ")")) {
        parser->in_block = false;
        return true;
    }
    if (!parser->in_block && statement.count == 2 && bytes_equal_string(last, "(")) {
        parser->in_block = true;
        parser->verb = statement.words[0];
        return true;
    }
    if (parser->in_block) {
        if (statement.count == WORDS) {
            statement.count--;
            statement.too_many = true;
        }
        for (size_t i = statement.count; i > 0; i--) {
            statement.words[i] = statement.words[i - 1];
        }
        statement.words[0] = parser->verb;
        statement.count++;
    }
    return take(parser, &statement);
}

bool gomod_parse(struct bytes text, struct arena *arena, struct gomod *ret, struct error *err)
{
    struct parser parser = {.arena = arena, .gomod = {.module = "", .go = ""}};
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    size_t number = 0;
    if (text.len > LIMIT_ZIP_GO_MOD) {
        return error_set(err, ERROR_LIMIT, "go.mod of %zu bytes", text.len);
    }
    if (text.len > 0 && memchr(text.data, 0, text.len) != NULL) {
        return error_set(err, ERROR_FORMAT, "go.mod: a NUL in the text");
    }
    while (scanner_line(&scanner, LIMIT_LINE, &line)) {
        if (++number > RECIPE_LIMIT_GO_MOD_LINES) {
            return error_set(err, ERROR_LIMIT, "go.mod of more than %d lines",
                             RECIPE_LIMIT_GO_MOD_LINES);
        }
        if (!take_line(&parser, line)) {
            return error_set(err, ERROR_FORMAT, "go.mod line %zu is not understood: %.*s", number,
                             line.len > 200 ? 200 : (int)line.len, (const char *)line.data);
        }
    }
    if (!scanner_done(&scanner) || parser.in_block) {
        return error_set(err, ERROR_FORMAT, "go.mod line %zu: %s", number + 1,
                         parser.in_block ? "a block is not closed" : "too long");
    }
    *ret = parser.gomod;
    return true;
}

bool gomod_is_pruned(const struct gomod *gomod)
{
    unsigned minor;
    return go_language_parse(bytes_from_string(gomod->go), &minor) && minor >= 17;
}
