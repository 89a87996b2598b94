// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "verifier/fetch/module_path.h"
#include "verifier/sandbox/build_internal.h"

/* How a module stands in the module cache: "github.com/!burnt!sushi/toml" and "v1.2.3". */
struct escaped {
    const char *path, *version;
};

static bool escape(const struct module_id *id, struct arena *arena, struct escaped *ret,
                   struct error *err)
{
    return module_path_escape(id->path, arena, &ret->path, err) &&
           module_version_escape(id->version, arena, &ret->version, err);
}

/* The two small files that Go wants beside the unpacked tree; without the second it would fetch the
 * zip again. */
static bool write_download(struct build_box *box, const struct fetched_module *module,
                           const struct escaped *name, struct error *err)
{
    const char *base =
        arena_printf(&box->arena, BUILD_DOWNLOAD "/%s/@v/%s", name->path, name->version);
    return build_write_file(box->dir, arena_printf(&box->arena, "%s.mod", base), module->go_mod,
                            0644, err) &&
           build_write_file(box->dir, arena_printf(&box->arena, "%s.ziphash", base),
                            bytes_from_string(module->h1), 0644, err);
}

static bool copy_unboxed(struct build_box *box, const struct fetched_module *module,
                         const char *place, struct error *err)
{
    AUTO_FD int from = -1;
    AUTO_FD int to = -1;
    return directory_open(module->tree, &from, err) &&
           directory_make(box->dir, place + strlen(box->path) + 1, 0755, &to, err) &&
           build_copy_tree(from, to, err);
}

static bool lay_module(struct build_box *box, const struct fetched_module *module,
                       struct error *err)
{
    struct escaped name;
    if (!escape(&module->id, &box->arena, &name, err) || !write_download(box, module, &name, err)) {
        return false;
    }
    const char *place =
        arena_printf(&box->arena, "%s/%s@%s", box->layout.modcache, name.path, name.version);
    if (!build_is_boxed(box)) {
        return copy_unboxed(box, module, place, err);
    }
    build_add_mount(box, module->tree, place, false);
    return true;
}

static bool is_same(const struct module_id *a, const struct module_id *b)
{
    return strcmp(a->path, b->path) == 0 && strcmp(a->version, b->version) == 0;
}

/* Two dep lines may be replaced by the same module. */
static bool was_before(const struct build_inputs *inputs, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_same(&inputs->deps[i].id, &inputs->deps[index].id)) {
            return true;
        }
    }
    return false;
}

bool build_lay_modules(struct build_box *box, const struct build_inputs *inputs, struct error *err)
{
    bool dependency = box->recipe->source_kind == SOURCE_MODULE_DEPENDENCY;
    if (!directory_make(box->dir, BUILD_DOWNLOAD, 0755, NULL, err)) {
        return false;
    }
    if (build_is_boxed(box)) {
        build_add_mount(box, NULL, box->layout.modcache, false);
        build_add_mount(box, arena_printf(&box->arena, "%s/" BUILD_DOWNLOAD, box->path),
                        arena_printf(&box->arena, "%s/cache/download", box->layout.modcache),
                        false);
    }
    if (dependency && !lay_module(box, inputs->main, err)) {
        return error_prefix(err, "%s", inputs->main->id.path);
    }
    for (size_t i = 0; i < inputs->dep_count && !box->recipe->vendored; i++) {
        /* Without a tree it lies in the source directory. */
        bool done = inputs->deps[i].tree == NULL || was_before(inputs, i) ||
                    (dependency && is_same(&inputs->deps[i].id, &inputs->main->id));
        if (!done && !lay_module(box, &inputs->deps[i], err)) {
            return error_prefix(err, "%s", inputs->deps[i].id.path);
        }
    }
    return true;
}
