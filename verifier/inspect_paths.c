// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/scanner.h"
#include "verifier/inspect_internal.h"

/* In every Go program; its name tells where the runtime was compiled. */
#define RUNTIME_FILE "runtime/proc.go"
#define RUNTIME_IN_ROOT "/src/" RUNTIME_FILE
#define CGO_FOLDER "runtime/cgo"
#define CGO_IN_ROOT "/src/" CGO_FOLDER
#define MODULE_CACHE "/pkg/mod/"
/* How many of the last functions are looked through for main.main: package main is linked last,
 * behind it come only generated functions for its types. */
#define MAIN_SPAN 65536

struct paths {
    const char *goroot; /* NULL until the runtime's file was seen; "" if trimmed */
    const char *gopath;
    bool cgo;
};

static bool ends_with(struct bytes text, const char *suffix)
{
    size_t len = strlen(suffix);
    return text.len >= len &&
           bytes_equal_string(bytes_from(text.data + (text.len - len), len), suffix);
}

/* Windows' paths have slashes in pclntab, but begin with a drive. */
static bool is_absolute(struct bytes path)
{
    return bytes_start_with(path, "/") || (path.len > 2 && path.data[1] == ':');
}

/* Bazel puts this word in the place of Go's root. */
static bool is_rooted(struct bytes path)
{
    return is_absolute(path) || bytes_start_with(path, "GOROOT/");
}

static bool is_of_cgo(struct bytes file)
{
    struct bytes folder;
    struct bytes name;
    return scan_cut_last(file, '/', &folder, &name) &&
           (bytes_equal_string(folder, CGO_FOLDER) ||
            (ends_with(folder, CGO_IN_ROOT) && is_rooted(folder)));
}

static const char *find_gopath(struct bytes file, struct arena *arena)
{
    size_t before = bytes_find(file, 0, bytes_from_string(MODULE_CACHE));
    return before == SIZE_MAX ? NULL : arena_text(arena, bytes_from(file.data, before));
}

static bool is_below(struct bytes file, const char *folder)
{
    size_t len = folder == NULL ? 0 : strlen(folder);
    return len > 0 && file.len > len && file.data[len] == '/' && bytes_start_with(file, folder);
}

static void look_at(struct bytes file, struct arena *arena, struct paths *paths)
{
    if (paths->goroot == NULL && bytes_equal_string(file, RUNTIME_FILE)) {
        paths->goroot = "";
    } else if (paths->goroot == NULL && ends_with(file, RUNTIME_IN_ROOT)) {
        paths->goroot =
            arena_text(arena, bytes_from(file.data, file.len - strlen(RUNTIME_IN_ROOT)));
    }
    if (paths->gopath == NULL && is_absolute(file) && !is_below(file, paths->goroot)) {
        paths->gopath = find_gopath(file, arena);
    }
    paths->cgo = paths->cgo || is_of_cgo(file);
}

static bool walk_files(struct pclntab *table, struct arena *arena, struct paths *ret,
                       struct error *err)
{
    struct pclntab_cursor cursor = {0};
    struct bytes file;
    bool done = false;
    while (pclntab_next_file(table, &cursor, &done, &file, err)) {
        if (done) {
            return true;
        }
        look_at(file, arena, ret);
    }
    return false;
}

/* The file of main.main, from the end of the program; "" if it is not found. */
static bool find_main(struct pclntab *table, struct arena *arena, struct bytes *ret,
                      struct error *err)
{
    uint64_t count = table->function_count;
    uint64_t least = count > MAIN_SPAN ? count - MAIN_SPAN : 0;
    struct pclntab_function function;
    struct bytes name;
    for (uint64_t i = count; i > least; i--) {
        if (!pclntab_function_name(table, i - 1, &name, err)) {
            return false;
        }
        if (bytes_equal_string(name, "main.main")) {
            if (!pclntab_function(table, i - 1, &function, err)) {
                return false;
            }
            *ret = arena_bytes(arena, function.file);
            return true;
        }
    }
    *ret = bytes_from_string("");
    return true;
}

/* Where the main package lies within its module: "cmd/shfmt", "" at its root or if unknown. */
static struct bytes place_in_module(const struct buildinfo *info)
{
    struct bytes path = bytes_from_string(info->path);
    size_t len = info->has_main ? strlen(info->main.path) : 0;
    if (len == 0 || !bytes_start_with(path, info->main.path) || path.len <= len + 1 ||
        path.data[len] != '/') {
        return bytes_from_string("");
    }
    return bytes_from(path.data + len + 1, path.len - len - 1);
}

static const char *source_root(struct bytes file, const struct buildinfo *info, struct arena *arena)
{
    struct bytes folder;
    struct bytes name;
    struct bytes place = place_in_module(info);
    if (!is_absolute(file) || !scan_cut_last(file, '/', &folder, &name)) {
        return "";
    }
    if (place.len > 0 && folder.len > place.len + 1 &&
        ends_with(folder, arena_text(arena, place)) &&
        folder.data[folder.len - place.len - 1] == '/') {
        folder.len -= place.len + 1;
    }
    return arena_text(arena, folder);
}

/* A toolchain that Go fetched itself lies in the module cache too. */
static const char *settle_gopath(const struct paths *paths, struct arena *arena)
{
    const char *found = paths->gopath;
    if (found == NULL) {
        found = find_gopath(bytes_from_string(paths->goroot), arena);
    }
    return found == NULL ? "" : found;
}

static bool read_paths(struct pclntab *table, const struct buildinfo *info, struct arena *arena,
                       struct traits *traits, struct error *err)
{
    struct paths paths = {0};
    struct bytes file;
    if (!walk_files(table, arena, &paths, err) || !find_main(table, arena, &file, err)) {
        return false;
    }
    traits->cgo = paths.cgo;
    traits->path_known = paths.goroot != NULL;
    if (traits->path_known) {
        traits->source_root = source_root(file, info, arena);
        traits->goroot = paths.goroot;
        traits->gopath = settle_gopath(&paths, arena);
        /* A toolchain that was itself built with -trimpath names its own files so in any program.
         */
        traits->trimpath = paths.goroot[0] == '\0' && traits->source_root[0] == '\0';
    }
    return true;
}

bool inspect_paths(struct pclntab *table, const struct buildinfo *info, struct arena *arena,
                   struct traits *traits, struct error *err)
{
    struct error why;
    traits->pclntab_go = pclntab_layout_name(table->layout);
    if (!read_paths(table, info, arena, traits, &why) && why.code == ERROR_IO) {
        return error_pass(err, &why);
    }
    return true;
}
