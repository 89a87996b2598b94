// SPDX-License-Identifier: Apache-2.0
#include <string.h>

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

/* A pair leads to its programs. */
static void put_matrix(struct release *release, struct arena *arena, struct buffer *out)
{
    static const char *const headings[] = {"state", "platform", "artifact", "assumptions"};
    html_element(out, "h2", "", "Pairs");
    buffer_string(out, "<div class=\"matrix\">\n");
    html_table_open(out, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct pair_result *result = &release->results[i];
        buffer_string(out, "<tr><td>");
        html_badge(out, class_of(result->state), pair_state_name(result->state));
        buffer_string(out, "</td>");
        html_cell(out, report_platforms(result->pair, arena));
        buffer_string(out, "<td>");
        if (result->has_result) {
            buffer_printf(out, "<a href=\"#p%zu\">", i);
        }
        html_text(out, result->pair->artifact);
        buffer_string(out, result->has_result ? "</a></td>" : "</td>");
        html_cell(out, report_assumptions(release, i, arena));
        buffer_string(out, "</tr>\n");
    }
    html_table_close(out);
    buffer_string(out, "</div>\n");
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

/* -- the programs -- */

static const char *text_of(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

static void put_row(struct buffer *out, const char *name, const char *text)
{
    if (text[0] != '\0') {
        buffer_string(out, "<tr><th>");
        html_text(out, name);
        buffer_string(out, "</th>");
        html_cell(out, text);
        buffer_string(out, "</tr>\n");
    }
}

/* "v1.2.3, recorded, h1:..." as far as it is told. */
static const char *with_proof(const struct cJSON *object, const char *first, struct arena *arena)
{
    const char *proof = text_of(object, "proof"), *h1 = text_of(object, "h1");
    return first[0] == '\0' ? ""
                            : arena_printf(arena, "%s%s%s%s%s", first, proof[0] == '\0' ? "" : ", ",
                                           proof, h1[0] == '\0' ? "" : ", ", h1);
}

static const char *source_of(const struct cJSON *subject, struct arena *arena)
{
    const struct cJSON *source = json_member(subject, "source");
    const char *module = text_of(source, "module"), *version = text_of(source, "version");
    return with_proof(source,
                      arena_printf(arena, "%s%s%s", module, version[0] == '\0' ? "" : "@", version),
                      arena);
}

static const char *difference_of(const struct cJSON *subject, struct arena *arena)
{
    const struct cJSON *difference = json_member(subject, "first_difference");
    uint64_t offset;
    if (!json_get_uint(json_member(difference, "offset"), &offset)) {
        return "";
    }
    const char *section = text_of(difference, "section");
    return arena_printf(arena, "at offset %llu%s%s", (unsigned long long)offset,
                        section[0] == '\0' ? "" : ", in ", section);
}

static void put_list(struct buffer *out, const char *title, const struct cJSON *list,
                     const char *name, struct arena *arena)
{
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        const char *detail = text_of(at, "detail");
        put_row(out, title,
                arena_printf(arena, "%s%s%s", text_of(at, name), detail[0] == '\0' ? "" : ": ",
                             detail));
    }
}

static const char *class_of_verdict(const char *verdict)
{
    return strcmp(verdict, "reproduced") == 0  ? "good"
           : strcmp(verdict, "different") == 0 ? "bad"
                                               : "doubt";
}

/* ARTIFACT: what the program is published in, or as. */
static void put_program(const struct cJSON *subject, const char *artifact, struct arena *arena,
                        struct buffer *out)
{
    const struct cJSON *reason = json_member(subject, "reason");
    const struct cJSON *toolchain = json_member(subject, "toolchain");
    const char *verdict = text_of(subject, "verdict"), *code = text_of(reason, "code");
    buffer_string(out, "<h3>");
    html_badge(out, class_of_verdict(verdict), verdict);
    buffer_string(out, " ");
    html_text(out, text_of(subject, "name"));
    buffer_string(out, "</h3>\n<div class=\"wide\"><table class=\"facts\">\n");
    put_row(out, "artifact", artifact);
    put_row(
        out, "platform",
        arena_printf(arena, "%s %s", text_of(subject, "platform"), text_of(subject, "variant")));
    put_row(out, "sha256", text_of(subject, "sha256"));
    put_row(out, "source", source_of(subject, arena));
    put_row(out, "toolchain", with_proof(toolchain, text_of(toolchain, "version"), arena));
    put_row(out, "why",
            code[0] == '\0' ? "" : arena_printf(arena, "%s: %s", code, text_of(reason, "detail")));
    put_row(out, "next", text_of(reason, "cure"));
    put_row(out, "first difference", difference_of(subject, arena));
    put_list(out, "cause", json_member(json_member(subject, "difference"), "cause"), "code", arena);
    put_list(out, "cut out or put on", json_member(subject, "removed"), "name", arena);
    put_list(out, "assumed", json_member(subject, "assumptions"), "name", arena);
    buffer_string(out, "</table></div>\n");
}

static void put_unproven(const struct cJSON *containers, struct buffer *out)
{
    for (const struct cJSON *at = json_first(containers); at != NULL; at = json_next(at)) {
        const struct cJSON *list = json_member(at, "unproven_members");
        for (const struct cJSON *name = json_first(list); name != NULL; name = json_next(name)) {
            buffer_string(out,
                          json_first(list) == name ? "<p class=\"dim\">proven by nothing: " : ", ");
            html_text(out, json_get_string(name) == NULL ? "" : json_get_string(name));
            buffer_string(out, json_next(name) == NULL ? "</p>\n" : "");
        }
    }
}

static void put_details(struct release *release, struct buffer *out)
{
    html_element(out, "h2", "", "Programs");
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        struct arena arena = {0};
        const struct cJSON *result = release_result(release, i);
        const struct cJSON *list = json_member(result, "subjects");
        buffer_printf(out, "<section id=\"p%zu\">\n", i);
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            put_program(at, release->results[i].pair->artifact, &arena, out);
        }
        put_unproven(json_member(result, "containers"), out);
        buffer_string(out, "</section>\n");
        arena_free(&arena);
    }
}

/* On a phone a pair is a paragraph, not a row of four narrow columns. */
static const char style[] =
    "h3{font-size:1rem;margin:1.4rem 0 .3rem;overflow-wrap:anywhere}"
    "table.facts{width:auto}.facts th{white-space:nowrap}a{color:inherit}"
    "section{break-inside:avoid}.note strong{overflow-wrap:anywhere}"
    ".matrix td:nth-child(2){overflow-wrap:normal}"
    "@media(max-width:40rem){.facts th{white-space:normal}.matrix th{display:none}"
    ".matrix tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}"
    ".matrix td{display:inline-block;min-width:0;border:0;padding:.1rem .6rem .1rem 0}}";

void report_html(struct release *release, struct arena *arena, struct buffer *out)
{
    static const char *const words[] = {"undecided", "yes", "no"};
    static const char *const classes[] = {"doubt", "good", "bad"};
    const struct manifest *manifest = release->manifest;
    const char *title = report_title(release, arena), *expect = manifest->expect;
    enum release_decision decision = release_decide(release);
    html_open(out, title, style);
    buffer_string(out, "<h1>");
    html_badge(out, classes[decision], words[decision]);
    buffer_string(out, " ");
    html_text(out, title);
    buffer_string(out, "</h1>\n<p>");
    html_text(out, arena_printf(arena, "%zu of %zu pairs hold%s%s", report_holding(release),
                                manifest->pair_count,
                                expect[0] == '\0' ? "" : "; expected source: ", expect));
    buffer_string(out, "</p>\n");
    put_problems(release, out);
    put_matrix(release, arena, out);
    put_details(release, out);
    html_close(out, release->tool_version);
}
