// SPDX-License-Identifier: Apache-2.0
/* Rebuilds ARTIFACT, a program without dependencies, from the tree SOURCE with the toolchain
 * GOROOT, as the derived recipe says and by the stub git, without a sandbox: for
 * tests/builds/vcs_stamp.sh.
 *
 *   rebuild_here ARTIFACT GOROOT SOURCE WORK CACHE
 *
 * The result is WORK/artifact. SOURCE/.git has to be an empty directory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "verifier/inspect.h"
#include "verifier/recipe/build_command.h"
#include "verifier/recipe/gomod.h"

static bool write_file(int work, const char *folder, const char *name, mode_t mode,
                       struct bytes content, struct error *err)
{
    AUTO_FD int dir = -1;
    return directory_make(work, folder, 0755, &dir, err) &&
           file_write_atomic(dir, name, mode, content, err);
}

static bool derive(const char *path, const char *source_directory, struct arena *arena,
                   struct recipe *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    struct recipe_notes notes;
    struct recipe_refusal refusal;
    struct inspection *file = ARENA_NEW(arena, struct inspection);
    struct recipe_hints hints = {.source_directory = source_directory};
    if (!file_open_input(AT_FDCWD, path, &fd, err) || !source_from_fd(fd, &source, err) ||
        !inspect_source(&source, INSPECT_DIGEST, arena, file, err)) {
        return false;
    }
    return recipe_derive(file, &hints, arena, ret, &notes, &refusal) ||
           error_set(err, ERROR_UNSUPPORTED, "%s: %s", refusal.code, refusal.detail);
}

static bool lay_out(char **words, struct arena *arena, const struct recipe *recipe,
                    struct build_layout *ret, struct error *err)
{
    AUTO_FD int work = -1, source = -1;
    struct bytes go_mod, answers;
    struct gomod_file *files;
    size_t count;
    if (!build_layout_of(recipe, arena, ret, err)) {
        return false;
    }
    ret->goroot = words[2];
    ret->source = ret->directory = words[3];
    ret->own = arena_printf(arena, "%s/own", words[4]);
    ret->stub = arena_printf(arena, "%s/stub", words[4]);
    ret->artifact = arena_printf(arena, "%s/artifact", words[4]);
    ret->home = ret->gopath = ret->modcache = words[4];
    ret->cache = words[5];
    if (!directory_open(words[3], &source, err) || !directory_make_path(words[4], &work, err) ||
        !file_read(source, "go.mod", 65536, arena, &go_mod, err) ||
        !gomod_own_files(recipe, ret->own, go_mod, NULL, NULL, 0, arena, &files, &count, err) ||
        !build_stub_answers(recipe, ret, arena, &answers, err) ||
        !write_file(work, "stub", "git", 0755, build_stub_git(), err) ||
        !write_file(work, "stub", "answers", 0644, answers, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!write_file(work, "own", files[i].path, 0644, files[i].content, err)) {
            return false;
        }
    }
    return true;
}

int main(int count, char **words)
{
    struct arena arena = {0};
    struct error err = {0};
    struct recipe recipe;
    struct build_layout layout;
    const char *const *argv, *const *environment;
    if (count == 6 && derive(words[1], words[3], &arena, &recipe, &err) &&
        lay_out(words, &arena, &recipe, &layout, &err) &&
        build_command_argv(&recipe, &layout, NULL, 0, &arena, &argv, &err) &&
        build_command_environment(&recipe, &layout, &arena, &environment, &err) &&
        chdir(layout.directory) == 0) {
        execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
    }
    fprintf(stderr, "rebuild_here: %s\n", err.message);
    return 1;
}
