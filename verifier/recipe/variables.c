// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/variables.h"

#include <stdlib.h>
#include <string.h>

#include "base/scanner.h"

/* Sources have shorter lines where variables are declared; generated ones may have any. */
#define LINE_MAXIMUM (1U << 20)
#define VARIABLES_MAXIMUM 20000
/* Of those that scripts name; each is looked for among all. */
#define NAMED_MAXIMUM 1000
#define NAME_MAXIMUM 512

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The identifier that REST begins with; empty if it begins with none. */
static struct bytes identifier(struct bytes rest)
{
    size_t len = 0;
    while (len < rest.len && (is_letter(rest.data[len]) || (len > 0 && is_digit(rest.data[len])))) {
        len++;
    }
    return bytes_first(rest, len);
}

static struct variable *find(const struct variables *variables, const char *name)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (strcmp(variables->items[i].name, name) == 0) {
            return &variables->items[i];
        }
    }
    return NULL;
}

static void add(struct variables *variables, const char *name, bool named)
{
    if (named) {
        struct variable *known = find(variables, name);
        if (known != NULL) {
            known->named = true;
            return;
        }
    }
    if (variables->count == VARIABLES_MAXIMUM) {
        return;
    }
    arena_grow(variables->arena, &variables->items, variables->count, &variables->capacity,
               sizeof(*variables->items));
    variables->items[variables->count++] = (struct variable){.name = name, .named = named};
}

/* Go files. */

static void skip_blanks(struct bytes *rest)
{
    while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t')) {
        *rest = bytes_behind(*rest, 1);
    }
}

/* After the names of a declaration: "string", "= "text"", "string = ..."; anything else is no
 * string, or one that -X leaves alone since the program sets it as it starts. */
static bool declares_string(struct bytes rest)
{
    skip_blanks(&rest);
    if (bytes_start_with(rest, "string")) {
        rest = bytes_behind(rest, strlen("string"));
        return identifier(rest).len == 0;
    }
    if (!bytes_start_with(rest, "=")) {
        return false;
    }
    rest = bytes_behind(rest, 1);
    skip_blanks(&rest);
    return rest.len > 0 && (rest.data[0] == '"' || rest.data[0] == '`');
}

/* "a, b string" or "version = "dev"" */
static void add_declaration(struct variables *variables, struct bytes rest, const char *package)
{
    struct bytes names[16];
    size_t count = 0;
    for (;;) {
        skip_blanks(&rest);
        struct bytes name = identifier(rest);
        if (name.len == 0 || name.len > NAME_MAXIMUM || count == ARRAY_LEN(names)) {
            return;
        }
        names[count++] = name;
        rest = bytes_behind(rest, name.len);
        skip_blanks(&rest);
        if (!bytes_start_with(rest, ",")) {
            break;
        }
        rest = bytes_behind(rest, 1);
    }
    for (size_t i = 0; i < count && declares_string(rest); i++) {
        add(variables,
            arena_printf(variables->arena, "%s.%s", package,
                         arena_text(variables->arena, names[i])),
            false);
    }
}

void variables_add_go(struct variables *variables, struct bytes text, const char *package,
                      bool is_program)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    bool block = false, known = false;
    while (scanner_line(&scanner, LINE_MAXIMUM, &line)) {
        if (!known && bytes_start_with(line, "package ")) {
            known = true;
            bool main = bytes_equal_string(identifier(bytes_behind(line, 8)), "main");
            if (main && !is_program) {
                return;
            }
            package = main ? "main" : package;
        } else if (block && bytes_start_with(line, ")")) {
            block = false;
        } else if (block && bytes_start_with(line, "\t") && line.len > 1 &&
                   is_letter(line.data[1])) {
            add_declaration(variables, line, package);
        } else if (bytes_start_with(line, "var (")) {
            block = true;
        } else if (bytes_start_with(line, "var ")) {
            add_declaration(variables, bytes_behind(line, 4), package);
        }
    }
}

/* Files that a project is built with. */

static bool ends_name(uint8_t c)
{
    return c <= ' ' || c == '=' || c == '\'' || c == '"' || c == '`' || c == ';' || c == '\\';
}

/* The name in "-X name=", "-X 'name=", "-X=name="; empty if there is none. */
static struct bytes name_behind(struct bytes rest)
{
    while (rest.len > 0 && rest.data[0] != '\n' &&
           (ends_name(rest.data[0]) || rest.data[0] == ',')) {
        rest = bytes_behind(rest, 1);
    }
    size_t len = 0;
    while (len < rest.len && len < NAME_MAXIMUM && !ends_name(rest.data[len])) {
        len++;
    }
    return len < rest.len && rest.data[len] == '=' ? bytes_first(rest, len) : bytes_first(rest, 0);
}

static bool is_plain(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (strchr("${}()|[]*&<>%", name.data[i]) != NULL) {
            return false;
        }
    }
    return name.len > 0;
}

static void take_name(struct variables *variables, struct bytes name)
{
    struct bytes package, variable;
    if (variables->named_count == NAMED_MAXIMUM || !scan_cut_last(name, '.', &package, &variable) ||
        identifier(variable).len != variable.len || variable.len == 0) {
        return;
    }
    variables->named_count++;
    if (is_plain(package)) {
        add(variables, arena_text(variables->arena, name), true);
    } else {
        arena_grow(variables->arena, &variables->hints, variables->hint_count,
                   &variables->hint_capacity, sizeof(*variables->hints));
        variables->hints[variables->hint_count++] = arena_text(variables->arena, variable);
    }
}

void variables_add_script(struct variables *variables, struct bytes text)
{
    struct bytes flag = bytes_from_string("-X");
    for (size_t at = bytes_find(text, 0, flag); at != SIZE_MAX;
         at = bytes_find(text, at + 2, flag)) {
        bool begins = at == 0 || !is_letter(text.data[at - 1]);
        if (begins && at + 2 < text.len && !is_letter(text.data[at + 2])) {
            take_name(variables, name_behind(bytes_behind(text, at + 2)));
        }
    }
}

/* Which name for which value. */

enum kind { KIND_VERSION, KIND_REVISION, KIND_TIME, KIND_OTHER, KIND_COUNT };

static bool has_any(const char *name, const char *const *parts)
{
    for (size_t i = 0; parts[i] != NULL; i++) {
        if (strcasestr(name, parts[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static enum kind kind_of_value(const char *value)
{
    size_t len = strlen(value);
    size_t hex = strspn(value, "0123456789abcdef");
    if (len >= 7 && hex == len) {
        return KIND_REVISION;
    }
    if (len >= 8 && strspn(value, "0123456789") >= 4 &&
        (value[4] == '-' || value[4] == '/' || value[4] == '.')) {
        return KIND_TIME;
    }
    if (is_digit((uint8_t)value[0]) || (value[0] == 'v' && is_digit((uint8_t)value[1]))) {
        return KIND_VERSION;
    }
    return KIND_OTHER;
}

static unsigned score(const struct variables *variables, const struct variable *variable,
                      enum kind kind)
{
    static const char *const words[KIND_COUNT][10] = {
        [KIND_VERSION] = {"version", "tag", "release", "ver", "semver"},
        [KIND_REVISION] = {"commit", "rev", "sha", "hash", "git"},
        [KIND_TIME] = {"date", "time", "built", "stamp"},
        [KIND_OTHER] = {"built", "by", "build", "commit", "rev", "branch", "state", "version"},
    };
    static const char *const any[] = {"version", "commit", "rev", "build", "date", NULL};
    const char *name = strrchr(variable->name, '.') + 1;
    unsigned points = variable->named ? 8 : 0;
    for (size_t i = 0; i < variables->hint_count && points < 8; i++) {
        points += strcmp(variables->hints[i], name) == 0 ? 8 : 0;
    }
    points += has_any(name, words[kind]) ? 4 : 0;
    points += has_any(name, any) ? 2 : 0;
    return points + (strncmp(variable->name, "main.", 5) == 0 ? 1 : 0);
}

struct ranked {
    const char *name;
    unsigned points;
    size_t index;
};

static int by_points(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->points != right->points) {
        return left->points > right->points ? -1 : 1;
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

size_t variables_for_value(const struct variables *variables, const char *value, size_t maximum,
                           const char **ret)
{
    struct arena arena = {0};
    struct ranked *ranked = ARENA_ARRAY(&arena, variables->count + 1, struct ranked);
    enum kind kind = kind_of_value(value);
    for (size_t i = 0; i < variables->count; i++) {
        ranked[i] = (struct ranked){variables->items[i].name,
                                    score(variables, &variables->items[i], kind), i};
    }
    qsort(ranked, variables->count, sizeof(*ranked), by_points);
    size_t count = variables->count < maximum ? variables->count : maximum;
    for (size_t i = 0; i < count; i++) {
        ret[i] = ranked[i].name;
    }
    arena_free(&arena);
    return count;
}
