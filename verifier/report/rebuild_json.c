// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/encode.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "verifier/report/diff_report.h"
#include "verifier/report/json_ranges.h"
#include "verifier/report/result.h"

static void write_digest(struct json_writer *json, const char *key, const struct sha256 *digest)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(digest, hex);
    json_string(json, key, hex);
}

static void write_optional(struct json_writer *json, const char *key, const char *text)
{
    json_string(json, key, text == NULL || text[0] == '\0' ? NULL : text);
}

static const char *proof_name(enum fetch_proof proof)
{
    return proof == FETCH_PROOF_RECORDED ? "recorded" : "none";
}

static void write_reason(struct json_writer *json, const struct reason *reason)
{
    if (reason->code == NULL) {
        json_null(json, "reason");
        return;
    }
    json_object(json, "reason");
    json_string(json, "code", reason->code);
    json_string(json, "detail", reason->detail);
    write_optional(json, "cure", reason->cure);
    json_object_end(json);
}

static void write_removed(struct json_writer *json, const struct subject_result *subject)
{
    json_array(json, "removed");
    for (size_t i = 0; i < subject->removed_count; i++) {
        const struct removed_part *part = &subject->removed[i];
        json_object(json, NULL);
        json_string(json, "name", part->name);
        json_uint(json, "version", part->version);
        report_json_ranges(json, "ranges", part->ranges, part->range_count);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_notes(struct json_writer *json, const struct recipe_notes *notes)
{
    json_array(json, "assumptions");
    for (size_t i = 0; i < notes->assumption_count; i++) {
        json_object(json, NULL);
        json_string(json, "name", notes->assumptions[i].name);
        json_string(json, "detail", notes->assumptions[i].detail);
        json_object_end(json);
    }
    json_array_end(json);
}

/* What was cut out of the artifact, file by file. */
static void write_embedded(struct json_writer *json, const struct subject_result *subject)
{
    json_array(json, "embedded_from_artifact");
    for (size_t i = 0; i < subject->embedded_count; i++) {
        const struct embedded_part *part = &subject->embedded[i];
        json_object(json, NULL);
        json_string(json, "path", part->path);
        json_uint(json, "size", part->size);
        write_digest(json, "sha256", &part->sha256);
        json_string(json, "source", part->replaces ? "differs" : "missing");
        report_json_ranges(json, "ranges", part->ranges, part->range_count);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_parts(struct json_writer *json, const char *key,
                        const char *const parts[BUILD_ID_PARTS])
{
    json_array(json, key);
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        if (parts[i] != NULL && parts[i][0] != '\0') {
            json_string(json, NULL, parts[i]);
        }
    }
    json_array_end(json);
}

static void write_rebuilt(struct json_writer *json, const struct subject_result *subject)
{
    if (subject->has_rebuild) {
        json_object(json, "rebuilt");
        write_digest(json, "sha256", &subject->rebuilt);
        json_uint(json, "size", subject->rebuilt_size);
        json_object_end(json);
    } else {
        json_null(json, "rebuilt");
    }
    json_object(json, "build_id");
    write_parts(json, "published", subject->file->traits.parts);
    write_parts(json, "rebuilt", subject->rebuilt_parts);
    json_object_end(json);
    if (!subject->has_difference) {
        json_null(json, "first_difference");
        return;
    }
    json_object(json, "first_difference");
    json_uint(json, "offset", subject->difference_offset);
    write_optional(json, "section", subject->difference_section);
    json_uint(json, "differing_bytes", subject->differing_bytes);
    json_object_end(json);
    if (subject->difference != NULL) {
        diff_json_member(json, "difference", subject->difference, subject->name, "rebuild");
    }
}

/* What an attestation names an input by: the zip as downloaded, and the database's record. */
static void write_origin(struct json_writer *json, const struct fetched_module *module)
{
    static const struct sha256 none;
    if (sha256_equal(&module->zip, &none)) {
        json_null(json, "zip_sha256");
    } else {
        write_digest(json, "zip_sha256", &module->zip);
    }
    if (module->proof == FETCH_PROOF_RECORDED) {
        json_uint(json, "record", module->record);
    } else {
        json_null(json, "record");
    }
}

static void write_module(struct json_writer *json, const char *key,
                         const struct fetched_module *module)
{
    json_object(json, key);
    json_string(json, "path", module->id.path);
    json_string(json, "version", module->id.version);
    write_optional(json, "h1", module->h1);
    json_string(json, "proof", proof_name(module->proof));
    write_origin(json, module);
    json_object_end(json);
}

static void write_source(struct json_writer *json, const struct subject_result *subject)
{
    if (!subject->has_source) {
        json_null(json, "source");
        return;
    }
    const struct fetched_module *source = &subject->source;
    json_object(json, "source");
    json_string(json, "kind", subject->source_kind);
    json_string(json, "module", source->id.path);
    json_string(json, "version", source->id.version);
    write_optional(json, "h1", source->h1);
    json_string(json, "proof", proof_name(source->proof));
    write_origin(json, source);
    json_object_end(json);
}

static void write_toolchain(struct json_writer *json, const struct subject_result *subject)
{
    if (!subject->has_toolchain) {
        json_null(json, "toolchain");
        return;
    }
    json_object(json, "toolchain");
    json_string(json, "version", subject->toolchain.version);
    json_string(json, "platform", subject->toolchain.platform);
    write_optional(json, "h1", subject->toolchain.module.h1);
    json_string(json, "proof", proof_name(subject->toolchain.module.proof));
    write_module(json, "module", &subject->toolchain.module);
    json_array(json, "patches");
    if (subject->toolchain_patch != NULL) {
        json_string(json, NULL, subject->toolchain_patch);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_inputs(struct json_writer *json, const struct subject_result *subject)
{
    write_source(json, subject);
    write_toolchain(json, subject);
    json_object(json, "dependencies");
    json_uint(json, "count", subject->dependency_count);
    json_uint(json, "checked", subject->dependencies_checked);
    json_uint(json, "replaced", subject->dependencies_replaced);
    json_array(json, "modules");
    for (size_t i = 0; subject->dependencies != NULL && i < subject->dependency_count; i++) {
        if (subject->dependencies[i].tree != NULL) { /* else a folder of the source directory */
            write_module(json, NULL, &subject->dependencies[i]);
        }
    }
    json_array_end(json);
    json_object_end(json);
    if (subject->has_tree_head) {
        char root[BASE64_LEN(SHA256_LEN) + 1];
        encode_base64(sha256_view(&subject->tree_head.root), BASE64_STANDARD, root);
        json_object(json, "checksum_database");
        json_string(json, "name", subject->tree_head.name);
        json_uint(json, "tree_size", subject->tree_head.size);
        json_string(json, "root", root);
        json_object_end(json);
    } else {
        json_null(json, "checksum_database");
    }
    json_object(json, "claims");
    json_string(json, "vcs", subject->vcs_claim == NULL ? "absent" : subject->vcs_claim);
    json_object_end(json);
}

static void write_recipe(struct json_writer *json, const struct subject_result *subject)
{
    if (!subject->has_recipe) {
        json_null(json, "recipe");
        json_null(json, "recipe_digest");
        return;
    }
    char digest[sizeof("sha256:") + SHA256_HEX_LEN] = "sha256:";
    sha256_hex(&subject->recipe_digest, digest + strlen(digest));
    json_raw(json, "recipe", subject->recipe_json);
    json_string(json, "recipe_digest", digest);
}

static void write_trail(struct json_writer *json, const struct subject_result *subject)
{
    json_array(json, "inferred");
    for (size_t i = 0; i < subject->notes.inference_count; i++) {
        const struct inference *inference = &subject->notes.inferences[i];
        json_object(json, NULL);
        json_string(json, "field", inference->field);
        json_string(json, "value", inference->value);
        json_string(json, "evidence", inference->evidence);
        json_object_end(json);
    }
    json_array_end(json);
    json_array(json, "tries");
    for (size_t i = 0; i < subject->try_count; i++) {
        json_object(json, NULL);
        json_string(json, "change", subject->tries[i].change);
        write_optional(json, "build_id", subject->tries[i].build_id);
        json_decimal(json, "seconds", subject->tries[i].seconds, 3);
        json_object_end(json);
    }
    json_array_end(json);
}

/* What go said, where no verdict came of it: the end of it, where the reason mostly is. */
static void write_log(struct json_writer *json, const struct subject_result *subject)
{
    struct bytes log = subject->build_log;
    if (subject->verdict != VERDICT_UNPROVEN || log.len == 0) {
        json_null(json, "build_log");
        return;
    }
    json_text(json, "build_log",
              bytes_behind(log, log.len > LIMIT_REPORT_LOG ? log.len - LIMIT_REPORT_LOG : 0));
}

static void write_subject(struct json_writer *json, const struct subject_result *subject)
{
    const struct inspection *file = subject->file;
    struct buffer platform;
    buffer_init(&platform, 256);
    buffer_printf(&platform, "%s/%s", file->goos, file->goarch);
    json_object(json, NULL);
    json_string(json, "name", subject->name);
    if (subject->container == SIZE_MAX) {
        json_null(json, "container");
    } else {
        json_uint(json, "container", subject->container);
    }
    write_digest(json, "sha256", &file->sha256);
    json_uint(json, "size", file->size);
    json_string(json, "platform", buffer_cstring(&platform));
    json_string(json, "variant", file->variant);
    json_string(json, "verdict", verdict_name(subject->verdict));
    json_bool(json, "accepted", subject->accepted);
    write_reason(json, &subject->reason);
    write_removed(json, subject);
    write_notes(json, &subject->notes);
    write_embedded(json, subject);
    write_rebuilt(json, subject);
    write_inputs(json, subject);
    write_recipe(json, subject);
    write_trail(json, subject);
    write_log(json, subject);
    json_string(json, "cache", subject->warm_cache ? "warm" : "cold");
    json_object(json, "sandbox");
    json_string(json, "kind", subject->sandbox_kind);
    write_optional(json, "version", subject->sandbox_version);
    json_object_end(json);
    json_decimal(json, "seconds", subject->seconds, 3);
    json_object(json, "seconds_of");
    json_decimal(json, "getting", subject->getting_seconds, 3);
    json_decimal(json, "proving", subject->proving_seconds, 3);
    json_decimal(json, "building", subject->build_seconds, 3);
    json_object_end(json);
    json_object_end(json);
    buffer_free(&platform);
}

static void write_container(struct json_writer *json, const struct container_result *container)
{
    json_object(json, NULL);
    json_string(json, "name", container->name);
    write_digest(json, "sha256", &container->sha256);
    write_optional(json, "purl", container->purl);
    json_uint(json, "members", container->members);
    json_array(json, "unproven_members");
    for (size_t i = 0; i < container->unproven_count; i++) {
        json_string(json, NULL, container->unproven[i]);
    }
    json_array_end(json);
    json_array(json, "proven_members");
    for (size_t i = 0; i < container->proven_count; i++) {
        json_object(json, NULL);
        json_string(json, "name", container->proven[i].name);
        json_string(json, "source", container->proven[i].source);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_summary(struct json_writer *json, const struct rebuild_result *result)
{
    uint64_t counts[4] = {0};
    for (size_t i = 0; i < result->subject_count; i++) {
        counts[result->subjects[i].verdict]++;
    }
    json_object(json, "summary");
    static const enum verdict order[] = {VERDICT_REPRODUCED, VERDICT_EQUIVALENT, VERDICT_DIFFERENT,
                                         VERDICT_UNPROVEN};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        json_uint(json, verdict_name(order[i]), counts[order[i]]);
    }
    json_object_end(json);
}

void report_rebuild_json(const struct rebuild_result *result, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "reproof/rebuild/v1");
    json_object(&json, "tool");
    json_string(&json, "name", "reproof");
    json_string(&json, "version", result->tool_version);
    json_object_end(&json);
    json_uint(&json, "exit", (uint64_t)result->exit_code);
    json_array(&json, "subjects");
    for (size_t i = 0; i < result->subject_count; i++) {
        write_subject(&json, &result->subjects[i]);
    }
    json_array_end(&json);
    json_array(&json, "containers");
    for (size_t i = 0; i < result->container_count; i++) {
        write_container(&json, &result->containers[i]);
    }
    json_array_end(&json);
    write_summary(&json, result);
    json_array(&json, "warnings");
    for (size_t i = 0; i < result->warning_count; i++) {
        json_string(&json, NULL, result->warnings[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
}
