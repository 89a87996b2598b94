// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/build_command.h"

#include <stdarg.h>
#include <stdio.h>

#include "verifier/recipe/flags.h"
#include "verifier/recipe/limits.h"

/* A NULL-terminated list in an arena. */
struct list {
    struct arena *arena;
    const char **items;
    size_t count, capacity;
};

static void add(struct list *list, const char *format, ...) PRINTF_LIKE(2, 3);

static void add(struct list *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(list->arena, (size_t)(len < 0 ? 0 : len) + 1);
    va_start(args, format);
    if (len > 0) {
        vsnprintf(text, (size_t)len + 1, format, args);
    }
    va_end(args);
    arena_grow(list->arena, &list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = text;
    arena_grow(list->arena, &list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count] = NULL;
}

static bool is_working_copy(const struct recipe *recipe)
{
    return recipe->source_kind == SOURCE_MODULE_ZIP || recipe->source_kind == SOURCE_DIRECTORY;
}

/* The main package: "./cmd/x" in a working copy, so that no path is ever taken for something else.
 */
static const char *package_of(const struct recipe *recipe, struct arena *arena)
{
    size_t len = strlen(recipe->module);
    if (!is_working_copy(recipe)) {
        return recipe->main_package;
    }
    return recipe->main_package[len] == '\0'
               ? "."
               : arena_printf(arena, ".%s", recipe->main_package + len);
}

static void add_module_flags(struct list *list, const struct recipe *recipe,
                             const struct build_layout *layout)
{
    if (recipe->source_kind == SOURCE_TOOLCHAIN_MODULE) {
        return; /* the standard library's own go.mod and vendor directory */
    }
    add(list, "-mod=%s", recipe->vendored ? "vendor" : "readonly");
    bool own_vendor = recipe->vendored && recipe->source_kind == SOURCE_DIRECTORY;
    if (is_working_copy(recipe) && !own_vendor && !recipe->workspace) {
        add(list, "-modfile=%s/go.mod", layout->own);
    }
}

static bool add_ldflags(struct list *list, const struct recipe *recipe, const char *const *ldflags,
                        size_t ldflag_count, struct error *err)
{
    const char *text = recipe->ldflags_text;
    if (ldflags != NULL && !flags_check_linker(ldflags, ldflag_count, err)) {
        return false;
    }
    if (ldflags == NULL) {
        ldflags = recipe->ldflags;
        ldflag_count = recipe->ldflag_count;
    } else {
        text = "";
    }
    if (text[0] == '\0' && !flags_join_ldflags(ldflags, ldflag_count, list->arena, &text, err)) {
        return false;
    }
    if (text[0] != '\0') {
        add(list, "-ldflags=%s", text);
    }
    return true;
}

static void add_text(struct list *list, const char *flag, const char *value)
{
    if (value[0] != '\0') {
        add(list, "%s=%s", flag, value);
    }
}

bool build_command_argv(const struct recipe *recipe, const struct build_layout *layout,
                        const char *const *ldflags, size_t ldflag_count, struct arena *arena,
                        const char *const **ret, struct error *err)
{
    struct list list = {.arena = arena};
    struct go_version go;
    if (!recipe_validate(recipe, err) ||
        !go_version_parse(bytes_from_string(recipe->toolchain), &go)) {
        return false;
    }
    add(&list, "%s/bin/go", layout->goroot);
    add(&list, "build");
    add_module_flags(&list, recipe, layout);
    if (recipe->trimpath) {
        add(&list, "-trimpath");
    }
    if (go.minor >= 18) {
        /* "true" and not "auto": a question that git does not answer has to be an error. */
        add(&list, "-buildvcs=%s", recipe->vcs.present ? "true" : "false");
    }
    add_text(&list, "-buildmode", recipe->buildmode);
    add_text(&list, "-tags", recipe->tags);
    add_text(&list, "-gcflags", recipe->gcflags);
    add_text(&list, "-asmflags", recipe->asmflags);
    add_text(&list, "-pgo", recipe->pgo);
    if (!add_ldflags(&list, recipe, ldflags, ldflag_count, err)) {
        return false;
    }
    add(&list, "-o");
    add(&list, "%s", layout->artifact);
    add(&list, "--");
    add(&list, "%s", package_of(recipe, arena));
    *ret = list.items;
    return true;
}

bool build_command_environment(const struct recipe *recipe, const struct build_layout *layout,
                               struct arena *arena, const char *const **ret, struct error *err)
{
    struct list list = {.arena = arena};
    if (!recipe_validate(recipe, err)) {
        return false;
    }
    add(&list, recipe->rootfs[0] == '\0' ? "PATH=%s" : "PATH=%s:/usr/bin:/bin", layout->stub);
    add(&list, "HOME=%s", layout->home);
    add(&list, "TMPDIR=%s", layout->home);
    add(&list, "GOROOT=%s", layout->goroot);
    add(&list, "GOPATH=%s", layout->gopath);
    add(&list, "GOMODCACHE=%s", layout->modcache);
    add(&list, "GOCACHE=%s", layout->cache);
    /* Go's own settings file is not emptied by an empty GOFLAGS; it has to be turned off. */
    add(&list, "GOENV=off");
    add(&list, "GOFLAGS=");
    if (recipe->workspace) {
        add(&list, "GOWORK=%s/go.work", layout->workspace);
    } else {
        add(&list, "GOWORK=off");
    }
    add(&list, "GO111MODULE=on");
    add(&list, "GOTOOLCHAIN=local");
    add(&list, "GOPROXY=off");
    add(&list, "GOSUMDB=off"); /* every module was proven before it came in here */
    add(&list, "GOOS=%s", recipe->goos);
    add(&list, "GOARCH=%s", recipe->goarch);
    for (size_t i = 0; i < recipe->environment_count; i++) {
        add(&list, "%s=%s", recipe->environment[i].name, recipe->environment[i].value);
    }
    if (recipe->vcs.present) {
        add(&list, "REPROOF_ANSWERS=%s/answers", layout->stub);
    }
    *ret = list.items;
    return true;
}
