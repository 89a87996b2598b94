// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/build_internal.h"

static const char *beneath(struct arena *arena, const char *path, const char *name)
{
    return arena_printf(arena, "%s/%s", path, name);
}

bool build_layout_unboxed(const struct recipe *recipe, const char *path, const char *toolchain,
                          struct arena *arena, struct build_layout *ret, struct error *err)
{
    struct build_layout boxed;
    if (!build_layout_of(recipe, arena, &boxed, err)) {
        return false;
    }
    if (!recipe->trimpath) {
        error_set(err, ERROR_UNSUPPORTED, "only the sandbox can give a build the paths it needs");
        return error_cure(err, "leave out --sandbox none");
    }
    bool copied = boxed.source[0] != '\0';
    struct build_layout layout = {
        .goroot = toolchain,
        .source = copied ? beneath(arena, path, BUILD_SOURCE) : "",
        .gopath = beneath(arena, path, "gopath"),
        .modcache = beneath(arena, path, BUILD_MODULES),
        .own = beneath(arena, path, BUILD_OWN),
        .cache = beneath(arena, path, BUILD_CACHE),
        .home = beneath(arena, path, "home"),
        .stub = beneath(arena, path, "stub"),
        .output = beneath(arena, path, BUILD_OUTPUT),
        .artifact = beneath(arena, path, BUILD_OUTPUT "/" BUILD_ARTIFACT),
    };
    layout.workspace = recipe->workspace ? layout.source : "";
    if (recipe->module_directory[0] != '\0') {
        layout.source = beneath(arena, layout.source, recipe->module_directory);
    }
    layout.dot_git =
        boxed.dot_git[0] != '\0' && copied ? beneath(arena, layout.source, ".git") : "";
    switch (recipe->source_kind) {
    case SOURCE_MODULE_ZIP:
    case SOURCE_DIRECTORY:
        layout.directory = layout.source;
        break;
    case SOURCE_MODULE_DEPENDENCY:
        layout.directory = layout.own;
        break;
    case SOURCE_TOOLCHAIN_MODULE:
        layout.directory = beneath(arena, toolchain, "src");
        break;
    }
    *ret = layout;
    return true;
}
