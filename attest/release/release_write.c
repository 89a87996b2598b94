// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "attest/release/release.h"
#include "base/json_copy.h"
#include "base/json_write.h"
#include "base/limits.h"
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

/* What is written and not yet handed on. */
struct writing {
    struct release *release;
    const struct release_sink *sink;
    struct buffer out;
    struct json_writer json;
    bool summary, ok;
    struct error *err;
};

#define VERDICT_COUNT (VERDICT_REPRODUCED + 1)

/* So much is gathered before it is handed on. */
#define PIECE 65536

static void hand_on(struct writing *writing, size_t from)
{
    if (writing->ok && writing->out.len > from) {
        writing->ok =
            buffer_ok(&writing->out)
                ? writing->sink->put(writing->sink->context, buffer_view(&writing->out),
                                     writing->err)
                : error_set(writing->err, ERROR_LIMIT, "the result of a pair is too long");
    }
    if (writing->out.len > from || !writing->ok) {
        buffer_clear(&writing->out);
    }
}

static void count_verdict(const struct cJSON *subject, uint64_t *counts)
{
    const char *verdict = json_member_string(subject, "verdict");
    for (int v = VERDICT_UNPROVEN; verdict != NULL && v < VERDICT_COUNT; v++) {
        counts[v] += strcmp(verdict, verdict_name((enum verdict)v)) == 0;
    }
}

static void put_subjects(struct writing *writing, uint64_t *counts)
{
    struct release *release = writing->release;
    uint64_t base = 0;
    json_array(&writing->json, "subjects");
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct cJSON *result = release_result(release, i);
        const struct cJSON *list = json_member(result, "subjects");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            put_subject(&writing->json, at, base, release->results[i].pair->name, writing->summary);
            count_verdict(at, counts);
            hand_on(writing, PIECE);
        }
        base += count_of(json_member(result, "containers"));
    }
    json_array_end(&writing->json);
}

static void put_containers(struct writing *writing)
{
    struct release *release = writing->release;
    json_array(&writing->json, "containers");
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        const struct cJSON *list = json_member(release_result(release, i), "containers");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            json_copy(&writing->json, NULL, at);
            hand_on(writing, PIECE);
        }
    }
    json_array_end(&writing->json);
}

static void put_counts(struct json_writer *json, const uint64_t *counts)
{
    static const enum verdict order[] = {VERDICT_REPRODUCED, VERDICT_EQUIVALENT, VERDICT_DIFFERENT,
                                         VERDICT_UNPROVEN};
    json_object(json, "summary");
    for (size_t v = 0; v < ARRAY_LEN(order); v++) {
        json_uint(json, verdict_name(order[v]), counts[order[v]]);
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

static void put_release(struct writing *writing)
{
    struct json_writer *json = &writing->json;
    const struct release *release = writing->release;
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
        hand_on(writing, PIECE);
    }
    json_array_end(json);
    json_array(json, "strangers");
    for (size_t i = 0; i < release->stranger_count; i++) {
        json_string(json, NULL, release->strangers[i]);
        hand_on(writing, PIECE);
    }
    json_array_end(json);
}

static void put_all(struct writing *writing)
{
    struct json_writer *json = &writing->json;
    struct release *release = writing->release;
    uint64_t counts[VERDICT_COUNT] = {0};
    json_object(json, NULL);
    json_string(json, "schema", "reproof/rebuild/v1");
    json_object(json, "tool");
    json_string(json, "name", "reproof");
    json_string(json, "version", release->tool_version);
    json_object_end(json);
    json_string(json, "decision", release_decision_name(release_decide(release)));
    json_uint(json, "exit", (uint64_t)release_exit(release));
    put_release(writing);
    put_subjects(writing, counts);
    put_containers(writing);
    put_counts(json, counts);
    json_array(json, "warnings");
    json_array_end(json);
    json_object_end(json);
}

bool release_write(struct release *release, bool summary, const struct release_sink *sink,
                   struct error *err)
{
    struct writing writing = {
        .release = release, .sink = sink, .summary = summary, .ok = true, .err = err};
    buffer_init(&writing.out, LIMIT_JSON_BYTES);
    json_writer_init(&writing.json, &writing.out, false);
    put_all(&writing);
    hand_on(&writing, 0);
    buffer_free(&writing.out);
    return writing.ok && release_ok(release, err);
}
