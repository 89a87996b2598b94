// SPDX-License-Identifier: Apache-2.0
/* Our own go.mod: one requirement for each dep line, so that the dep lines alone decide what is
 * needed. Where go walks the whole graph of requirements (unpruned: go 1.16 or less in go.mod, or
 * Go 1.16), every module outside the dep lines is replaced by an empty one of ours. */
#include "base/buffer.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/recipe/build_command.h"
#include "verifier/recipe/gomod.h"
#include "verifier/recipe/gomod_index.h"
#include "verifier/recipe/goversion.h"
#include "verifier/recipe/limits.h"
#include "verifier/recipe/modpath.h"

#define DUMMY_MODULE "reproof.invalid/main"

struct writer {
    const struct recipe *recipe;
    const char *own;
    const struct fetched_module *main;
    const struct fetched_module *deps;
    struct arena *arena;
    struct gomod real;
    struct dep_index index;
    struct requirement *stubs;
    size_t stub_count;
    const struct gowork_module *modules; /* of a workspace */
    size_t module_count;
};

static bool is_directory(const struct module *right)
{
    return right->path[0] == '.';
}

static const struct module *right_side(const struct module *dep)
{
    return dep->replace != NULL ? dep->replace : dep;
}

/* What lies in the source directory has no sums and no go.mod of a proxy's. */
static bool is_fetched(const struct module *dep)
{
    return !is_directory(right_side(dep)) && !gomod_is_of_workspace(dep);
}

static bool check_deps(const struct writer *writer, size_t dep_count, struct error *err)
{
    if (dep_count != writer->recipe->dep_count) {
        return error_set(err, ERROR_MISMATCH, "%zu modules for %zu dep lines", dep_count,
                         writer->recipe->dep_count);
    }
    for (size_t i = 0; i < dep_count; i++) {
        const struct module *right = right_side(&writer->recipe->deps[i]);
        const struct module_id *id = &writer->deps[i].id;
        if (!is_directory(right) &&
            (strcmp(id->path, right->path) != 0 || strcmp(id->version, right->version) != 0)) {
            return error_set(err, ERROR_MISMATCH, "module %s@%s in place of %s@%s", id->path,
                             id->version, right->path, right->version);
        }
    }
    return true;
}

static void write_head(const struct writer *writer, struct buffer *out)
{
    bool dummy = writer->main != NULL;
    buffer_printf(out, "module %s\n", dummy ? DUMMY_MODULE : writer->recipe->module);
    if (writer->real.go[0] != '\0') {
        buffer_printf(out, "go %s\n", writer->real.go);
    }
    for (size_t i = 0; i < writer->real.godebug_count && !dummy; i++) {
        buffer_printf(out, "godebug %s\n", writer->real.godebug[i]);
    }
    for (size_t i = 0; i < writer->real.ignore_count && !dummy; i++) {
        buffer_printf(out, "ignore \"%s\"\n", writer->real.ignore[i]);
    }
}

const char *gomod_version_of(const struct module *line)
{
    return line->version[0] != '\0' && strcmp(line->version, "(devel)") != 0
               ? line->version
               : "v0.0.0-00010101000000-000000000000";
}

bool gomod_is_of_workspace(const struct module *line)
{
    return line->replace == NULL && strcmp(line->version, "(devel)") == 0;
}

static void write_requires(const struct writer *writer, struct buffer *out)
{
    if (writer->main != NULL) {
        buffer_printf(out, "require %s %s\n", writer->main->id.path, writer->main->id.version);
    }
    for (size_t i = 0; i < writer->recipe->dep_count; i++) {
        const struct module *dep = &writer->recipe->deps[i];
        if (!gomod_is_of_workspace(dep)) {
            buffer_printf(out, "require %s %s\n", dep->path, gomod_version_of(dep));
        }
    }
}

static void write_replaces(const struct writer *writer, struct buffer *out)
{
    for (size_t i = 0; i < writer->recipe->dep_count; i++) {
        const struct module *dep = &writer->recipe->deps[i];
        if (dep->replace == NULL) {
            continue;
        }
        if (is_directory(dep->replace)) {
            buffer_printf(out, "replace %s => \"%s\"\n", dep->path, dep->replace->path);
        } else {
            buffer_printf(out, "replace %s %s => %s %s\n", dep->path, gomod_version_of(dep),
                          dep->replace->path, dep->replace->version);
        }
    }
}

static void write_stubs(const struct writer *writer, struct buffer *out)
{
    for (size_t i = 0; i < writer->stub_count; i++) {
        const struct requirement *stub = &writer->stubs[i];
        buffer_printf(out, "replace %s%s%s => %s/stub/%zu\n", stub->path,
                      stub->version[0] == '\0' ? "" : " ", stub->version, writer->own, i);
    }
}

static void write_sum(const struct fetched_module *module, struct buffer *out)
{
    buffer_printf(out, "%s %s %s\n%s %s/go.mod %s\n", module->id.path, module->id.version,
                  module->h1, module->id.path, module->id.version, module->go_mod_h1);
}

static void write_sums(const struct writer *writer, struct buffer *out)
{
    if (writer->main != NULL) {
        write_sum(writer->main, out);
    }
    for (size_t i = 0; i < writer->recipe->dep_count; i++) {
        if (is_fetched(&writer->recipe->deps[i])) {
            write_sum(&writer->deps[i], out);
        }
    }
}

static bool is_used(const struct writer *writer, const char *path)
{
    for (size_t i = 0; i < writer->module_count; i++) {
        if (strcmp(writer->modules[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds what the go.mod TEXT requires beyond the dep lines. */
static bool collect(struct writer *writer, struct requirement_list *list, struct bytes text,
                    const char *name, struct error *err)
{
    struct gomod gomod;
    if (!gomod_parse(text, writer->arena, &gomod, err)) {
        return error_prefix(err, "%s", name);
    }
    for (size_t i = 0; i < gomod.require_count; i++) {
        const struct gomod_require *require = &gomod.requires[i];
        const struct module *dep = dep_index_find(&writer->index, require->path);
        bool main = strcmp(require->path, writer->recipe->module) == 0;
        if (dep != NULL && strcmp(dep->version, require->version) == 0) {
            continue;
        }
        if (writer->main != NULL && main &&
            strcmp(require->version, writer->main->id.version) == 0) {
            continue;
        }
        if (!module_path_is_local(require->path) || !module_version_is_valid(require->version)) {
            return error_set(err, ERROR_FORMAT, "%s: its go.mod requires %.200s %.100s", name,
                             require->path, require->version);
        }
        /* A dep line, or the main module itself, at another version: that version alone. */
        bool known = dep != NULL || main || is_used(writer, require->path);
        if (!requirement_add(list, writer->arena, require->path, known ? require->version : "",
                             err)) {
            return false;
        }
    }
    return true;
}

static bool find_stubs(struct writer *writer, struct error *err)
{
    struct requirement_list list = {0};
    if (writer->main != NULL &&
        !collect(writer, &list, writer->main->go_mod, writer->main->id.path, err)) {
        return false;
    }
    for (size_t i = 0; i < writer->recipe->dep_count; i++) {
        if (is_fetched(&writer->recipe->deps[i]) &&
            !collect(writer, &list, writer->deps[i].go_mod, writer->deps[i].id.path, err)) {
            return false;
        }
    }
    requirement_sort(&list);
    writer->stubs = list.items;
    writer->stub_count = list.count;
    return true;
}

/* What would break out of its line is no value that Go knows either. */
static bool check_lines(const struct gomod *real, struct error *err)
{
    unsigned minor;
    if (real->go[0] != '\0' && !go_language_parse(bytes_from_string(real->go), &minor)) {
        return error_set(err, ERROR_FORMAT, "the source's go.mod says go %.100s", real->go);
    }
    for (size_t i = 0; i < real->godebug_count; i++) {
        if (strspn(real->godebug[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789=_.-") != strlen(real->godebug[i])) {
            return error_set(err, ERROR_FORMAT, "the source's go.mod says godebug %.100s",
                             real->godebug[i]);
        }
    }
    for (size_t i = 0; i < real->ignore_count; i++) {
        if (strpbrk(real->ignore[i], "\"\\\n") != NULL) {
            return error_set(err, ERROR_FORMAT, "the source's go.mod says ignore %.100s",
                             real->ignore[i]);
        }
    }
    return true;
}

static bool check_real(const struct writer *writer, struct error *err)
{
    if (strcmp(writer->real.module, writer->recipe->module) != 0) {
        return error_set(err, ERROR_MISMATCH, "the source's go.mod says module %.200s, not %.200s",
                         writer->real.module, writer->recipe->module);
    }
    return check_lines(&writer->real, err);
}

static struct gomod_file *list_stubs(const struct writer *writer, struct gomod_file *ret)
{
    for (size_t i = 0; i < writer->stub_count; i++) {
        ret[i] = (struct gomod_file){.path = arena_printf(writer->arena, "stub/%zu/go.mod", i),
                                     .content = bytes_from_string(arena_printf(
                                         writer->arena, "module %s\n", writer->stubs[i].path))};
    }
    return ret;
}

static bool finish(struct writer *writer, struct buffer *go_mod, struct buffer *go_sum,
                   struct gomod_file **ret, size_t *ret_count, struct error *err)
{
    struct gomod_file *files =
        ARENA_ARRAY(writer->arena, writer->stub_count + 2, struct gomod_file);
    if (!buffer_ok(go_mod) || !buffer_ok(go_sum)) {
        return error_set(err, ERROR_LIMIT, "our own go.mod or go.sum grows too large");
    }
    files[0] = (struct gomod_file){"go.mod", arena_bytes(writer->arena, buffer_view(go_mod))};
    files[1] = (struct gomod_file){"go.sum", arena_bytes(writer->arena, buffer_view(go_sum))};
    list_stubs(writer, files + 2);
    *ret = files;
    *ret_count = writer->stub_count + 2;
    return true;
}

bool gomod_own_files(const struct recipe *recipe, const char *own, struct bytes real_go_mod,
                     const struct fetched_module *main, const struct fetched_module *deps,
                     size_t dep_count, struct arena *arena, struct gomod_file **ret,
                     size_t *ret_count, struct error *err)
{
    struct writer writer = {.recipe = recipe,
                            .own = own,
                            .deps = deps,
                            .arena = arena,
                            .main = recipe->source_kind == SOURCE_MODULE_DEPENDENCY ? main : NULL};
    struct go_version go;
    if (!recipe_validate(recipe, err)) {
        return false;
    }
    bool own_vendor = recipe->vendored && recipe->source_kind == SOURCE_DIRECTORY;
    if (own_vendor || recipe->source_kind == SOURCE_TOOLCHAIN_MODULE) {
        *ret = NULL;
        *ret_count = 0;
        return true;
    }
    if (!gomod_parse(real_go_mod, arena, &writer.real, err) || !check_real(&writer, err) ||
        !check_deps(&writer, dep_count, err) ||
        !go_version_parse(bytes_from_string(recipe->toolchain), &go)) {
        return false;
    }
    dep_index_build(recipe->deps, recipe->dep_count, arena, &writer.index);
    /* With -mod=vendor there is no graph but what modules.txt lists. */
    bool walks = (go.minor < 17 || !gomod_is_pruned(&writer.real)) && !recipe->vendored;
    if (walks && !find_stubs(&writer, err)) {
        return false;
    }
    struct buffer go_mod, go_sum;
    buffer_init(&go_mod, LIMIT_ZIP_GO_MOD);
    buffer_init(&go_sum, LIMIT_ZIP_GO_MOD);
    write_head(&writer, &go_mod);
    write_requires(&writer, &go_mod);
    write_replaces(&writer, &go_mod);
    write_stubs(&writer, &go_mod);
    write_sums(&writer, &go_sum);
    bool written = finish(&writer, &go_mod, &go_sum, ret, ret_count, err);
    buffer_free(&go_mod);
    buffer_free(&go_sum);
    return written;
}

bool gowork_directory(const char *use, struct arena *arena, const char **ret)
{
    struct buffer clean;
    struct bytes part;
    struct scanner scanner = scanner_over(bytes_from_string(use));
    bool inner = use[0] != '/' && strpbrk(use, "\\\"'`") == NULL;
    buffer_init(&clean, RECIPE_LIMIT_TEXT);
    while (inner && scanner_field(&scanner, '/', RECIPE_LIMIT_TEXT, &part)) {
        if (part.len == 0 || bytes_equal_string(part, ".")) {
            continue;
        }
        inner = !bytes_equal_string(part, "..");
        buffer_string(&clean, clean.len == 0 ? "" : "/");
        buffer_append(&clean, part);
    }
    inner = inner && buffer_ok(&clean);
    if (inner) {
        *ret = arena_text(arena, buffer_view(&clean));
    }
    buffer_free(&clean);
    return inner;
}

bool gowork_is_needed(const struct recipe *recipe, const char *path)
{
    bool needed = strcmp(recipe->module, path) == 0;
    for (size_t i = 0; i < recipe->dep_count && !needed; i++) {
        needed = gomod_is_of_workspace(&recipe->deps[i]) && strcmp(recipe->deps[i].path, path) == 0;
    }
    return needed;
}

static void write_go_line(const struct gomod *real, struct buffer *out)
{
    if (real->go[0] != '\0') {
        buffer_printf(out, "go %s\n", real->go);
    }
}

/* The go version and godebug lines of go.work are those of the program. */
static void write_work(const struct writer *writer, struct buffer *out)
{
    write_go_line(&writer->real, out);
    for (size_t i = 0; i < writer->real.godebug_count; i++) {
        buffer_printf(out, "godebug %s\n", writer->real.godebug[i]);
    }
    for (size_t i = 0; i < writer->module_count; i++) {
        buffer_printf(out, "use \"./%s\"\n", writer->modules[i].directory);
    }
    write_replaces(writer, out);
    write_stubs(writer, out);
}

static bool write_work_module(struct writer *writer, const struct gowork_module *module,
                              struct gomod_file *ret, struct error *err)
{
    struct gomod real;
    struct buffer out;
    if (!gomod_parse(module->go_mod, writer->arena, &real, err) || !check_lines(&real, err)) {
        return error_prefix(err, "%s", module->path);
    }
    buffer_init(&out, LIMIT_ZIP_GO_MOD);
    buffer_printf(&out, "module %s\n", module->path);
    write_go_line(&real, &out);
    for (size_t i = 0; i < real.ignore_count; i++) {
        buffer_printf(&out, "ignore \"%s\"\n", real.ignore[i]);
    }
    write_requires(writer, &out);
    bool fits = buffer_ok(&out);
    *ret = (struct gomod_file){
        .path = arena_printf(writer->arena, "%s%sgo.mod", module->directory,
                             module->directory[0] == '\0' ? "" : "/"),
        .content = arena_bytes(writer->arena, buffer_view(&out)),
    };
    buffer_free(&out);
    return fits || error_set(err, ERROR_LIMIT, "our own go.mod grows too large");
}

static bool write_workspace(struct writer *writer, struct gomod_file *files, struct error *err)
{
    struct buffer work, sums;
    buffer_init(&work, LIMIT_ZIP_GO_MOD);
    buffer_init(&sums, LIMIT_ZIP_GO_MOD);
    write_work(writer, &work);
    write_sums(writer, &sums);
    bool fits = buffer_ok(&work) && buffer_ok(&sums);
    files[0] = (struct gomod_file){"go.work", arena_bytes(writer->arena, buffer_view(&work))};
    files[1] = (struct gomod_file){"go.work.sum", arena_bytes(writer->arena, buffer_view(&sums))};
    buffer_free(&work);
    buffer_free(&sums);
    for (size_t i = 0; i < writer->module_count; i++) {
        if (!write_work_module(writer, &writer->modules[i], &files[i + 2], err)) {
            return false;
        }
    }
    return fits || error_set(err, ERROR_LIMIT, "our own go.work or go.work.sum grows too large");
}

bool gowork_own_files(const struct recipe *recipe, const char *own, struct bytes real_go_work,
                      const struct gowork_module *modules, size_t module_count,
                      const struct fetched_module *deps, size_t dep_count, struct arena *arena,
                      struct gomod_file **ret_root, size_t *ret_root_count,
                      struct gomod_file **ret_own, size_t *ret_own_count, struct error *err)
{
    struct writer writer = {.recipe = recipe,
                            .own = own,
                            .deps = deps,
                            .arena = arena,
                            .modules = modules,
                            .module_count = module_count};
    if (!recipe_validate(recipe, err) || !gomod_parse(real_go_work, arena, &writer.real, err) ||
        !check_lines(&writer.real, err) || !check_deps(&writer, dep_count, err)) {
        return error_prefix(err, "go.work");
    }
    dep_index_build(recipe->deps, recipe->dep_count, arena, &writer.index);
    struct gomod_file *files = ARENA_ARRAY(arena, module_count + 2, struct gomod_file);
    /* A workspace loads the whole graph, whatever its modules' go versions. */
    if (!find_stubs(&writer, err) || !write_workspace(&writer, files, err)) {
        return false;
    }
    *ret_root = files;
    *ret_root_count = module_count + 2;
    *ret_own = list_stubs(&writer, ARENA_ARRAY(arena, writer.stub_count + 1, struct gomod_file));
    *ret_own_count = writer.stub_count;
    return true;
}
