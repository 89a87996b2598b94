// SPDX-License-Identifier: Apache-2.0
#include "verifier/report/inspect_json.h"

#include <stdlib.h>

static void write_module_members(struct json_writer *json, const struct module *module)
{
    json_string(json, "path", module->path);
    json_string(json, "version", module->version);
    json_string(json, "sum", module->sum);
}

static void write_module(struct json_writer *json, const char *key, const struct module *module)
{
    json_object(json, key);
    write_module_members(json, module);
    if (module->replace != NULL) {
        json_object(json, "replace");
        write_module_members(json, module->replace);
        json_object_end(json);
    } else {
        json_null(json, "replace");
    }
    json_object_end(json);
}

struct numbered_setting {
    const struct build_setting *setting;
    size_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct numbered_setting *left = a;
    const struct numbered_setting *right = b;
    int order = strcmp(left->setting->key, right->setting->key);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static int by_index(const void *a, const void *b)
{
    const struct numbered_setting *left = a;
    const struct numbered_setting *right = b;
    return (left->index > right->index) - (left->index < right->index);
}

/* In the file's order, each key once: a reader of JSON may take either of two. The first one counts
 * here, as it does for buildinfo_setting. */
static void write_settings(struct json_writer *json, const struct buildinfo *info)
{
    size_t count = info->setting_count;
    AUTO_FREE struct numbered_setting *settings = calloc(count == 0 ? 1 : count, sizeof(*settings));
    if (settings == NULL) {
        bug("out of memory for %zu settings", count);
    }
    for (size_t i = 0; i < count; i++) {
        settings[i] = (struct numbered_setting){&info->settings[i], i};
    }
    qsort(settings, count, sizeof(*settings), by_key);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(settings[kept - 1].setting->key, settings[i].setting->key) != 0) {
            settings[kept++] = settings[i];
        }
    }
    qsort(settings, kept, sizeof(*settings), by_index);
    json_object(json, "settings");
    for (size_t i = 0; i < kept; i++) {
        json_string(json, settings[i].setting->key, settings[i].setting->value);
    }
    json_object_end(json);
}

static void write_texts(struct json_writer *json, const char *key, const char *const *texts,
                        size_t count)
{
    json_array(json, key);
    for (size_t i = 0; i < count; i++) {
        json_string(json, NULL, texts[i]);
    }
    json_array_end(json);
}

static void write_optional(struct json_writer *json, const char *key, const char *text)
{
    json_string(json, key, text[0] == '\0' ? NULL : text);
}

static void write_build_id(struct json_writer *json, const struct traits *traits)
{
    bool usable = traits->parts[0][0] != '\0';
    write_texts(json, "build_id", traits->parts, usable ? BUILD_ID_PARTS : 0);
    write_optional(json, "build_id_text", traits->build_id);
    json_bool(json, "host_build_id", traits->host_build_id);
}

static void write_paths(struct json_writer *json, const struct traits *traits)
{
    if (traits->path_known) {
        json_bool(json, "trimpath", traits->trimpath);
    } else {
        json_null(json, "trimpath");
    }
    write_optional(json, "goroot", traits->goroot);
    write_optional(json, "gopath", traits->gopath);
    write_optional(json, "source_root", traits->source_root);
    write_optional(json, "pclntab", traits->pclntab_go);
}

static void write_traits(struct json_writer *json, const struct inspection *file)
{
    static const char *const hashes[] = {"none", "match", "mismatch"};
    const struct traits *traits = &file->traits;
    json_object(json, "traits");
    json_string(json, "linker_hash", file->has_digest ? hashes[traits->linker_hash] : NULL);
    write_build_id(json, traits);
    json_bool(json, "symbol_table", traits->symbol_table);
    json_bool(json, "dwarf", traits->dwarf);
    json_bool(json, "pie", traits->pie);
    json_bool(json, "cgo", traits->cgo);
    json_string(json, "link_mode", traits->external_link ? "external" : "internal");
    json_bool(json, "shared", traits->shared);
    write_optional(json, "interpreter", traits->interpreter);
    write_texts(json, "libraries", traits->libraries, traits->library_count);
    write_texts(json, "compilers", traits->compilers, traits->compiler_count);
    json_string(json, "code_signature", traits->code_signature);
    write_optional(json, "packer", traits->packer);
    write_paths(json, traits);
    json_object_end(json);
}

static void write_digest(struct json_writer *json, const struct inspection *file)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&file->sha256, hex);
    json_string(json, "sha256", file->has_digest ? hex : NULL);
}

static void write_platform(struct json_writer *json, const struct inspection *file)
{
    AUTO(buffer) struct buffer platform;
    buffer_init(&platform, strlen(file->goos) + strlen(file->goarch) + 2);
    buffer_printf(&platform, "%s/%s", file->goos, file->goarch);
    json_string(json, "platform", buffer_cstring(&platform));
    write_optional(json, "variant", file->variant);
}

void inspect_json_file(struct json_writer *json, const struct inspection *file)
{
    const struct buildinfo *info = &file->info;
    json_object(json, NULL);
    json_string(json, "name", file->name);
    write_digest(json, file);
    json_uint(json, "size", file->size);
    json_string(json, "format", image_format_name(file->format));
    write_platform(json, file);
    write_optional(json, "go_version", info->go_version);
    write_optional(json, "path", info->path);
    if (info->has_main) {
        write_module(json, "main", &info->main);
    } else {
        json_null(json, "main");
    }
    json_array(json, "deps");
    for (size_t i = 0; i < info->dep_count; i++) {
        write_module(json, NULL, &info->deps[i]);
    }
    json_array_end(json);
    write_settings(json, info);
    write_traits(json, file);
    json_object_end(json);
}

void inspect_json_begin(struct json_writer *json, struct buffer *out)
{
    json_writer_init(json, out, false);
    json_object(json, NULL);
    json_string(json, "schema", "reproof/inspect/v1");
    json_array(json, "files");
}

void inspect_json_errors(struct json_writer *json)
{
    json_array_end(json);
    json_array(json, "errors");
}

void inspect_json_error(struct json_writer *json, const char *name, const struct error *error)
{
    json_object(json, NULL);
    json_string(json, "name", name);
    json_string(json, "class", error_code_name(error->code));
    json_string(json, "detail", error->message);
    json_string(json, "cure", error->cure[0] == '\0' ? NULL : error->cure);
    json_object_end(json);
}

void inspect_json_end(struct json_writer *json)
{
    json_array_end(json);
    json_object_end(json);
}
