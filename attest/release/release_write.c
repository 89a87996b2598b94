// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "attest/release/release.h"
#include "base/json_copy.h"
#include "base/json_write.h"
#include "verifier/report/result.h"

/* What differs from one run to the next, though nothing else does. */
static bool is_fleeting(const char *key)
{
    static const char *const keys[] = {"seconds",   "seconds_of", "tries",   "cache",
                                       "tree_size", "root",       "sandbox", "directory"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the database was asked before from this machine; the statements of the run say so. */
static void put_assumptions(struct json_writer *json, const char *key, const struct cJSON *list)
{
    json_array(json, key);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        const char *name = json_member_string(at, "name");
        if (name == NULL || strcmp(name, "no-earlier-tree-head") != 0) {
            json_copy(json, NULL, at);
        }
    }
    json_array_end(json);
}

static void put_value(struct json_writer *json, const char *key, const struct cJSON *value,
                      bool summary)
{
    if (summary && strcmp(key, "assumptions") == 0 && json_is_array(value)) {
        put_assumptions(json, key, value);
        return;
    }
    if (!summary || !json_is_object(value)) {
        json_copy(json, key, value);
        return;
    }
    json_object(json, key);
    for (const struct cJSON *at = json_first(value); at != NULL; at = json_next(at)) {
        if (!is_fleeting(json_key(at))) {
            put_value(json, json_key(at), at, true);
        }
    }
    json_object_end(json);
}

/* A subject as its pair's result has it; its container counts among those of all. */
static void put_subject(struct json_writer *json, const struct cJSON *subject, uint64_t base,
                        const char *pair, bool summary)
{
    json_object(json, NULL);
    for (const struct cJSON *at = json_first(subject); at != NULL; at = json_next(at)) {
        uint64_t index;
        const char *key = json_key(at);
        if (strcmp(key, "container") == 0 && json_get_uint(at, &index)) {
            json_uint(json, key, base + index);
        } else if (!summary || !is_fleeting(key)) {
            put_value(json, key, at, summary);
        }
    }
    json_string(json, "pair", pair);
    json_object_end(json);
}

static uint64_t count_of(const struct cJSON *list)
{
    uint64_t count = 0;
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        count++;
    }
    return count;
}

static void put_subjects(struct json_writer *json, const struct release *release, bool summary)
{
    uint64_t base = 0;
    json_array(json, "subjects");
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct cJSON *result = release->results[i].result;
        const struct cJSON *list = json_member(result, "subjects");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            put_subject(json, at, base, release->results[i].pair->name, summary);
        }
        base += count_of(json_member(result, "containers"));
    }
    json_array_end(json);
}

static void put_containers(struct json_writer *json, const struct release *release)
{
    json_array(json, "containers");
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct cJSON *list = json_member(release->results[i].result, "containers");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            json_copy(json, NULL, at);
        }
    }
    json_array_end(json);
}

static void put_counts(struct json_writer *json, const struct release *release)
{
    static const enum verdict order[] = {VERDICT_REPRODUCED, VERDICT_EQUIVALENT, VERDICT_DIFFERENT,
                                         VERDICT_UNPROVEN};
    json_object(json, "summary");
    for (size_t v = 0; v < ARRAY_LEN(order); v++) {
        uint64_t count = 0;
        for (size_t i = 0; i < release->manifest->pair_count; i++) {
            const struct cJSON *list = json_member(release->results[i].result, "subjects");
            for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
                const char *verdict = json_member_string(at, "verdict");
                count += verdict != NULL && strcmp(verdict, verdict_name(order[v])) == 0;
            }
        }
        json_uint(json, verdict_name(order[v]), count);
    }
    json_object_end(json);
}

static void put_pair(struct json_writer *json, const struct pair_result *result)
{
    char hex[SHA256_HEX_LEN + 1];
    json_object(json, NULL);
    json_string(json, "name", result->pair->name);
    json_string(json, "artifact", result->pair->artifact);
    json_array(json, "platforms");
    for (size_t i = 0; i < result->pair->platforms.count; i++) {
        json_string(json, NULL, result->pair->platforms.items[i]);
    }
    json_array_end(json);
    if (result->has_artifact) {
        sha256_hex(&result->sha256, hex);
        json_string(json, "sha256", hex);
        json_uint(json, "size", result->size);
    } else {
        json_null(json, "sha256");
        json_null(json, "size");
    }
    json_string(json, "state", pair_state_name(result->state));
    json_string(json, "why", result->why[0] == '\0' ? NULL : result->why);
    json_string(json, "cure", result->cure[0] == '\0' ? NULL : result->cure);
    json_object_end(json);
}

static void put_release(struct json_writer *json, const struct release *release)
{
    const struct manifest *manifest = release->manifest;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&manifest->digest, hex);
    json_object(json, "release");
    json_string(json, "name", manifest->name);
    json_string(json, "version", manifest->version);
    json_string(json, "expect", manifest->expect);
    json_string(json, "manifest", hex);
    json_object_end(json);
    json_array(json, "pairs");
    for (size_t i = 0; i < manifest->pair_count; i++) {
        put_pair(json, &release->results[i]);
    }
    json_array_end(json);
    json_array(json, "strangers");
    for (size_t i = 0; i < release->stranger_count; i++) {
        json_string(json, NULL, release->strangers[i]);
    }
    json_array_end(json);
}

void release_write(const struct release *release, bool summary, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "reproof/rebuild/v1");
    json_object(&json, "tool");
    json_string(&json, "name", "reproof");
    json_string(&json, "version", release->tool_version);
    json_object_end(&json);
    json_string(&json, "decision", release_decision_name(release_decide(release)));
    json_uint(&json, "exit", (uint64_t)release_exit(release));
    put_release(&json, release);
    put_subjects(&json, release, summary);
    put_containers(&json, release);
    put_counts(&json, release);
    json_array(&json, "warnings");
    json_array_end(&json);
    json_object_end(&json);
}
