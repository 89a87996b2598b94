// SPDX-License-Identifier: Apache-2.0
#include "attest/release/release_report.h"

#include <string.h>

#include "attest/release/report_internal.h"
#include "base/escape.h"

static const struct {
    const char *end;
    enum release_format format;
} formats[] = {
    {".txt", RELEASE_TEXT},  {".json", RELEASE_JSON},   {".md", RELEASE_MARKDOWN},
    {".xml", RELEASE_JUNIT}, {".sarif", RELEASE_SARIF}, {".html", RELEASE_HTML},
};

bool release_format_of(const char *name, enum release_format *ret, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (bytes_end_with(bytes_from_string(name), formats[i].end)) {
            *ret = formats[i].format;
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "--report %s: no known format", name);
    return error_cure(err, "a name that ends with .txt, .json, .md, .xml, .sarif or .html");
}

const char *report_platforms(const struct manifest_pair *pair, struct arena *arena)
{
    const char *text = pair->platforms.items[0];
    for (size_t i = 1; i < pair->platforms.count; i++) {
        text = arena_printf(arena, "%s, %s", text, pair->platforms.items[i]);
    }
    return text;
}

size_t report_holding(const struct release *release)
{
    size_t count = 0;
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        count += release->results[i].state == PAIR_HOLDS;
    }
    return count;
}

static const char *add_once(const char *list, const char *name, struct arena *arena)
{
    const char *at = strstr(list, name);
    if (at != NULL && (at[strlen(name)] == ',' || at[strlen(name)] == '\0') &&
        (at == list || at[-1] == ' ')) {
        return list;
    }
    return list[0] == '\0' ? arena_string(arena, name) : arena_printf(arena, "%s, %s", list, name);
}

const char *report_assumptions(const struct pair_result *result, struct arena *arena)
{
    const char *list = "";
    const struct cJSON *subjects = json_member(result->result, "subjects");
    for (const struct cJSON *at = json_first(subjects); at != NULL; at = json_next(at)) {
        const struct cJSON *all = json_member(at, "assumptions");
        for (const struct cJSON *one = json_first(all); one != NULL; one = json_next(one)) {
            const char *name = json_member_string(one, "name");
            list = name == NULL ? list : add_once(list, name, arena);
        }
    }
    return list;
}

/* -- text -- */

static const char *safe(const char *text, struct arena *arena)
{
    char escaped[2048];
    escape_text(text, escaped, sizeof(escaped));
    return arena_string(arena, escaped);
}

static void put_pair(const struct pair_result *result, struct arena *arena, struct buffer *out)
{
    buffer_printf(out, "%-10s %-16s %s\n", pair_state_name(result->state),
                  safe(report_platforms(result->pair, arena), arena),
                  safe(result->pair->artifact, arena));
    if (result->state == PAIR_HOLDS) {
        return;
    }
    if (result->why[0] != '\0') {
        buffer_printf(out, "           %s\n", safe(result->why, arena));
    }
    if (result->cure[0] != '\0') {
        buffer_printf(out, "           next: %s\n", safe(result->cure, arena));
    }
}

void report_text(const struct release *release, struct arena *arena, struct buffer *out)
{
    static const char *const words[] = {"UNDECIDED", "YES", "NO"};
    const struct manifest *manifest = release->manifest;
    for (size_t i = 0; i < manifest->pair_count; i++) {
        put_pair(&release->results[i], arena, out);
    }
    for (size_t i = 0; i < release->stranger_count; i++) {
        buffer_printf(out, "stranger   %s\n           named by no pair and not among \"others\"\n",
                      safe(release->strangers[i], arena));
    }
    buffer_printf(out, "%s  %s %s: %zu of %zu pairs hold\n", words[release_decide(release)],
                  safe(manifest->name, arena), safe(manifest->version, arena),
                  report_holding(release), manifest->pair_count);
}

void release_report(const struct release *release, enum release_format format, struct buffer *out)
{
    struct arena arena = {0};
    switch (format) {
    case RELEASE_TEXT:
        report_text(release, &arena, out);
        break;
    case RELEASE_JSON:
        release_write(release, false, out);
        break;
    case RELEASE_MARKDOWN:
        report_markdown(release, &arena, out);
        break;
    case RELEASE_JUNIT:
        report_junit(release, &arena, out);
        break;
    case RELEASE_SARIF:
        report_sarif(release, &arena, out);
        break;
    case RELEASE_HTML:
        report_html(release, &arena, out);
        break;
    }
    arena_free(&arena);
}
