// SPDX-License-Identifier: Apache-2.0
/* Which flags of strangers are used. The sandbox is the boundary, this list is not: it keeps a
 * recipe from naming programs and files, and so says early and in words what could not work. */
#include "base/scanner.h"
#include "verifier/recipe/flags.h"

enum takes { NOTHING, VALUE };

struct known {
    const char *name; /* without dashes */
    enum takes takes;
};

/* Left out on purpose: extld, extar, tmpdir, o, L, importcfg, libgcc, installsuffix, pluginpath,
 * capturehostobjs, cpuprofile, memprofile, benchmark*, fipso, plugin, and those that only print. */
static const struct known linker_flags[] = {
    {"s", NOTHING},
    {"w", NOTHING},
    {"X", VALUE},
    {"buildid", VALUE},
    {"B", VALUE},
    {"extldflags", VALUE},
    {"linkmode", VALUE},
    {"H", VALUE},
    {"I", VALUE},
    {"r", VALUE},
    {"E", VALUE},
    {"T", VALUE},
    {"R", VALUE},
    {"D", VALUE},
    {"d", NOTHING},
    {"compressdwarf", NOTHING},
    {"checklinkname", NOTHING},
    {"bindnow", NOTHING},
    {"aslr", NOTHING},
    {"funcalign", VALUE},
    {"randlayout", VALUE},
    {"pruneweakmap", NOTHING},
    {"strictdups", VALUE},
    {"k", VALUE},
    {"buildmode", VALUE},
    {"a", NOTHING},
    {"n", NOTHING},
    {"f", NOTHING},
    {"g", NOTHING},
};

static const struct known compiler_flags[] = {
    {"N", NOTHING},
    {"l", NOTHING},
    {"B", NOTHING},
    {"C", NOTHING},
    {"e", NOTHING},
    {"m", NOTHING},
    {"d", VALUE},
    {"c", VALUE},
    {"dwarf", NOTHING},
    {"dwarflocationlists", NOTHING},
    {"dwarfbasentries", NOTHING},
    {"gendwarfinl", VALUE},
    {"spectre", VALUE},
    {"shared", NOTHING},
    {"smallframes", NOTHING},
    {"wb", NOTHING},
    {"lang", VALUE},
    {"trimpath", VALUE},
    {"live", NOTHING},
    {"nolocalimports", NOTHING},
    {"clobberdead", NOTHING},
    {"L", NOTHING},
    {"K", NOTHING},
    {"v", NOTHING},
};

static const struct known assembler_flags[] = {
    {"trimpath", VALUE},  {"D", VALUE},   {"spectre", VALUE}, {"shared", NOTHING},
    {"dynlink", NOTHING}, {"e", NOTHING}, {"v", NOTHING},
};

static bool is_printable(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((uint8_t)*c < ' ' || *c == 0x7f) {
            return false;
        }
    }
    return true;
}

static const struct known *find(const struct known *table, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal_string(name, table[i].name)) {
            return &table[i];
        }
    }
    return NULL;
}

/* The name of FLAG without dashes and "=value", as Go's flag package takes it apart. */
static bool flag_name(const char *flag, struct bytes *ret, bool *ret_has_value)
{
    struct bytes text = bytes_from_string(flag), name, value;
    if (text.len < 2 || text.data[0] != '-') {
        return false;
    }
    size_t dashes = text.data[1] == '-' ? 2 : 1;
    text = bytes_from(text.data + dashes, text.len - dashes);
    *ret_has_value = scan_cut(text, '=', &name, &value);
    *ret = *ret_has_value ? name : text;
    return ret->len > 0;
}

static bool check(const struct known *table, size_t table_count, const char *const *flags,
                  size_t count, const char *tool, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes name;
        bool has_value = false;
        const struct known *known = NULL;
        if (flag_name(flags[i], &name, &has_value)) {
            known = find(table, table_count, name);
        }
        if (known == NULL) {
            return error_set(err, ERROR_UNSUPPORTED,
                             "the %s flag %.100s is not one that is used here", tool, flags[i]);
        }
        bool value_follows = known->takes == VALUE && !has_value;
        if (value_follows && i + 1 == count) {
            return error_set(err, ERROR_FORMAT, "the %s flag %.100s lacks its value", tool,
                             flags[i]);
        }
        const char *value = flags[value_follows ? ++i : i];
        /* The Go tools read a file in place of any argument "@file", a value's too. */
        if (value[0] == '@' || !is_printable(value)) {
            return error_set(err, ERROR_UNSUPPORTED,
                             "the %s flag %.100s: its value is not used here", tool, flags[i]);
        }
    }
    return true;
}

bool flags_check_linker(const char *const *flags, size_t count, struct error *err)
{
    return check(linker_flags, ARRAY_LEN(linker_flags), flags, count, "linker", err);
}

/* A recorded text with its pattern; patterns are package paths with "..." and wildcards of Go's
 * own. */
static bool check_text(const struct known *table, size_t table_count, struct bytes text,
                       const char *tool, struct error *err)
{
    struct arena arena = {0};
    const char *pattern = "", **flags = NULL;
    size_t count = 0;
    bool fits = flags_split_pattern(text, &arena, &pattern, &flags, &count, err) &&
                check(table, table_count, flags, count, tool, err);
    if (fits && !is_printable(pattern)) {
        fits = error_set(err, ERROR_FORMAT, "the %s flags' pattern: %.100s", tool, pattern);
    }
    arena_free(&arena);
    return fits;
}

bool flags_check_compiler(struct bytes text, struct error *err)
{
    return check_text(compiler_flags, ARRAY_LEN(compiler_flags), text, "compiler", err);
}

bool flags_check_assembler(struct bytes text, struct error *err)
{
    return check_text(assembler_flags, ARRAY_LEN(assembler_flags), text, "assembler", err);
}
