// SPDX-License-Identifier: Apache-2.0
#include "verifier/report/diff_report.h"
#include "verifier/report/html.h"

/* Rows of a list; --json has all. */
#define SHOWN 500
/* Without a click: a list longer than this is closed. */
#define SHOWN_OPEN 40
#define BAR_WIDTH 1000.0
/* A difference of a byte in a file of megabytes must still be seen. */
#define LEAST_MARK 2.0
#define HEX_LINE 16

static const char style[] =
    "svg{width:100%;height:2.2rem;display:block;border:1px solid var(--line)}"
    "svg.small{height:.9rem;min-width:12rem}.bar{display:flex;gap:.6rem;align-items:center;"
    "margin:.3rem 0}.bar b{width:1rem}"
    ":root{--code:#4a78b5;--data:#6aa36f;--debug:#b3aa74;--other:#9a9a9a;--mark:#d92d20}"
    "rect.code{fill:var(--code)}rect.data{fill:var(--data)}rect.debug{fill:var(--debug)}"
    "rect.other{fill:var(--other)}rect.mark{fill:var(--mark)}"
    "i{display:inline-block;width:.8rem;height:.8rem;margin-right:.3rem;"
    "print-color-adjust:exact;-webkit-print-color-adjust:exact}.legend span{margin-right:1rem}"
    "i.code{background:var(--code)}i.data{background:var(--data)}i.debug{background:var(--debug)}"
    "i.other{background:var(--other)}i.mark,mark{background:var(--mark)}"
    "mark{color:#fff;print-color-adjust:exact;-webkit-print-color-adjust:exact}";

static const char *class_of(uint8_t verdict)
{
    static const char *const classes[] = {"bad", "doubt", "good"};
    return classes[verdict];
}

static const char *color_of(const char *role)
{
    static const char *const known[][2] = {{"code", "code"},
                                           {"code table", "code"},
                                           {"data", "data"},
                                           {"debug", "debug"},
                                           {"symbols", "debug"}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(role, known[i][0]) == 0) {
            return known[i][1];
        }
    }
    return "other";
}

/* A stretch of a side, from the bar's beginning. */
struct bar {
    struct buffer *out;
    uint64_t start, total; /* in the file */
};

static void put_rectangle(const struct bar *bar, const char *class, uint64_t offset,
                          uint64_t length, double least, const char *title)
{
    if (bar->total == 0) {
        return;
    }
    double from = (double)(offset - bar->start) / (double)bar->total * BAR_WIDTH;
    double width = (double)length / (double)bar->total * BAR_WIDTH;
    width = width < least ? least : width;
    from = from + width > BAR_WIDTH ? BAR_WIDTH - width : from;
    buffer_printf(bar->out,
                  "<rect class=\"%s\" x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"24\"><title>",
                  class, from, width);
    html_text(bar->out, title);
    buffer_string(bar->out, "</title></rect>");
}

static uint64_t place_of(const struct diff_part *part, bool in_b)
{
    return in_b ? part->offset_b : part->offset_a;
}

static uint64_t size_of(const struct diff_part *part, bool in_b)
{
    return in_b ? part->size_b : part->size_a;
}

/* The ranges of PART, moved by what the part itself is moved in B, as far as the side has them. */
static void put_marks(const struct bar *bar, const struct diff_part *part, bool in_b)
{
    uint64_t base = part->state == DIFF_ONLY_B ? part->offset_b : part->offset_a;
    uint64_t size = size_of(part, in_b);
    for (size_t i = 0; i < part->range_count; i++) {
        uint64_t within = part->ranges[i].offset - base;
        uint64_t left = within < size ? size - within : 0;
        uint64_t length = part->ranges[i].length;
        if (left > 0) {
            put_rectangle(bar, "mark", place_of(part, in_b) + within, length < left ? length : left,
                          LEAST_MARK, part->name);
        }
    }
}

static void open_svg(struct buffer *out, const char *class, const char *label)
{
    buffer_printf(out,
                  "<svg%s viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" role=\"img\" "
                  "aria-label=\"%s\">",
                  class, label);
}

static void put_bar(struct buffer *out, const struct diff *diff, bool in_b)
{
    struct bar bar = {.out = out, .total = in_b ? diff->b.size : diff->a.size};
    buffer_printf(out, "<div class=\"bar\"><b>%s</b>", in_b ? "B" : "A");
    open_svg(out, "", in_b ? "sections of B" : "sections of A");
    for (size_t i = 0; i < diff->part_count; i++) {
        const struct diff_part *part = &diff->parts[i];
        if (size_of(part, in_b) > 0) {
            put_rectangle(&bar, color_of(part->role), place_of(part, in_b), size_of(part, in_b), 0,
                          part->name);
        }
    }
    for (size_t i = 0; i < diff->part_count; i++) {
        if (diff->parts[i].state != DIFF_EQUAL) {
            put_marks(&bar, &diff->parts[i], in_b);
        }
    }
    buffer_string(out, "</svg></div>\n");
}

static void put_part_bar(struct buffer *out, const struct diff_part *part)
{
    bool in_b = part->state == DIFF_ONLY_B;
    struct bar bar = {out, place_of(part, in_b), size_of(part, in_b)};
    buffer_string(out, "<td>");
    open_svg(out, " class=\"small\"", "where");
    put_rectangle(&bar, color_of(part->role), bar.start, bar.total, 0, part->name);
    put_marks(&bar, part, in_b);
    buffer_string(out, "</svg></td>");
}

static void put_legend(struct buffer *out)
{
    static const char *const names[][2] = {{"code", "code"},
                                           {"data", "data"},
                                           {"debug", "symbols, debug information"},
                                           {"other", "other"},
                                           {"mark", "differs"}};
    buffer_string(out, "<p class=\"legend\">");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        buffer_printf(out, "<span><i class=\"%s\"></i>%s</span>", names[i][0], names[i][1]);
    }
    buffer_string(out, "</p>\n");
}

static void put_part(struct buffer *out, const struct diff_part *part)
{
    static const char *const states[] = {"equal", "changed", "only in A", "only in B"};
    buffer_string(out, "<tr>");
    html_cell(out, part->name);
    html_cell(out, states[part->state]);
    html_number_cell(out, part->size_a);
    html_number_cell(out, part->size_b);
    html_number_cell(out, part->differing);
    put_part_bar(out, part);
    buffer_string(out, "</tr>\n");
}

static void put_parts(struct buffer *out, const struct diff *diff)
{
    static const char *const headings[] = {"section",    "state",         "#size in A",
                                           "#size in B", "#bytes differ", "where"};
    size_t equal = 0;
    if (diff->part_count == 0) {
        return;
    }
    buffer_string(out, "<h2>Sections, to scale</h2>\n");
    put_bar(out, diff, false);
    put_bar(out, diff, true);
    put_legend(out);
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < diff->part_count; i++) {
        if (diff->parts[i].state == DIFF_EQUAL) {
            equal++;
        } else {
            put_part(out, &diff->parts[i]);
        }
    }
    html_table_close(out);
    buffer_printf(out, "<p class=\"dim\">%zu more %s equal.</p>\n", equal,
                  equal == 1 ? "is" : "are");
}

static void put_said(struct buffer *out, const char *label, const char *text)
{
    if (text[0] != '\0') {
        buffer_printf(out, "<p><span class=\"dim\">%s</span> ", label);
        html_element(out, "code", "", text);
        buffer_string(out, "</p>");
    }
}

static void put_causes(struct buffer *out, const struct diff *diff)
{
    for (size_t i = 0; i < diff->cause_count; i++) {
        const struct diff_cause *cause = &diff->causes[i];
        buffer_printf(out, "<div class=\"note %s\"><p>", class_of(diff->verdict));
        html_element(out, "b", "cause", cause->code);
        buffer_string(out, ": ");
        html_text(out, cause->detail);
        buffer_string(out, "</p>");
        put_said(out, "Seen:", cause->evidence);
        put_said(out, "Next:", cause->next);
        buffer_string(out, "</div>\n");
    }
}

static void put_ranges(struct buffer *out, const struct byte_range *ranges, size_t count)
{
    buffer_string(out, "<td>");
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s%llu+%llu", i == 0 ? "" : ", ", (unsigned long long)ranges[i].offset,
                      (unsigned long long)ranges[i].length);
    }
    buffer_string(out, "</td>");
}

static void put_removed(struct buffer *out, const struct diff *diff)
{
    static const char *const headings[] = {"rule", "how", "ranges in A (offset+length)",
                                           "ranges in B"};
    if (diff->removed_count == 0) {
        return;
    }
    buffer_string(out, "<h2>Equal but for</h2>\n");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < diff->removed_count; i++) {
        const struct diff_removed *removed = &diff->removed[i];
        buffer_string(out, "<tr><td>");
        html_text(out, removed->name);
        buffer_printf(out, " (version %u)</td>", (unsigned)removed->version);
        html_cell(out, removed->how);
        put_ranges(out, removed->ranges_a, removed->count_a);
        put_ranges(out, removed->ranges_b, removed->count_b);
        buffer_string(out, "</tr>\n");
    }
    html_table_close(out);
}

static void put_changes(struct buffer *out, const struct diff *diff)
{
    static const char *const headings[] = {"line", "A", "B"};
    if (diff->change_count == 0) {
        return;
    }
    buffer_string(out, "<h2>Build information</h2>\n");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < diff->change_count && i < SHOWN; i++) {
        const struct diff_change *change = &diff->changes[i];
        buffer_string(out, "<tr><td>");
        html_text(out, change->kind);
        buffer_byte(out, ' ');
        html_text(out, change->name);
        buffer_string(out, "</td>");
        html_cell_or_absent(out, change->a, change->has_a);
        html_cell_or_absent(out, change->b, change->has_b);
        buffer_string(out, "</tr>\n");
    }
    html_table_close(out);
    html_more(out, diff->change_count, SHOWN);
}

static void put_function(struct buffer *out, const struct diff_function *function)
{
    buffer_string(out, "<tr>");
    html_cell(out, function->name);
    buffer_string(out, "<td>");
    html_text(out, function->file);
    if (function->line > 0) {
        buffer_printf(out, ":%llu", (unsigned long long)function->line);
    }
    buffer_string(out, "</td>");
    html_number_cell(out, function->size_a);
    html_number_cell(out, function->size_b);
    buffer_string(out, "</tr>\n");
}

static void put_functions(struct buffer *out, const char *title, const struct diff_functions *list)
{
    static const char *const headings[] = {"function", "first line that differs", "#bytes in A",
                                           "#bytes in B"};
    size_t shown = list->count < SHOWN ? list->count : SHOWN;
    if (list->total == 0) {
        return;
    }
    buffer_printf(out, "<details%s><summary>%s: ", list->total <= SHOWN_OPEN ? " open" : "", title);
    html_count(out, list->total);
    buffer_string(out, "</summary>");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < shown; i++) {
        put_function(out, &list->items[i]);
    }
    html_table_close(out);
    html_more(out, list->total, shown);
    buffer_string(out, "</details>\n");
}

static void put_all_functions(struct buffer *out, const struct diff *diff)
{
    if (diff->functions_how[0] == '\0') {
        return;
    }
    buffer_string(out, "<h2>Functions</h2><p>");
    html_count(out, diff->functions_equal);
    buffer_string(out, " equal, ");
    html_count(out, diff->functions_shifted);
    buffer_string(out, " equal at other addresses; compared ");
    html_text(out, diff->functions_how);
    buffer_string(out, ".</p>\n");
    put_functions(out, "Changed", &diff->changed);
    put_functions(out, "Only in A", &diff->removed_functions);
    put_functions(out, "Only in B", &diff->added);
    put_functions(out, "Moved", &diff->moved);
}

static void put_strings(struct buffer *out, const struct diff *diff)
{
    static const char *const headings[] = {"where", "A", "B"};
    size_t shown = diff->string_count < SHOWN ? diff->string_count : SHOWN;
    if (shown == 0) {
        return;
    }
    buffer_string(out, "<h2>Strings</h2>\n");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < shown; i++) {
        const struct diff_string *string = &diff->strings[i];
        buffer_string(out, "<tr>");
        html_cell(out, string->name[0] != '\0' ? string->name : string->part);
        html_cell_or_absent(out, string->a, string->has_a);
        html_cell_or_absent(out, string->b, string->has_b);
        buffer_string(out, "</tr>\n");
    }
    html_table_close(out);
    html_more(out, diff->string_total, shown);
}

static void put_embedded_side(struct buffer *out, const struct diff_embedded_side *side,
                              bool present)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&side->sha256, hex);
    buffer_printf(out, present ? "<td>%llu bytes, sha256 %s</td>" : "<td>(absent)</td>",
                  (unsigned long long)side->size, hex);
}

static void put_embedded(struct buffer *out, const struct diff *diff)
{
    static const char *const headings[] = {"file", "A", "B"};
    size_t shown = diff->embedded_count < SHOWN ? diff->embedded_count : SHOWN;
    if (shown == 0) {
        return;
    }
    buffer_string(out, "<h2>Embedded files</h2>\n");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < shown; i++) {
        const struct diff_embedded *item = &diff->embedded[i];
        buffer_string(out, "<tr>");
        html_cell(out, item->name);
        put_embedded_side(out, &item->a, item->state != DIFF_ONLY_B);
        put_embedded_side(out, &item->b, item->state != DIFF_ONLY_A);
        buffer_string(out, "</tr>\n");
    }
    html_table_close(out);
    html_more(out, diff->embedded_total, shown);
}

/* A line of the bytes of ONE, those marked that OTHER does not have there. */
static void put_line(struct buffer *out, const char *letter, uint64_t offset, struct bytes one,
                     struct bytes other)
{
    buffer_printf(out, "%s %10llx  ", letter, (unsigned long long)offset);
    for (size_t i = 0; i < HEX_LINE; i++) {
        bool same = i >= one.len || (i < other.len && one.data[i] == other.data[i]);
        if (i < one.len) {
            buffer_printf(out, same ? "%02x " : "<mark>%02x</mark> ", one.data[i]);
        } else {
            buffer_string(out, "   ");
        }
    }
    buffer_byte(out, ' ');
    for (size_t i = 0; i < one.len && i < HEX_LINE; i++) {
        char text[2] = {'.', '\0'};
        if (one.data[i] > ' ' && one.data[i] < 0x7f) {
            text[0] = (char)one.data[i];
        }
        html_text(out, text);
    }
    buffer_byte(out, '\n');
}

static void put_bytes(struct buffer *out, const struct diff_hex *hex)
{
    for (size_t at = 0; at < hex->a.len || at < hex->b.len; at += HEX_LINE) {
        struct bytes a = bytes_behind(hex->a, at);
        struct bytes b = bytes_behind(hex->b, at);
        put_line(out, "A", hex->offset_a + at, a, b);
        put_line(out, "B", hex->offset_b + at, b, a);
    }
}

static void put_hex(struct buffer *out, const struct diff *diff)
{
    buffer_string(out, diff->hex_count == 0 ? "" : "<h2>First differences</h2>\n");
    for (size_t i = 0; i < diff->hex_count; i++) {
        const struct diff_hex *hex = &diff->hex[i];
        buffer_string(out, "<p>");
        html_element(out, "code", "", hex->part);
        buffer_string(out, "</p><pre>");
        put_bytes(out, hex);
        buffer_string(out, "</pre>\n");
    }
}

static void put_side(struct buffer *out, const char *letter, const char *name,
                     const struct diff_side *side)
{
    static const char *const hashes[] = {"none", "matches", "does not match"};
    buffer_printf(out, "<tr><th>%s</th>", letter);
    html_cell(out, name);
    html_cell(out, side->format);
    html_cell(out, side->platform);
    html_cell(out, side->go_version);
    html_cell(out, side->path);
    html_number_cell(out, side->size);
    html_cell(out, hashes[side->linker_hash]);
    buffer_string(out, "</tr>\n");
}

static void put_sides(struct buffer *out, const struct diff *diff, const struct diff_view *view)
{
    static const char *const headings[] = {"",   "file",    "format", "platform",
                                           "Go", "program", "#bytes", "linker hash"};
    html_table_open(out, headings, ARRAY_LEN(headings));
    put_side(out, "A", view->name_a, &diff->a);
    put_side(out, "B", view->name_b, &diff->b);
    html_table_close(out);
}

static void put_slice(struct buffer *out, const struct diff *diff, const struct diff_view *view)
{
    const char *verdict = diff_verdict_name((enum diff_verdict)diff->verdict);
    if (diff->name[0] != '\0') {
        buffer_string(out, "<h2>Slice ");
        html_text(out, diff->name);
        buffer_byte(out, ' ');
        html_badge(out, class_of(diff->verdict), verdict);
        buffer_string(out, "</h2>\n");
    }
    if (diff->verdict == DIFF_IDENTICAL) {
        buffer_string(out, "<p>Equal, byte for byte: ");
        html_count(out, diff->a.size);
        buffer_string(out, " bytes.</p>\n");
        return;
    }
    put_causes(out, diff);
    put_sides(out, diff, view);
    buffer_string(out, "<p>");
    html_count(out, diff->differing);
    buffer_string(out, " bytes differ at the same offset, or are in one file alone; the first at "
                       "offset ");
    html_count(out, diff->first_difference);
    buffer_string(out, ".</p>\n");
    put_removed(out, diff);
    put_parts(out, diff);
    put_changes(out, diff);
    put_all_functions(out, diff);
    put_strings(out, diff);
    put_embedded(out, diff);
    put_hex(out, diff);
}

void diff_html(const struct diff_result *result, const struct diff_view *view, struct buffer *out)
{
    const char *verdict = diff_verdict_name((enum diff_verdict)result->verdict);
    AUTO(buffer) struct buffer title;
    buffer_init(&title, 16384);
    buffer_string(&title, verdict);
    buffer_string(&title, ": ");
    buffer_string(&title, view->name_a);
    buffer_string(&title, " against ");
    buffer_string(&title, view->name_b);
    buffer_byte(&title, '\0');
    html_open(out, buffer_ok(&title) ? (const char *)buffer_view(&title).data : verdict, style);
    buffer_string(out, "<h1>");
    html_badge(out, class_of(result->verdict), verdict);
    buffer_string(out, "</h1>\n<p>");
    html_element(out, "code", "", view->name_a);
    buffer_string(out, " against ");
    html_element(out, "code", "", view->name_b);
    buffer_string(out, view->accepted && result->verdict == DIFF_EQUIVALENT ? ", accepted" : "");
    buffer_string(out, "</p>\n");
    for (size_t i = 0; i < result->slice_count; i++) {
        put_slice(out, &result->slices[i], view);
    }
    html_close(out, view->tool_version);
}
