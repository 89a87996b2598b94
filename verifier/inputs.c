// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "verifier/fetch/toolchain.h"
#include "verifier/pipeline_internal.h"
#include "verifier/recipe/gomod.h"

const char *missing_toolchain(struct subject_run *run)
{
    const char *goarch = toolchain_host_architecture(), *version;
    struct module_info info;
    struct error err = {0};
    if (run->settings->offline || goarch == NULL ||
        !toolchain_module_version(run->file->info.go_version, "linux", goarch, run->arena, &version,
                                  NULL) ||
        fetch_info(run->fetcher, TOOLCHAIN_MODULE, version, run->arena, &info, &err)) {
        return NULL;
    }
    return err.code == ERROR_ABSENT ? arena_string(run->arena, err.message) : NULL;
}

static enum step get_toolchain(struct subject_run *run, struct error *err)
{
    const char *goarch = toolchain_host_architecture();
    if (goarch == NULL) {
        return settle_unproven(run, "toolchain-unavailable",
                               "no Go toolchain is published for this kind of machine",
                               "run reproof on linux/amd64 or linux/arm64");
    }
    if (run->recipe.toolchain_directory[0] != '\0') {
        return local_toolchain(run, goarch, err);
    }
    if (!fetch_toolchain(run->fetcher, run->recipe.toolchain, "linux", goarch, run->arena,
                         &run->result->toolchain, err)) {
        return settle_error(run, err, "toolchain-unavailable");
    }
    run->result->has_toolchain = true;
    return STEP_GO_ON;
}

static enum step settle_false_sum(struct subject_run *run, const char *stated,
                                  const struct fetched_module *module)
{
    const char *path = module->id.path, *version = module->id.version, *found = module->h1;
    if (module->proof != FETCH_PROOF_RECORDED) {
        return settle_unproven(run, "unproven-source",
                               arena_printf(run->arena,
                                            "the file states the sum %s for %s@%s, the module "
                                            "proxy has %s, and the checksum database vouches for "
                                            "neither",
                                            stated, path, version, found),
                               "");
    }
    run->result->verdict = VERDICT_DIFFERENT;
    run->result->reason = (struct reason){
        .code = "dependency-sum",
        .detail = arena_printf(run->arena,
                               "the file states the sum %s for %s@%s, but that module's sum is %s",
                               stated, path, version, found),
    };
    return STEP_SETTLED;
}

static enum step get_source(struct subject_run *run, struct error *err)
{
    struct recipe *recipe = &run->recipe;
    struct subject_result *result = run->result;
    if (recipe->source_kind == SOURCE_TOOLCHAIN_MODULE) {
        result->source = result->toolchain.module;
        result->has_source = true;
        return STEP_GO_ON;
    }
    if (recipe->source_kind == SOURCE_DIRECTORY) {
        return local_source(run, err);
    }
    struct module_id id = {recipe->module, recipe->version};
    if (!fetch_module_even_unknown(run->fetcher, &id, run->arena, &result->source, err)) {
        return settle_error(run, err, "source-unavailable");
    }
    result->has_source = true;
    if (recipe->h1[0] != '\0' && strcmp(recipe->h1, result->source.h1) != 0) {
        return settle_false_sum(run, recipe->h1, &result->source);
    }
    return STEP_GO_ON;
}

/* The module that a dep line is built from: the right side of a replacement. */
static const struct module *effective(const struct module *line)
{
    return line->replace != NULL ? line->replace : line;
}

/* What is replaced by ./folder, or vendored in --source DIR, lies in the source directory: there is
 * nothing to get, and nothing to prove but the directory as a whole, which is an assumption. */
static bool is_in_source(const struct recipe *recipe, const struct module *line)
{
    return (recipe->vendored && recipe->source_kind == SOURCE_DIRECTORY) ||
           bytes_start_with(bytes_from_string(line->path), ".") || gomod_is_of_workspace(line);
}

static enum step check_sums(struct subject_run *run)
{
    struct recipe *recipe = &run->recipe;
    for (size_t i = 0; i < recipe->dep_count; i++) {
        const struct module *line = effective(&recipe->deps[i]);
        if (line->sum[0] == '\0' || is_in_source(recipe, line)) {
            continue;
        }
        if (strcmp(line->sum, run->deps[i].h1) != 0) {
            return settle_false_sum(run, line->sum, &run->deps[i]);
        }
        run->result->dependencies_checked++;
    }
    return STEP_GO_ON;
}

static bool fetch_dependencies(struct subject_run *run, struct error *err)
{
    const struct recipe *recipe = &run->recipe;
    struct module_id *ids = ARENA_ARRAY(run->arena, recipe->dep_count, struct module_id);
    struct fetched_module *got = ARENA_ARRAY(run->arena, recipe->dep_count, struct fetched_module);
    size_t wanted = 0;
    size_t taken = 0;
    for (size_t i = 0; i < recipe->dep_count; i++) {
        const struct module *line = effective(&recipe->deps[i]);
        if (!is_in_source(recipe, line)) {
            ids[wanted++] = (struct module_id){line->path, line->version};
        }
    }
    if (wanted > 0 && !fetch_modules(run->fetcher, ids, wanted, run->arena, got, err)) {
        return false;
    }
    for (size_t i = 0; i < recipe->dep_count; i++) {
        const struct module *line = effective(&recipe->deps[i]);
        run->deps[i] = is_in_source(recipe, line)
                           ? (struct fetched_module){.id = {line->path, line->version},
                                                     .h1 = "",
                                                     .go_mod_h1 = ""}
                           : got[taken++];
    }
    return true;
}

static enum step get_dependencies(struct subject_run *run, struct error *err)
{
    struct recipe *recipe = &run->recipe;
    run->result->dependency_count = recipe->dep_count;
    for (size_t i = 0; i < recipe->dep_count; i++) {
        run->result->dependencies_replaced += recipe->deps[i].replace != NULL;
    }
    run->deps = ARENA_ARRAY(run->arena, recipe->dep_count + 1, struct fetched_module);
    if (!fetch_dependencies(run, err)) {
        return settle_error(run, err, "source-unavailable");
    }
    run->result->dependencies = run->deps;
    return check_sums(run);
}

static void note_unrecorded(struct subject_run *run, const struct fetched_module *module)
{
    if (module->proof != FETCH_PROOF_RECORDED) {
        recipe_assume(&run->result->notes, run->arena, "unrecorded-module",
                      module->unasked
                          ? "--offline: nobody could be asked for %s@%s, which an earlier run took "
                            "without any record of the checksum database; it has the same bytes"
                      : module->unknown
                          ? "the checksum database has no record of %s@%s: the module "
                            "proxy alone says what it is"
                          : "%s@%s is exempt from the checksum database by your "
                            "settings",
                      module->id.path, module->id.version);
    }
}

static enum step note_dependencies(struct subject_run *run, struct error *err)
{
    struct gomod_comparison comparison;
    if (run->recipe.source_kind == SOURCE_TOOLCHAIN_MODULE) {
        return STEP_GO_ON;
    }
    if (run->recipe.workspace) {
        recipe_infer(&run->result->notes, run->arena, "dependencies", "as the file lists them",
                     "the modules of a workspace select them together");
        return STEP_GO_ON;
    }
    if (!gomod_compare(&run->recipe, run->result->source.go_mod, run->deps, run->recipe.dep_count,
                       run->arena, &comparison, err)) {
        return settle_error(run, err, "source-unavailable");
    }
    if (comparison.checked && comparison.differs) {
        recipe_assume(&run->result->notes, run->arena, "dependencies-differ", "%s",
                      comparison.detail);
    } else if (!comparison.checked) {
        recipe_infer(&run->result->notes, run->arena, "dependencies", "as the file lists them",
                     "%s", comparison.detail);
    }
    return STEP_GO_ON;
}

/* Whether a proxy says that the source has the revision that the file states: hearsay either way.
 */
static void note_vcs_claim(struct subject_run *run)
{
    const struct recipe *recipe = &run->recipe;
    struct module_info info;
    struct error ignored;
    run->result->vcs_claim = "absent";
    if (!recipe->vcs.present) {
        return;
    }
    run->result->vcs_claim = "unchecked";
    if (recipe->source_kind == SOURCE_MODULE_ZIP &&
        fetch_info(run->fetcher, recipe->module, recipe->version, run->arena, &info, &ignored) &&
        info.origin_hash[0] != '\0' && strcmp(info.origin_hash, recipe->vcs.revision) == 0) {
        run->result->vcs_claim = "proxy-says";
    }
}

static void note_tree_head(struct subject_run *run)
{
    struct subject_result *result = run->result;
    result->has_tree_head = fetch_tree_head(run->fetcher, &result->tree_head);
    if (result->has_tree_head) {
        /* Results outlive the fetcher. */
        result->tree_head.name = arena_string(run->arena, result->tree_head.name);
    }
    if (result->has_tree_head && result->tree_head.first_sight) {
        recipe_assume(&run->result->notes, run->arena, "no-earlier-tree-head",
                      "this state directory held no earlier head of the checksum database; the new "
                      "one is consistent with the built-in one only");
    }
}

enum step gather_inputs(struct subject_run *run, struct error *err)
{
    enum step step = get_toolchain(run, err);
    if (step == STEP_GO_ON) {
        step = get_source(run, err);
    }
    if (step == STEP_GO_ON) {
        step = get_dependencies(run, err);
    }
    if (step == STEP_GO_ON) {
        step = compare_vendored(run, err);
    }
    note_tree_head(run);
    if (step != STEP_GO_ON) {
        return step;
    }
    if (run->recipe.source_kind != SOURCE_DIRECTORY) {
        note_unrecorded(run, &run->result->source);
    }
    for (size_t i = 0; i < run->recipe.dep_count; i++) {
        if (run->deps[i].tree != NULL) {
            note_unrecorded(run, &run->deps[i]);
        }
    }
    note_vcs_claim(run);
    return note_dependencies(run, err);
}
