/* What the files that render a gate's result share. */
#pragma once

#include "attest/release/release_report.h"
#include "base/arena.h"

/* "linux/amd64, linux/arm64" */
const char *report_platforms(const struct manifest_pair *pair, struct arena *arena);
/* The number of pairs that hold. */
size_t report_holding(const struct release *release);
/* The names of the assumptions of RESULT's subjects, each once: "tags, vcs-echoed". */
const char *report_assumptions(const struct pair_result *result, struct arena *arena);

void report_text(const struct release *release, struct arena *arena, struct buffer *out);
void report_markdown(const struct release *release, struct arena *arena, struct buffer *out);
void report_junit(const struct release *release, struct arena *arena, struct buffer *out);
void report_sarif(const struct release *release, struct arena *arena, struct buffer *out);
void report_html(const struct release *release, struct arena *arena, struct buffer *out);
