// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <string.h>

#include "base/limits.h"
#include "base/scanner.h"

struct parse {
    const struct option_table *tables;
    size_t table_count;
    uint8_t *settings;
    struct arena *arena;
};

/* Levenshtein distance, for words of at most LONGEST characters. */
#define LONGEST 32

static size_t distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1];
    size_t len_a = strlen(a);
    size_t len_b = strlen(b);
    if (len_a > LONGEST || len_b > LONGEST) {
        return LONGEST;
    }
    for (size_t j = 0; j <= len_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= len_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            size_t step = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            diagonal = row[j];
            row[j] = change < step ? change : step;
        }
    }
    return row[len_b];
}

const char *nearest_word(const char *word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t least = strlen(word) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t apart = distance(word, candidates[i]);
        if (apart < least) {
            least = apart;
            best = candidates[i];
        }
    }
    return best;
}

static const struct option *find_option(const struct parse *parse, struct bytes name)
{
    for (size_t t = 0; t < parse->table_count; t++) {
        for (size_t i = 0; i < parse->tables[t].count; i++) {
            if (bytes_equal_string(name, parse->tables[t].options[i].name)) {
                return &parse->tables[t].options[i];
            }
        }
    }
    return NULL;
}

static bool refuse_unknown(const struct parse *parse, const char *name, struct error *err)
{
    const char *names[64];
    size_t count = 0;
    for (size_t t = 0; t < parse->table_count; t++) {
        for (size_t i = 0; i < parse->tables[t].count && count < ARRAY_LEN(names); i++) {
            names[count++] = parse->tables[t].options[i].name;
        }
    }
    const char *near = nearest_word(name, names, count);
    error_set(err, ERROR_USAGE, "unknown option --%s", name);
    return near != NULL ? error_cure(err, "did you mean --%s?", near)
                        : error_cure(err, "--help lists the options");
}

static void append(struct parse *parse, struct strings *list, const char *value)
{
    /* Room is doubled whenever a power of two is full: ten thousand files are common operands. */
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count == 0 ? 1 : 2 * list->count;
        const char **longer = ARENA_ARRAY(parse->arena, room, const char *);
        for (size_t i = 0; i < list->count; i++) {
            longer[i] = list->items[i];
        }
        list->items = longer;
    }
    list->items[list->count++] = value;
}

static bool append_list(struct parse *parse, const struct option *option, struct strings *list,
                        const char *value, struct error *err)
{
    struct scanner scanner = scanner_over(bytes_from_string(value));
    struct bytes item;
    while (scanner_field(&scanner, ',', LIMIT_LINE, &item)) {
        if (item.len == 0) {
            return error_set(err, ERROR_USAGE, "--%s has an empty element", option->name);
        }
        append(parse, list, arena_text(parse->arena, item));
    }
    return true;
}

static bool store_number(const struct option *option, const char *value, unsigned *field,
                         struct error *err)
{
    uint64_t number;
    if (!scan_number(bytes_from_string(value), 1000000000, &number)) {
        return error_set(err, ERROR_USAGE, "--%s takes a whole number, not \"%s\"", option->name,
                         value);
    }
    *field = (unsigned)number;
    return true;
}

static bool store_value(struct parse *parse, const struct option *option, const char *value,
                        struct error *err)
{
    void *field = parse->settings + option->offset;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_STRING:
        *(const char **)field = value;
        return true;
    case OPTION_STRINGS:
        append(parse, field, value);
        return true;
    case OPTION_LIST:
        return append_list(parse, option, field, value, err);
    case OPTION_NUMBER:
        return store_number(option, value, field, err);
    }
    bug("option --%s has no type", option->name);
}

/* Handles argv[*AT], which begins with "--", and its value. */
static bool parse_option(struct parse *parse, int argc, char *const *argv, int *at,
                         struct error *err)
{
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    size_t name_len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    const struct option *option = find_option(parse, bytes_from(word, name_len));
    if (option == NULL) {
        return refuse_unknown(parse, arena_text(parse->arena, bytes_from(word, name_len)), err);
    }
    const char *value = equals == NULL ? NULL : equals + 1;
    if (option->type == OPTION_FLAG && value != NULL) {
        return error_set(err, ERROR_USAGE, "--%s takes no value", option->name);
    }
    if (option->type != OPTION_FLAG && value == NULL) {
        if (*at + 1 >= argc) {
            return error_set(err, ERROR_USAGE, "--%s wants a value: %s", option->name,
                             option->argument);
        }
        value = argv[++*at];
    }
    return store_value(parse, option, value, err);
}

/* Short forms: the few that fingers expect. */
static const char *long_form(const char *word)
{
    static const struct {
        const char *brief, *full;
    } forms[] = {{"-h", "--help"}, {"-o", "--output"}, {"-q", "--quiet"}, {"-j", "--jobs"}};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (strcmp(word, forms[i].brief) == 0) {
            return forms[i].full;
        }
    }
    return NULL;
}

bool options_parse(int argc, char *const *argv, const struct option_table *tables,
                   size_t table_count, void *settings, struct arena *arena,
                   struct strings *ret_operands, struct error *err)
{
    struct parse parse = {tables, table_count, settings, arena};
    struct strings operands = {0};
    bool only_operands = false;
    char **words = ARENA_ARRAY(arena, (size_t)argc + 1, char *);
    for (int i = 0; i < argc; i++) {
        const char *full = only_operands ? NULL : long_form(argv[i]);
        words[i] = full == NULL ? argv[i] : arena_string(arena, full);
        if (!only_operands && strcmp(words[i], "--") == 0) {
            only_operands = true;
        } else if (only_operands || words[i][0] != '-' || words[i][1] == '\0') {
            append(&parse, &operands, words[i]);
        } else if (words[i][1] != '-') {
            return error_set(err, ERROR_USAGE, "unknown option %s", words[i]);
        } else {
            int at = i;
            words[i + 1] = i + 1 < argc ? argv[i + 1] : NULL;
            if (!parse_option(&parse, argc, words, &at, err)) {
                return false;
            }
            i = at;
        }
    }
    *ret_operands = operands;
    return true;
}
