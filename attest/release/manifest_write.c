// SPDX-License-Identifier: Apache-2.0
#include "attest/release/manifest.h"
#include "base/json_write.h"

static void put_text(struct json_writer *json, const char *key, const char *text)
{
    if (text[0] != '\0') {
        json_string(json, key, text);
    }
}

static void put_texts(struct json_writer *json, const char *key, const struct text_list *list)
{
    if (list->count == 0) {
        return;
    }
    json_array(json, key);
    for (size_t i = 0; i < list->count; i++) {
        json_string(json, NULL, list->items[i]);
    }
    json_array_end(json);
}

static void put_toolchain(struct json_writer *json, const struct manifest *manifest)
{
    if (manifest->toolchain[0] != '\0') {
        json_object(json, "toolchain");
        json_string(json, "version", manifest->toolchain);
        put_text(json, "h1", manifest->toolchain_h1);
        json_object_end(json);
    }
}

static void put_members(struct json_writer *json, const struct manifest *manifest)
{
    if (manifest->member_count == 0) {
        return;
    }
    json_array(json, "members");
    for (size_t i = 0; i < manifest->member_count; i++) {
        const struct manifest_member *member = &manifest->members[i];
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&member->sha256, hex);
        json_object(json, NULL);
        json_string(json, "name", member->name);
        put_text(json, "sha256", member->has_sha256 ? hex : "");
        json_object_end(json);
    }
    json_array_end(json);
}

void manifest_write(const struct manifest *manifest, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", MANIFEST_SCHEMA);
    json_string(&json, "name", manifest->name);
    json_string(&json, "version", manifest->version);
    json_string(&json, "expect", manifest->expect);
    put_toolchain(&json, manifest);
    put_text(&json, "source", manifest->source);
    json_string(&json, "artifacts", manifest->artifacts);
    put_texts(&json, "others", &manifest->others);
    put_texts(&json, "packages", &manifest->packages);
    put_texts(&json, "accept", &manifest->accept);
    put_members(&json, manifest);
    json_object_end(&json);
}

void manifest_write_pair(const struct manifest_pair *pair, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "artifact", pair->artifact);
    put_texts(&json, "platforms", &pair->platforms);
    put_text(&json, "variant", pair->variant);
    put_text(&json, "program", pair->program);
    json_object_end(&json);
}
