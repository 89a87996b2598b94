// SPDX-License-Identifier: Apache-2.0
#include "attest/predicate.h"
#include "attest/sbom/purl.h"
#include "base/encode.h"
#include "base/json_copy.h"

/* Go's h1 as in-toto writes it: dirHash, in hexadecimal. */
static void put_dir_hash(struct json_writer *json, const char *h1)
{
    uint8_t raw[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    size_t len;
    if (h1 != NULL && strncmp(h1, "h1:", 3) == 0 &&
        decode_base64(bytes_from_string(h1 + 3), BASE64_STANDARD, raw, sizeof(raw), &len) &&
        len == sizeof(raw)) {
        encode_hex(bytes_from(raw, len), hex);
        json_string(json, "dirHash", hex);
    }
}

/* One input as a resource descriptor. MODULE is written as report/rebuild_json.c has it. */
static void put_input(struct json_writer *json, const char *name, const struct cJSON *module,
                      const char *path, const char *version, struct arena *arena)
{
    const char *zip = json_member_string(module, "zip_sha256");
    json_object(json, NULL);
    json_string(json, "name", name);
    json_string(json, "uri", purl_of_module(path, version, arena));
    json_object(json, "digest");
    put_dir_hash(json, json_member_string(module, "h1"));
    if (zip != NULL) {
        json_string(json, "sha256", zip);
    }
    json_object_end(json);
    json_object(json, "annotations");
    json_copy(json, "proof", json_member(module, "proof"));
    json_copy(json, "record", json_member(module, "record"));
    json_object_end(json);
    json_object_end(json);
}

static void put_module(struct json_writer *json, const char *name, const struct cJSON *module,
                       struct arena *arena)
{
    const char *path = json_member_string(module, "path");
    const char *version = json_member_string(module, "version");
    if (path != NULL && path[0] != '\0' && version != NULL) {
        put_input(json, name, module, path, version, arena);
    }
}

static void put_database(struct json_writer *json, const struct cJSON *database)
{
    if (!json_is_object(database)) {
        return;
    }
    json_object(json, NULL);
    json_string(json, "name", "checksum-database");
    json_copy(json, "uri", json_member(database, "name"));
    json_object(json, "annotations");
    json_copy(json, "tree_size", json_member(database, "tree_size"));
    json_copy(json, "root", json_member(database, "root"));
    json_object_end(json);
    json_object_end(json);
}

static void put_inputs(struct json_writer *json, const struct record_subject *subject)
{
    struct arena arena = {0};
    const struct cJSON *dependencies = json_member(subject->json, "dependencies");
    json_array(json, "resolvedDependencies");
    if (subject->module[0] != '\0') {
        put_input(json, "source", json_member(subject->json, "source"), subject->module,
                  subject->version, &arena);
    }
    put_module(json, "toolchain", json_member(json_member(subject->json, "toolchain"), "module"),
               &arena);
    for (const struct cJSON *at = json_first(json_member(dependencies, "modules")); at != NULL;
         at = json_next(at)) {
        put_module(json, "dependency", at, &arena);
    }
    put_database(json, json_member(subject->json, "checksum_database"));
    json_array_end(json);
    arena_free(&arena);
}

/* All that whoever repeats the build has to give: the recipe. What it was made from is named beside
 * it. */
static void put_definition(struct json_writer *json, const struct record_subject *subject)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&subject->sha256, hex);
    json_object(json, "buildDefinition");
    json_string(json, "buildType", BUILD_TYPE);
    json_object(json, "externalParameters");
    json_object(json, "artifact");
    json_string(json, "name", subject->file);
    json_string(json, "sha256", hex);
    json_string(json, "purl", subject->purl);
    json_string(json, "platform", subject->platform);
    json_copy(json, "variant", json_member(subject->json, "variant"));
    json_object_end(json);
    json_copy(json, "recipe", json_member(subject->json, "recipe"));
    json_object_end(json);
    json_object(json, "internalParameters");
    json_copy(json, "sandbox", json_member(subject->json, "sandbox"));
    json_object_end(json);
    put_inputs(json, subject);
    json_object_end(json);
}

static void put_run(struct json_writer *json, const struct predicate_context *context)
{
    struct sha256 digest = sha256_of(context->subject->recipe);
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&digest, hex);
    json_object(json, "runDetails");
    json_object(json, "builder");
    json_string(json, "id", context->rebuilder);
    json_object(json, "version");
    json_string(json, "reproof", context->record->tool_version);
    json_object_end(json);
    json_object_end(json);
    json_object(json, "metadata");
    json_string(json, "finishedOn", context->time);
    json_object_end(json);
    json_array(json, "byproducts");
    json_object(json, NULL);
    json_string(json, "name", "recipe");
    json_object(json, "digest");
    json_string(json, "sha256", hex);
    json_object_end(json);
    json_string(json, "mediaType", "application/json");
    json_object_end(json);
    json_array_end(json);
    json_object_end(json);
}

void provenance_write(const struct predicate_context *context, struct buffer *out)
{
    struct json_writer json;
    struct subject_identity identity = {context->subject->file, context->subject->rebuilt,
                                        context->subject->purl, context->subject->platform};
    statement_begin(&json, out, &identity, PREDICATE_PROVENANCE);
    json_object(&json, "predicate");
    put_definition(&json, context->subject);
    put_run(&json, context);
    json_object_end(&json);
    statement_end(&json);
}
