// SPDX-License-Identifier: Apache-2.0
/* What a recipe takes from the artifact or from nobody. It is read off the finished recipe, so that
 * a recipe from a file assumes as much as one that was derived. */
#include <strings.h>

#include "base/scanner.h"
#include "verifier/recipe/recipe.h"

struct notebook {
    const struct recipe *recipe;
    struct arena *arena;
    struct recipe_notes *notes;
};

/* What VALUE repeats of the recipe; NULL if nothing. */
static const char *derived_from(const struct recipe *recipe, struct bytes value)
{
    const struct bytes version = bytes_from_string(recipe->version);
    const struct bytes revision = bytes_from_string(recipe->vcs.revision);
    const struct bytes time = bytes_from_string(recipe->vcs.time);
    if (value.len == 0) {
        return NULL;
    }
    if (bytes_equal(value, version)) {
        return "the version";
    }
    if (version.len > 1 && bytes_equal(value, bytes_from(version.data + 1, version.len - 1))) {
        return "the version without v";
    }
    if (bytes_equal(value, revision)) {
        return "vcs.revision";
    }
    if (value.len >= 7 && value.len < revision.len &&
        memcmp(value.data, revision.data, value.len) == 0) {
        return "the first digits of vcs.revision";
    }
    if (bytes_equal(value, time) ||
        (value.len == 10 && time.len > 10 && memcmp(value.data, time.data, 10) == 0)) {
        return "vcs.time";
    }
    return NULL;
}

/* What VALUE would make of a program that its source does not: NULL if nothing. */
static const char *intention_of(struct bytes value)
{
    static const char *const switches[] = {"true", "false",   "yes",      "no",     "on",
                                           "off",  "enabled", "disabled", "enable", "disable"};
    struct bytes scheme = bytes_from_string("://");
    if (bytes_find(value, 0, scheme) != SIZE_MAX) {
        return "an address";
    }
    for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
        if (value.len == strlen(switches[i]) &&
            strncasecmp((const char *)value.data, switches[i], value.len) == 0) {
            return "a switch";
        }
    }
    return NULL;
}

static bool is_switch(struct bytes tag)
{
    static const char *const starts[] = {"no",      "with", "enable", "disable", "skip",
                                         "without", "dev",  "debug",  "insecure"};
    static const char *const harmless[] = {"noasm", "nethttpomithttp2"};
    bool found = false;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        found = found || bytes_start_with(tag, starts[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
        found = found && !bytes_equal_string(tag, harmless[i]);
    }
    return found;
}

static void note_tags(struct notebook *book)
{
    struct bytes rest = bytes_from_string(book->recipe->tags), tag, behind;
    bool switched = false;
    while (rest.len > 0) {
        bool more = scan_cut(rest, ',', &tag, &behind);
        switched = switched || is_switch(more ? tag : rest);
        rest = more ? behind : bytes_from(NULL, 0);
    }
    if (switched) {
        recipe_assume_intention(book->notes, book->arena, "tags", "%.1000s, which may be switches",
                                book->recipe->tags);
    } else if (book->recipe->tags[0] != '\0') {
        recipe_assume(book->notes, book->arena, "tags", "%.1000s", book->recipe->tags);
    }
}

static void note_definition(struct notebook *book, struct bytes definition)
{
    struct bytes variable, value;
    if (!scan_cut(definition, '=', &variable, &value)) {
        return;
    }
    const char *name = arena_text(book->arena, variable), *text = arena_text(book->arena, value);
    const char *origin = derived_from(book->recipe, value), *intention = intention_of(value);
    if (intention != NULL) {
        recipe_assume_intention(book->notes, book->arena, "x-value-from-artifact",
                                "%.200s=%.200s, %s", name, text, intention);
    } else if (origin != NULL) {
        recipe_assume(book->notes, book->arena, "x-value-derived", "%.200s=%.200s, equal to %s",
                      name, text, origin);
    } else {
        recipe_assume(book->notes, book->arena, "x-value-from-artifact", "%.200s=%.200s", name,
                      text);
    }
}

/* -X puts a value into a string variable: nothing in the source says it. */
static void note_values(struct notebook *book)
{
    const struct recipe *recipe = book->recipe;
    for (size_t i = 0; i < recipe->ldflag_count; i++) {
        struct bytes flag = bytes_from_string(recipe->ldflags[i]);
        bool two = bytes_start_with(flag, "--");
        if (two) {
            flag = bytes_from(flag.data + 1, flag.len - 1);
        }
        if (bytes_equal_string(flag, "-X") && i + 1 < recipe->ldflag_count) {
            note_definition(book, bytes_from_string(recipe->ldflags[++i]));
        } else if (bytes_start_with(flag, "-X=")) {
            note_definition(book, bytes_from(flag.data + 3, flag.len - 3));
        }
    }
}

static void note_vcs(struct notebook *book)
{
    const struct vcs_stamp *vcs = &book->recipe->vcs;
    if (!vcs->present) {
        return;
    }
    recipe_assume(book->notes, book->arena, "vcs-echoed",
                  "revision %.12s of %s repeated from the file, confirmed by nobody", vcs->revision,
                  vcs->time);
    if (vcs->modified) {
        recipe_assume(book->notes, book->arena, "vcs-modified",
                      "built from a working copy with uncommitted changes, says the file");
    }
}

static void note_replacements(struct notebook *book)
{
    for (size_t i = 0; i < book->recipe->dep_count; i++) {
        const struct module *dep = &book->recipe->deps[i];
        if (dep->replace == NULL) {
            continue;
        }
        if (strcmp(dep->replace->path, dep->path) != 0) {
            recipe_assume_intention(book->notes, book->arena, "replaced-module",
                                    "%s is replaced by %s %s, another module", dep->path,
                                    dep->replace->path, dep->replace->version);
        } else {
            recipe_assume(book->notes, book->arena, "replaced-module", "%s is replaced by %s %s",
                          dep->path, dep->replace->path, dep->replace->version);
        }
    }
}

static void note_places(struct notebook *book)
{
    const struct recipe *recipe = book->recipe;
    if (recipe->source_kind == SOURCE_DIRECTORY) {
        recipe_assume(book->notes, book->arena, "local-source", "built from %s, proven by nobody",
                      recipe->directory);
    }
    if (recipe->toolchain_directory[0] != '\0') {
        recipe_assume(book->notes, book->arena, "local-toolchain",
                      "built with the toolchain in %s, proven by nobody",
                      recipe->toolchain_directory);
    }
    if (recipe->rootfs[0] != '\0') {
        recipe_assume(book->notes, book->arena, "local-toolchain",
                      "C compiled and linked by what is in %s, proven by nobody", recipe->rootfs);
    }
    if (recipe->toolchain_patch[0] != '\0') {
        recipe_assume(book->notes, book->arena, "patched-toolchain",
                      "%s: %s with the call that writes build information taken out of its linker",
                      recipe->toolchain_patch, recipe->toolchain);
    }
    if (!recipe->trimpath) {
        recipe_assume(book->notes, book->arena, "paths-recreated",
                      "rebuilt under the builder's paths: source %s, GOROOT %s, GOPATH %s",
                      recipe->source_root, recipe->goroot, recipe->gopath);
    }
}

void recipe_note_embedded(const struct recipe *recipe, struct arena *arena,
                          struct recipe_notes *notes)
{
    size_t replaced = 0;
    uint64_t size = 0;
    for (size_t i = 0; i < recipe->embedded_count; i++) {
        replaced += recipe->embedded[i].replaces ? 1 : 0;
        size += recipe->embedded[i].size;
    }
    if (recipe->embedded_count > 0) {
        recipe_assume(
            notes, arena, "embedded-from-artifact",
            "%zu embedded file%s (%llu bytes) cut out of the file that is judged: %zu that "
            "the source lacks, %zu that it has with other content; nothing proves what "
            "is in them",
            recipe->embedded_count, recipe->embedded_count == 1 ? "" : "s",
            (unsigned long long)size, recipe->embedded_count - replaced, replaced);
    }
}

void recipe_note_values(const struct recipe *recipe, struct arena *arena,
                        struct recipe_notes *notes)
{
    struct notebook book = {recipe, arena, notes};
    note_values(&book);
}

void recipe_note_assumptions(const struct recipe *recipe, struct arena *arena,
                             struct recipe_notes *notes)
{
    struct notebook book = {recipe, arena, notes};
    note_places(&book);
    note_vcs(&book);
    note_tags(&book);
    note_values(&book);
    note_replacements(&book);
    recipe_note_embedded(recipe, arena, notes);
}
