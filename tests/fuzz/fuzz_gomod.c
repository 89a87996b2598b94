// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/gomod.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* As the go.mod of a dependency and of the main module at once, pruned or not. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    struct gomod gomod;
    struct bytes text = bytes_from(data, len);
    struct recipe recipe = recipe_empty();
    struct module line = {.path = "b.example/b", .version = "v1.0.0", .sum = ""};
    struct fetched_module dep = {
        .id = {"b.example/b", "v1.0.0"}, .h1 = "h1:", .go_mod_h1 = "h1:", .go_mod = text};
    struct gomod_comparison comparison;
    struct gomod_file *files;
    size_t count;
    recipe.source_kind = SOURCE_DIRECTORY;
    recipe.directory = "/x";
    recipe.toolchain = "go1.23.5";
    recipe.goos = "linux";
    recipe.goarch = "amd64";
    recipe.trimpath = true;
    recipe.deps = &line;
    recipe.dep_count = 1;
    if (gomod_parse(text, &arena, &gomod, &err)) {
        recipe.module = recipe.main_package = gomod.module;
        (void)!gomod_own_files(&recipe, "/own", text, NULL, &dep, 1, &arena, &files, &count, &err);
        (void)!gomod_compare(&recipe, text, &dep, 1, &arena, &comparison, &err);
    }
    arena_free(&arena);
    return 0;
}
