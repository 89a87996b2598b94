/* A diff as text, as JSON (document type reproof/diff/v1) and as one page of HTML that needs
 * nothing else. All texts of the files are escaped. */
#pragma once

#include "base/buffer.h"
#include "verifier/compare/diff.h"

/* What the caller knows besides. */
struct diff_view {
    const char *name_a, *name_b;
    bool accepted; /* equivalent, and each rule that was needed is accepted by name */
    bool all;      /* text: everything, not only a screenful */
    bool color;
    const char *tool_version;
    int exit_code;
};

void diff_text(const struct diff_result *result, const struct diff_view *view, struct buffer *out);
void diff_json(const struct diff_result *result, const struct diff_view *view, struct buffer *out);
void diff_html(const struct diff_result *result, const struct diff_view *view, struct buffer *out);
