// SPDX-License-Identifier: Apache-2.0
/* A workspace: our go.work and go.mod files in the place of the real ones, so that, as in other
 * builds, the dep lines alone decide which modules are needed. go allows no -modfile there, so the
 * files are changed in the copy. */
#include "base/file.h"
#include "base/limits.h"
#include "verifier/recipe/gomod.h"
#include "verifier/sandbox/build_internal.h"

struct uses {
    struct gowork_module *items;
    size_t count;
};

/* The module in DIRECTORY of the workspace, if the program needs it. */
static bool add_use(struct build_box *box, int root, const char *directory, struct uses *uses,
                    struct error *err)
{
    struct gowork_module module = {.directory = directory};
    struct gomod gomod;
    const char *path =
        arena_printf(&box->arena, "%s%sgo.mod", directory, directory[0] == '\0' ? "" : "/");
    if (!file_read(root, path, LIMIT_ZIP_GO_MOD, &box->arena, &module.go_mod, err) ||
        !gomod_parse(module.go_mod, &box->arena, &gomod, err)) {
        return error_prefix(err, "%s", path);
    }
    module.path = gomod.module;
    if (gowork_is_needed(box->recipe, module.path)) {
        uses->items[uses->count++] = module;
    }
    return true;
}

static bool is_among(const struct uses *uses, const char *path)
{
    for (size_t i = 0; i < uses->count; i++) {
        if (strcmp(uses->items[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_uses(const struct recipe *recipe, const struct uses *uses, struct error *err)
{
    const char *missing = is_among(uses, recipe->module) ? NULL : recipe->module;
    for (size_t i = 0; i < recipe->dep_count && missing == NULL; i++) {
        const struct module *dep = &recipe->deps[i];
        missing = gomod_is_of_workspace(dep) && !is_among(uses, dep->path) ? dep->path : NULL;
    }
    return missing == NULL || error_set(err, ERROR_ABSENT, "go.work uses no module %s", missing);
}

static bool find_uses(struct build_box *box, int root, const struct gomod *work, struct uses *ret,
                      struct error *err)
{
    ret->items = ARENA_ARRAY(&box->arena, work->use_count + 1, struct gowork_module);
    for (size_t i = 0; i < work->use_count; i++) {
        const char *directory;
        /* What lies outside was not copied; whether it is needed tells check_uses. */
        if (gowork_directory(work->use[i], &box->arena, &directory) &&
            !add_use(box, root, directory, ret, err)) {
            return false;
        }
    }
    return check_uses(box->recipe, ret, err);
}

/* Writes FILE in the place of the one that was copied. */
static bool replace_file(struct build_box *box, int root, const struct gomod_file *file,
                         struct error *err)
{
    const char *slash = strrchr(file->path, '/');
    const char *above =
        slash == NULL
            ? "."
            : arena_text(&box->arena, bytes_from(file->path, (size_t)(slash - file->path)));
    AUTO_FD int directory = -1;
    const char *name = slash == NULL ? file->path : slash + 1;
    return directory_open_beneath(root, above, &directory, err) &&
           directory_remove(directory, name, err) &&
           build_write_file(directory, name, file->content, 0644, err);
}

bool build_lay_workspace(struct build_box *box, const struct build_inputs *inputs, int root,
                         struct error *err)
{
    struct bytes text;
    struct gomod work;
    struct uses uses = {0};
    struct gomod_file *files;
    size_t count;
    /* A vendor directory goes with the files as they are. */
    if (!box->recipe->workspace || box->recipe->vendored) {
        return true;
    }
    if (!file_read(root, "go.work", LIMIT_ZIP_GO_MOD, &box->arena, &text, err) ||
        !gomod_parse(text, &box->arena, &work, err) || !find_uses(box, root, &work, &uses, err) ||
        !gowork_own_files(box->recipe, box->layout.own, text, uses.items, uses.count, inputs->deps,
                          inputs->dep_count, &box->arena, &files, &count, &box->work_files,
                          &box->work_file_count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!replace_file(box, root, &files[i], err)) {
            return false;
        }
    }
    return true;
}
