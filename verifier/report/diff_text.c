// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "base/escape.h"
#include "verifier/report/diff_report.h"

#define LABEL_WIDTH 13
/* Lines of each list, without --all. */
#define SHOWN 5

struct printer {
    const struct diff_view *view;
    struct buffer *out;
};

static void put(struct buffer *out, const char *text)
{
    char safe[4096];
    escape_text(text, safe, sizeof(safe));
    buffer_string(out, safe);
}

static void label(struct buffer *out, const char *name)
{
    buffer_printf(out, "  %-*s ", LABEL_WIDTH - 1, name);
}

static size_t most(const struct printer *printer, size_t count)
{
    return printer->view->all || count <= SHOWN ? count : SHOWN;
}

static void put_more(const struct printer *printer, uint64_t total, size_t shown)
{
    if (total > shown) {
        label(printer->out, "");
        buffer_string(printer->out, "and ");
        buffer_grouped(printer->out, total - shown);
        buffer_string(printer->out, printer->view->all ? " more\n" : " more (--all)\n");
    }
}

static void put_side(struct buffer *out, const char *letter, const char *name,
                     const struct diff_side *side)
{
    buffer_printf(out, "%s  ", letter);
    put(out, name);
    buffer_string(out, "   ");
    put(out, side->platform);
    buffer_string(out, "   ");
    put(out, side->go_version);
    buffer_string(out, "   ");
    put(out, side->path);
    buffer_string(out, side->path[0] == '\0' ? "" : "   ");
    buffer_grouped(out, side->size);
    buffer_string(out, " bytes\n");
}

static void put_hashes(const struct printer *printer, const struct diff *diff)
{
    static const char *const words[] = {"none", "matches", "does not match"};
    struct buffer *out = printer->out;
    if (diff->a.linker_hash == LINKER_HASH_NONE && diff->b.linker_hash == LINKER_HASH_NONE) {
        return;
    }
    label(out, "linker hash");
    buffer_printf(out, "A %s, B %s%s\n", words[diff->a.linker_hash], words[diff->b.linker_hash],
                  diff->a.linker_hash == LINKER_HASH_MISMATCH ||
                          diff->b.linker_hash == LINKER_HASH_MISMATCH
                      ? ": changed after it was linked"
                      : "");
}

static void put_ids(const struct printer *printer, const struct diff *diff)
{
    static const char *const meanings[] = {"link inputs", "main package's inputs", "main package",
                                           "whole file"};
    struct buffer *out = printer->out;
    if (diff->a.parts[0][0] == '\0' || diff->b.parts[0][0] == '\0') {
        return;
    }
    label(out, "build ID");
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        buffer_printf(out, "%s%s %s", i == 0 ? "" : ", ", meanings[i],
                      strcmp(diff->a.parts[i], diff->b.parts[i]) == 0 ? "equal" : "differs");
    }
    buffer_byte(out, '\n');
}

static void put_value(struct buffer *out, const char *value, bool has)
{
    put(out, !has ? "(absent)" : value[0] == '\0' ? "(empty)" : value);
}

static void put_changes(const struct printer *printer, const struct diff *diff)
{
    struct buffer *out = printer->out;
    size_t shown = most(printer, diff->change_count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_change *change = &diff->changes[i];
        label(out, i == 0 ? "information" : "");
        put(out, change->kind);
        buffer_string(out, change->name[0] == '\0' ? ": " : " ");
        put(out, change->name);
        buffer_string(out, change->name[0] == '\0' ? "" : ": ");
        put_value(out, change->a, change->has_a);
        buffer_string(out, "  |  ");
        put_value(out, change->b, change->has_b);
        buffer_byte(out, '\n');
    }
    put_more(printer, diff->change_count, shown);
}

static void put_ranges(const struct printer *printer, const struct diff_part *part)
{
    struct buffer *out = printer->out;
    for (size_t i = 0; printer->view->all && i < part->range_count; i++) {
        label(out, "");
        buffer_printf(out, "  offset %llu, %llu bytes\n",
                      (unsigned long long)part->ranges[i].offset,
                      (unsigned long long)part->ranges[i].length);
    }
}

static void put_part(const struct printer *printer, const struct diff_part *part, bool first)
{
    struct buffer *out = printer->out;
    label(out, first ? "sections" : "");
    put(out, part->name);
    buffer_string(out, ": ");
    if (part->state == DIFF_ONLY_A || part->state == DIFF_ONLY_B) {
        buffer_printf(out, "only in %s, ", part->state == DIFF_ONLY_A ? "A" : "B");
        buffer_grouped(out, part->size_a + part->size_b);
        buffer_string(out, " bytes\n");
        return;
    }
    buffer_grouped(out, part->differing);
    buffer_string(out, " of ");
    buffer_grouped(out, part->size_a);
    buffer_printf(out, " bytes, in %zu%s range%s", part->range_count, part->more_ranges ? "+" : "",
                  part->range_count == 1 ? "" : "s");
    if (part->size_a != part->size_b) {
        buffer_string(out, "; B has ");
        buffer_grouped(out, part->size_b);
    }
    buffer_byte(out, '\n');
    put_ranges(printer, part);
}

static void put_parts(const struct printer *printer, const struct diff *diff)
{
    size_t total = 0;
    size_t shown = 0;
    for (size_t i = 0; i < diff->part_count; i++) {
        const struct diff_part *part = &diff->parts[i];
        if (part->state == DIFF_EQUAL) {
            continue;
        }
        if (printer->view->all || shown < SHOWN) {
            put_part(printer, part, shown == 0);
            shown++;
        }
        total++;
    }
    put_more(printer, total, shown);
}

static void put_list(const struct printer *printer, const char *name,
                     const struct diff_functions *list)
{
    struct buffer *out = printer->out;
    size_t shown = most(printer, list->count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_function *function = &list->items[i];
        label(out, i == 0 ? name : "");
        put(out, function->name);
        if (function->file[0] != '\0') {
            buffer_string(out, "   ");
            put(out, function->file);
            buffer_printf(out, ":%llu", (unsigned long long)function->line);
        }
        buffer_byte(out, '\n');
    }
    put_more(printer, list->total, shown);
}

static void put_functions(const struct printer *printer, const struct diff *diff)
{
    struct buffer *out = printer->out;
    if (diff->functions_how[0] == '\0') {
        return;
    }
    label(out, "functions");
    buffer_grouped(out, diff->functions_equal);
    buffer_string(out, " equal, ");
    buffer_grouped(out, diff->functions_shifted);
    buffer_string(out, " equal at other addresses, ");
    buffer_grouped(out, diff->changed.total);
    buffer_string(out, " changed, ");
    buffer_grouped(out, diff->removed_functions.total);
    buffer_string(out, " only in A, ");
    buffer_grouped(out, diff->added.total);
    buffer_string(out, " only in B, ");
    buffer_grouped(out, diff->moved.total);
    buffer_string(out, " moved\n");
    put_list(printer, "  changed", &diff->changed);
    put_list(printer, "  only in A", &diff->removed_functions);
    put_list(printer, "  only in B", &diff->added);
    put_list(printer, "  moved", &diff->moved);
}

static void put_strings(const struct printer *printer, const struct diff *diff)
{
    struct buffer *out = printer->out;
    size_t shown = most(printer, diff->string_count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_string *string = &diff->strings[i];
        label(out, i == 0 ? "strings" : "");
        bool value = strcmp(string->kind, "x-value") == 0;
        put(out, value ? (string->name[0] == '\0' ? "-X value" : string->name) : string->part);
        buffer_string(out, ": ");
        put_value(out, string->a, string->has_a);
        buffer_string(out, "  |  ");
        put_value(out, string->b, string->has_b);
        buffer_byte(out, '\n');
    }
    put_more(printer, diff->string_total, shown);
}

static void put_embedded_side(struct buffer *out, const struct diff_embedded_side *side,
                              bool present)
{
    char hex[SHA256_HEX_LEN + 1];
    if (!present) {
        buffer_string(out, "(absent)");
        return;
    }
    sha256_hex(&side->sha256, hex);
    buffer_grouped(out, side->size);
    buffer_printf(out, " bytes, sha256 %.16s...", hex);
}

static void put_embedded(const struct printer *printer, const struct diff *diff)
{
    struct buffer *out = printer->out;
    size_t shown = most(printer, diff->embedded_count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_embedded *item = &diff->embedded[i];
        label(out, i == 0 ? "embedded" : "");
        put(out, item->name);
        buffer_string(out, ": ");
        put_embedded_side(out, &item->a, item->state != DIFF_ONLY_B);
        buffer_string(out, "  |  ");
        put_embedded_side(out, &item->b, item->state != DIFF_ONLY_A);
        buffer_byte(out, '\n');
    }
    put_more(printer, diff->embedded_total, shown);
}

static void put_removed_ranges(const struct printer *printer, const char *side,
                               const struct byte_range *ranges, size_t count)
{
    size_t shown = most(printer, count);
    buffer_printf(printer->out, "; %s:", side);
    for (size_t i = 0; i < shown; i++) {
        buffer_printf(printer->out, " %llu+%llu", (unsigned long long)ranges[i].offset,
                      (unsigned long long)ranges[i].length);
    }
    if (count > shown) {
        buffer_printf(printer->out, " and %zu more", count - shown);
    }
}

static void put_removed(const struct printer *printer, const struct diff *diff)
{
    struct buffer *out = printer->out;
    for (size_t i = 0; i < diff->removed_count; i++) {
        const struct diff_removed *removed = &diff->removed[i];
        label(out, i == 0 ? "equal but for" : "");
        buffer_printf(out, "%s (rule version %u), ", removed->name, removed->version);
        put(out, removed->how);
        put_removed_ranges(printer, "A", removed->ranges_a, removed->count_a);
        put_removed_ranges(printer, "B", removed->ranges_b, removed->count_b);
        buffer_byte(out, '\n');
    }
}

static void put_causes(const struct printer *printer, const struct diff *diff)
{
    struct buffer *out = printer->out;
    for (size_t i = 0; i < diff->cause_count; i++) {
        const struct diff_cause *cause = &diff->causes[i];
        label(out, "cause");
        buffer_printf(out, "%s: ", cause->code);
        put(out, cause->detail);
        buffer_byte(out, '\n');
        if (cause->evidence[0] != '\0') {
            label(out, "  seen");
            put(out, cause->evidence);
            buffer_byte(out, '\n');
        }
        if (cause->next[0] != '\0') {
            label(out, "  next");
            put(out, cause->next);
            buffer_byte(out, '\n');
        }
    }
}

static void put_slice(const struct printer *printer, const struct diff *diff)
{
    struct buffer *out = printer->out;
    if (diff->name[0] != '\0') {
        buffer_string(out, "slice ");
        put(out, diff->name);
        buffer_printf(out, ": %s\n", diff_verdict_name((enum diff_verdict)diff->verdict));
    }
    if (diff->verdict == DIFF_IDENTICAL) {
        return;
    }
    put_side(out, "A", printer->view->name_a, &diff->a);
    put_side(out, "B", printer->view->name_b, &diff->b);
    put_hashes(printer, diff);
    put_ids(printer, diff);
    put_changes(printer, diff);
    put_parts(printer, diff);
    put_functions(printer, diff);
    put_strings(printer, diff);
    put_embedded(printer, diff);
    put_removed(printer, diff);
    put_causes(printer, diff);
}

void diff_text_summary(const struct diff *diff, struct buffer *out)
{
    static const struct diff_view view = {.name_a = "", .name_b = ""};
    struct printer printer = {&view, out};
    put_changes(&printer, diff);
    put_functions(&printer, diff);
    put_strings(&printer, diff);
    put_causes(&printer, diff);
}

static void put_word(const struct printer *printer, enum diff_verdict verdict)
{
    static const char *const words[] = {"DIFFERENT", "EQUIVALENT", "IDENTICAL"};
    static const char *const colors[] = {"\033[1;31m", "\033[1;33m", "\033[1;32m"};
    buffer_printf(printer->out, "%s%s%s", printer->view->color ? colors[verdict] : "",
                  words[verdict], printer->view->color ? "\033[0m" : "");
}

/* The names of all rules that some slice needed, as --accept takes them. */
static void put_names(const struct printer *printer, const struct diff_result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->slice_count; i++) {
        for (size_t k = 0; k < result->slices[i].removed_count; k++) {
            const char *name = result->slices[i].removed[k].name;
            if (i == 0 || result->slices[0].removed_count <= k ||
                strcmp(result->slices[0].removed[k].name, name) != 0) {
                buffer_printf(printer->out, "%s%s", count++ == 0 ? "" : ",", name);
            }
        }
    }
}

static void put_verdict(const struct printer *printer, const struct diff_result *result)
{
    struct buffer *out = printer->out;
    const struct diff *first = &result->slices[0];
    put_word(printer, (enum diff_verdict)result->verdict);
    if (result->verdict == DIFF_IDENTICAL) {
        buffer_string(out, "   all ");
        buffer_grouped(out, result->size_a);
        buffer_string(out, " bytes equal\n");
        return;
    }
    if (result->verdict == DIFF_EQUIVALENT) {
        buffer_string(out, " but for ");
        put_names(printer, result);
        buffer_string(out, printer->view->accepted ? ", accepted\n"
                                                   : "   (exit 3; --accept NAME,... accepts it)\n");
        return;
    }
    for (size_t i = 0; i < first->cause_count; i++) {
        buffer_printf(out, "%s%s", i == 0 ? "   " : ", ", first->causes[i].code);
    }
    buffer_string(out, "   ");
    buffer_grouped(out, first->differing);
    buffer_printf(out, " byte%s differ%s, first at offset %llu\n", first->differing == 1 ? "" : "s",
                  first->differing == 1 ? "s" : "", (unsigned long long)first->first_difference);
}

void diff_text(const struct diff_result *result, const struct diff_view *view, struct buffer *out)
{
    struct printer printer = {view, out};
    for (size_t i = 0; i < result->slice_count; i++) {
        put_slice(&printer, &result->slices[i]);
    }
    put_verdict(&printer, result);
}
