// SPDX-License-Identifier: Apache-2.0
/* The variables that -X may have set, off the tree of the main module. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/pipeline_internal.h"

/* Larger files are data, generated, or both. */
#define FILE_MAXIMUM (1 * MIB)
#define SCRIPT_MAXIMUM (256 * KIB)
/* The largest module zips hold less text that matters. */
#define TREE_MAXIMUM (256 * MIB)
#define FILES_MAXIMUM 50000

struct names_walk {
    struct variables *variables;
    const char *main_package;
    bool scripts; /* this time scripts are read, Go files were before */
    uint64_t bytes, files;
};

static bool is_go_source(struct bytes name)
{
    return bytes_end_with(name, ".go") && !bytes_end_with(name, "_test.go");
}

static void take_file(struct names_walk *walk, int dir, const char *name, const char *package,
                      uint64_t size)
{
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

static bool is_passed_over(const char *name)
{
    return strcmp(name, "testdata") == 0 || strcmp(name, "vendor") == 0 ||
           strcmp(name, ".git") == 0 || strcmp(name, "node_modules") == 0;
}

static void walk_directory(struct names_walk *walk, int dir, const char *package, unsigned depth)
{
    struct arena arena = {0};
    char **names;
    size_t count = 0;
    bool listed = directory_list(dir, &arena, &names, &count, NULL);
    for (size_t i = 0; listed && i < count && walk->files < FILES_MAXIMUM; i++) {
        struct stat info;
        AUTO_FD int below = -1;
        if (fstatat(dir, names[i], &info, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        if (S_ISREG(info.st_mode)) {
            walk->files++;
            take_file(walk, dir, names[i], package, (uint64_t)info.st_size);
        } else if (S_ISDIR(info.st_mode) && depth < LIMIT_BUILD_DEPTH &&
                   !is_passed_over(names[i]) &&
                   directory_open_beneath(dir, names[i], &below, NULL)) {
            walk_directory(walk, below, arena_printf(&arena, "%s/%s", package, names[i]),
                           depth + 1);
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
    walk_directory(&walk, dir, run->recipe.module, 0);
    walk.scripts = true;
    walk.bytes = walk.files = 0;
    walk_directory(&walk, dir, run->recipe.module, 0);
}
