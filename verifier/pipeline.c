// SPDX-License-Identifier: Apache-2.0
#include "verifier/pipeline.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#include "verifier/pipeline_internal.h"

struct rebuilder {
    struct rebuild_settings settings;
    struct fetcher *fetcher;
    struct inspector *inspector;
    struct workspace workspace; /* of the targets */
    struct arena arena;
    const char *sandbox_version; /* NULL until the sandbox was probed */
};

bool rebuilder_open(const struct rebuild_settings *settings, struct rebuilder **ret,
                    struct error *err)
{
    struct rebuilder *rebuilder = calloc(1, sizeof(*rebuilder));
    if (rebuilder == NULL) {
        bug("out of memory for a rebuilder");
    }
    rebuilder->settings = *settings;
    rebuilder->workspace.dir = -1;
    struct fetch_settings fetch = {
        .store = settings->store,
        .state = settings->state,
        .offline = settings->offline,
        .jobs = settings->jobs,
        .progress = settings->progress.transfer,
        .progress_context = settings->progress.context,
    };
    if (!inspector_open(INSPECT_DIGEST | INSPECT_VALUES, &rebuilder->inspector, err) ||
        !fetcher_open(&fetch, &rebuilder->fetcher, err) ||
        !workspace_open(rebuilder->fetcher, &rebuilder->arena, &rebuilder->workspace, err)) {
        rebuilder_free(&rebuilder);
        return false;
    }
    *ret = rebuilder;
    return true;
}

void rebuilder_free(struct rebuilder **rebuilder)
{
    if (*rebuilder != NULL) {
        workspace_free(&(*rebuilder)->workspace);
        inspector_free(&(*rebuilder)->inspector);
        fetcher_free(&(*rebuilder)->fetcher);
        arena_free(&(*rebuilder)->arena);
        free(*rebuilder);
        *rebuilder = NULL;
    }
}

struct workspace *rebuilder_workspace(struct rebuilder *rebuilder)
{
    return &rebuilder->workspace;
}

struct inspector *rebuilder_inspector(struct rebuilder *rebuilder)
{
    return rebuilder->inspector;
}

const char *target_of(const struct subject_run *run)
{
    const char *target = run->hints == NULL ? NULL : run->hints->target;
    return target == NULL || target[0] == '\0' ? run->file->name : target;
}

/* What helps in general where the place that found the reason knows nothing better. */
static const char *general_cure(struct subject_run *run, const char *code)
{
    const char *name = target_of(run);
    if (strcmp(code, "source-unavailable") == 0) {
        return arena_printf(run->arena,
                            "reproof rebuild %s --source DIR, or set GOPROXY to a proxy that has "
                            "it",
                            name);
    }
    if (strcmp(code, "toolchain-unavailable") == 0) {
        return arena_printf(run->arena, "reproof rebuild %s --toolchain DIR", name);
    }
    if (strcmp(code, "network") == 0) {
        return "try again later; --offline uses what the store has";
    }
    return "";
}

enum step settle_unproven(struct subject_run *run, const char *code, const char *detail,
                          const char *cure)
{
    if (cure == NULL || cure[0] == '\0') {
        cure = general_cure(run, code);
    }
    run->result->verdict = VERDICT_UNPROVEN;
    run->result->reason = (struct reason){
        .code = arena_string(run->arena, code),
        .detail = arena_string(run->arena, detail),
        .cure = arena_string(run->arena, cure),
    };
    return STEP_SETTLED;
}

enum step settle_error(struct subject_run *run, const struct error *err, const char *absent_code)
{
    switch (err->code) {
    case ERROR_NONE:
    case ERROR_USAGE:
    case ERROR_IO:
    case ERROR_INTERRUPTED:
    case ERROR_INTERNAL:
        return STEP_FAILED;
    case ERROR_UNTRUSTED:
        run->result->tampered = true;
        return settle_unproven(run, "unproven-source", err->message, err->cure);
    case ERROR_NETWORK:
    case ERROR_TIMEOUT:
        return settle_unproven(run, "network", err->message, err->cure);
    case ERROR_LIMIT:
        return settle_unproven(run, "limit", err->message, err->cure);
    case ERROR_UNSUPPORTED:
        return settle_unproven(run, "unsupported", err->message, err->cure);
    case ERROR_TOOL:
        return settle_unproven(run, "no-sandbox", err->message, err->cure);
    case ERROR_ABSENT:
    case ERROR_FORMAT:
    case ERROR_MISMATCH:
        break;
    }
    return settle_unproven(run, absent_code, err->message, err->cure);
}

static void tell_stage(const struct subject_run *run, const char *text)
{
    if (run->settings->progress.stage != NULL) {
        run->settings->progress.stage(run->settings->progress.context, text);
    }
}

/* The first thing that is missing is named: without its Go toolchain, the C one is no matter. */
static enum step settle_refusal(struct subject_run *run, const struct recipe_refusal *refusal)
{
    const char *missing =
        strcmp(refusal->code, "c-toolchain-unavailable") == 0 ? missing_toolchain(run) : NULL;
    if (missing != NULL) {
        return settle_unproven(
            run, "toolchain-unavailable",
            arena_printf(run->arena, "%s; besides, %s", missing, refusal->detail), "");
    }
    return settle_unproven(run, refusal->code, refusal->detail, refusal->cure);
}

/* The recipe from the artifact, or from --recipe; what it assumes is noted in both cases. */
static enum step make_recipe(struct subject_run *run, struct error *err)
{
    struct recipe_refusal refusal = {0};
    bool derived = recipe_derive(run->file, run->hints, run->arena, &run->recipe,
                                 &run->result->notes, &refusal);
    if (run->settings->recipe.len > 0) {
        if (!recipe_read_json(run->settings->recipe, run->arena, &run->recipe, err)) {
            error_prefix(err, "%s", run->settings->recipe_name);
            return STEP_FAILED;
        }
        recipe_note_assumptions(&run->recipe, run->arena, &run->result->notes);
        recipe_infer(&run->result->notes, run->arena, "recipe", run->settings->recipe_name,
                     "given by --recipe");
        return STEP_GO_ON;
    }
    return derived ? STEP_GO_ON : settle_refusal(run, &refusal);
}

/* True if WANTED (MODULE or MODULE@VERSION) names the recipe's source. */
static bool is_expected(const struct recipe *recipe, const char *wanted)
{
    size_t len = strlen(recipe->module);
    if (strncmp(wanted, recipe->module, len) != 0) {
        return false;
    }
    return wanted[len] == '\0' ||
           (wanted[len] == '@' && strcmp(wanted + len + 1, recipe->version) == 0);
}

static enum step check_expected(struct subject_run *run)
{
    const struct rebuild_settings *settings = run->settings;
    for (size_t i = 0; i < settings->expect_count; i++) {
        if (is_expected(&run->recipe, settings->expect[i])) {
            return STEP_GO_ON;
        }
    }
    if (settings->expect_count == 0) {
        return STEP_GO_ON;
    }
    return settle_unproven(run, "unexpected-source",
                           arena_printf(run->arena, "the file names %s%s%s as its source, not %s",
                                        run->recipe.module,
                                        run->recipe.version[0] == '\0' ? "" : "@",
                                        run->recipe.version, settings->expect[0]),
                           "do not use this file, unless that source is what you wanted");
}

static enum step check_sandbox(struct subject_run *run, struct error *err)
{
    struct rebuilder *rebuilder = run->rebuilder;
    if (run->settings->sandbox == SANDBOX_NONE) {
        run->result->sandbox_kind = "none";
        recipe_assume(&run->result->notes, run->arena, "unsandboxed",
                      "built without a sandbox, as --sandbox none asks");
        return STEP_GO_ON;
    }
    run->result->sandbox_kind = "bubblewrap";
    if (rebuilder->sandbox_version == NULL &&
        !sandbox_probe(&rebuilder->arena, &rebuilder->sandbox_version, err)) {
        return settle_error(run, err, "no-sandbox");
    }
    /* Results outlive the rebuilder. */
    run->result->sandbox_version = arena_string(run->arena, rebuilder->sandbox_version);
    return STEP_GO_ON;
}

static void record_recipe(struct subject_run *run)
{
    static const char *const kinds[] = {
        [SOURCE_MODULE_ZIP] = "module-zip",
        [SOURCE_MODULE_DEPENDENCY] = "module-zip",
        [SOURCE_TOOLCHAIN_MODULE] = "toolchain-module",
        [SOURCE_DIRECTORY] = "directory",
    };
    struct buffer json;
    buffer_init(&json, 64 << 20);
    recipe_write_json(&run->recipe, &json);
    run->result->recipe = run->recipe;
    run->result->recipe_json = arena_bytes(run->arena, buffer_view(&json));
    run->result->recipe_digest = sha256_of(run->result->recipe_json);
    run->result->source_kind = kinds[run->recipe.source_kind];
    run->result->has_recipe = true;
    buffer_free(&json);
}

static enum step run_stages(struct subject_run *run, struct error *err)
{
    tell_stage(run, "recipe");
    enum step step = open_packed(run, err);
    if (step == STEP_GO_ON) {
        step = make_recipe(run, err);
    }
    if (step == STEP_GO_ON) {
        step = check_expected(run);
    }
    if (step == STEP_GO_ON) {
        step = check_sandbox(run, err);
    }
    if (step == STEP_GO_ON) {
        tell_stage(run, "source and toolchain");
        step = resolve_version(run, err);
    }
    if (step == STEP_GO_ON) {
        step = check_expected(run);
        record_recipe(run);
    }
    if (step == STEP_GO_ON) {
        step = gather_inputs(run, err);
    }
    if (step == STEP_GO_ON) {
        step = try_builds(run, err);
        record_recipe(run);
    }
    if (step == STEP_GO_ON && !run->settings->no_compare) {
        if (!close_packed(run, err) || !explain_difference(run, err)) {
            return STEP_FAILED;
        }
        reach_verdict(run);
    }
    return step;
}

bool rebuild_subject(struct rebuilder *rebuilder, const struct source *source,
                     const struct inspection *file, const struct recipe_hints *hints,
                     struct arena *arena, struct subject_result *ret, int *ret_rebuild_fd,
                     struct error *err)
{
    double start = clock_seconds();
    struct fetch_times before = fetch_times(rebuilder->fetcher);
    *ret = (struct subject_result){
        .name = file->name, .container = SIZE_MAX, .file = file, .sandbox_kind = "bubblewrap"};
    struct subject_run run = {
        .rebuilder = rebuilder,
        .settings = &rebuilder->settings,
        .fetcher = rebuilder->fetcher,
        .inspector = rebuilder->inspector,
        .artifact = source,
        .file = file,
        .hints = hints,
        .arena = arena,
        .result = ret,
        .rebuild_fd = -1,
        .unpacked_fd = -1,
    };
    bool ok = run_stages(&run, err) != STEP_FAILED;
    struct fetch_times after = fetch_times(rebuilder->fetcher);
    ret->getting_seconds = after.getting - before.getting;
    ret->proving_seconds = after.proving - before.proving;
    ret->seconds = clock_seconds() - start;
    if (ret_rebuild_fd != NULL) {
        *ret_rebuild_fd = fd_steal(&run.rebuild_fd);
    }
    fd_close(&run.rebuild_fd);
    fd_close(&run.unpacked_fd);
    return ok;
}
