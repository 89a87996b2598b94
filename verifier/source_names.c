// SPDX-License-Identifier: Apache-2.0
/* The variables that -X may have set, off the tree of the main module. */
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/pipeline_internal.h"
#include "verifier/source_walk.h"

/* Larger files are data, generated, or both. */
#define FILE_MAXIMUM (1 * MIB)
#define SCRIPT_MAXIMUM (256 * KIB)
/* The largest module zips hold less text that matters. */
#define TREE_MAXIMUM (256 * MIB)

struct names_walk {
    struct variables *variables;
    const char *main_package;
    bool scripts; /* this time scripts are read, Go files were before */
    uint64_t bytes;
};

static bool is_go_source(struct bytes name)
{
    return bytes_end_with(name, ".go") && !bytes_end_with(name, "_test.go");
}

static void take_file(void *context, int dir, const char *name, const char *package, uint64_t size)
{
    struct names_walk *walk = context;
    struct arena arena = {0};
    struct bytes text;
    bool go = is_go_source(bytes_from_string(name));
    uint64_t most = walk->scripts ? SCRIPT_MAXIMUM : FILE_MAXIMUM;
    if ((!go && !walk->scripts) || size > most || walk->bytes + size > TREE_MAXIMUM) {
        return;
    }
    walk->bytes += size;
    /* A file that cannot be read names nothing. */
    if (file_read(dir, name, most, &arena, &text, NULL)) {
        if (walk->scripts) {
            variables_add_script(walk->variables, text);
        } else {
            variables_add_go(walk->variables, text, package,
                             strcmp(package, walk->main_package) == 0);
        }
    }
    arena_free(&arena);
}

void source_names(struct subject_run *run, struct variables *ret)
{
    AUTO_FD int dir = -1;
    struct names_walk walk = {.variables = ret, .main_package = run->recipe.main_package};
    *ret = (struct variables){.arena = run->arena};
    if (!run->result->has_source || !directory_open(run->result->source.tree, &dir, NULL)) {
        return;
    }
    source_walk(dir, run->recipe.module, take_file, &walk);
    walk.scripts = true;
    walk.bytes = 0;
    source_walk(dir, run->recipe.module, take_file, &walk);
}
