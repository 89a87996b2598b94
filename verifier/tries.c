// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "verifier/pipeline_internal.h"

static const char *join(struct subject_run *run, const char *const *words, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        text = arena_printf(run->arena, "%s%s%s", text, i == 0 ? "" : " ", words[i]);
    }
    return text;
}

static const char *describe(struct subject_run *run, const struct link_flags *flags)
{
    const char *patch = run->recipe.toolchain_patch[0] == '\0' ? "" : "patched linker, ";
    const char *taken =
        run->recipe.embedded_count == 0
            ? ""
            : arena_printf(run->arena, "%zu embedded file%s from the artifact, ",
                           run->recipe.embedded_count, run->recipe.embedded_count == 1 ? "" : "s");
    if (flags->words == NULL) {
        return arena_printf(run->arena, "%sthe recipe as recorded", taken);
    }
    return flags->count == 0 ? arena_printf(run->arena, "%s%sno -ldflags", patch, taken)
                             : arena_printf(run->arena, "%s%s-ldflags \"%s\"", patch, taken,
                                            join(run, flags->words, flags->count));
}

static void record_try(struct subject_run *run, const char *change, const char *build_id,
                       double seconds)
{
    struct subject_result *result = run->result;
    arena_grow(run->arena, &result->tries, result->try_count, &result->try_capacity,
               sizeof(*result->tries));
    result->tries[result->try_count++] = (struct rebuild_try){change, build_id, seconds};
    result->build_seconds += seconds;
}

static enum step settle_failure(struct subject_run *run, const struct build_output *output)
{
    return settle_unproven(run, output->failure, output->detail,
                           strcmp(output->failure, "limit") == 0
                               ? "raise the limit that the detail names"
                               : "--keep DIR keeps the build log");
}

/* The section that holds OFFSET in the artifact, as far as its inspection tells. */
static const char *section_at(const struct inspection *file, uint64_t offset)
{
    for (size_t i = 0; i < file->section_count; i++) {
        const struct section_place *section = &file->sections[i];
        if (offset >= section->offset && offset - section->offset < section->size) {
            return section->name;
        }
    }
    return "";
}

void record_comparison(struct subject_run *run)
{
    struct subject_result *result = run->result;
    const struct comparison *comparison = &run->comparison;
    result->has_rebuild = true;
    result->rebuilt = comparison->rebuild;
    result->rebuilt_size = comparison->rebuild_size;
    result->has_difference = !comparison->equal;
    result->differing_bytes = comparison->differing;
    result->difference_offset = comparison->range_count > 0 ? comparison->ranges[0].offset : 0;
    result->difference_section = section_at(run->file, result->difference_offset);
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        result->rebuilt_parts[i] = run->rebuild->traits.parts[i];
    }
}

/* Looks at the rebuild in OUTPUT and compares it with the artifact. */
static bool examine(struct subject_run *run, const struct build_output *output, struct error *err)
{
    struct inspection *files;
    size_t count;
    struct source rebuild;
    if (!inspector_run(run->inspector, output->fd, "rebuild", run->arena, &files, &count, err) ||
        !source_from_fd(output->fd, &rebuild, err) ||
        !compare_sources(run->artifact, &rebuild, &run->comparison, err)) {
        return false;
    }
    run->rebuild = &files[0];
    record_comparison(run);
    return true;
}

/* True if another order of the link flags can still help: only the link's inputs differ. */
static bool is_worth_going_on(const struct subject_run *run)
{
    const struct traits *theirs = &run->file->traits;
    const struct traits *ours = &run->rebuild->traits;
    if (run->comparison.equal) {
        return false;
    }
    if (theirs->parts[0][0] == '\0' || ours->parts[0][0] == '\0') {
        return true;
    }
    return strcmp(theirs->parts[1], ours->parts[1]) == 0 &&
           strcmp(theirs->parts[0], ours->parts[0]) != 0;
}

/* Builds with FLAGS and looks at what comes out. RET_HASHES: what go hashed, in the run's arena. */
static enum step run_try(struct subject_run *run, struct build_box *box,
                         const struct link_flags *flags, struct bytes *ret_hashes,
                         struct error *err)
{
    const char *change = describe(run, flags);
    struct build_output output = {.fd = -1};
    enum step step;
    if (run->settings->progress.stage != NULL) {
        run->settings->progress.stage(run->settings->progress.context, change);
    }
    if (!build_box_run(box, flags->words, flags->count, run->arena, &output, err)) {
        return settle_error(run, err, "build-failed");
    }
    if (run->settings->progress.stage != NULL) {
        run->settings->progress.stage(run->settings->progress.context, "compare");
    }
    run->result->build_log = output.run.log;
    run->lacks_embedded = output.fd < 0 && build_lacks_embedded(output.run.log);
    *ret_hashes = output.hashes;
    if (output.fd < 0) {
        record_try(run, change, "", output.run.seconds);
        step = settle_failure(run, &output);
    } else if (!examine(run, &output, err)) {
        step = settle_error(run, err, "build-failed");
    } else {
        record_try(run, change, run->rebuild->traits.build_id, output.run.seconds);
        fd_close(&run->rebuild_fd);
        run->rebuild_fd = fd_steal(&output.fd);
        if (flags->words != NULL) {
            run->recipe.ldflags = flags->words;
            run->recipe.ldflag_count = flags->count;
        }
        step = STEP_GO_ON;
    }
    build_output_free(&output);
    return step;
}

/* That the first guess fits is a find like any other. */
static void note_first_order(struct subject_run *run)
{
    if (run->comparison.equal && run->result->try_count == run->first_try + 1 &&
        run->recipe.order_count > 1) {
        recipe_assume(&run->result->notes, run->arena, "link-flags-searched",
                      "-ldflags are not recorded: the first of %zu that fit what the bytes show",
                      run->recipe.order_count);
    }
}

/* A recipe that is replayed begins with what was found. */
static void put_find_first(struct recipe *recipe)
{
    size_t at = 0;
    while (at + 1 < recipe->order_count && recipe->ldflags_orders[at] != recipe->ldflags) {
        at++;
    }
    recipe->ldflags_orders[at] = recipe->ldflags_orders[0];
    recipe->ldflags_order_counts[at] = recipe->ldflags_order_counts[0];
    recipe->ldflags_orders[0] = recipe->ldflags;
    recipe->ldflags_order_counts[0] = recipe->ldflag_count;
}

/* The first build, and the relinks that its build ID suggests. */
static enum step try_flags(struct subject_run *run, struct build_box *box, struct error *err)
{
    struct link_flags flags = {0};
    struct bytes hashes;
    bool more = first_flags(run, &flags);
    while (more) {
        enum step step = run_try(run, box, &flags, &hashes, err);
        if (step != STEP_GO_ON || run->settings->no_compare) {
            return step;
        }
        more = is_worth_going_on(run) && next_flags(run, hashes, &flags);
    }
    note_first_order(run);
    recipe_note_values(&run->recipe, run->arena, &run->result->notes);
    if (run->comparison.equal && run->recipe.order_count > 0) {
        put_find_first(&run->recipe);
    }
    return STEP_GO_ON;
}

/* What a try that did not help is taken back to. */
struct try_state {
    struct recipe recipe;
    struct recipe_notes notes;
    struct comparison comparison;
    const struct inspection *rebuild;
    struct bytes build_log;
    int fd;
};

static struct try_state keep_state(struct subject_run *run)
{
    const struct recipe_notes *notes = &run->result->notes;
    struct try_state state = {.recipe = run->recipe,
                              .notes = *notes,
                              .comparison = run->comparison,
                              .rebuild = run->rebuild,
                              .build_log = run->result->build_log,
                              .fd = fd_steal(&run->rebuild_fd)};
    /* Later notes may stand before earlier ones. */
    state.notes.assumptions =
        ARENA_ARRAY(run->arena, notes->assumption_capacity, struct assumption);
    state.notes.inferences = ARENA_ARRAY(run->arena, notes->inference_capacity, struct inference);
    if (notes->assumption_count > 0) {
        memcpy(state.notes.assumptions, notes->assumptions,
               notes->assumption_count * sizeof(*notes->assumptions));
    }
    if (notes->inference_count > 0) {
        memcpy(state.notes.inferences, notes->inferences,
               notes->inference_count * sizeof(*notes->inferences));
    }
    return state;
}

/* The build that differs by the recipe as it is stated is the one to judge. */
static void return_to(struct subject_run *run, struct try_state *state)
{
    run->recipe = state->recipe;
    run->comparison = state->comparison;
    run->rebuild = state->rebuild;
    fd_close(&run->rebuild_fd);
    run->rebuild_fd = fd_steal(&state->fd);
    run->result->notes = state->notes;
    run->result->build_log = state->build_log;
    run->result->verdict = VERDICT_UNPROVEN;
    run->result->reason = (struct reason){0};
    run->result->embedded_count = 0;
    record_comparison(run);
}

/* After a try beyond STATE: it stands only if it gave the same bytes. */
static enum step stand_or_return(struct subject_run *run, struct try_state *state, enum step step)
{
    if (step == STEP_SETTLED || (step == STEP_GO_ON && !run->comparison.equal)) {
        return_to(run, state);
        return STEP_GO_ON;
    }
    fd_close(&state->fd);
    return step;
}

/* A build failed for want of embedded files. */
static enum step try_missing(struct subject_run *run, struct build_box *box,
                             const struct recipe *before, struct error *err)
{
    const struct reason reason = run->result->reason;
    run->recipe = *before;
    enum step step = find_embedded(run, box, err);
    if (step != STEP_GO_ON) {
        return step;
    }
    run->result->reason = (struct reason){0};
    run->first_try = run->result->try_count;
    step = try_flags(run, box, err);
    if (step == STEP_SETTLED && run->lacks_embedded) {
        run->result->reason.detail =
            arena_printf(run->arena,
                         "%s (after %zu embedded files were taken from the artifact; variables of "
                         "type string or []byte have no table to take them from)",
                         reason.detail, run->recipe.embedded_count);
    }
    return step;
}

/* A build differs: perhaps in what it embeds. If that is not all, it was no help. */
static enum step try_other_contents(struct subject_run *run, struct build_box *box,
                                    const struct recipe *before, struct error *err)
{
    struct try_state state = keep_state(run);
    run->recipe = *before;
    enum step step = find_embedded(run, box, err);
    if (step == STEP_GO_ON) {
        run->first_try = run->result->try_count;
        step = try_flags(run, box, err);
    }
    return stand_or_return(run, &state, step);
}

/* With --recipe what is embedded is given, too; a dependency has no working copy. */
static bool may_lack_embedded(const struct subject_run *run)
{
    return run->recipe.embedded_count == 0 && run->settings->recipe.len == 0 &&
           (run->recipe.source_kind == SOURCE_MODULE_ZIP ||
            run->recipe.source_kind == SOURCE_DIRECTORY);
}

static enum step try_contents(struct subject_run *run, struct build_box *box, struct error *err)
{
    enum step step = lay_embedded(run, box, err);
    const struct recipe before = run->recipe;
    if (step != STEP_GO_ON) {
        return step;
    }
    step = try_flags(run, box, err);
    if (!may_lack_embedded(run)) {
        return step;
    }
    if (step == STEP_SETTLED && run->lacks_embedded) {
        return try_missing(run, box, &before, err);
    }
    if (step == STEP_GO_ON && !run->settings->no_compare && !run->comparison.equal) {
        return try_other_contents(run, box, &before, err);
    }
    return step;
}

static void on_build_progress(void *context, double seconds)
{
    const struct rebuild_progress *progress = context;
    if (progress->build != NULL) {
        progress->build(progress->context, "", seconds);
    }
}

static enum step try_box(struct subject_run *run, struct error *err)
{
    struct build_inputs inputs = {
        .recipe = &run->recipe,
        .toolchain = &run->result->toolchain,
        .main = run->recipe.source_kind == SOURCE_DIRECTORY ? NULL : &run->result->source,
        .deps = run->deps,
        .dep_count = run->recipe.dep_count,
    };
    /* The callbacks live as long as the settings; the box only borrows them. */
    struct rebuild_progress progress = run->settings->progress;
    struct build_settings settings = {
        .kind = run->settings->sandbox,
        .limits = run->settings->limits,
        .jobs = run->settings->jobs,
        .hash_log = run->recipe.order_count > 0,
        .progress = on_build_progress,
        .progress_context = &progress,
    };
    struct workspace workspace = {.dir = -1};
    struct build_box *box = NULL;
    enum step step;
    if (!workspace_open(run->fetcher, run->arena, &workspace, err) ||
        !build_box_open(&inputs, &settings, &workspace, &box, err)) {
        step = settle_error(run, err, "source-unavailable");
    } else if (!use_standard_cache(run, &inputs, &settings, &workspace, box, err)) {
        step = STEP_FAILED;
    } else {
        step = try_contents(run, box, err);
    }
    build_box_free(&box);
    workspace_free(&workspace);
    return step;
}

/* True where the linker may be all that was different: no build ID, which who changes a linker
 * likes to leave out, or one that names the same inputs for a file of another size. */
static bool same_inputs(const struct subject_run *run)
{
    const struct traits *theirs = &run->file->traits;
    const struct traits *ours = &run->rebuild->traits;
    bool same = run->file->size != run->rebuild->size;
    for (size_t i = 0; i < BUILD_ID_PARTS - 1; i++) {
        same = same && strcmp(theirs->parts[i], ours->parts[i]) == 0;
    }
    return theirs->build_id[0] == '\0' || same;
}

/* Go writes no header of the build information into wasm: only the bytes tell whether the linker
 * made room for it. */
static bool may_be_patched(const struct subject_run *run)
{
    return run->file->format == IMAGE_WASM && run->recipe.toolchain_patch[0] == '\0' &&
           run->settings->recipe.len == 0 && run->settings->sandbox != SANDBOX_NONE &&
           !run->settings->no_compare && !run->comparison.equal && same_inputs(run);
}

enum step try_builds(struct subject_run *run, struct error *err)
{
    enum step step = try_box(run, err);
    if (step == STEP_GO_ON && may_be_patched(run)) {
        struct try_state state = keep_state(run);
        run->recipe.toolchain_patch = RECIPE_PATCH_NO_BUILDINFO;
        step = stand_or_return(run, &state, try_box(run, err));
    }
    if (run->recipe.toolchain_patch[0] != '\0') {
        recipe_note_assumptions(&run->recipe, run->arena, &run->result->notes);
        run->result->toolchain_patch = run->recipe.toolchain_patch;
    }
    return step;
}
