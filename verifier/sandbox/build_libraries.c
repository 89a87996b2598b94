// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "verifier/image/image.h"
#include "verifier/sandbox/build_internal.h"

/* bin/go of Go 1.16 to 1.20 needs three files; this is for hosts that split their C library more.
 */
#define MAXIMUM_LIBRARIES 32

struct libraries {
    struct build_box *box;
    struct error *err;
    const char *goarch;           /* of bin/go: what it loads must be for the same CPU */
    const char *loader_directory; /* where the host really keeps its loader */
    const char *paths[MAXIMUM_LIBRARIES];
    size_t count;
};

static bool open_image(const char *path, struct arena *arena, int *fd, struct image *ret,
                       struct error *err)
{
    struct source source;
    return file_open_input(AT_FDCWD, path, fd, err) && source_from_fd(*fd, &source, err) &&
           image_open(&source, arena, ret, err);
}

static bool is_known(const struct libraries *libraries, const char *path)
{
    for (size_t i = 0; i < libraries->count; i++) {
        if (strcmp(libraries->paths[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_path(struct libraries *libraries, const char *path)
{
    if (is_known(libraries, path)) {
        return true;
    }
    if (libraries->count == MAXIMUM_LIBRARIES) {
        return error_set(libraries->err, ERROR_LIMIT, "too many shared libraries");
    }
    libraries->paths[libraries->count++] = path;
    build_add_mount(libraries->box, path, path, false);
    return true;
}

/* True if PATH is a shared library for the CPU of bin/go. */
static bool fits(const struct libraries *libraries, const char *path)
{
    AUTO_FD int fd = -1;
    struct image image;
    struct error ignored;
    return open_image(path, &libraries->box->arena, &fd, &image, &ignored) &&
           strcmp(image.goarch, libraries->goarch) == 0;
}

static const char *triplet(const char *goarch)
{
    return strcmp(goarch, "arm64") == 0 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
}

/* Where the loader itself looks without its cache: multiarch, lib64, lib. Their paths are kept as
 * they are, so that it finds them at the same places in the box. */
static const char *find_library(const struct libraries *libraries, const char *name)
{
    struct arena *arena = &libraries->box->arena;
    const char *several = triplet(libraries->goarch);
    const char *const candidates[] = {
        arena_printf(arena, "/lib/%s/%s", several, name),
        arena_printf(arena, "/usr/lib/%s/%s", several, name),
        arena_printf(arena, "/lib64/%s", name),
        arena_printf(arena, "/usr/lib64/%s", name),
        arena_printf(arena, "/lib/%s", name),
        arena_printf(arena, "/usr/lib/%s", name),
        arena_printf(arena, "%s/%s", libraries->loader_directory, name),
    };
    for (size_t i = 0; i < ARRAY_LEN(candidates); i++) {
        if (fits(libraries, candidates[i])) {
            return candidates[i];
        }
    }
    return NULL;
}

static bool add_needed(struct libraries *libraries, const struct image *image)
{
    for (size_t i = 0; i < image->library_count; i++) {
        const char *name = image->libraries[i];
        const char *path = strchr(name, '/') == NULL ? find_library(libraries, name) : NULL;
        /* The loader is needed by name as well, and is there already. */
        bool is_loader =
            libraries->count > 0 && strcmp(strrchr(libraries->paths[0], '/') + 1, name) == 0;
        if (!is_loader && path == NULL) {
            error_set(libraries->err, ERROR_TOOL, "this host has no %s, which the toolchain needs",
                      name);
            return error_cure(libraries->err, "toolchains up to Go 1.20 run on hosts with glibc");
        }
        if (!is_loader && !add_path(libraries, path)) {
            return false;
        }
    }
    return true;
}

static bool add_needed_of(struct libraries *libraries, const char *path)
{
    AUTO_FD int fd = -1;
    struct image image;
    return open_image(path, &libraries->box->arena, &fd, &image, libraries->err) &&
           add_needed(libraries, &image);
}

static bool add_loader(struct libraries *libraries, const char *interpreter)
{
    char *real = realpath(interpreter, NULL);
    if (real == NULL || interpreter[0] != '/') {
        free(real);
        error_set(libraries->err, ERROR_TOOL, "this host has no %s, which the toolchain needs",
                  interpreter);
        return error_cure(libraries->err, "toolchains up to Go 1.20 run on hosts with glibc");
    }
    *strrchr(real, '/') = '\0';
    libraries->loader_directory = arena_string(&libraries->box->arena, real);
    free(real);
    return add_path(libraries, interpreter);
}

bool build_add_libraries(struct build_box *box, const char *toolchain, struct error *err)
{
    AUTO_FD int fd = -1;
    struct image go;
    const char *program = arena_printf(&box->arena, "%s/bin/go", toolchain);
    if (!open_image(program, &box->arena, &fd, &go, err)) {
        return error_prefix(err, "the toolchain");
    }
    if (go.interpreter[0] == '\0') {
        return true;
    }
    struct libraries libraries = {.box = box, .err = err, .goarch = go.goarch};
    if (!add_loader(&libraries, go.interpreter) || !add_needed(&libraries, &go)) {
        return false;
    }
    /* The list grows while it is walked: libraries need others. */
    for (size_t i = 1; i < libraries.count; i++) {
        if (!add_needed_of(&libraries, libraries.paths[i])) {
            return false;
        }
    }
    return true;
}
