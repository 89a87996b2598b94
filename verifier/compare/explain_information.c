// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"
#include "base/scanner.h"
#include "verifier/compare/explain_internal.h"
#include "verifier/compare/information.h"

/* Names shown of a list. */
#define SHOWN 3

static const char *shown(const struct diff_change *change, bool side_a)
{
    bool has = side_a ? change->has_a : change->has_b;
    const char *value = side_a ? change->a : change->b;
    return !has ? "(absent)" : value[0] == '\0' ? "(empty)" : value;
}

/* "NAME: A against B" for the changes that ACCEPT takes; NULL if it takes none. */
static const char *list_changes(struct explainer *explainer,
                                bool (*accept)(const struct diff_change *change))
{
    const struct diff *diff = explainer->diff;
    const char *text = NULL;
    size_t count = 0;
    for (size_t i = 0; i < diff->change_count; i++) {
        const struct diff_change *change = &diff->changes[i];
        if (accept(change) && count++ < SHOWN) {
            text = arena_printf(explainer->arena, "%s%s%s%s%s against %s", text == NULL ? "" : text,
                                text == NULL ? "" : "; ", change->name,
                                change->name[0] == '\0' ? "" : ": ", shown(change, true),
                                shown(change, false));
        }
    }
    return count <= SHOWN ? text
                          : arena_printf(explainer->arena, "%s; and %zu more", text, count - SHOWN);
}

static bool is_setting(const struct diff_change *change, const char *name)
{
    return strcmp(change->kind, "build") == 0 && strcmp(change->name, name) == 0;
}

static bool is_dependency(const struct diff_change *change)
{
    return strcmp(change->kind, "dep") == 0;
}

static bool is_main(const struct diff_change *change)
{
    return strcmp(change->kind, "mod") == 0;
}

static bool is_tags(const struct diff_change *change)
{
    return is_setting(change, "-tags");
}

static bool is_vcs(const struct diff_change *change)
{
    return strcmp(change->kind, "build") == 0 &&
           bytes_start_with(bytes_from_string(change->name), "vcs");
}

static bool is_go(const struct diff_change *change)
{
    return strcmp(change->kind, "go") == 0;
}

static bool is_flag(const struct diff_change *change)
{
    return strcmp(change->kind, "build") == 0 && !is_tags(change) && !is_vcs(change) &&
           !is_setting(change, "-ldflags") && !is_setting(change, "DefaultGODEBUG");
}

/* Versions of Go record other settings. */
static bool is_flag_of_both(const struct diff_change *change)
{
    return is_flag(change) && change->has_a && change->has_b;
}

static void explain_go(struct explainer *explainer)
{
    const char *list = list_changes(explainer, is_go);
    if (list == NULL) {
        return;
    }
    explain_add(explainer, "go-version", "they were built by other versions of Go", list,
                "rebuild with the Go version of A: --toolchain VERSION");
    explainer->code_explained = true;
}

static void explain_modules(struct explainer *explainer)
{
    const char *deps = list_changes(explainer, is_dependency);
    const char *vcs = list_changes(explainer, is_vcs);
    const char *main_module = list_changes(explainer, is_main);
    if (deps != NULL) {
        explain_add(explainer, "dependency-version", "they were linked with other dependencies",
                    deps,
                    "rebuild with the go.mod that selects A's versions: --source "
                    "MODULE@VERSION");
        explainer->code_explained = true;
    }
    if (vcs != NULL) {
        /* Since Go 1.24 the main module's version is made of the stamp. */
        explain_add(explainer, "vcs-stamp", "the stamp of the version control differs", vcs,
                    "rebuild from the revision that A names; -buildvcs=false leaves the stamp out");
    } else if (main_module != NULL) {
        explain_add(explainer, "source-version",
                    "they were built from other versions of the "
                    "source",
                    main_module, "rebuild with --source MODULE@VERSION of A");
        explainer->code_explained = true;
    }
    explainer->explained = explainer->explained || vcs != NULL || main_module != NULL;
}

/* True if TEXT has the word -X: values that it puts in may be all that differs. */
static bool without_x(struct bytes text, struct arena *arena, struct bytes *ret)
{
    AUTO(buffer) struct buffer rest;
    struct scanner scanner = scanner_over(text);
    struct bytes word;
    bool value = false;
    bool found = false;
    buffer_init(&rest, text.len + 2);
    while (scanner_field(&scanner, ' ', text.len + 1, &word)) {
        if (value || bytes_start_with(word, "-X=")) {
            value = false;
            found = true;
        } else if (bytes_equal_string(word, "-X")) {
            value = true;
        } else if (word.len > 0) {
            buffer_append(&rest, word);
            buffer_byte(&rest, ' ');
        }
    }
    *ret = arena_bytes(arena, buffer_view(&rest));
    return found;
}

static void explain_ldflags(struct explainer *explainer)
{
    const struct diff_change *change = diff_change_find(explainer->diff, "build", "-ldflags");
    struct bytes a;
    struct bytes b;
    if (change == NULL) {
        return;
    }
    bool has_x = without_x(bytes_from_string(change->a), explainer->arena, &a);
    has_x = without_x(bytes_from_string(change->b), explainer->arena, &b) || has_x;
    const char *evidence = arena_printf(explainer->arena, "-ldflags %s against %s",
                                        shown(change, true), shown(change, false));
    if (has_x && bytes_equal(a, b)) {
        explain_add(explainer, "x-value", "a value that -X put in differs", evidence,
                    "rebuild with A's value: --ldflags \"-X NAME=VALUE\"");
    } else {
        explain_add(explainer, "flags", "they were linked with other flags", evidence,
                    "rebuild with A's flags: --ldflags");
    }
    explainer->explained = true;
}

static void explain_flags(struct explainer *explainer)
{
    const char *tags = list_changes(explainer, is_tags);
    const char *flags =
        list_changes(explainer, explain_has(explainer, "go-version") ? is_flag_of_both : is_flag);
    if (tags != NULL) {
        explain_add(explainer, "tags", "they were built with other tags", tags,
                    "rebuild with A's tags: --tags LIST");
        explainer->code_explained = true;
    }
    if (flags != NULL) {
        explain_add(explainer, "flags", "they were built with other settings", flags,
                    "rebuild with A's settings: --env NAME=VALUE, --recipe FILE");
        explainer->code_explained = true;
    }
    explain_ldflags(explainer);
}

static const char *roots(struct explainer *explainer, const struct traits *traits)
{
    return arena_printf(explainer->arena, "%s%s%s%s%s", traits->source_root,
                        traits->goroot[0] == '\0' ? "" : ", GOROOT ", traits->goroot,
                        traits->gopath[0] == '\0' ? "" : ", GOPATH ", traits->gopath);
}

static void explain_paths(struct explainer *explainer)
{
    const struct traits *a = &explainer->a->traits;
    const struct traits *b = &explainer->b->traits;
    if (!a->path_known || !b->path_known || explain_has(explainer, "flags")) {
        return;
    }
    const char *left = roots(explainer, a);
    const char *right = roots(explainer, b);
    if (a->trimpath != b->trimpath) {
        explain_add(explainer, "flags", "one of them was built with -trimpath",
                    arena_printf(explainer->arena, "A %s, B %s",
                                 a->trimpath ? "with -trimpath" : left,
                                 b->trimpath ? "with -trimpath" : right),
                    "rebuild with -trimpath as A was");
        explainer->explained = true;
    } else if (!a->trimpath && strcmp(left, right) != 0) {
        explain_add(explainer, "path-leak",
                    "they were built in other directories, whose names "
                    "are in the file",
                    arena_printf(explainer->arena, "%s against %s", left, right),
                    "rebuild under A's paths (reproof rebuild does), or publish builds with "
                    "-trimpath");
        explainer->explained = true;
    }
}

/* How it was linked, where that is not recorded: by older versions, and without build information.
 */
static void explain_mode(struct explainer *explainer)
{
    const struct traits *a = &explainer->a->traits;
    const struct traits *b = &explainer->b->traits;
    if (explainer->code_explained ||
        (a->pie == b->pie && a->shared == b->shared && a->external_link == b->external_link)) {
        return;
    }
    explain_add(explainer, "flags", "they were linked in other ways",
                arena_printf(explainer->arena, "A: %s%s, B: %s%s",
                             a->pie ? "position independent, " : "",
                             a->external_link ? "by a C linker" : "by Go's linker",
                             b->pie ? "position independent, " : "",
                             b->external_link ? "by a C linker" : "by Go's linker"),
                "rebuild with A's -buildmode, CGO_ENABLED and -ldflags=-linkmode=...");
    explainer->code_explained = true;
}

static const char *join(struct explainer *explainer, const struct traits *traits)
{
    const char *text = "";
    for (size_t i = 0; i < traits->compiler_count; i++) {
        text = arena_printf(explainer->arena, "%s%s%s", text, i == 0 ? "" : ", ",
                            traits->compilers[i]);
    }
    return text[0] == '\0' ? "(none named)" : text;
}

static void explain_compiler(struct explainer *explainer)
{
    const char *a = join(explainer, &explainer->a->traits);
    const char *b = join(explainer, &explainer->b->traits);
    bool linked =
        explainer->a->traits.compiler_count > 0 && explainer->b->traits.compiler_count > 0;
    if (linked && strcmp(a, b) != 0 && !explain_has(explainer, "flags")) {
        explain_add(explainer, "c-compiler", "other C compilers had a part in them",
                    arena_printf(explainer->arena, "%s against %s", a, b),
                    "rebuild with A's C compiler: --rootfs DIR");
        explainer->code_explained = true;
    }
}

void explain_information(struct explainer *explainer)
{
    explain_go(explainer);
    explain_modules(explainer);
    explain_flags(explainer);
    /* Another toolchain has its own root; that says nothing more. */
    if (!explain_has(explainer, "go-version")) {
        explain_paths(explainer);
    }
    explain_compiler(explainer);
    if (!explainer->explained) {
        explain_mode(explainer);
    }
    explainer->explained = explainer->explained || explainer->code_explained;
}
