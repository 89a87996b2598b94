// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/scanner.h"
#include "verifier/report/diff_report.h"
#include "verifier/report/result.h"

#define LABEL_WIDTH 13
/* Embedded files that are listed one by one: a screenful. */
#define MOST_EMBEDDED 20

/* Text from outside, made safe for a terminal. */
static void put(struct buffer *out, const char *text)
{
    char safe[4096];
    escape_text(text == NULL ? "" : text, safe, sizeof(safe));
    buffer_string(out, safe);
}

static void label(struct buffer *out, const char *name)
{
    buffer_printf(out, "  %-*s ", LABEL_WIDTH - 1, name);
}

static void line(struct buffer *out, const char *name, const char *text)
{
    label(out, name);
    put(out, text);
    buffer_byte(out, '\n');
}

static void put_linker_hash(const struct inspection *file, struct buffer *out)
{
    static const char *const texts[] = {
        [LINKER_HASH_NONE] = "none: the file carries no Go build ID to check it against",
        [LINKER_HASH_MATCH] = "matches: unchanged since it was linked (whoever can edit a file can "
                              "also rewrite this)",
        [LINKER_HASH_MISMATCH] = "does not match: the file was changed after it was linked",
    };
    line(out, "linker hash", texts[file->traits.linker_hash]);
}

static void put_toolchain(const struct subject_result *subject, struct buffer *out)
{
    label(out, "toolchain");
    put(out, subject->toolchain.version);
    if (subject->toolchain.module.proof == FETCH_PROOF_RECORDED) {
        buffer_string(out, ", recorded in the checksum database");
    }
    if (subject->has_tree_head) {
        buffer_string(out, " (tree of ");
        buffer_grouped(out, subject->tree_head.size);
        buffer_byte(out, ')');
    }
    buffer_byte(out, '\n');
}

static void put_source(const struct subject_result *subject, struct buffer *out)
{
    const struct fetched_module *source = &subject->source;
    label(out, "source");
    if (strcmp(subject->source_kind, "module-zip") == 0) {
        buffer_string(out, "module zip of ");
    } else if (strcmp(subject->source_kind, "toolchain-module") == 0) {
        buffer_string(out, "the toolchain's own module ");
    }
    put(out, source->id.path);
    if (source->id.version[0] != '\0') {
        buffer_byte(out, '@');
        put(out, source->id.version);
    }
    buffer_string(out, source->proof == FETCH_PROOF_RECORDED ? ", recorded" : ", not recorded");
    if (subject->dependency_count > 0) {
        buffer_printf(out, "; %zu dependenc%s, %zu with the sum that the file states",
                      subject->dependency_count, subject->dependency_count == 1 ? "y" : "ies",
                      subject->dependencies_checked);
    }
    buffer_byte(out, '\n');
}

static bool needs_quotes(const char *word)
{
    return word[0] == '\0' || strpbrk(word, " \t\n\"'\\$") != NULL;
}

/* Between two words of the line that began at START. */
static void put_gap(struct buffer *out, size_t start)
{
    if (out->len > start) {
        buffer_byte(out, ' ');
    }
}

static void put_ldflags(const struct recipe *recipe, struct buffer *out)
{
    buffer_string(out, "-ldflags \"");
    for (size_t i = 0; i < recipe->ldflag_count; i++) {
        const char *quote = needs_quotes(recipe->ldflags[i]) ? "'" : "";
        buffer_printf(out, "%s%s", i == 0 ? "" : " ", quote);
        put(out, recipe->ldflags[i]);
        buffer_string(out, quote);
    }
    buffer_byte(out, '"');
}

static void put_flags(const struct recipe *recipe, struct buffer *out)
{
    label(out, "flags");
    size_t start = out->len;
    if (recipe->trimpath) {
        buffer_string(out, "-trimpath");
    }
    if (recipe->buildmode[0] != '\0') {
        put_gap(out, start);
        buffer_string(out, "-buildmode=");
        put(out, recipe->buildmode);
    }
    if (recipe->tags[0] != '\0') {
        put_gap(out, start);
        buffer_string(out, "-tags ");
        put(out, recipe->tags);
    }
    if (recipe->ldflag_count > 0) {
        put_gap(out, start);
        put_ldflags(recipe, out);
    }
    for (size_t i = 0; i < recipe->environment_count; i++) {
        put_gap(out, start);
        put(out, recipe->environment[i].name);
        buffer_byte(out, '=');
        put(out, recipe->environment[i].value);
    }
    buffer_string(out, out->len == start ? "none\n" : "\n");
}

static void put_build(const struct subject_result *subject, struct buffer *out)
{
    label(out, "build");
    bool boxed = strcmp(subject->sandbox_kind, "bubblewrap") == 0;
    buffer_string(out, boxed ? "bubblewrap, no network" : "NOT in a sandbox");
    buffer_printf(out, ", %.1f s", subject->build_seconds);
    if (subject->try_count > 1) {
        buffer_printf(out, ", %zu tries", subject->try_count);
    }
    buffer_printf(out, " (getting %.1f s, proving %.1f s)\n", subject->getting_seconds,
                  subject->proving_seconds);
    for (size_t i = 0; i < subject->try_count && subject->try_count > 1; i++) {
        label(out, "");
        buffer_printf(out, "try %zu: ", i + 1);
        put(out, subject->tries[i].change);
        buffer_printf(out, ", %.1f s\n", subject->tries[i].seconds);
    }
}

/* What the file simply records needs no line of its own: the flags are shown already. */
static bool is_recorded(const struct inference *inference)
{
    return strstr(inference->evidence, "recorded in the file") != NULL;
}

static void put_notes(const struct recipe_notes *notes, struct buffer *out)
{
    bool first = true;
    for (size_t i = 0; i < notes->inference_count; i++) {
        const struct inference *inference = &notes->inferences[i];
        if (is_recorded(inference)) {
            continue;
        }
        label(out, first ? "inferred" : "");
        first = false;
        put(out, inference->field);
        buffer_byte(out, ' ');
        put(out, inference->value);
        buffer_string(out, ": ");
        put(out, inference->evidence);
        buffer_byte(out, '\n');
    }
    for (size_t i = 0; i < notes->assumption_count; i++) {
        label(out, i == 0 ? "assumed" : "");
        put(out, notes->assumptions[i].name);
        buffer_string(out, ": ");
        put(out, notes->assumptions[i].detail);
        buffer_byte(out, '\n');
    }
}

/* What the artifact itself vouches for, and nobody else. */
static void put_embedded(const struct subject_result *subject, struct buffer *out)
{
    for (size_t i = 0; i < subject->embedded_count && i < MOST_EMBEDDED; i++) {
        const struct embedded_part *part = &subject->embedded[i];
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&part->sha256, hex);
        label(out, i == 0 ? "unverified" : "");
        put(out, part->path);
        buffer_printf(out, ", %llu bytes, sha256 %s, ", (unsigned long long)part->size, hex);
        if (part->range_count > 0) {
            buffer_printf(out, "at offset %llu; ", (unsigned long long)part->ranges[0].offset);
        }
        buffer_string(out, part->replaces ? "the source has another\n" : "not in the source\n");
    }
    if (subject->embedded_count > MOST_EMBEDDED) {
        label(out, "");
        buffer_printf(out, "and %zu more embedded files, which --json lists\n",
                      subject->embedded_count - MOST_EMBEDDED);
    }
}

static void put_difference(const struct subject_result *subject, struct buffer *out)
{
    label(out, "difference");
    buffer_grouped(out, subject->differing_bytes);
    buffer_string(out, " of ");
    buffer_grouped(out, subject->file->size);
    buffer_printf(out, " bytes, first at offset %llu",
                  (unsigned long long)subject->difference_offset);
    if (subject->difference_section != NULL && subject->difference_section[0] != '\0') {
        buffer_string(out, " in ");
        put(out, subject->difference_section);
    }
    buffer_byte(out, '\n');
    static const char *const meanings[] = {"inputs", "main package", "main object", "content"};
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        const char *ours = subject->rebuilt_parts[i];
        const char *theirs = subject->file->traits.parts[i];
        if (ours == NULL || ours[0] == '\0' || theirs[0] == '\0') {
            return;
        }
        label(out, i == 0 ? "build ID" : "");
        buffer_printf(out, "part %zu (%s) %s\n", i + 1, meanings[i],
                      strcmp(ours, theirs) == 0 ? "equal" : "differs");
    }
}

static const char *color_of(enum verdict verdict)
{
    return verdict == VERDICT_REPRODUCED  ? "\033[1;32m"
           : verdict == VERDICT_DIFFERENT ? "\033[1;31m"
                                          : "\033[1;33m";
}

static void put_word(enum verdict verdict, bool color, struct buffer *out)
{
    static const char *const words[] = {
        [VERDICT_UNPROVEN] = "UNPROVEN",
        [VERDICT_DIFFERENT] = "DIFFERENT",
        [VERDICT_EQUIVALENT] = "EQUIVALENT",
        [VERDICT_REPRODUCED] = "REPRODUCED",
    };
    buffer_printf(out, "%s%s%s", color ? color_of(verdict) : "", words[verdict],
                  color ? "\033[0m" : "");
}

static void put_origin(const struct subject_result *subject, struct buffer *out)
{
    if (subject->has_source) {
        buffer_string(out, " from ");
        put(out, subject->source.id.path);
        if (subject->source.id.version[0] != '\0') {
            buffer_byte(out, '@');
            put(out, subject->source.id.version);
        }
    }
}

static void put_reason(const struct reason *reason, struct buffer *out)
{
    if (reason->code != NULL) {
        buffer_printf(out, "   %s: ", reason->code);
        put(out, reason->detail);
    }
    buffer_byte(out, '\n');
    if (reason->cure != NULL && reason->cure[0] != '\0') {
        line(out, "next:", reason->cure);
    }
}

/* NAME, if it is not among the names behind START of OUT. */
static void put_name_once(struct buffer *out, size_t start, const char *name)
{
    struct bytes written = bytes_behind(buffer_view(out), start);
    struct bytes element;
    struct scanner scanner = scanner_over(written);
    while (scanner_field(&scanner, ',', written.len, &element)) {
        if (bytes_equal_string(element, name)) {
            return;
        }
    }
    buffer_printf(out, "%s%s", out->len == start ? "" : ",", name);
}

static void put_unaccepted(const struct subject_result *subject, struct buffer *out)
{
    if (subject->accepted) {
        return;
    }
    label(out, "not accepted");
    size_t start = out->len;
    for (size_t i = 0; i < subject->removed_count; i++) {
        put_name_once(out, start, subject->removed[i].name);
    }
    for (size_t i = 0; i < subject->notes.assumption_count; i++) {
        if (assumption_weakens(subject->notes.assumptions[i].name)) {
            put_name_once(out, start, subject->notes.assumptions[i].name);
        }
    }
    buffer_string(out, " (exit 3; --accept NAME,... accepts them)\n");
}

static void put_verdict(const struct subject_result *subject, bool color, struct buffer *out)
{
    char hex[SHA256_HEX_LEN + 1];
    put_word(subject->verdict, color, out);
    switch (subject->verdict) {
    case VERDICT_REPRODUCED:
        put_origin(subject, out);
        sha256_hex(&subject->rebuilt, hex);
        buffer_printf(out, "   sha256 %.16s...   all %llu bytes equal\n", hex,
                      (unsigned long long)subject->rebuilt_size);
        put_unaccepted(subject, out);
        return;
    case VERDICT_EQUIVALENT:
        put_origin(subject, out);
        buffer_string(out, " but for ");
        for (size_t i = 0; i < subject->removed_count; i++) {
            buffer_printf(out, "%s%s", i == 0 ? "" : ", ", subject->removed[i].name);
        }
        buffer_byte(out, '\n');
        put_unaccepted(subject, out);
        return;
    case VERDICT_DIFFERENT:
        put_origin(subject, out);
        put_reason(&subject->reason, out);
        return;
    case VERDICT_UNPROVEN:
        break;
    }
    put_reason(&subject->reason, out);
}

void report_subject_text(const struct subject_result *subject, bool color, struct buffer *out)
{
    const struct inspection *file = subject->file;
    put(out, subject->name);
    buffer_printf(out, "   %s/%s", file->goos, file->goarch);
    if (file->variant[0] != '\0') {
        buffer_byte(out, ' ');
        put(out, file->variant);
    }
    buffer_string(out, "   ");
    put(out, file->info.go_version == NULL ? "" : file->info.go_version);
    buffer_byte(out, '\n');
    put_linker_hash(file, out);
    if (subject->has_toolchain) {
        put_toolchain(subject, out);
    }
    if (subject->has_source) {
        put_source(subject, out);
    }
    if (subject->has_recipe) {
        put_flags(&subject->recipe, out);
    }
    if (subject->try_count > 0) {
        put_build(subject, out);
    }
    put_notes(&subject->notes, out);
    put_embedded(subject, out);
    if (subject->has_difference) {
        put_difference(subject, out);
        if (subject->difference != NULL) {
            diff_text_summary(subject->difference, out);
        }
    }
    put_verdict(subject, color, out);
}
