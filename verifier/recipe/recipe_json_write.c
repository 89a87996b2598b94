// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/recipe_json.h"

#include "base/json_write.h"

const char *const recipe_source_kinds[RECIPE_SOURCE_KINDS] = {
    [SOURCE_MODULE_ZIP] = "module-zip",
    [SOURCE_MODULE_DEPENDENCY] = "module-dependency",
    [SOURCE_TOOLCHAIN_MODULE] = "toolchain-module",
    [SOURCE_DIRECTORY] = "directory",
};

static void write_source(struct json_writer *json, const struct recipe *recipe)
{
    json_object(json, "source");
    json_string(json, "kind", recipe_source_kinds[recipe->source_kind]);
    json_string(json, "module", recipe->module);
    json_string(json, "version", recipe->version);
    json_string(json, "h1", recipe->h1);
    json_string(json, "directory", recipe->directory);
    json_string(json, "main_package", recipe->main_package);
    json_bool(json, "vendored", recipe->vendored);
    if (recipe->workspace) {
        json_bool(json, "workspace", true);
        json_string(json, "module_directory", recipe->module_directory);
    }
    json_object_end(json);
}

static void write_strings(struct json_writer *json, const char *key, const char *const *items,
                          size_t count)
{
    json_array(json, key);
    for (size_t i = 0; i < count; i++) {
        json_string(json, NULL, items[i]);
    }
    json_array_end(json);
}

static void write_flags(struct json_writer *json, const struct recipe *recipe)
{
    json_object(json, "flags");
    json_bool(json, "trimpath", recipe->trimpath);
    json_string(json, "buildmode", recipe->buildmode);
    json_string(json, "tags", recipe->tags);
    write_strings(json, "ldflags", recipe->ldflags, recipe->ldflag_count);
    json_string(json, "ldflags_text", recipe->ldflags_text);
    json_array(json, "ldflags_orders");
    for (size_t i = 0; i < recipe->order_count; i++) {
        write_strings(json, NULL, recipe->ldflags_orders[i], recipe->ldflags_order_counts[i]);
    }
    json_array_end(json);
    json_string(json, "gcflags", recipe->gcflags);
    json_string(json, "asmflags", recipe->asmflags);
    json_string(json, "pgo", recipe->pgo);
    json_object_end(json);
}

static void write_vcs(struct json_writer *json, const struct vcs_stamp *vcs)
{
    if (!vcs->present) {
        json_null(json, "vcs");
        return;
    }
    json_object(json, "vcs");
    json_string(json, "revision", vcs->revision);
    json_string(json, "time", vcs->time);
    json_bool(json, "modified", vcs->modified);
    json_string(json, "tag", vcs->tag);
    json_string(json, "base", vcs->base);
    json_bool(json, "devel", vcs->devel);
    json_bool(json, "no_go_mod", vcs->no_go_mod);
    json_object_end(json);
}

static void write_module(struct json_writer *json, const char *key, const struct module *module)
{
    json_object(json, key);
    json_string(json, "path", module->path);
    json_string(json, "version", module->version);
    json_string(json, "sum", module->sum);
    if (module->replace != NULL) {
        write_module(json, "replace", module->replace);
    }
    json_object_end(json);
}

static void write_paths(struct json_writer *json, const struct recipe *recipe)
{
    if (recipe->trimpath) {
        json_null(json, "paths");
        return;
    }
    json_object(json, "paths");
    json_string(json, "goroot", recipe->goroot);
    json_string(json, "gopath", recipe->gopath);
    json_string(json, "source_root", recipe->source_root);
    json_object_end(json);
}

/* Left out where there are none, as in nearly all recipes. */
static void write_embedded(struct json_writer *json, const struct recipe *recipe)
{
    if (recipe->embedded_count == 0) {
        return;
    }
    json_array(json, "embedded_from_artifact");
    for (size_t i = 0; i < recipe->embedded_count; i++) {
        const struct recipe_embedded *file = &recipe->embedded[i];
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&file->sha256, hex);
        json_object(json, NULL);
        json_string(json, "path", file->path);
        json_uint(json, "size", file->size);
        json_string(json, "sha256", hex);
        json_bool(json, "replaces", file->replaces);
        json_object_end(json);
    }
    json_array_end(json);
}

void recipe_write_json(const struct recipe *recipe, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", RECIPE_SCHEMA);
    write_source(&json, recipe);
    json_object(&json, "toolchain");
    json_string(&json, "version", recipe->toolchain);
    json_string(&json, "directory", recipe->toolchain_directory);
    json_string(&json, "rootfs", recipe->rootfs);
    json_string(&json, "patch", recipe->toolchain_patch);
    json_object_end(&json);
    json_object(&json, "platform");
    json_string(&json, "goos", recipe->goos);
    json_string(&json, "goarch", recipe->goarch);
    json_object_end(&json);
    json_object(&json, "environment");
    for (size_t i = 0; i < recipe->environment_count; i++) {
        json_string(&json, recipe->environment[i].name, recipe->environment[i].value);
    }
    json_object_end(&json);
    write_flags(&json, recipe);
    write_vcs(&json, &recipe->vcs);
    write_paths(&json, recipe);
    json_array(&json, "dependencies");
    for (size_t i = 0; i < recipe->dep_count; i++) {
        write_module(&json, NULL, &recipe->deps[i]);
    }
    json_array_end(&json);
    write_embedded(&json, recipe);
    json_object_end(&json);
}
