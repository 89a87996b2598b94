// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/build_command.h"
#include "verifier/recipe/path_check.h"

/* Where our own things lie in the box of an untrimmed build: no artifact may have a path below it.
 */
#define OWN_ROOT PATH_RESERVED_ROOT

static struct build_layout trimmed(const struct recipe *recipe)
{
    bool copy = recipe->source_kind == SOURCE_MODULE_ZIP || recipe->source_kind == SOURCE_DIRECTORY;
    return (struct build_layout){
        .goroot = "/go",
        .source = copy ? "/src" : "",
        .gopath = "/gopath",
        .modcache = "/mod",
        .own = "/own",
        .cache = "/cache",
        .home = "/tmp",
        .stub = "/stub",
        .output = "/out",
        .artifact = "/out/artifact",
    };
}

static struct build_layout untrimmed(const struct recipe *recipe, struct arena *arena)
{
    struct build_layout layout = {
        .goroot = recipe->goroot,
        .source = recipe->source_kind == SOURCE_MODULE_DEPENDENCY ? "" : recipe->source_root,
        .gopath = recipe->gopath[0] != '\0' ? recipe->gopath : OWN_ROOT "/gopath",
        .own = OWN_ROOT "/own",
        .cache = OWN_ROOT "/cache",
        .home = OWN_ROOT "/tmp",
        .stub = OWN_ROOT "/stub",
        .output = OWN_ROOT "/out",
        .artifact = OWN_ROOT "/out/artifact",
    };
    layout.modcache = arena_printf(arena, "%s/pkg/mod", layout.gopath);
    return layout;
}

bool build_layout_of(const struct recipe *recipe, struct arena *arena, struct build_layout *ret,
                     struct error *err)
{
    if (!recipe_validate(recipe, err)) {
        return false;
    }
    struct build_layout layout = recipe->trimpath ? trimmed(recipe) : untrimmed(recipe, arena);
    switch (recipe->source_kind) {
    case SOURCE_MODULE_ZIP:
    case SOURCE_DIRECTORY:
        layout.directory = layout.source;
        break;
    case SOURCE_MODULE_DEPENDENCY:
        layout.directory = layout.own;
        break;
    case SOURCE_TOOLCHAIN_MODULE:
        layout.directory = arena_printf(arena, "%s/src", layout.goroot);
        break;
    }
    layout.dot_git = recipe->vcs.present ? arena_printf(arena, "%s/.git", layout.source) : "";
    *ret = layout;
    return true;
}
