/* One page of HTML that needs nothing else: no script, no other file, nothing from the network, and
 * a policy in its head that forbids them. It is readable on a phone, in dark mode and printed. The
 * pages of all commands are made by these functions, so that they look alike.
 *
 * Text goes in escaped, through html_text and what calls it; TAG, CLASS and STYLE are our own. */
#pragma once

#include "base/buffer.h"

/* Up to the body. STYLE: rules of this page besides those of all pages. The classes of colour:
 * "good", "bad", "doubt" and "plain" for badges and notes. */
void html_open(struct buffer *out, const char *title, const char *style);
void html_close(struct buffer *out, const char *tool_version);

/* TEXT with controls escaped as for a terminal and with what HTML gives a meaning as entities: safe
 * as an element's content and within a quoted attribute. */
void html_text(struct buffer *out, const char *text);

/* Thousands in groups. */
void html_count(struct buffer *out, uint64_t count);

/* <TAG class="CLASS">TEXT</TAG>; CLASS may be "". */
void html_element(struct buffer *out, const char *tag, const char *class, const char *text);

/* A coloured word, as a verdict; for a heading or a table. */
void html_badge(struct buffer *out, const char *class, const char *text);

/* A heading that starts with '#' is that of numbers. Rows are "<tr>", cells, "</tr>". */
void html_table_open(struct buffer *out, const char *const *headings, size_t count);
void html_table_close(struct buffer *out);
void html_cell(struct buffer *out, const char *text);
void html_cell_or_absent(struct buffer *out, const char *text, bool has);
void html_number_cell(struct buffer *out, uint64_t number);

/* "and N more", if TOTAL is more than SHOWN. */
void html_more(struct buffer *out, uint64_t total, uint64_t shown);
