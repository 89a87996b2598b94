// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "attest/release/report_internal.h"
#include "base/escape.h"

/* Every character that Markdown or the HTML in it could give a meaning becomes an entity: text from
 * outside stays text. */
static void put(struct buffer *out, const char *text)
{
    char safe[8192];
    escape_text(text, safe, sizeof(safe));
    for (const char *c = safe; *c != '\0'; c++) {
        if (strchr("\\`*_{}[]()<>#+!|~&@$:\"'", *c) != NULL) {
            buffer_printf(out, "&#%u;", (unsigned)(unsigned char)*c);
        } else {
            buffer_byte(out, (uint8_t)*c);
        }
    }
}

static void put_cell(struct buffer *out, const char *text)
{
    buffer_string(out, " ");
    put(out, text);
    buffer_string(out, " |");
}

void report_markdown(struct release *release, struct arena *arena, struct buffer *out)
{
    static const char *const words[] = {"Undecided", "Yes", "No"};
    const struct manifest *manifest = release->manifest;
    buffer_printf(out, "## %s: ", words[release_decide(release)]);
    put(out, report_title(release, arena));
    buffer_printf(out, "\n\n%zu of %zu pairs hold.", report_holding(release), manifest->pair_count);
    if (manifest->expect[0] != '\0') {
        buffer_string(out, " Expected source: ");
        put(out, manifest->expect);
    }
    buffer_string(out,
                  "\n\n| pair | platform | state | assumptions | why |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < manifest->pair_count; i++) {
        const struct pair_result *result = &release->results[i];
        buffer_string(out, "|");
        put_cell(out, result->pair->name);
        put_cell(out, report_platforms(result->pair, arena));
        put_cell(out, pair_state_name(result->state));
        put_cell(out, report_assumptions(release, i, arena));
        put_cell(out, result->state == PAIR_HOLDS ? "" : result->why);
        buffer_string(out, "\n");
    }
    for (size_t i = 0; i < release->stranger_count; i++) {
        buffer_string(out, i == 0 ? "\nNamed by no pair:\n\n- " : "- ");
        put(out, release->strangers[i]);
        buffer_string(out, "\n");
    }
}
