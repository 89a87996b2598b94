/* What the files that render a gate's result share. */
#pragma once

#include "attest/release/release_report.h"
#include "base/arena.h"

/* What the release is called: its name, and its version if it has one. */
const char *report_title(const struct release *release, struct arena *arena);
/* "linux/amd64, linux/arm64" */
const char *report_platforms(const struct manifest_pair *pair, struct arena *arena);
/* The number of pairs that hold. */
size_t report_holding(const struct release *release);
/* The names of the assumptions of the subjects of pair INDEX, each once: "tags, vcs-echoed". */
const char *report_assumptions(struct release *release, size_t index, struct arena *arena);

void report_text(struct release *release, struct arena *arena, struct buffer *out);
void report_markdown(struct release *release, struct arena *arena, struct buffer *out);
void report_junit(const struct release *release, struct arena *arena, struct buffer *out);
void report_sarif(const struct release *release, struct arena *arena, struct buffer *out);
void report_html(struct release *release, struct arena *arena, struct buffer *out);
