// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "verifier/recipe/build_command.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* Build information to recipe to command: whatever a file says, the command is whole or refused. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    struct recipe recipe;
    struct recipe_notes notes;
    struct recipe_refusal refusal = {0};
    struct build_layout layout;
    const char *const *list;
    struct inspection file = {.name = "x", .goos = "linux", .goarch = "amd64", .variant = ""};
    file.traits = (struct traits){.build_id = "", .goroot = "/go", .gopath = "", .pclntab_go = ""};
    file.traits.source_root = "/src/x";
    const unsigned char *end = len == 0 ? NULL : memchr(data, '\n', len);
    size_t behind = end == NULL ? len : (size_t)(end - data) + 1;
    file.has_buildinfo =
        buildinfo_parse_modules(bytes_from(data + behind, len - behind), &arena, &file.info, &err);
    file.traits.path_known = file.has_buildinfo && file.info.dep_count > 0;
    file.info.go_version = arena_text(&arena, bytes_from(data, end == NULL ? 0 : behind - 1));
    bool derived = recipe_derive(&file, NULL, &arena, &recipe, &notes, &refusal);
    if (derived && (!build_layout_of(&recipe, &arena, &layout, &err) ||
                    !build_command_argv(&recipe, &layout, NULL, 0, &arena, &list, &err) ||
                    !build_command_environment(&recipe, &layout, &arena, &list, &err))) {
        abort();
    }
    if (!derived && (refusal.code == NULL || refusal.detail == NULL || refusal.cure == NULL)) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
