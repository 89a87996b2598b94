// SPDX-License-Identifier: Apache-2.0
/* A mod line that says (devel), no stamp, no package around it: programs often hold their version
 * as a text, and their dep lines are those of one go.mod. Both are hints that the artifact itself
 * gives; what proves the version is that its source gives the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "verifier/fetch/semver.h"
#include "verifier/image/window.h"
#include "verifier/pipeline_internal.h"
#include "verifier/recipe/gomod.h"

/* More versions than any module is known to have. */
#define LISTED_MAXIMUM 4096
/* So many go.mod files are read at most: those whose version is a text of the file come first. */
#define READ_MAXIMUM 64
/* "1.2.3": what is shorter stands in any file. */
#define TEXT_MINIMUM 5
#define TEXT_MAXIMUM 128

struct candidate {
    const char *version;
    struct bytes text; /* without the "v" and without "+incompatible" */
    bool found;        /* a text of the file */
};

struct candidates {
    struct candidate *items;
    size_t count;
};

static struct candidates list_candidates(struct subject_run *run, const char **versions,
                                         size_t count)
{
    struct candidates ret = {ARENA_ARRAY(run->arena, count + 1, struct candidate), 0};
    for (size_t i = 0; i < count && ret.count < LISTED_MAXIMUM; i++) {
        size_t len = strcspn(versions[i], "+");
        if (recipe_version_fits(run->recipe.module, versions[i]) && len <= TEXT_MAXIMUM) {
            struct bytes text = bytes_from(versions[i] + 1, len - 1);
            ret.items[ret.count++] = (struct candidate){versions[i], text, false};
        }
    }
    return ret;
}

/* Of "0.12.2" and "0.12.20" at one place, the longer one is meant. */
static void mark_longest(struct bytes at, struct candidates *candidates)
{
    struct candidate *longest = NULL;
    for (size_t i = 0; i < candidates->count; i++) {
        struct candidate *candidate = &candidates->items[i];
        if (candidate->text.len >= TEXT_MINIMUM &&
            bytes_equal(bytes_first(at, candidate->text.len), candidate->text) &&
            (longest == NULL || candidate->text.len > longest->text.len)) {
            longest = candidate;
        }
    }
    if (longest != NULL) {
        longest->found = true;
    }
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The digits that AT begins with, at most four of them and none after a leading zero. */
static size_t count_digits(struct bytes at)
{
    size_t digits = 0;
    while (digits < at.len && digits < 4 && is_digit(at.data[digits])) {
        digits++;
    }
    return digits > 1 && at.data[0] == '0' ? 0 : digits;
}

/* "1.2.3" and nothing of a number behind it; its length, or 0. */
static size_t plain_version(struct bytes at)
{
    size_t len = 0;
    for (unsigned part = 0; part < 3; part++) {
        size_t digits = count_digits(bytes_behind(at, len));
        len += digits;
        bool point = len < at.len && at.data[len] == '.';
        if (digits == 0 || point != (part < 2)) {
            return 0;
        }
        len += point;
    }
    return len < at.len && is_digit(at.data[len]) ? 0 : len;
}

static void note_text(struct subject_run *run, struct bytes text, struct candidates *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (bytes_equal(texts->items[i].text, text)) {
            return;
        }
    }
    const char *version = arena_printf(run->arena, "v%s", arena_text(run->arena, text));
    if (texts->count < READ_MAXIMUM && recipe_version_fits(run->recipe.module, version)) {
        texts->items[texts->count++] =
            (struct candidate){version, bytes_from_string(version + 1), true};
    }
}

/* Looks at all that may be the text of a version: marks the LISTED ones, and lists TEXTS that are
 * nothing else but one. */
static bool find_texts(struct subject_run *run, struct candidates *listed, struct candidates *texts,
                       struct error *err)
{
    const struct source *source = run->artifact;
    struct window window;
    uint8_t before = 0;
    window_init(&window, source, run->arena);
    for (uint64_t at = 0; at < source->size;) {
        struct bytes piece;
        if (!window_some(&window, at, source->size, WINDOW_MAXIMUM, &piece, err)) {
            return false;
        }
        /* What begins in the last bytes is looked at whole with the next piece. */
        bool last = at + piece.len >= source->size || piece.len <= TEXT_MAXIMUM;
        size_t stop = last ? piece.len : piece.len - TEXT_MAXIMUM;
        for (size_t i = 0; i < stop; i++) {
            struct bytes rest = bytes_behind(piece, i);
            size_t digits = is_digit(rest.data[0]) ? count_digits(rest) : 0;
            if (digits > 0 && digits < rest.len && rest.data[digits] == '.') {
                size_t len = is_digit(before) || before == '.' ? 0 : plain_version(rest);
                mark_longest(rest, listed);
                if (len > 0) {
                    note_text(run, bytes_first(rest, len), texts);
                }
            }
            before = rest.data[0];
        }
        at += stop;
    }
    return true;
}

/* Those that are a text of the file first, then the newer ones. */
static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    return a->found != b->found ? (int)b->found - (int)a->found
                                : semver_compare(b->version, a->version);
}

/* True if the go.mod of VERSION selects what the dep lines name, as far as it alone can tell. */
static bool fits_dependencies(struct subject_run *run, const char *version)
{
    struct module_id id = {run->recipe.module, version};
    struct fetched_module module;
    struct gomod_comparison comparison;
    struct error ignored;
    /* The go.mod files of the dependencies are not read for a mere candidate. */
    struct fetched_module *unread =
        ARENA_ARRAY(run->arena, run->recipe.dep_count + 1, struct fetched_module);
    return fetch_go_mods(run->fetcher, &id, 1, run->arena, &module, &ignored) &&
           gomod_compare(&run->recipe, module.go_mod, unread, run->recipe.dep_count, run->arena,
                         &comparison, &ignored) &&
           !comparison.differs;
}

struct choice {
    const struct candidate *best; /* NULL: none fits */
    size_t alike;                 /* how many fit as well, BEST among them */
};

static struct choice choose(struct subject_run *run, struct candidates *candidates)
{
    struct choice choice = {0};
    qsort(candidates->items, candidates->count, sizeof(*candidates->items), compare_candidates);
    for (size_t i = 0; i < candidates->count && i < READ_MAXIMUM; i++) {
        const struct candidate *candidate = &candidates->items[i];
        if (choice.best != NULL && choice.best->found && !candidate->found) {
            break;
        }
        if (fits_dependencies(run, candidate->version)) {
            choice.best = choice.best == NULL ? candidate : choice.best;
            choice.alike++;
        }
    }
    /* Without its number in the file, only one that stands alone is worth a build. */
    if (choice.best != NULL && !choice.best->found && choice.alike > 1) {
        choice.best = NULL;
    }
    return choice;
}

static void take_choice(struct subject_run *run, const struct choice *choice, const char *among)
{
    const struct candidate *best = choice->best;
    run->recipe.version = best->version;
    recipe_assume(&run->result->notes, run->arena, "version-from-file",
                  "%s, %s of %s whose go.mod selects the dep lines%s", best->version,
                  choice->alike == 1 ? "the one" : "the newest", among,
                  best->found ? " and whose number is a text in the file" : "");
}

bool version_from_file(struct subject_run *run, const char **ret_why, struct error *err)
{
    const char **versions;
    size_t count;
    if (!fetch_versions(run->fetcher, run->recipe.module, run->arena, &versions, &count, err)) {
        return false;
    }
    struct candidates listed = list_candidates(run, versions, count);
    struct candidates texts = {ARENA_ARRAY(run->arena, READ_MAXIMUM, struct candidate), 0};
    if (!find_texts(run, &listed, &texts, err)) {
        return false;
    }
    const char *among =
        arena_printf(run->arena, "the %zu versions that the module proxy lists", listed.count);
    struct choice choice = choose(run, &listed);
    if (choice.best == NULL) {
        /* A proxy may have what it does not list. */
        among = arena_printf(run->arena, "%s, and of those that are texts in the file", among);
        choice = choose(run, &texts);
    }
    if (choice.best == NULL) {
        *ret_why = arena_printf(run->arena, "its dep lines do not tell one of %s", among);
        return true;
    }
    take_choice(run, &choice, among);
    return true;
}
