/* A diff as text, as JSON (document type reproof/diff/v1) and as one page of HTML that needs
 * nothing else. All texts of the files are escaped. */
#pragma once

#include "base/json_write.h"
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

/* One comparison as a member of another document; and its functions, texts and causes as lines of
 * another report. */
void diff_json_member(struct json_writer *json, const char *key, const struct diff *diff,
                      const char *name_a, const char *name_b);
void diff_text_summary(const struct diff *diff, struct buffer *out);

void diff_text(const struct diff_result *result, const struct diff_view *view, struct buffer *out);
void diff_json(const struct diff_result *result, const struct diff_view *view, struct buffer *out);
void diff_html(const struct diff_result *result, const struct diff_view *view, struct buffer *out);
