// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/xvalue.h"

#include "base/scanner.h"

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

static void note_one(struct derivation *d, struct bytes definition)
{
    struct bytes variable, value;
    if (!scan_cut(definition, '=', &variable, &value)) {
        return;
    }
    const char *name = arena_text(d->arena, variable), *text = arena_text(d->arena, value);
    const char *origin = derived_from(&d->recipe, value);
    if (origin != NULL) {
        recipe_assume(&d->notes, d->arena, "x-value-derived", "%.200s=%.200s, equal to %s", name,
                      text, origin);
    } else {
        recipe_assume(&d->notes, d->arena, "x-value-from-artifact", "%.200s=%.200s", name, text);
    }
}

void xvalue_note(struct derivation *d)
{
    if (d->hints != NULL && derive_hint(d->hints->ldflags)[0] != '\0') {
        return;
    }
    for (size_t i = 0; i < d->recipe.ldflag_count; i++) {
        struct bytes flag = bytes_from_string(d->recipe.ldflags[i]);
        if ((bytes_equal_string(flag, "-X") || bytes_equal_string(flag, "--X")) &&
            i + 1 < d->recipe.ldflag_count) {
            note_one(d, bytes_from_string(d->recipe.ldflags[++i]));
        } else if (bytes_start_with(flag, "-X=")) {
            note_one(d, bytes_from(flag.data + 3, flag.len - 3));
        }
    }
}
