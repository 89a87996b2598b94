// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/information.h"

#include <stdlib.h>

#include "base/limits.h"

struct builder {
    struct arena *arena;
    struct diff *diff;
    size_t capacity;
};

static const char *cut(const char *text, struct arena *arena)
{
    return text == NULL ? ""
                        : arena_text(arena, bytes_first(bytes_from_string(text), LIMIT_DIFF_TEXT));
}

/* A or B is NULL where that side has no such line. */
static void add(struct builder *builder, const char *kind, const char *name, const char *a,
                const char *b)
{
    struct diff *diff = builder->diff;
    if (diff->change_count == LIMIT_DIFF_ITEMS || (a == NULL && b == NULL) ||
        (a != NULL && b != NULL && strcmp(a, b) == 0)) {
        return;
    }
    arena_grow(builder->arena, &diff->changes, diff->change_count, &builder->capacity,
               sizeof(*diff->changes));
    diff->changes[diff->change_count++] = (struct diff_change){
        .kind = kind,
        .name = cut(name, builder->arena),
        .a = cut(a, builder->arena),
        .b = cut(b, builder->arena),
        .has_a = a != NULL,
        .has_b = b != NULL,
    };
}

/* "v1.2.3 h1:...", and the replacement behind an arrow. */
static const char *describe(const struct module *module, struct arena *arena)
{
    const char *text = arena_printf(arena, "%s%s%s", module->version,
                                    module->sum[0] == '\0' ? "" : " ", module->sum);
    const struct module *to = module->replace;
    return to == NULL ? text
                      : arena_printf(arena, "%s => %s %s%s%s", text, to->path, to->version,
                                     to->sum[0] == '\0' ? "" : " ", to->sum);
}

static void add_main(struct builder *builder, const struct buildinfo *a, const struct buildinfo *b)
{
    const char *left = a->has_main ? describe(&a->main, builder->arena) : NULL;
    const char *right = b->has_main ? describe(&b->main, builder->arena) : NULL;
    if (a->has_main && b->has_main && strcmp(a->main.path, b->main.path) != 0) {
        left = arena_printf(builder->arena, "%s %s", a->main.path, left);
        right = arena_printf(builder->arena, "%s %s", b->main.path, right);
    }
    add(builder, "mod", a->has_main ? a->main.path : b->main.path, left, right);
}

static int by_path(const void *a, const void *b)
{
    const struct module *const *left = a;
    const struct module *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

static const struct module **sorted_deps(const struct buildinfo *info, struct arena *arena)
{
    const struct module **deps = ARENA_ARRAY(arena, info->dep_count, const struct module *);
    for (size_t i = 0; i < info->dep_count; i++) {
        deps[i] = &info->deps[i];
    }
    if (info->dep_count > 0) {
        qsort(deps, info->dep_count, sizeof(*deps), by_path);
    }
    return deps;
}

static void add_deps(struct builder *builder, const struct buildinfo *a, const struct buildinfo *b)
{
    const struct module **left = sorted_deps(a, builder->arena);
    const struct module **right = sorted_deps(b, builder->arena);
    size_t i = 0;
    size_t k = 0;
    while (i < a->dep_count || k < b->dep_count) {
        int order = i == a->dep_count   ? 1
                    : k == b->dep_count ? -1
                                        : strcmp(left[i]->path, right[k]->path);
        const struct module *one = order <= 0 ? left[i++] : NULL;
        const struct module *other = order >= 0 ? right[k++] : NULL;
        add(builder, "dep", one != NULL ? one->path : other->path,
            one == NULL ? NULL : describe(one, builder->arena),
            other == NULL ? NULL : describe(other, builder->arena));
    }
}

static int by_key(const void *a, const void *b)
{
    const struct build_setting *const *left = a;
    const struct build_setting *const *right = b;
    return strcmp((*left)->key, (*right)->key);
}

static const struct build_setting **sorted_settings(const struct buildinfo *info,
                                                    struct arena *arena)
{
    const struct build_setting **settings =
        ARENA_ARRAY(arena, info->setting_count, const struct build_setting *);
    for (size_t i = 0; i < info->setting_count; i++) {
        settings[i] = &info->settings[i];
    }
    if (info->setting_count > 0) {
        qsort(settings, info->setting_count, sizeof(*settings), by_key);
    }
    return settings;
}

static void add_settings(struct builder *builder, const struct buildinfo *a,
                         const struct buildinfo *b)
{
    const struct build_setting **left = sorted_settings(a, builder->arena);
    const struct build_setting **right = sorted_settings(b, builder->arena);
    size_t i = 0;
    size_t k = 0;
    while (i < a->setting_count || k < b->setting_count) {
        int order = i == a->setting_count   ? 1
                    : k == b->setting_count ? -1
                                            : strcmp(left[i]->key, right[k]->key);
        const struct build_setting *one = order <= 0 ? left[i++] : NULL;
        const struct build_setting *other = order >= 0 ? right[k++] : NULL;
        add(builder, "build", one != NULL ? one->key : other->key, one == NULL ? NULL : one->value,
            other == NULL ? NULL : other->value);
    }
}

void information_compare(const struct inspection *a, const struct inspection *b,
                         struct arena *arena, struct diff *ret)
{
    struct builder builder = {.arena = arena, .diff = ret};
    add(&builder, "go", "", a->info.go_version, b->info.go_version);
    if (!a->has_buildinfo && !b->has_buildinfo) {
        return;
    }
    if (a->has_buildinfo != b->has_buildinfo) {
        add(&builder, "path", "", a->has_buildinfo ? a->info.path : NULL,
            b->has_buildinfo ? b->info.path : NULL);
        return;
    }
    add(&builder, "path", "", a->info.path, b->info.path);
    add_main(&builder, &a->info, &b->info);
    add_settings(&builder, &a->info, &b->info);
    add_deps(&builder, &a->info, &b->info);
}

const struct diff_change *diff_change_find(const struct diff *diff, const char *kind,
                                           const char *name)
{
    for (size_t i = 0; i < diff->change_count; i++) {
        if (strcmp(diff->changes[i].kind, kind) == 0 &&
            (name == NULL || strcmp(diff->changes[i].name, name) == 0)) {
            return &diff->changes[i];
        }
    }
    return NULL;
}
