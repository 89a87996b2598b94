/* Inspections made from the text of build information, as inspect would give them. */
#pragma once

#include "tests/unit/unit.h"
#include "verifier/recipe/recipe.h"

/* An intact, stripped and trimmed ELF file of Go GO_VERSION that holds the module lines TEXT. */
struct inspection sample_inspection(struct arena *arena, const char *go_version, const char *text);

/* The recipe of FILE; fails the test if there is none. */
struct recipe sample_recipe(struct arena *arena, const struct inspection *file,
                            const struct recipe_hints *hints, struct recipe_notes *ret_notes);

/* The detail of the assumption NAME, NULL if it is not made. */
const char *sample_assumption(const struct recipe_notes *notes, const char *name);

#define SAMPLE_SUM "h1:MV9mUyW9wPjWqC8YcbeC3U9JbmyDZ+9aNPP0jTKcZtU="

/* shfmt 3.14.1 of PyPI, with its facts. */
#define SAMPLE_SHFMT                                                                               \
    "path\tmvdan.cc/sh/v3/cmd/shfmt\n"                                                             \
    "mod\tmvdan.cc/sh/v3\tv3.14.1\t\n"                                                             \
    "dep\tgithub.com/google/renameio/v2\tv2.0.2\t" SAMPLE_SUM "\n"                                 \
    "build\t-buildmode=exe\nbuild\t-compiler=gc\nbuild\t-trimpath=true\n"                          \
    "build\tCGO_ENABLED=0\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\nbuild\tGOAMD64=v1\n"            \
    "build\tvcs=git\nbuild\tvcs.revision=a3f0c75d21d918756fa38de8b5d3429efde7948b\n"               \
    "build\tvcs.time=2026-09-06T14:51:11Z\nbuild\tvcs.modified=false\n"

/* Lines that follow the module lines, and the module lines of a program without a version. */
#define PLATFORM "build\tGOARCH=amd64\nbuild\tGOOS=linux\nbuild\tGOAMD64=v1\nbuild\tCGO_ENABLED=0\n"
#define TRIMMED "build\t-compiler=gc\nbuild\t-trimpath=true\n" PLATFORM
#define STAMP                                                                                      \
    "build\tvcs=git\nbuild\tvcs.revision=e9174d671b1882758cd32ac5e146200f5bee3e45\n"               \
    "build\tvcs.time=2025-02-08T03:01:26Z\nbuild\tvcs.modified=false\n"
#define ESBUILD                                                                                    \
    "path\tgithub.com/evanw/esbuild/cmd/esbuild\nmod\tgithub.com/evanw/esbuild\t(devel)\t\n"
