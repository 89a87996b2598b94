// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "verifier/sandbox/build_internal.h"

struct copy {
    struct error *err;
    uint64_t entries;
};

static bool copy_directory(int from, int to, unsigned depth, struct copy *copy);

static bool copy_file(int from, const char *name, mode_t mode, int to, struct copy *copy)
{
    AUTO_FD int source = -1;
    AUTO_FD int target = -1;
    mode_t wanted = (mode & S_IXUSR) != 0 ? 0755 : 0644;
    if (!file_open_beneath(from, name, O_RDONLY | O_NONBLOCK, 0, &source, copy->err) ||
        !file_open_beneath(to, name, O_WRONLY | O_CREAT | O_EXCL, wanted, &target, copy->err) ||
        !file_copy(source, target, copy->err)) {
        return false;
    }
    return fchmod(target, wanted) == 0 || error_errno(copy->err, "cannot set a mode");
}

/* A link leads nowhere but within the box, whatever it says; an absolute one has no meaning there.
 */
static bool copy_link(int from, const char *name, int to, struct copy *copy)
{
    char target[LIMIT_PATH];
    ssize_t len = readlinkat(from, name, target, sizeof(target));
    if (len <= 0 || (size_t)len >= sizeof(target)) {
        return error_errno(copy->err, "cannot read a link");
    }
    target[len] = '\0';
    return target[0] == '/' || symlinkat(target, to, name) == 0 ||
           error_errno(copy->err, "cannot make a link");
}

static bool copy_subdirectory(int from, const char *name, int to, unsigned depth, struct copy *copy)
{
    AUTO_FD int source = -1;
    AUTO_FD int target = -1;
    return directory_open_beneath(from, name, &source, copy->err) &&
           directory_make(to, name, 0755, &target, copy->err) &&
           copy_directory(source, target, depth + 1, copy);
}

static bool copy_entry(int from, const char *name, int to, unsigned depth, struct copy *copy)
{
    struct stat info;
    if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return error_errno(copy->err, "cannot look at it");
    }
    if (S_ISREG(info.st_mode)) {
        return copy_file(from, name, info.st_mode, to, copy);
    }
    if (S_ISLNK(info.st_mode)) {
        return copy_link(from, name, to, copy);
    }
    /* Devices, pipes and sockets are no source. */
    return !S_ISDIR(info.st_mode) || copy_subdirectory(from, name, to, depth, copy);
}

static bool copy_directory(int from, int to, unsigned depth, struct copy *copy)
{
    struct arena names_arena = {0};
    char **names;
    size_t count;
    bool copied = directory_list(from, &names_arena, &names, &count, copy->err);
    if (copied && (depth > LIMIT_BUILD_DEPTH || (copy->entries += count) > LIMIT_BUILD_FILES)) {
        copied = error_set(copy->err, ERROR_LIMIT, "too many files or nested too deeply");
    }
    for (size_t i = 0; copied && i < count; i++) {
        if (depth > 0 || strcmp(names[i], ".git") != 0) {
            copied = copy_entry(from, names[i], to, depth, copy) ||
                     error_prefix(copy->err, "%s", names[i]);
        }
    }
    arena_free(&names_arena);
    return copied;
}

bool build_copy_tree(int from, int to, struct error *err)
{
    struct copy copy = {.err = err};
    return copy_directory(from, to, 0, &copy);
}

static const char *source_tree(const struct build_inputs *inputs)
{
    return inputs->recipe->source_kind == SOURCE_DIRECTORY ? inputs->recipe->directory
                                                           : inputs->main->tree;
}

bool build_real_go_mod(const struct build_inputs *inputs, struct arena *arena, struct bytes *ret,
                       struct error *err)
{
    AUTO_FD int dir = -1;
    if (inputs->main != NULL || inputs->recipe->source_kind != SOURCE_DIRECTORY) {
        *ret = inputs->main == NULL ? bytes_from(NULL, 0) : inputs->main->go_mod;
        return true;
    }
    return directory_open(inputs->recipe->directory, &dir, err) &&
           file_read(dir, "go.mod", LIMIT_ZIP_GO_MOD, arena, ret, err);
}

/* What is copied to the box: the module, or the workspace that it is in. */
static const char *copied_root(const struct build_layout *layout)
{
    return layout->workspace[0] != '\0' ? layout->workspace : layout->source;
}

/* Go finds the module's root by this file, although it reads ours in its place (-modfile). */
static bool ensure_go_mod(const struct build_inputs *inputs, int root, struct error *err)
{
    if (inputs->main == NULL || file_exists(root, "go.mod")) {
        return true;
    }
    return build_write_file(root, "go.mod", inputs->main->go_mod, 0644, err);
}

/* Empty, at the module's root: with it go takes that for the root of a repository. */
static bool make_dot_git(const struct build_layout *layout, int root, struct arena *arena,
                         struct error *err)
{
    const char *below = layout->dot_git + strlen(copied_root(layout)) + 1;
    const char *outer = arena_text(arena, bytes_from(below, strlen(below) - strlen(".git")));
    AUTO_FD int module = -1;
    size_t len = strlen(outer);
    const char *place = len == 0 ? "." : arena_text(arena, bytes_from(outer, len - 1));
    /* A module of a workspace may have been a repository of its own, or a submodule. */
    return directory_open_beneath(root, place, &module, err) &&
           directory_remove(module, ".git", err) && directory_make(module, ".git", 0755, NULL, err);
}

bool build_lay_source(struct build_box *box, const struct build_inputs *inputs, struct error *err)
{
    AUTO_FD int from = -1;
    AUTO_FD int root = -1;
    if (box->layout.source[0] == '\0' || inputs->recipe->source_kind == SOURCE_TOOLCHAIN_MODULE) {
        return true;
    }
    if (!directory_open(source_tree(inputs), &from, err) ||
        !directory_make(box->dir, BUILD_SOURCE, 0755, &root, err) ||
        !build_copy_tree(from, root, err) || !ensure_go_mod(inputs, root, err)) {
        return error_prefix(err, "copying the source");
    }
    box->module_root = arena_printf(&box->arena, BUILD_SOURCE "%s",
                                    box->layout.source + strlen(copied_root(&box->layout)));
    if (!build_lay_vendor(box, inputs, root, err)) {
        return error_prefix(err, "making the vendor directory");
    }
    if (!build_lay_workspace(box, inputs, root, err)) {
        return error_prefix(err, "making the workspace");
    }
    if (box->layout.dot_git[0] != '\0' && !make_dot_git(&box->layout, root, &box->arena, err)) {
        return false;
    }
    if (build_is_boxed(box)) {
        build_add_mount(box, arena_printf(&box->arena, "%s/" BUILD_SOURCE, box->path),
                        copied_root(&box->layout), false);
    }
    return true;
}

static bool is_regular(int fd, struct error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return error_errno(err, "cannot look at it");
    }
    return S_ISREG(info.st_mode) || error_set(err, ERROR_UNSUPPORTED, "is no file");
}

static bool make_directory_above(int root, const char *path, struct arena *arena, struct error *err)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ||
           directory_make(root, arena_text(arena, bytes_from(path, (size_t)(slash - path))), 0755,
                          NULL, err);
}

bool build_box_replace(struct build_box *box, const char *path, int *ret, struct error *err)
{
    AUTO_FD int root = -1;
    AUTO_FD int file = -1;
    if (box->module_root == NULL) {
        return error_set(err, ERROR_ABSENT, "the build has no working copy of its source");
    }
    if (!directory_open_beneath(box->dir, box->module_root, &root, err) ||
        !make_directory_above(root, path, &box->arena, err)) {
        return error_prefix(err, "%s", path);
    }
    /* The copy shares nothing with what it was copied from. */
    if (!file_open_beneath(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW, 0644,
                           &file, err) ||
        !is_regular(file, err)) {
        return error_prefix(err, "%s", path);
    }
    if (fchmod(file, 0644) != 0) {
        return error_errno(err, "cannot set the mode of %s", path);
    }
    *ret = fd_steal(&file);
    return true;
}
