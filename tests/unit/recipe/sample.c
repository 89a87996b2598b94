// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/recipe/sample.h"

struct inspection sample_inspection(struct arena *arena, const char *go_version, const char *text)
{
    struct error err = {0};
    static const char *const parts[] = {"aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb",
                                        "cccccccccccccccccccc", "dddddddddddddddddddd"};
    struct inspection file = {
        .name = "artifact",
        .format = IMAGE_ELF,
        .goos = "linux",
        .goarch = "amd64",
        .variant = "",
        .has_buildinfo = true,
        .traits = {.linker_hash = LINKER_HASH_MATCH,
                   .build_id = "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccc/"
                               "dddddddddddddddddddd",
                   .host_build_id = true,
                   .trimpath = true,
                   .path_known = true,
                   .interpreter = "",
                   .code_signature = "none",
                   .gnu_build_id = "",
                   .packer = "",
                   .goroot = "",
                   .gopath = "",
                   .source_root = "",
                   .pclntab_go = "1.20"},
    };
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        file.traits.parts[i] = parts[i];
    }
    if (!buildinfo_parse_modules(bytes_from_string(text), arena, &file.info, &err)) {
        fail_msg("sample: %s", err.message);
    }
    file.info.go_version = go_version;
    return file;
}

struct recipe sample_recipe(struct arena *arena, const struct inspection *file,
                            const struct recipe_hints *hints, struct recipe_notes *ret_notes)
{
    struct recipe recipe;
    struct recipe_notes notes = {0};
    struct recipe_refusal refusal = {0};
    if (!recipe_derive(file, hints, arena, &recipe, &notes, &refusal)) {
        fail_msg("%s: %s", refusal.code, refusal.detail);
    }
    if (ret_notes != NULL) {
        *ret_notes = notes;
    }
    return recipe;
}

const char *sample_assumption(const struct recipe_notes *notes, const char *name)
{
    for (size_t i = 0; i < notes->assumption_count; i++) {
        if (strcmp(notes->assumptions[i].name, name) == 0) {
            return notes->assumptions[i].detail;
        }
    }
    return NULL;
}
