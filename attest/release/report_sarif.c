// SPDX-License-Identifier: Apache-2.0
/* SARIF 2.1.0 (OASIS): a result for each pair that does not hold. */
#include <string.h>

#include "attest/release/report_internal.h"
#include "base/json_write.h"
#include "base/limits.h"

/* A path as a relative reference of RFC 3986. */
static const char *reference(const char *folder, const char *path, struct arena *arena)
{
    struct buffer out;
    buffer_init(&out, MIB);
    const char *whole =
        strcmp(folder, ".") == 0 ? path : arena_printf(arena, "%s/%s", folder, path);
    for (const char *c = whole; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._~/", *c) != NULL;
        if (plain) {
            buffer_byte(&out, (uint8_t)*c);
        } else {
            buffer_printf(&out, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
    const char *text = arena_string(arena, buffer_cstring(&out));
    buffer_free(&out);
    return text;
}

static void put_result(struct json_writer *json, const char *rule, const char *level,
                       const char *text, const char *uri)
{
    json_object(json, NULL);
    json_string(json, "ruleId", rule);
    json_string(json, "level", level);
    json_object(json, "message");
    json_string(json, "text", text);
    json_object_end(json);
    json_array(json, "locations");
    json_object(json, NULL);
    json_object(json, "physicalLocation");
    json_object(json, "artifactLocation");
    json_string(json, "uri", uri);
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
    json_array_end(json);
    json_object_end(json);
}

static void put_rules(struct json_writer *json)
{
    static const char *const rules[][2] = {
        {"undecided", "The artifact could be neither proven nor refuted."},
        {"refuted", "The artifact is not what its source gives, or not what the manifest says."},
        {"unusable", "The artifact cannot be read."},
        {"tampered", "An input contradicts what was promised for it."},
        {"stranger", "A file that would be published and that no pair names."},
    };
    json_array(json, "rules");
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        json_object(json, NULL);
        json_string(json, "id", rules[i][0]);
        json_object(json, "shortDescription");
        json_string(json, "text", rules[i][1]);
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_results(struct json_writer *json, const struct release *release,
                        struct arena *arena)
{
    const struct manifest *manifest = release->manifest;
    json_array(json, "results");
    for (size_t i = 0; i < manifest->pair_count; i++) {
        const struct pair_result *result = &release->results[i];
        if (result->state != PAIR_HOLDS && result->state != PAIR_ABSENT) {
            put_result(json, pair_state_name(result->state),
                       result->state == PAIR_UNDECIDED ? "warning" : "error",
                       arena_printf(arena, "%s: %s%s%s", result->pair->name, result->why,
                                    result->cure[0] == '\0' ? "" : "; next: ", result->cure),
                       reference(manifest->artifacts, result->pair->artifact, arena));
        }
    }
    for (size_t i = 0; i < release->stranger_count; i++) {
        put_result(json, "stranger", "error", "named by no pair and not among \"others\"",
                   reference(manifest->artifacts, release->strangers[i], arena));
    }
    json_array_end(json);
}

void report_sarif(const struct release *release, struct arena *arena, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_string(&json, "version", "2.1.0");
    json_array(&json, "runs");
    json_object(&json, NULL);
    json_object(&json, "tool");
    json_object(&json, "driver");
    json_string(&json, "name", "reproof");
    json_string(&json, "version", release->tool_version);
    put_rules(&json);
    json_object_end(&json);
    json_object_end(&json);
    put_results(&json, release, arena);
    json_object_end(&json);
    json_array_end(&json);
    json_object_end(&json);
}
