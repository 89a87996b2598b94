/* Command lines: tables of options in, a filled settings struct out.
 *
 * GNU conventions: --name VALUE, --name=VALUE, `--` ends the options, options and operands mix. The
 * same tables make --help, completion and the check of the man pages. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct strings {
    const char **items;
    size_t count;
};

enum option_type {
    OPTION_FLAG,    /* bool */
    OPTION_STRING,  /* const char *, NULL if not given; the last one counts */
    OPTION_STRINGS, /* struct strings: repeatable */
    OPTION_LIST,    /* struct strings: repeatable, each a comma list */
    OPTION_NUMBER,  /* unsigned */
};

struct option {
    const char *name;     /* without the dashes */
    const char *argument; /* "DIR"; NULL with OPTION_FLAG */
    const char *help;
    enum option_type type;
    size_t offset; /* of the field in the settings struct */
};

struct option_table {
    const struct option *options;
    size_t count;
};

/* Reads ARGV (ARGC words) into SETTINGS by TABLES (TABLE_COUNT of them); what is no option becomes
 * an operand. ERROR_USAGE names the word and the nearest option known. */
CHECKED bool options_parse(int argc, char *const *argv, const struct option_table *tables,
                           size_t table_count, void *settings, struct arena *arena,
                           struct strings *ret_operands, struct error *err);

/* The word of CANDIDATES (COUNT of them) that is nearest to WORD, NULL if none is near. */
const char *nearest_word(const char *word, const char *const *candidates, size_t count);
