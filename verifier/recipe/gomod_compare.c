// SPDX-License-Identifier: Apache-2.0
/* An artifact must not choose its own dependencies unseen: are its dep lines what the source's own
 * go.mod selects? With a pruned go.mod that is a comparison of lists, as it names every module that
 * the build uses. Without pruning it is minimal version selection over the whole graph, of which
 * only the go.mod files of the dep lines are at hand; what they cannot tell is said. */
#include "base/buffer.h"
#include "verifier/fetch/semver.h"
#include "verifier/recipe/gomod.h"
#include "verifier/recipe/gomod_index.h"
#include "verifier/recipe/goversion.h"
#include "verifier/recipe/limits.h"

#define DETAIL_BYTES 2000

/* What the source requires of one dep line. */
struct wanted {
    const char *version; /* the highest that is required; NULL if none */
};

struct comparer {
    const struct recipe *recipe;
    struct arena *arena;
    struct gomod real;
    struct dep_index index;
    struct wanted *wanted; /* one for each dep line */
    bool outside;          /* the graph reaches beyond the dep lines */
    size_t differences;
    struct buffer detail;
};

static bool is_excluded(const struct comparer *comparer, const struct gomod_require *require)
{
    for (size_t i = 0; i < comparer->real.exclude_count; i++) {
        const struct gomod_require *exclude = &comparer->real.excludes[i];
        if (strcmp(exclude->path, require->path) == 0 &&
            strcmp(exclude->version, require->version) == 0) {
            return true;
        }
    }
    return false;
}

static void take_requires(struct comparer *comparer, const struct gomod *gomod)
{
    for (size_t i = 0; i < gomod->require_count; i++) {
        const struct gomod_require *require = &gomod->requires[i];
        const struct module *dep = dep_index_find(&comparer->index, require->path);
        if (dep == NULL) {
            comparer->outside = true;
            continue;
        }
        struct wanted *wanted = &comparer->wanted[dep - comparer->recipe->deps];
        if (!is_excluded(comparer, require) &&
            (wanted->version == NULL || semver_compare(require->version, wanted->version) > 0)) {
            wanted->version = require->version;
        }
    }
}

static void differ(struct comparer *comparer, const char *path, const char *file,
                   const char *source)
{
    comparer->differences++;
    buffer_printf(&comparer->detail, "%s%s is %s in the file, %s in the source's go.mod",
                  comparer->detail.len == 0 ? "" : "; ", path, file, source);
}

/* The replace line that holds for DEP: one for its version before one for all. */
static const struct gomod_replace *replacement(const struct gomod *real, const struct module *dep)
{
    const struct gomod_replace *general = NULL;
    for (size_t i = 0; i < real->replace_count; i++) {
        const struct gomod_replace *replace = &real->replaces[i];
        if (strcmp(replace->old_path, dep->path) != 0) {
            continue;
        }
        if (strcmp(replace->old_version, dep->version) == 0) {
            return replace;
        }
        general = replace->old_version[0] == '\0' ? replace : general;
    }
    return general;
}

static void compare_replacement(struct comparer *comparer, const struct module *dep)
{
    const struct gomod_replace *real = replacement(&comparer->real, dep);
    const struct module *line = dep->replace;
    if (comparer->recipe->source_kind == SOURCE_MODULE_DEPENDENCY) {
        real = NULL; /* go install M@V knows no replace lines */
    }
    const char *in_file = line == NULL ? "not replaced"
                                       : arena_printf(comparer->arena, "replaced by %s %s",
                                                      line->path, line->version);
    const char *in_source = real == NULL ? "not replaced"
                                         : arena_printf(comparer->arena, "replaced by %s %s",
                                                        real->new_path, real->new_version);
    bool same = (line == NULL) == (real == NULL);
    if (same && line != NULL) {
        same = strcmp(line->path, real->new_path) == 0 &&
               (strcmp(line->version, real->new_version) == 0 || line->path[0] == '.');
    }
    if (!same) {
        differ(comparer, dep->path, in_file, in_source);
    }
}

/* Lower than wanted is certain; higher can come from modules that were not read. */
static void compare_version(struct comparer *comparer, size_t index, bool pruned)
{
    const struct module *dep = &comparer->recipe->deps[index];
    const char *wanted = comparer->wanted[index].version;
    if (wanted == NULL) {
        if (pruned || !comparer->outside) {
            differ(comparer, dep->path, dep->version, "not required");
        }
        return;
    }
    int order = semver_compare(dep->version, wanted);
    if (order < 0 || (order > 0 && (pruned || !comparer->outside))) {
        differ(comparer, dep->path, dep->version, wanted);
    }
}

static bool read_dependencies(struct comparer *comparer, const struct fetched_module *deps,
                              struct error *err)
{
    for (size_t i = 0; i < comparer->recipe->dep_count; i++) {
        struct gomod gomod;
        if (deps[i].go_mod.len == 0) {
            comparer->outside = true; /* a directory in place of a module */
            continue;
        }
        if (!gomod_parse(deps[i].go_mod, comparer->arena, &gomod, err)) {
            return error_prefix(err, "%s", deps[i].id.path);
        }
        take_requires(comparer, &gomod);
    }
    return true;
}

static void conclude(struct comparer *comparer, bool pruned, struct gomod_comparison *ret)
{
    struct gomod_comparison result = {.checked = pruned || !comparer->outside, .detail = ""};
    for (size_t i = 0; i < comparer->recipe->dep_count; i++) {
        compare_version(comparer, i, pruned);
        compare_replacement(comparer, &comparer->recipe->deps[i]);
    }
    if (comparer->differences > 0) {
        result.checked = true;
        result.differs = true;
        result.detail = arena_text(comparer->arena, buffer_view(&comparer->detail));
        if (!buffer_ok(&comparer->detail)) {
            result.detail = arena_printf(comparer->arena, "%s ... (%zu differences)", result.detail,
                                         comparer->differences);
        }
    } else if (!result.checked) {
        result.detail =
            "the source's go.mod is not pruned (go 1.16 or less): requirements of modules "
            "that are not linked in were not read, none of those read disagrees";
    }
    *ret = result;
}

bool gomod_compare(const struct recipe *recipe, struct bytes real_go_mod,
                   const struct fetched_module *deps, size_t dep_count, struct arena *arena,
                   struct gomod_comparison *ret, struct error *err)
{
    struct comparer comparer = {.recipe = recipe, .arena = arena};
    struct go_version go;
    if (dep_count != recipe->dep_count && !recipe->vendored) {
        return error_set(err, ERROR_MISMATCH, "%zu modules for %zu dep lines", dep_count,
                         recipe->dep_count);
    }
    if (real_go_mod.len == 0 && recipe->source_kind == SOURCE_DIRECTORY) {
        *ret = (struct gomod_comparison){.detail = "the source directory has no go.mod"};
        return true;
    }
    if (!gomod_parse(real_go_mod, arena, &comparer.real, err)) {
        return false;
    }
    if (comparer.real.exclude_count > RECIPE_LIMIT_EXCLUDES ||
        comparer.real.replace_count > RECIPE_LIMIT_REPLACES) {
        return error_set(err, ERROR_LIMIT,
                         "the source's go.mod excludes or replaces too many modules");
    }
    if (!go_version_parse(bytes_from_string(recipe->toolchain), &go)) {
        return false;
    }
    bool pruned = go.minor >= 17 && gomod_is_pruned(&comparer.real);
    dep_index_build(recipe->deps, recipe->dep_count, arena, &comparer.index);
    comparer.wanted = ARENA_ARRAY(arena, recipe->dep_count, struct wanted);
    take_requires(&comparer, &comparer.real);
    if (!pruned && dep_count == recipe->dep_count && !read_dependencies(&comparer, deps, err)) {
        return false;
    }
    buffer_init(&comparer.detail, DETAIL_BYTES);
    conclude(&comparer, pruned, ret);
    buffer_free(&comparer.detail);
    return true;
}
