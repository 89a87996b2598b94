// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fetch/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

int support_run(const char *const argv[], const char *output)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int to = open(output == NULL ? "/dev/null" : output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        char *copy[1100] = {NULL};
        for (size_t i = 0; argv[i] != NULL && i + 1 < ARRAY_LEN(copy); i++) {
            copy[i] = strdup(argv[i]);
        }
        dup2(to, STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        execvp(copy[0], copy);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool support_has(const char *program)
{
    const char *flag = strcmp(program, "go") == 0 ? "version" : "--version";
    const char *argv[] = {program, flag, NULL};
    if (support_run(argv, NULL) == 0) {
        return true;
    }
    printf("# skip: %s is not installed\n", program);
    return false;
}

const char *support_source(const char *name, struct arena *arena)
{
    const char *root = getenv("MESON_SOURCE_ROOT");
    return arena_printf(arena, "%s/tests/unit/fetch/%s", root == NULL ? "." : root, name);
}

void support_helpers(void)
{
    static const char *const names[] = {"reproof-fetch", "reproof-unpack"};
    char self[4096];
    const char *build = getenv("MESON_BUILD_ROOT");
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    assert_true(len > 0);
    self[len] = '\0';
    *strrchr(self, '/') = '\0';
    struct arena arena = {0};
    const char *folder = arena_printf(&arena, "%s/helpers", self);
    assert_true(mkdir(folder, 0700) == 0 || errno == EEXIST);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *to =
            arena_printf(&arena, "%s/cli/helpers/%s", build == NULL ? "." : build, names[i]);
        const char *link = arena_printf(&arena, "%s/%s", folder, names[i]);
        assert_true(symlink(to, link) == 0 || errno == EEXIST);
    }
    arena_free(&arena);
}

char **support_list(const char *dir, const char *suffix, struct arena *arena, size_t *ret_count)
{
    int fd;
    char **names;
    size_t count;
    struct error err;
    assert_true(directory_open(dir, &fd, &err));
    assert_true(directory_list(fd, arena, &names, &count, &err));
    close(fd);
    char **paths = ARENA_ARRAY(arena, count + 1, char *);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(names[i]);
        if (len >= strlen(suffix) && strcmp(names[i] + len - strlen(suffix), suffix) == 0) {
            paths[kept++] = arena_printf(arena, "%s/%s", dir, names[i]);
        }
    }
    *ret_count = kept;
    return paths;
}

void support_make_zips(const char *dir)
{
    struct arena arena = {0};
    const char *argv[] = {"python3", support_source("make_zips.py", &arena), dir, NULL};
    assert_int_equal(support_run(argv, NULL), 0);
    arena_free(&arena);
}
