// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "verifier/pipeline_internal.h"

/* So many versions are asked for their time; a module with more is asked for with --source. */
#define ASKED_VERSIONS 1000

static enum step settle_no_version(struct subject_run *run, const char *why)
{
    return settle_unproven(run, "source-unavailable",
                           arena_printf(run->arena, "the file does not state the version of %s: %s",
                                        run->recipe.module, why),
                           arena_printf(run->arena, "reproof rebuild %s --source %s@VERSION",
                                        target_of(run), run->recipe.module));
}

/* Asks a proxy for the times of the listed versions; those that it does not tell are left out. */
static size_t date_versions(struct subject_run *run, const char **versions, size_t count,
                            struct dated_version *ret)
{
    size_t dated = 0;
    for (size_t i = 0; i < count && i < ASKED_VERSIONS; i++) {
        struct module_info info;
        struct error ignored;
        if (recipe_version_fits(run->recipe.module, versions[i]) &&
            fetch_info(run->fetcher, run->recipe.module, versions[i], run->arena, &info,
                       &ignored)) {
            ret[dated++] = (struct dated_version){info.version, info.time};
        }
    }
    return dated;
}

/* The proxy's own answer for the revision, which is a version only if a tag is on it. */
static bool ask_revision(struct subject_run *run)
{
    struct module_info info;
    struct error ignored;
    if (!fetch_info(run->fetcher, run->recipe.module, run->recipe.vcs.revision, run->arena, &info,
                    &ignored)) {
        return false;
    }
    run->recipe.version = info.version;
    recipe_assume(&run->result->notes, run->arena, "version-from-time",
                  "%s is what the module proxy names for revision %s", info.version,
                  run->recipe.vcs.revision);
    return true;
}

static enum step nearest_in_time(struct subject_run *run, struct error *err)
{
    const char **versions;
    size_t count;
    if (!fetch_versions(run->fetcher, run->recipe.module, run->arena, &versions, &count, err)) {
        return settle_error(run, err, "source-unavailable");
    }
    struct dated_version *dated = ARENA_ARRAY(run->arena, count + 1, struct dated_version);
    size_t known = date_versions(run, versions, count, dated);
    size_t best;
    if (!recipe_nearest_version(&run->recipe, dated, known, &best)) {
        return settle_no_version(
            run, arena_printf(run->arena,
                              "none of the %zu versions that the module proxy lists is from within "
                              "a day of its commit time %s",
                              count, run->recipe.vcs.time));
    }
    run->recipe.version = dated[best].version;
    recipe_assume(&run->result->notes, run->arena, "version-from-time",
                  "%s (%s) is the listed version nearest to the commit time %s",
                  dated[best].version, dated[best].time, run->recipe.vcs.time);
    return STEP_GO_ON;
}

/* Why the version of the package around the file cannot be that of its source; NULL if it may. A
 * proxy that does not answer says nothing about it. */
static const char *doubt_package(struct subject_run *run)
{
    const struct recipe *recipe = &run->recipe;
    struct module_info info;
    struct error err = {0};
    if (!fetch_info(run->fetcher, recipe->module, recipe->version, run->arena, &info, &err)) {
        return err.code == ERROR_ABSENT ? arena_printf(run->arena,
                                                       "no module proxy has %s, the version of the "
                                                       "package around it",
                                                       recipe->version)
                                        : NULL;
    }
    bool contradicts = recipe->vcs.present && info.origin_hash[0] != '\0' &&
                       strcmp(info.origin_hash, recipe->vcs.revision) != 0;
    return contradicts
               ? arena_printf(run->arena,
                              "%s, the version of the package around it, is revision %s at the "
                              "module proxy",
                              recipe->version, info.origin_hash)
               : NULL;
}

/* Takes the package's version back where it is none of the module. */
static const char *check_package(struct subject_run *run)
{
    if (!recipe_is_assumed(&run->result->notes, "version-from-package")) {
        return NULL;
    }
    const char *doubt = doubt_package(run);
    if (doubt != NULL) {
        recipe_retract(&run->result->notes, "version-from-package", "version");
        run->recipe.version = "";
    }
    return doubt;
}

/* DOUBT: why it is not the version of the package around the file; NULL if there is none. */
static enum step version_among_listed(struct subject_run *run, const char *doubt, struct error *err)
{
    const char *why = "";
    if (!version_from_file(run, &why, err)) {
        return settle_error(run, err, "source-unavailable");
    }
    if (run->recipe.version[0] != '\0') {
        return STEP_GO_ON;
    }
    return settle_no_version(
        run, doubt == NULL ? why : arena_printf(run->arena, "%s, and %s", doubt, why));
}

enum step resolve_version(struct subject_run *run, struct error *err)
{
    const struct recipe *recipe = &run->recipe;
    const char *doubt = check_package(run);
    if (recipe->version[0] != '\0' || recipe->source_kind == SOURCE_DIRECTORY ||
        recipe->source_kind == SOURCE_TOOLCHAIN_MODULE) {
        return STEP_GO_ON;
    }
    if (!recipe->vcs.present) {
        return version_among_listed(run, doubt, err);
    }
    return ask_revision(run) ? STEP_GO_ON : nearest_in_time(run, err);
}
