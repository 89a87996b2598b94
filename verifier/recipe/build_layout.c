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

/* The module lies beneath the workspace's directory: in a trimmed build that is /src, in an
 * untrimmed one it follows from where the module was. */
static bool place_workspace(const struct recipe *recipe, struct arena *arena,
                            struct build_layout *layout, struct error *err)
{
    const char *below = recipe->module_directory;
    layout->workspace = recipe->workspace ? layout->source : "";
    if (!recipe->workspace || below[0] == '\0') {
        return true;
    }
    if (recipe->trimpath) {
        layout->source = arena_printf(arena, "%s/%s", layout->workspace, below);
        return true;
    }
    size_t len = strlen(layout->source), tail = strlen(below) + 1;
    if (len <= tail || layout->source[len - tail] != '/' ||
        strcmp(layout->source + len - tail + 1, below) != 0) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "the module was built in %.200s, which is not %.200s of a workspace",
                         layout->source, below);
    }
    layout->workspace = arena_text(arena, bytes_from(layout->source, len - tail));
    return true;
}

bool build_layout_of(const struct recipe *recipe, struct arena *arena, struct build_layout *ret,
                     struct error *err)
{
    if (!recipe_validate(recipe, err)) {
        return false;
    }
    struct build_layout layout = recipe->trimpath ? trimmed(recipe) : untrimmed(recipe, arena);
    if (!place_workspace(recipe, arena, &layout, err)) {
        return false;
    }
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
