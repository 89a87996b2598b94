// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/derive.h"

#include <stdarg.h>
#include <stdio.h>

#include "verifier/fetch/module_path.h"
#include "verifier/recipe/build_command.h"
#include "verifier/recipe/timestamp.h"

bool derive_refuse(struct derivation *derivation, const char *code, const char *cure,
                   const char *format, ...)
{
    char detail[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    derivation->refusal = (struct recipe_refusal){
        .code = code, .detail = arena_string(derivation->arena, detail), .cure = cure};
    return false;
}

const char *derive_setting(const struct derivation *derivation, const char *key)
{
    const char *value = buildinfo_setting(&derivation->file->info, key);
    return value == NULL ? "" : value;
}

const char *derive_hint(const char *hint)
{
    return hint == NULL ? "" : hint;
}

/* What was derived from a stranger's file is checked like what a stranger's recipe says. */
static bool check_result(struct derivation *derivation)
{
    struct error err = {0};
    if (recipe_validate(&derivation->recipe, &err)) {
        return true;
    }
    const char *code = err.code == ERROR_LIMIT ? "limit" : "unsupported";
    return derive_refuse(derivation, code, arena_string(derivation->arena, err.cure), "%s",
                         err.message);
}

bool recipe_derive(const struct inspection *file, const struct recipe_hints *hints,
                   struct arena *arena, struct recipe *ret, struct recipe_notes *ret_notes,
                   struct recipe_refusal *ret_refusal)
{
    struct derivation derivation = {
        .file = file, .hints = hints, .arena = arena, .recipe = recipe_empty()};
    bool derived = derive_toolchain(&derivation) && derive_mode(&derivation) &&
                   derive_source(&derivation) && derive_dependencies(&derivation) &&
                   derive_c_toolchain(&derivation) && derive_vcs(&derivation) &&
                   derive_platform(&derivation) && derive_flags(&derivation) &&
                   check_result(&derivation);
    if (derived) {
        recipe_note_assumptions(&derivation.recipe, arena, &derivation.notes);
    }
    *ret_notes = derivation.notes;
    if (!derived) {
        *ret_refusal = derivation.refusal;
        return false;
    }
    *ret = derivation.recipe;
    return true;
}

bool recipe_version_fits(const char *module, const char *version)
{
    return module_check(module, version, NULL);
}

#define SECONDS_A_DAY 86400U

bool recipe_nearest_version(const struct recipe *recipe, const struct dated_version *versions,
                            size_t count, size_t *ret)
{
    uint64_t best = SECONDS_A_DAY + 1;
    for (size_t i = 0; i < count && recipe->vcs.present; i++) {
        uint64_t time, stamp = recipe->vcs.unix_time;
        if (!recipe_version_fits(recipe->module, versions[i].version) ||
            !timestamp_parse(bytes_from_string(versions[i].time), &time)) {
            continue;
        }
        uint64_t distance = time > stamp ? time - stamp : stamp - time;
        if (distance < best) {
            best = distance;
            *ret = i;
        }
    }
    return best <= SECONDS_A_DAY;
}
