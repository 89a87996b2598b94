// SPDX-License-Identifier: Apache-2.0
#include "attest/release/report_internal.h"
#include "verifier/report/html.h"

static const char *class_of(enum pair_state state)
{
    switch (state) {
    case PAIR_HOLDS:
        return "good";
    case PAIR_ABSENT:
        return "plain";
    case PAIR_REFUTED:
    case PAIR_TAMPERED:
    case PAIR_UNUSABLE:
        return "bad";
    case PAIR_UNDECIDED:
        break;
    }
    return "doubt";
}

static void put_matrix(const struct release *release, struct arena *arena, struct buffer *out)
{
    static const char *const headings[] = {"state", "platform", "artifact", "assumptions"};
    html_element(out, "h2", "", "Pairs");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct pair_result *result = &release->results[i];
        buffer_string(out, "<tr><td>");
        html_badge(out, class_of(result->state), pair_state_name(result->state));
        buffer_string(out, "</td>");
        html_cell(out, report_platforms(result->pair, arena));
        html_cell(out, result->pair->artifact);
        html_cell(out, report_assumptions(result, arena));
        buffer_string(out, "</tr>\n");
    }
    html_table_close(out);
}

static void put_problem(struct buffer *out, const char *class, const char *name, const char *why,
                        const char *cure)
{
    buffer_printf(out, "<div class=\"note %s\">", class);
    html_element(out, "strong", "", name);
    html_element(out, "p", "", why);
    if (cure[0] != '\0') {
        buffer_string(out, "<p class=\"dim\">next: ");
        html_text(out, cure);
        buffer_string(out, "</p>");
    }
    buffer_string(out, "</div>\n");
}

static void put_problems(const struct release *release, struct buffer *out)
{
    if (release_decide(release) == RELEASE_YES) {
        return;
    }
    html_element(out, "h2", "", "What does not hold");
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct pair_result *result = &release->results[i];
        if (result->state != PAIR_HOLDS) {
            put_problem(out, class_of(result->state), result->pair->artifact, result->why,
                        result->cure);
        }
    }
    for (size_t i = 0; i < release->stranger_count; i++) {
        put_problem(out, "bad", release->strangers[i], "named by no pair and not among \"others\"",
                    "give it a pair, or list it in the manifest");
    }
}

static void put_details(const struct release *release, struct buffer *out)
{
    static const char *const headings[] = {"program", "verdict", "built with", "source", "sha256"};
    html_element(out, "h2", "", "Programs");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct cJSON *list = json_member(release->results[i].result, "subjects");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            const struct cJSON *source = json_member(at, "source");
            const char *const cells[] = {
                json_member_string(at, "name"),
                json_member_string(at, "verdict"),
                json_member_string(json_member(at, "toolchain"), "version"),
                json_member_string(source, "module"),
                json_member_string(at, "sha256"),
            };
            buffer_string(out, "<tr>");
            for (size_t c = 0; c < ARRAY_LEN(cells); c++) {
                html_cell_or_absent(out, cells[c] == NULL ? "" : cells[c], cells[c] != NULL);
            }
            buffer_string(out, "</tr>\n");
        }
    }
    html_table_close(out);
}

void report_html(const struct release *release, struct arena *arena, struct buffer *out)
{
    static const char *const words[] = {"undecided", "yes", "no"};
    static const char *const classes[] = {"doubt", "good", "bad"};
    const struct manifest *manifest = release->manifest;
    enum release_decision decision = release_decide(release);
    html_open(out, arena_printf(arena, "%s %s", manifest->name, manifest->version), "");
    buffer_string(out, "<h1>");
    html_badge(out, classes[decision], words[decision]);
    buffer_string(out, " ");
    html_text(out, arena_printf(arena, "%s %s", manifest->name, manifest->version));
    buffer_string(out, "</h1>\n<p>");
    html_text(out, arena_printf(arena, "%zu of %zu pairs hold; expected source: %s",
                                report_holding(release), manifest->pair_count, manifest->expect));
    buffer_string(out, "</p>\n");
    put_problems(release, out);
    put_matrix(release, arena, out);
    put_details(release, out);
    html_close(out, release->tool_version);
}
