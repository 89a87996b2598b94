// SPDX-License-Identifier: Apache-2.0
/* A vendor directory made of module zips. `go mod vendor` copies the packages that are used; whole
 * modules do as well, as go compiles only what is imported. Checked by go (modload/vendor.go): each
 * requirement and replacement of go.mod is in modules.txt, and each package that is imported. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/file_tree.h"
#include "verifier/recipe/gomod.h"
#include "verifier/recipe/gomod_index.h"
#include "verifier/recipe/goversion.h"
#include "verifier/recipe/modpath.h"
#include "verifier/sandbox/build_internal.h"

#define MODULES_TXT_MAXIMUM (64 * MIB)

struct vendor {
    struct build_box *box;
    const struct build_inputs *inputs;
    int dir;        /* vendor/ */
    bool annotated; /* go 1.17 and later: modules.txt tells each module's language version */
    struct dep_index index;
    uint64_t files;
    struct buffer list; /* modules.txt */
};

/* One module on its way into the vendor directory. */
struct part {
    const struct module *line;
    const struct fetched_module *from;
    int tree;
    const char **packages; /* directories beneath the module that hold Go files */
    size_t package_count, package_capacity;
};

/* The directory of PATH beneath a module, "" for its root. */
static const char *directory_of(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "" : arena_text(arena, bytes_from(path, (size_t)(slash - path)));
}

static const struct fetched_module *fetched_of(const struct vendor *vendor,
                                               const struct module *line)
{
    return &vendor->inputs->deps[line - vendor->box->recipe->deps];
}

static bool tree_has(const struct fetched_module *module, const char *below)
{
    struct error ignored;
    AUTO_FD int tree = -1;
    return directory_open(module->tree, &tree, &ignored) &&
           (below[0] == '\0' || file_exists(tree, below));
}

/* Whether the directory of the module LINE is that of a module whose path lies below its own: what
 * was once a part of a module may be one of its own, and go vendors only one of the two. */
static bool is_anothers(const struct vendor *vendor, const struct module *line,
                        const char *directory)
{
    struct arena arena = {0};
    const char *place = arena_printf(&arena, "%s/%s", line->path, directory);
    size_t own = strlen(line->path);
    bool found = false;
    for (size_t len = strlen(place); len > own && !found; len--) {
        if (place[len] != '/' && place[len] != '\0') {
            continue;
        }
        const struct module *other =
            dep_index_find(&vendor->index, arena_text(&arena, bytes_from(place, len)));
        const char *below = place[len] == '\0' ? "" : place + len + 1;
        found = other != NULL && tree_has(fetched_of(vendor, other), below);
    }
    arena_free(&arena);
    return found;
}

static bool copy_entry(struct vendor *vendor, const struct part *part, const char *path,
                       struct error *err)
{
    AUTO_FD int from = -1;
    AUTO_FD int to = -1;
    struct arena *arena = &vendor->box->arena;
    const char *place = arena_printf(arena, "%s/%s", part->line->path, path);
    if (++vendor->files > LIMIT_BUILD_FILES) {
        return error_set(err, ERROR_LIMIT, "more than %d files", LIMIT_BUILD_FILES);
    }
    if (!directory_make(vendor->dir, directory_of(place, arena), 0755, NULL, err) ||
        !file_open_beneath(part->tree, path, O_RDONLY, 0, &from, err) ||
        !file_open_beneath(vendor->dir, place, O_WRONLY | O_CREAT | O_EXCL, 0644, &to, err) ||
        !file_copy(from, to, err)) {
        return false;
    }
    /* The box's user reads it, whatever the umask. */
    return fchmod(to, 0644) == 0 || error_errno(err, "cannot set a mode");
}

static int by_name(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

/* Go's own list has only packages that are used; further ones do no harm. */
static void list_packages(struct vendor *vendor, struct part *part)
{
    const char *before = NULL;
    if (part->package_count > 1) {
        qsort(part->packages, part->package_count, sizeof(*part->packages), by_name);
    }
    for (size_t i = 0; i < part->package_count; i++) {
        const char *directory = part->packages[i];
        if (before != NULL && strcmp(directory, before) == 0) {
            continue;
        }
        before = directory;
        const char *package = directory[0] == '\0' ? part->line->path
                                                   : arena_printf(&vendor->box->arena, "%s/%s",
                                                                  part->line->path, directory);
        if (import_path_is_valid(package)) {
            buffer_printf(&vendor->list, "%s\n", package);
        }
    }
}

/* As go mod vendor writes it; with a language version since go 1.17 in the main module's go.mod. */
static bool list_module(struct vendor *vendor, const struct part *part, struct error *err)
{
    struct gomod gomod;
    const struct module *line = part->line;
    unsigned minor;
    if (!gomod_parse(part->from->go_mod, &vendor->box->arena, &gomod, err)) {
        return false;
    }
    buffer_printf(&vendor->list, "# %s %s", line->path, gomod_version_of(line));
    if (line->replace != NULL) {
        buffer_printf(&vendor->list, " => %s %s", line->replace->path, line->replace->version);
    }
    buffer_string(&vendor->list, "\n## explicit");
    if (vendor->annotated && go_language_parse(bytes_from_string(gomod.go), &minor)) {
        buffer_printf(&vendor->list, "; go %s", gomod.go);
    }
    buffer_string(&vendor->list, "\n");
    return true;
}

static bool copy_files(struct vendor *vendor, struct part *part, struct error *err)
{
    struct file_tree files;
    struct arena *arena = &vendor->box->arena;
    const char *directory = NULL;
    bool anothers = false;
    if (!file_tree_scan(part->tree, arena, &files, err)) {
        return false;
    }
    for (size_t i = 0; i < files.count; i++) {
        const char *path = files.entries[i].path;
        const char *above = directory_of(path, arena);
        if (directory == NULL || strcmp(above, directory) != 0) {
            directory = above;
            anothers = is_anothers(vendor, part->line, directory);
        }
        if (files.entries[i].kind == FILE_KIND_DIRECTORY || anothers) {
            continue;
        }
        if (!copy_entry(vendor, part, path, err)) {
            return false;
        }
        if (bytes_end_with(bytes_from_string(path), ".go")) {
            arena_grow(arena, &part->packages, part->package_count, &part->package_capacity,
                       sizeof(*part->packages));
            part->packages[part->package_count++] = directory;
        }
    }
    return true;
}

static bool lay_part(struct vendor *vendor, const struct module *line, struct error *err)
{
    struct part part = {.line = line, .from = fetched_of(vendor, line), .tree = -1};
    bool laid = directory_open(part.from->tree, &part.tree, err) &&
                list_module(vendor, &part, err) && copy_files(vendor, &part, err);
    if (laid) {
        list_packages(vendor, &part);
    }
    fd_close(&part.tree);
    return laid || error_prefix(err, "%s", line->path);
}

static bool lay_parts(struct vendor *vendor, struct error *err)
{
    for (size_t i = 0; i < vendor->box->recipe->dep_count; i++) {
        if (!lay_part(vendor, &vendor->box->recipe->deps[i], err)) {
            return false;
        }
    }
    if (!buffer_ok(&vendor->list)) {
        return error_set(err, ERROR_LIMIT, "modules.txt grows too large");
    }
    return build_write_file(vendor->dir, "modules.txt", buffer_view(&vendor->list), 0644, err);
}

bool build_lay_vendor(struct build_box *box, const struct build_inputs *inputs, int root,
                      struct error *err)
{
    struct vendor vendor = {.box = box, .inputs = inputs, .dir = -1};
    struct gomod gomod;
    if (!box->recipe->vendored || box->recipe->source_kind != SOURCE_MODULE_ZIP) {
        return true;
    }
    /* Up to go 1.23 in its go.mod a module's zip holds the modules.txt of its vendor directory. */
    if (!gomod_parse(inputs->main->go_mod, &box->arena, &gomod, err) ||
        !directory_remove(root, "vendor", err) ||
        !directory_make(root, "vendor", 0755, &vendor.dir, err)) {
        return false;
    }
    vendor.annotated = gomod_is_pruned(&gomod);
    dep_index_build(box->recipe->deps, box->recipe->dep_count, &box->arena, &vendor.index);
    buffer_init(&vendor.list, MODULES_TXT_MAXIMUM);
    bool laid = lay_parts(&vendor, err);
    buffer_free(&vendor.list);
    fd_close(&vendor.dir);
    return laid;
}
