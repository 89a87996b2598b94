// SPDX-License-Identifier: Apache-2.0
#include "attest/release/release_report.h"

#include <string.h>

#include "attest/release/report_internal.h"
#include "base/escape.h"
#include "base/limits.h"

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
    error_set(err, ERROR_USAGE, "no known format");
    return error_cure(err, "a name that ends with .txt, .json, .md, .xml, .sarif or .html");
}

const char *report_title(const struct release *release, struct arena *arena)
{
    const struct manifest *manifest = release->manifest;
    return arena_printf(arena, "%s%s%s", manifest->name, manifest->version[0] == '\0' ? "" : " ",
                        manifest->version);
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

const char *report_assumptions(struct release *release, size_t index, struct arena *arena)
{
    const char *list = "";
    const struct cJSON *subjects = json_member(release_result(release, index), "subjects");
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

void report_text(struct release *release, struct arena *arena, struct buffer *out)
{
    static const char *const words[] = {"UNDECIDED", "YES", "NO"};
    const struct manifest *manifest = release->manifest;
    for (size_t i = 0; i < manifest->pair_count; i++) {
        put_pair(&release->results[i], arena, out);
    }
    for (size_t i = 0; i < release->stranger_count; i++) {
        buffer_printf(out,
                      "stranger   %s\n           named by no pair and not among \"others\"\n"
                      "           next: give it a pair, list it in \"others\", or remove it\n",
                      safe(release->strangers[i], arena));
    }
    buffer_printf(out, "%s  %s: %zu of %zu pairs hold\n", words[release_decide(release)],
                  safe(report_title(release, arena), arena), report_holding(release),
                  manifest->pair_count);
}

static bool hand_on(const struct buffer *out, const struct release_sink *sink, struct error *err)
{
    return buffer_ok(out) ? sink->put(sink->context, buffer_view(out), err)
                          : error_set(err, ERROR_LIMIT, "the report is too long");
}

bool release_report(struct release *release, enum release_format format,
                    const struct release_sink *sink, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    struct arena arena = {0};
    buffer_init(&out, LIMIT_JSON_BYTES);
    switch (format) {
    case RELEASE_TEXT:
        report_text(release, &arena, &out);
        break;
    case RELEASE_JSON:
        return release_write(release, false, sink, err);
    case RELEASE_MARKDOWN:
        report_markdown(release, &arena, &out);
        break;
    case RELEASE_JUNIT:
        report_junit(release, &arena, &out);
        break;
    case RELEASE_SARIF:
        report_sarif(release, &arena, &out);
        break;
    case RELEASE_HTML:
        report_html(release, &arena, &out);
        break;
    }
    arena_free(&arena);
    return release_ok(release, err) && hand_on(&out, sink, err);
}
