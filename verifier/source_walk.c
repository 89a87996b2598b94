// SPDX-License-Identifier: Apache-2.0
#include "verifier/source_walk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"

#define FILES_MAXIMUM 50000

struct walk {
    source_walk_take *take;
    void *context;
    uint64_t files;
};

static bool is_passed_over(const char *name)
{
    return strcmp(name, "testdata") == 0 || strcmp(name, "vendor") == 0 ||
           strcmp(name, ".git") == 0 || strcmp(name, "node_modules") == 0;
}

static void walk_directory(struct walk *walk, int dir, const char *place, unsigned depth)
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
            walk->take(walk->context, dir, names[i], place, (uint64_t)info.st_size);
        } else if (S_ISDIR(info.st_mode) && depth < LIMIT_BUILD_DEPTH &&
                   !is_passed_over(names[i]) &&
                   directory_open_beneath(dir, names[i], &below, NULL)) {
            walk_directory(walk, below, arena_printf(&arena, "%s/%s", place, names[i]), depth + 1);
        }
    }
    arena_free(&arena);
}

void source_walk(int dir, const char *place, source_walk_take *take, void *context)
{
    struct walk walk = {.take = take, .context = context};
    walk_directory(&walk, dir, place, 0);
}
