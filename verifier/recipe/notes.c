// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdio.h>

#include "verifier/recipe/recipe.h"

static char *text_of(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);

static char *text_of(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(arena, (size_t)(len < 0 ? 0 : len) + 1);
    if (len > 0) {
        vsnprintf(text, (size_t)len + 1, format, args);
    }
    return text;
}

static bool is_noted(const struct recipe_notes *notes, const char *name, const char *detail)
{
    for (size_t i = 0; i < notes->assumption_count; i++) {
        if (strcmp(notes->assumptions[i].name, name) == 0 &&
            strcmp(notes->assumptions[i].detail, detail) == 0) {
            return true;
        }
    }
    return false;
}

static void insert_assumption(struct recipe_notes *notes, struct arena *arena, size_t place,
                              const char *name, const char *detail)
{
    arena_grow(arena, &notes->assumptions, notes->assumption_count, &notes->assumption_capacity,
               sizeof(*notes->assumptions));
    for (size_t i = notes->assumption_count++; i > place; i--) {
        notes->assumptions[i] = notes->assumptions[i - 1];
    }
    notes->assumptions[place] = (struct assumption){.name = name, .detail = detail};
}

void recipe_assume(struct recipe_notes *notes, struct arena *arena, const char *name,
                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *detail = text_of(arena, format, args);
    va_end(args);
    if (!is_noted(notes, name, detail)) {
        insert_assumption(notes, arena, notes->assumption_count, name, detail);
    }
}

void recipe_assume_intention(struct recipe_notes *notes, struct arena *arena, const char *name,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *detail = text_of(arena, format, args);
    va_end(args);
    if (!is_noted(notes, name, detail)) {
        insert_assumption(notes, arena, notes->intention_count++, name, detail);
    }
}

void recipe_infer(struct recipe_notes *notes, struct arena *arena, const char *field,
                  const char *value, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *evidence = text_of(arena, format, args);
    va_end(args);
    arena_grow(arena, &notes->inferences, notes->inference_count, &notes->inference_capacity,
               sizeof(*notes->inferences));
    notes->inferences[notes->inference_count++] = (struct inference){
        .field = field, .value = arena_string(arena, value), .evidence = evidence};
}

bool recipe_is_assumed(const struct recipe_notes *notes, const char *name)
{
    for (size_t i = 0; i < notes->assumption_count; i++) {
        if (strcmp(notes->assumptions[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

void recipe_retract(struct recipe_notes *notes, const char *name, const char *field)
{
    size_t kept = 0, intentions = 0;
    for (size_t i = 0; i < notes->assumption_count; i++) {
        if (strcmp(notes->assumptions[i].name, name) != 0) {
            notes->assumptions[kept++] = notes->assumptions[i];
            intentions += i < notes->intention_count;
        }
    }
    notes->assumption_count = kept;
    notes->intention_count = intentions;
    kept = 0;
    for (size_t i = 0; i < notes->inference_count; i++) {
        if (strcmp(notes->inferences[i].field, field) != 0) {
            notes->inferences[kept++] = notes->inferences[i];
        }
    }
    notes->inference_count = kept;
}

struct recipe recipe_empty(void)
{
    return (struct recipe){
        .module = "",
        .version = "",
        .h1 = "",
        .main_package = "",
        .directory = "",
        .module_directory = "",
        .toolchain = "",
        .toolchain_directory = "",
        .rootfs = "",
        .toolchain_patch = "",
        .goos = "",
        .goarch = "",
        .buildmode = "",
        .tags = "",
        .ldflags_text = "",
        .gcflags = "",
        .asmflags = "",
        .pgo = "",
        .vcs = {.revision = "", .time = "", .tag = "", .base = ""},
        .goroot = "",
        .gopath = "",
        .source_root = "",
    };
}
