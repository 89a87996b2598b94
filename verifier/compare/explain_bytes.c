// SPDX-License-Identifier: Apache-2.0
#include "base/scanner.h"
#include "verifier/compare/explain_internal.h"
#include "verifier/compare/parts.h"

#define SHOWN 3

/* The names of the functions of LIST, with file and line. */
static const char *list_functions(struct explainer *explainer, const struct diff_functions *list)
{
    const char *text = "";
    for (size_t i = 0; i < list->count && i < SHOWN; i++) {
        const struct diff_function *function = &list->items[i];
        text = arena_printf(explainer->arena, "%s%s%s", text, i == 0 ? "" : ", ", function->name);
        if (function->file[0] != '\0') {
            text = arena_printf(explainer->arena, "%s (%s:%llu)", text, function->file,
                                (unsigned long long)function->line);
        }
    }
    return list->total <= SHOWN ? text
                                : arena_printf(explainer->arena, "%s and %llu more", text,
                                               (unsigned long long)(list->total - SHOWN));
}

static bool is_symbols(const struct diff_part *part)
{
    return strcmp(part->role, "symbols") == 0 || strcmp(part->role, "debug") == 0;
}

/* Which side alone has symbols or debug information: DIFF_ONLY_A, DIFF_ONLY_B, or neither. */
static enum diff_state symbols_side(const struct explainer *explainer, const char **ret_name)
{
    enum diff_state side = DIFF_EQUAL;
    for (size_t i = 0; i < explainer->diff->part_count; i++) {
        const struct diff_part *part = &explainer->diff->parts[i];
        if (!is_symbols(part) || (part->state != DIFF_ONLY_A && part->state != DIFF_ONLY_B)) {
            continue;
        }
        if (side != DIFF_EQUAL && side != (enum diff_state)part->state) {
            return DIFF_EQUAL;
        }
        if (side == DIFF_EQUAL) {
            *ret_name = part->name;
        }
        side = (enum diff_state)part->state;
    }
    return side;
}

static bool ids_equal(const struct explainer *explainer)
{
    return explain_ids_known(explainer) && explain_id_equal(explainer, 1) &&
           explain_id_equal(explainer, 2) && explain_id_equal(explainer, 3) &&
           explain_id_equal(explainer, 4);
}

static void explain_strip(struct explainer *explainer)
{
    const char *name = "";
    enum diff_state side = symbols_side(explainer, &name);
    if (side == DIFF_EQUAL || explainer->code_explained || explain_has(explainer, "flags")) {
        return;
    }
    const char *which = side == DIFF_ONLY_A ? "B" : "A";
    const struct inspection *stripped = side == DIFF_ONLY_A ? explainer->b : explainer->a;
    /* The linker's own work is as its hash says. */
    if (explain_ids_known(explainer) && !explain_id_equal(explainer, 1) &&
        stripped->traits.linker_hash != LINKER_HASH_MISMATCH) {
        explain_add(explainer, "flags", "one of them was linked without symbols (-s, -w)",
                    arena_printf(explainer->arena,
                                 "%s lacks %s; part 1 of the build IDs differs, so the linker left "
                                 "it out",
                                 which, name),
                    "rebuild with A's flags: --ldflags=\"-s -w\", --ldflags=-w or none");
        explainer->explained = true;
        return;
    }
    explain_add(explainer, "strip",
                arena_printf(explainer->arena, "%s was stripped after the link", which),
                arena_printf(explainer->arena, "%s lacks %s%s", which, name,
                             ids_equal(explainer) ? "; the build IDs are the same" : ""),
                explain_removed(explainer, "strip")
                    ? "what is loaded is equal; --accept strip accepts it"
                    : "compare with a build that is stripped by the same tool");
}

static void explain_signature(struct explainer *explainer)
{
    const char *a = explainer->a->traits.code_signature;
    const char *b = explainer->b->traits.code_signature;
    bool removed = explain_removed(explainer, "macho-code-signature") ||
                   explain_removed(explainer, "authenticode");
    bool stale = strcmp(a, "ad-hoc-other") == 0 || strcmp(b, "ad-hoc-other") == 0;
    /* The linker's own signature follows from the rest: with another rest it is no cause. */
    bool own = strcmp(a, "ad-hoc") == 0 && strcmp(b, "ad-hoc") == 0;
    if (own || (!removed && (stale || strcmp(a, b) == 0))) {
        return;
    }
    explain_add(
        explainer, "signature", "the code signatures differ",
        arena_printf(explainer->arena, "A: %s, B: %s", a, b),
        removed ? arena_printf(explainer->arena, "all else is equal; --accept %s accepts it",
                               explain_removed(explainer, "authenticode") ? "authenticode"
                                                                          : "macho-code-signature")
                : "compare files that are signed alike, or not at all");
}

static bool is_foreign(const struct diff_part *part)
{
    return (part->state == DIFF_ONLY_A || part->state == DIFF_ONLY_B) && !is_symbols(part) &&
           strcmp(part->role, "padding") != 0 && strcmp(part->role, "signature") != 0;
}

static void explain_appended(struct explainer *explainer)
{
    for (size_t i = 0; i < explainer->diff->part_count; i++) {
        const struct diff_part *part = &explainer->diff->parts[i];
        bool appended = strcmp(part->role, "appended") == 0 && part->state != DIFF_EQUAL;
        /* Sections come and go with flags and compilers; in the same link they were added. */
        if (!appended && !(is_foreign(part) && ids_equal(explainer))) {
            continue;
        }
        bool in_b = part->state == DIFF_ONLY_B || part->size_b > part->size_a;
        explain_add(explainer, "appended-data",
                    arena_printf(explainer->arena,
                                 appended ? "%s has bytes behind its end"
                                          : "%s got a section after the link",
                                 in_b ? "B" : "A"),
                    arena_printf(explainer->arena, "%s: %llu bytes at offset %llu", part->name,
                                 (unsigned long long)(in_b ? part->size_b : part->size_a),
                                 (unsigned long long)(in_b ? part->offset_b : part->offset_a)),
                    "look at these bytes: no linker wrote them");
        return;
    }
}

void explain_outside(struct explainer *explainer)
{
    explain_strip(explainer);
    explain_signature(explainer);
    explain_appended(explainer);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The first date (2024-05-01), time of day (12:30:59) or number of seconds since 1970 in TEXT; NULL
 * if there is none. */
static const char *find_time(const char *text)
{
    static const char *const forms[] = {"dddd-dd-dd", "dd:dd:dd", "ddddTdddd", "dddddddddd"};
    for (size_t i = 0; text[i] != '\0'; i++) {
        for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
            size_t at = 0;
            while (forms[k][at] != '\0' &&
                   (forms[k][at] == 'd' ? is_digit(text[i + at]) : text[i + at] == forms[k][at])) {
                at++;
            }
            bool epoch = k == ARRAY_LEN(forms) - 1;
            bool alone = (i == 0 || !is_digit(text[i - 1])) && !is_digit(text[i + at]);
            if (forms[k][at] == '\0' && (!epoch || (alone && text[i] == '1'))) {
                return text + i;
            }
        }
    }
    return NULL;
}

/* Both texts have a time, and the first one of each is another. */
static bool differ_in_time(const char *a, const char *b)
{
    static const char parts[] = "0123456789-:.+TZ";
    const char *left = find_time(a);
    const char *right = find_time(b);
    return left != NULL && right != NULL &&
           !bytes_equal(bytes_from(left, strspn(left, parts)),
                        bytes_from(right, strspn(right, parts)));
}

/* What a shell takes as it is: the text comes from a stranger, and may be copied into one. */
static bool is_harmless(const char *text)
{
    static const char others[] = "._-+:/@,";
    for (; *text != '\0'; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
        if (!letter && !is_digit(*text) && strchr(others, *text) == NULL) {
            return false;
        }
    }
    return true;
}

static const char *x_value_cure(struct explainer *explainer, const struct diff_string *string)
{
    if (string->name[0] == '\0' || !string->has_a || !is_harmless(string->name) ||
        !is_harmless(string->a)) {
        return "rebuild with A's value: --ldflags \"-X NAME=VALUE\"";
    }
    return arena_printf(explainer->arena, "rebuild with A's value: --ldflags \"-X %s=%s\"",
                        string->name, string->a);
}

static void explain_x_value(struct explainer *explainer)
{
    const struct diff *diff = explainer->diff;
    for (size_t i = 0; i < diff->string_count; i++) {
        const struct diff_string *string = &diff->strings[i];
        if (strcmp(string->kind, "x-value") != 0 || explain_has(explainer, "x-value")) {
            continue;
        }
        bool time = differ_in_time(string->a, string->b);
        explain_add(explainer, "x-value",
                    arena_printf(explainer->arena, "a value that -X put in differs%s",
                                 time ? ": a time stamp" : ""),
                    arena_printf(explainer->arena, "%s: %s against %s",
                                 string->name[0] == '\0' ? "(name stripped)" : string->name,
                                 string->has_a ? string->a : "(absent)",
                                 string->has_b ? string->b : "(absent)"),
                    x_value_cure(explainer, string));
        explainer->explained = true;
    }
}

static void explain_time(struct explainer *explainer)
{
    const struct diff *diff = explainer->diff;
    for (size_t i = 0; i < diff->string_count; i++) {
        const struct diff_string *string = &diff->strings[i];
        if (strcmp(string->kind, "string") == 0 && differ_in_time(string->a, string->b)) {
            explain_add(explainer, "time-stamp", "a time stamp in the data differs",
                        arena_printf(explainer->arena, "%s: %s against %s", string->part, string->a,
                                     string->b),
                        "rebuild with the source that A was built from: the time was written into "
                        "it");
            explainer->explained = true;
            return;
        }
    }
}

const char *explain_changed_side(const struct explainer *explainer)
{
    bool a = explainer->a->traits.linker_hash == LINKER_HASH_MISMATCH;
    bool b = explainer->b->traits.linker_hash == LINKER_HASH_MISMATCH;
    return a == b ? NULL : a ? "A" : "B";
}

/* True if a cause is told already that changes the linker hash by itself. */
static bool hash_is_explained(const struct explainer *explainer)
{
    return explain_has(explainer, "appended-data") || explain_has(explainer, "strip") ||
           explain_has(explainer, "signature");
}

/* Code differs with the same inputs: somebody put it there. */
static void explain_patch(struct explainer *explainer)
{
    const struct diff *diff = explainer->diff;
    const char *side = explain_changed_side(explainer);
    bool was_changed = side != NULL && !hash_is_explained(explainer);
    bool same_inputs = explain_ids_known(explainer) && explain_id_equal(explainer, 2) &&
                       explain_id_equal(explainer, 3);
    bool in_place = diff->added.total == 0 && diff->removed_functions.total == 0 &&
                    diff->functions_shifted == 0;
    if (diff->changed.total == 0 || !in_place || (!was_changed && !same_inputs)) {
        return;
    }
    const char *hash =
        side == NULL ? "both linker hashes match, yet parts 2 and 3 of the build "
                       "IDs say that the inputs were the same: one was rewritten"
                     : arena_printf(explainer->arena, "%s is not as its linker left it", side);
    explain_add(explainer, "patched-function",
                arena_printf(explainer->arena,
                             "the code of %llu function%s was changed after the "
                             "link: %s",
                             (unsigned long long)diff->changed.total,
                             diff->changed.total == 1 ? "" : "s",
                             list_functions(explainer, &diff->changed)),
                hash, "do not use the changed file; keep it, and ask its publisher");
    explainer->code_explained = true;
    explainer->explained = true;
}

static void explain_source(struct explainer *explainer)
{
    const struct diff *diff = explainer->diff;
    uint64_t total = diff->changed.total + diff->added.total + diff->removed_functions.total;
    /* Equal build IDs name equal sources: then a function's name was changed, or its code. */
    if (total == 0 || ids_equal(explainer)) {
        return;
    }
    const struct diff_functions *list = diff->changed.total > 0 ? &diff->changed
                                        : diff->added.total > 0 ? &diff->added
                                                                : &diff->removed_functions;
    explain_add(explainer, "source", "their source differs",
                arena_printf(
                    explainer->arena, "functions: %llu changed, %llu only in B, %llu only in A: %s",
                    (unsigned long long)diff->changed.total, (unsigned long long)diff->added.total,
                    (unsigned long long)diff->removed_functions.total,
                    list_functions(explainer, list)),
                "rebuild from the very source of A: --source MODULE@VERSION or DIR");
    explainer->explained = true;
}

static void explain_id_alone(struct explainer *explainer)
{
    if (explain_removed(explainer, "go-build-id") && !explainer->explained &&
        explain_id_equal(explainer, 2) && explain_id_equal(explainer, 3)) {
        explain_add(explainer, "flags", "the text of the link command differs, not what it links",
                    "part 1 of the build IDs differs, code and data are equal: order of flags, a "
                    "flag without effect, an -X that names no variable",
                    "--accept go-build-id accepts it; reproof rebuild searches for the flags");
        explainer->explained = true;
    } else if (explain_removed(explainer, "go-build-id") && !explainer->explained) {
        explain_add(explainer, "build-id", "the build IDs differ, and nothing else", "",
                    "--accept go-build-id accepts it");
        explainer->explained = true;
    }
}

static const char *first_part(const struct explainer *explainer)
{
    for (size_t i = 0; i < explainer->diff->part_count; i++) {
        const struct diff_part *part = &explainer->diff->parts[i];
        if (part->state != DIFF_EQUAL && strcmp(part->role, "notes") != 0 &&
            strcmp(part->role, "headers") != 0) {
            return part->name;
        }
    }
    return "the headers";
}

static void explain_rest(struct explainer *explainer)
{
    const char *side = explain_changed_side(explainer);
    if (explainer->explained || explainer->diff->cause_count > 0) {
        return;
    }
    if (side != NULL || ids_equal(explainer)) {
        explain_add(explainer, "changed-after-link",
                    arena_printf(explainer->arena, "%s was changed after it was linked",
                                 side == NULL ? "one of them" : side),
                    arena_printf(explainer->arena, "in %s; %s", first_part(explainer),
                                 side == NULL ? "all four parts of their build IDs are equal"
                                              : "its linker hash does not match"),
                    "look at the ranges: --all lists them");
        return;
    }
    explain_add(explainer, "unknown", "nothing seen says why they differ",
                arena_printf(explainer->arena, "first in %s", first_part(explainer)),
                "look at the ranges and strings: --all lists them");
}

void explain_content(struct explainer *explainer)
{
    if (!explain_has(explainer, "x-value") && !explainer->code_explained) {
        explain_x_value(explainer);
    }
    if (!explainer->code_explained) {
        explain_patch(explainer);
    }
    explain_embedded(explainer);
    if (!explainer->explained) {
        explain_time(explainer);
    }
    if (!explainer->code_explained) {
        explain_source(explainer);
    }
    explain_id_alone(explainer);
    explain_rest(explainer);
}
