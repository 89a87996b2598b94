// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "verifier/pipeline_internal.h"

/* Which parts of the two build IDs are equal; all false where either has no four parts. */
struct parts_equal {
    bool known, part[BUILD_ID_PARTS];
};

static struct parts_equal compare_parts(const struct traits *a, const struct traits *b)
{
    struct parts_equal equal = {.known = a->parts[0][0] != '\0' && b->parts[0][0] != '\0'};
    for (size_t i = 0; equal.known && i < BUILD_ID_PARTS; i++) {
        equal.part[i] = strcmp(a->parts[i], b->parts[i]) == 0;
    }
    return equal;
}

static const char *describe_place(struct subject_run *run)
{
    const struct subject_result *result = run->result;
    return arena_printf(run->arena, "%llu byte%s, first at offset %llu%s%s",
                        (unsigned long long)result->differing_bytes,
                        result->differing_bytes == 1 ? " differs" : "s differ",
                        (unsigned long long)result->difference_offset,
                        result->difference_section[0] == '\0' ? "" : " in ",
                        result->difference_section);
}

static void settle_different(struct subject_run *run, const char *code, const char *why)
{
    run->result->verdict = VERDICT_DIFFERENT;
    run->result->reason = (struct reason){
        .code = code,
        .detail = arena_printf(run->arena, "%s; %s", describe_place(run), why),
    };
}

/* True if the build information states each flag that shapes the bytes, so that nothing of the
 * recipe was guessed: -ldflags are recorded by 1.18, and later without -trimpath. */
static bool recipe_is_recorded(const struct subject_run *run)
{
    const struct buildinfo *info = &run->file->info;
    static const char *const guesses[] = {"version-from-package",  "version-from-time",
                                          "version-from-file",     "link-flags-searched",
                                          "x-value-from-artifact", "x-value-derived",
                                          "patched-toolchain",     "embedded-from-artifact"};
    if (run->recipe.vendored) {
        return false; /* nothing says that the vendored files are those of the modules */
    }
    for (size_t i = 0; i < ARRAY_LEN(guesses); i++) {
        if (recipe_is_assumed(&run->result->notes, guesses[i])) {
            return false;
        }
    }
    const char *trimpath = buildinfo_setting(info, "-trimpath");
    bool flags_recorded = info->setting_count > 0 &&
                          (trimpath == NULL || buildinfo_setting(info, "-ldflags") != NULL);
    return flags_recorded && run->result->has_source &&
           run->result->source.proof == FETCH_PROOF_RECORDED;
}

static void settle_equivalent(struct subject_run *run)
{
    struct removed_part *part = ARENA_NEW(run->arena, struct removed_part);
    *part = (struct removed_part){
        .name = "go-build-id",
        .version = 1,
        .ranges = run->comparison.ranges,
        .range_count = run->comparison.range_count,
    };
    run->result->verdict = VERDICT_EQUIVALENT;
    run->result->removed = part;
    run->result->removed_count = 1;
}

/* Paths are recreated only where they tell where everything lay. */
static const char *cure_of_recipe(const struct subject_run *run)
{
    const struct traits *traits = &run->file->traits;
    return traits->path_known && !traits->trimpath
               ? "publish builds with -trimpath: this one holds the builder's paths, which could "
                 "not all be recreated; or give what you know of it: --ldflags, --tags"
               : "give what you know of the build: --ldflags, --tags, --source MODULE@VERSION";
}

static void judge_difference(struct subject_run *run)
{
    struct parts_equal equal = compare_parts(&run->file->traits, &run->rebuild->traits);
    bool intact = run->file->traits.linker_hash == LINKER_HASH_MATCH &&
                  run->rebuild->traits.linker_hash == LINKER_HASH_MATCH;
    if (settle_by_ladder(run)) {
        return;
    }
    if (equal.part[0] && equal.part[1] && equal.part[2] && equal.part[3]) {
        settle_different(run, "changed-after-link",
                         "the build IDs agree in all four parts, so the recipe is complete and the "
                         "file was changed after it was linked");
    } else if (equal.part[0] && equal.part[1] && equal.part[2]) {
        settle_different(run, "content-differs",
                         "parts 1 to 3 of the build IDs agree: the same inputs gave other bytes");
    } else if (intact && equal.part[1] && equal.part[2] && equal.part[3]) {
        settle_equivalent(run);
    } else if (recipe_is_recorded(run)) {
        settle_different(
            run, "content-differs",
            "every field of the recipe is recorded in the file and its source is proven");
    } else if (run->recipe.vendored && run->recipe.source_kind == SOURCE_MODULE_ZIP) {
        settle_unproven(
            run, "recipe-unknown",
            arena_printf(run->arena,
                         "%s; built with -mod=vendor, and the vendored files may differ from the "
                         "zips of their modules, which were used here",
                         describe_place(run)),
            arena_printf(run->arena,
                         "reproof rebuild %s --source DIR, with the vendor directory it was built "
                         "from",
                         target_of(run)));
    } else {
        settle_unproven(run, "recipe-unknown",
                        arena_printf(run->arena,
                                     "%s; the file does not state its whole recipe, and "
                                     "no flags tried give these bytes",
                                     describe_place(run)),
                        cure_of_recipe(run));
    }
}

static bool is_accepted_name(const struct rebuild_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->accept_count; i++) {
        if (strcmp(settings->accept[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_accepted(const struct subject_run *run)
{
    const struct subject_result *result = run->result;
    if (result->verdict != VERDICT_REPRODUCED && result->verdict != VERDICT_EQUIVALENT) {
        return false;
    }
    for (size_t i = 0; i < result->removed_count; i++) {
        if (!is_accepted_name(run->settings, result->removed[i].name)) {
            return false;
        }
    }
    for (size_t i = 0; i < result->notes.assumption_count; i++) {
        const char *name = result->notes.assumptions[i].name;
        if (assumption_weakens(name) && !is_accepted_name(run->settings, name)) {
            return false;
        }
    }
    return true;
}

void reach_verdict(struct subject_run *run)
{
    struct subject_result *result = run->result;
    const struct comparison *comparison = &run->comparison;
    /* What was inspected and what was compared must be the same bytes. */
    if (!sha256_equal(&comparison->artifact, &run->file->sha256)) {
        settle_unproven(run, "limit", "the file changed while it was being judged",
                        "judge a copy that nobody writes to");
        return;
    }
    if (comparison->equal) {
        result->verdict = VERDICT_REPRODUCED;
    } else {
        judge_difference(run);
    }
    weaken_by_embedded(run);
    result->accepted = is_accepted(run);
}
