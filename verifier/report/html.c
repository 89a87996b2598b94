// SPDX-License-Identifier: Apache-2.0
#include "verifier/report/html.h"

#include <stdio.h>

#include "base/escape.h"

static const char style_of_all[] =
    ":root{color-scheme:light dark;--ink:#1c1e21;--paper:#fff;--dim:#5c636b;--line:#d4d7db;"
    "--soft:#f3f4f6;--good:#1b6e3c;--bad:#b3261e;--doubt:#8a6100;--plain:#4a5560}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e6e9;--paper:#16181b;--dim:#9aa2ab;"
    "--line:#3a3f45;--soft:#22262a;--good:#2e8b54;--bad:#d0453c;--doubt:#a87a10;--plain:#66717c}}"
    "*{box-sizing:border-box}"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.4rem;margin:.2rem 0;overflow-wrap:anywhere}"
    "h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.5rem 0;overflow-wrap:anywhere}"
    "code,td,pre{font-family:ui-monospace,monospace;font-size:13px;overflow-wrap:anywhere}"
    "pre{overflow-x:auto;overflow-wrap:normal;margin:.3rem 0}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;"
    "border-bottom:1px solid var(--line)}"
    "td{min-width:7rem}th{color:var(--dim);font-weight:600}"
    ".n{text-align:right;white-space:nowrap;min-width:0}"
    ".dim{color:var(--dim)}summary{cursor:pointer;margin:.4rem 0}"
    ".badge{display:inline-block;padding:.05rem .6rem;border-radius:.3rem;color:#fff;"
    "white-space:nowrap;print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    ".badge.good{background:var(--good)}.badge.bad{background:var(--bad)}"
    ".badge.doubt{background:var(--doubt)}.badge.plain{background:var(--plain)}"
    ".note{border-left:4px solid var(--plain);background:var(--soft);padding:.5rem 1rem;"
    "margin:.6rem 0}.note p{margin:.2rem 0}"
    ".note.good{border-color:var(--good)}.note.bad{border-color:var(--bad)}"
    ".note.doubt{border-color:var(--doubt)}"
    "@media "
    "print{body{margin:0;max-width:none;font-size:11px}code,td,pre{font-size:10px}td{min-width:0}"
    ".wide,pre{overflow:visible;white-space:pre-wrap}.wide{white-space:normal}"
    "tr,.note{break-inside:avoid}h2{break-after:avoid}}";

void html_open(struct buffer *out, const char *title, const char *style)
{
    buffer_string(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "style-src 'unsafe-inline'\">"
                       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                       "<meta name=\"color-scheme\" content=\"light dark\">");
    html_element(out, "title", "", title);
    buffer_string(out, "<style>");
    buffer_string(out, style_of_all);
    buffer_string(out, style);
    buffer_string(out, "</style></head><body>\n");
}

void html_close(struct buffer *out, const char *tool_version)
{
    buffer_string(out, "<p class=\"dim\"><small>reproof ");
    html_text(out, tool_version);
    buffer_string(out, "</small></p></body></html>\n");
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct buffer *out, const char *text)
{
    char safe[8192];
    escape_text(text, safe, sizeof(safe));
    for (const char *c = safe; *c != '\0'; c++) {
        const char *instead = entity(*c);
        if (instead != NULL) {
            buffer_string(out, instead);
        } else {
            buffer_byte(out, (uint8_t)*c);
        }
    }
}

void html_count(struct buffer *out, uint64_t count)
{
    char digits[32];
    int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            buffer_byte(out, ',');
        }
        buffer_byte(out, (uint8_t)digits[i]);
    }
}

static void open_element(struct buffer *out, const char *tag, const char *class)
{
    if (class[0] == '\0') {
        buffer_printf(out, "<%s>", tag);
    } else {
        buffer_printf(out, "<%s class=\"%s\">", tag, class);
    }
}

void html_element(struct buffer *out, const char *tag, const char *class, const char *text)
{
    open_element(out, tag, class);
    html_text(out, text);
    buffer_printf(out, "</%s>", tag);
}

void html_badge(struct buffer *out, const char *class, const char *text)
{
    buffer_printf(out, "<span class=\"badge %s\">", class);
    html_text(out, text);
    buffer_string(out, "</span>");
}

void html_table_open(struct buffer *out, const char *const *headings, size_t count)
{
    buffer_string(out, "<div class=\"wide\"><table><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        bool number = headings[i][0] == '#';
        html_element(out, "th", number ? "n" : "", headings[i] + (number ? 1 : 0));
    }
    buffer_string(out, "</tr></thead><tbody>\n");
}

void html_table_close(struct buffer *out)
{
    buffer_string(out, "</tbody></table></div>\n");
}

void html_cell(struct buffer *out, const char *text)
{
    html_element(out, "td", "", text);
}

void html_cell_or_absent(struct buffer *out, const char *text, bool has)
{
    html_element(out, "td", has && text[0] != '\0' ? "" : "dim",
                 !has              ? "(absent)"
                 : text[0] == '\0' ? "(empty)"
                                   : text);
}

void html_number_cell(struct buffer *out, uint64_t number)
{
    buffer_string(out, "<td class=\"n\">");
    html_count(out, number);
    buffer_string(out, "</td>");
}

void html_more(struct buffer *out, uint64_t total, uint64_t shown)
{
    if (total > shown) {
        buffer_string(out, "<p class=\"dim\">and ");
        html_count(out, total - shown);
        buffer_string(out, " more</p>");
    }
}
