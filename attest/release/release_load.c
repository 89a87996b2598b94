// SPDX-License-Identifier: Apache-2.0
#include "attest/release/release_load.h"

#include <string.h>

#include "base/file.h"
#include "base/json_copy.h"
#include "base/limits.h"
#include "verifier/report/result.h"

#define RESULT_SCHEMA "reproof/rebuild/v1"
#define EVIDENCE_SCHEMA "reproof/evidence/v1"

static const char *text_of(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

/* The part of a document that one pair is. */
struct part {
    const struct cJSON *subjects; /* the first */
    size_t subject_count;
    const struct cJSON *containers; /* the first */
    size_t container_count, container_base;
};

/* -- what a pair's file would say -- */

static void put_subject(struct json_writer *json, const struct cJSON *subject, uint64_t base)
{
    json_object(json, NULL);
    for (const struct cJSON *at = json_first(subject); at != NULL; at = json_next(at)) {
        uint64_t index;
        const char *key = json_key(at);
        if (strcmp(key, "container") == 0 && json_get_uint(at, &index)) {
            json_uint(json, key, index - base);
        } else if (strcmp(key, "pair") != 0) {
            json_copy(json, key, at);
        }
    }
    json_object_end(json);
}

static struct bytes write_part(const struct part *part, struct arena *arena)
{
    AUTO(buffer) struct buffer out = {0};
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out, true);
    json_object(&json, NULL);
    json_object(&json, "result");
    json_array(&json, "subjects");
    const struct cJSON *at = part->subjects;
    for (size_t i = 0; i < part->subject_count; i++, at = json_next(at)) {
        put_subject(&json, at, part->container_base);
    }
    json_array_end(&json);
    json_array(&json, "containers");
    at = part->containers;
    for (size_t i = 0; i < part->container_count; i++, at = json_next(at)) {
        json_copy(&json, NULL, at);
    }
    json_array_end(&json);
    json_object_end(&json);
    json_object_end(&json);
    return arena_bytes(arena, buffer_view(&out));
}

static void add_pair(struct loaded_release *loaded, const struct manifest_pair *pair,
                     struct pair_result *result, const struct part *part)
{
    struct manifest *manifest = &loaded->manifest;
    struct release *release = &loaded->release;
    size_t count = manifest->pair_count;
    struct bytes text = write_part(part, &loaded->arena);
    result->has_record = true;
    result->has_result = part->subject_count > 0;
    result->record = sha256_of(text);
    arena_grow(&loaded->arena, &manifest->pairs, count, &loaded->pair_capacity, sizeof(*pair));
    arena_grow(&loaded->arena, &release->results, count, &loaded->result_capacity, sizeof(*result));
    arena_grow(&loaded->arena, &loaded->texts, count, &loaded->text_capacity, sizeof(text));
    manifest->pairs[count] = *pair;
    release->results[count] = *result;
    loaded->texts[count] = text;
    manifest->pair_count++;
}

/* -- a gate's -- */

static bool read_state(const char *name, enum pair_state *ret)
{
    for (int state = PAIR_UNDECIDED; state <= PAIR_ABSENT; state++) {
        if (strcmp(name, pair_state_name((enum pair_state)state)) == 0) {
            *ret = (enum pair_state)state;
            return true;
        }
    }
    return false;
}

static void add_platform(struct text_list *list, size_t *capacity, const char *platform,
                         struct arena *arena)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], platform) == 0) {
            return;
        }
    }
    arena_grow(arena, &list->items, list->count, capacity, sizeof(*list->items));
    list->items[list->count++] = arena_string(arena, platform);
}

static bool read_pair(const struct cJSON *value, struct arena *arena, struct manifest_pair *pair,
                      struct pair_result *result, struct error *err)
{
    const struct cJSON *platforms = json_member(value, "platforms");
    const char *hex = json_member_string(value, "sha256");
    size_t capacity = 0;
    *pair = (struct manifest_pair){.name = arena_string(arena, text_of(value, "name")),
                                   .artifact = arena_string(arena, text_of(value, "artifact"))};
    *result = (struct pair_result){.why = arena_string(arena, text_of(value, "why")),
                                   .cure = arena_string(arena, text_of(value, "cure"))};
    for (const struct cJSON *at = json_first(platforms); at != NULL; at = json_next(at)) {
        if (json_get_string(at) != NULL) {
            add_platform(&pair->platforms, &capacity, json_get_string(at), arena);
        }
    }
    result->has_artifact = hex != NULL && sha256_from_hex(bytes_from_string(hex), &result->sha256);
    if (pair->name[0] == '\0' || pair->platforms.count == 0 ||
        !read_state(text_of(value, "state"), &result->state) ||
        result->has_artifact != json_get_uint(json_member(value, "size"), &result->size)) {
        return error_set(err, ERROR_FORMAT, "pairs: one without name, platform, state or size");
    }
    return true;
}

/* The subjects of PAIR, which come one after the other, and their containers. */
static struct part take_part(const struct cJSON **subject, const struct cJSON **container,
                             size_t *container_index, const char *pair)
{
    struct part part = {.subjects = *subject, .containers = *container};
    uint64_t end = *container_index, index;
    part.container_base = *container_index;
    while (*subject != NULL && strcmp(text_of(*subject, "pair"), pair) == 0) {
        if (json_get_uint(json_member(*subject, "container"), &index) && index >= end) {
            end = index + 1;
        }
        part.subject_count++;
        *subject = json_next(*subject);
    }
    while (*container_index < end && *container != NULL) {
        part.container_count++;
        *container = json_next(*container);
        (*container_index)++;
    }
    return part;
}

static bool load_pairs(const struct cJSON *root, struct loaded_release *loaded, struct error *err)
{
    const struct cJSON *subject = json_first(json_member(root, "subjects"));
    const struct cJSON *container = json_first(json_member(root, "containers"));
    size_t container_index = 0;
    const struct cJSON *list = json_member(root, "pairs");
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        struct manifest_pair pair;
        struct pair_result result;
        if (loaded->manifest.pair_count == LIMIT_MANIFEST_LIST) {
            return error_set(err, ERROR_LIMIT, "more than %d pairs", LIMIT_MANIFEST_LIST);
        }
        if (!read_pair(at, &loaded->arena, &pair, &result, err)) {
            return false;
        }
        struct part part = take_part(&subject, &container, &container_index, pair.name);
        add_pair(loaded, &pair, &result, &part);
    }
    return subject == NULL ||
           error_set(err, ERROR_MISMATCH, "a subject is of no pair, or not where its pair is");
}

static void load_strangers(const struct cJSON *root, struct loaded_release *loaded)
{
    struct release *release = &loaded->release;
    const struct cJSON *list = json_member(root, "strangers");
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        arena_grow(&loaded->arena, &release->strangers, release->stranger_count,
                   &loaded->stranger_capacity, sizeof(*release->strangers));
        release->strangers[release->stranger_count++] =
            arena_string(&loaded->arena, json_get_string(at) == NULL ? "" : json_get_string(at));
    }
}

static bool load_gate(const struct cJSON *root, struct loaded_release *loaded, struct error *err)
{
    const struct cJSON *release = json_member(root, "release");
    struct release own = loaded->release;
    struct manifest part;
    size_t first = loaded->manifest.pair_count, first_stranger = own.stranger_count;
    if (!load_pairs(root, loaded, err)) {
        return false;
    }
    load_strangers(root, loaded);
    loaded->manifest.name = arena_string(&loaded->arena, text_of(release, "name"));
    loaded->manifest.version = arena_string(&loaded->arena, text_of(release, "version"));
    loaded->manifest.expect = arena_string(&loaded->arena, text_of(release, "expect"));
    const char *digest = text_of(release, "manifest");
    if (!sha256_from_hex(bytes_from_string(digest), &loaded->manifest.digest)) {
        return error_set(err, ERROR_FORMAT, "release: no digest of a manifest");
    }
    /* What the document decided must be what its own pairs come to. */
    part = loaded->manifest;
    part.pair_count -= first;
    own = loaded->release;
    own.manifest = &part;
    own.results += first;
    own.stranger_count -= first_stranger;
    const char *decision = release_decision_name(release_decide(&own));
    return strcmp(text_of(root, "decision"), decision) == 0 ||
           error_set(err, ERROR_MISMATCH, "it says \"%s\", but its pairs come to %s",
                     text_of(root, "decision"), decision);
}

/* -- a rebuild's, and evidence -- */

static enum pair_state state_of(const struct cJSON *subject, bool tampered)
{
    bool accepted = false;
    const char *verdict = text_of(subject, "verdict");
    bool known = json_get_bool(json_member(subject, "accepted"), &accepted);
    if (strcmp(verdict, verdict_name(VERDICT_DIFFERENT)) == 0) {
        return PAIR_REFUTED;
    }
    if (strcmp(verdict, verdict_name(VERDICT_UNPROVEN)) == 0) {
        const char *code = text_of(json_member(subject, "reason"), "code");
        return tampered && strcmp(code, "unproven-source") == 0 ? PAIR_TAMPERED : PAIR_UNDECIDED;
    }
    return known && accepted ? PAIR_HOLDS : PAIR_UNDECIDED;
}

/* The worst of a package's programs is what the package is, with its reason. */
static void judge(const struct cJSON *subject, bool tampered, struct arena *arena,
                  struct pair_result *result)
{
    enum pair_state state = state_of(subject, tampered);
    const struct cJSON *reason = json_member(subject, "reason");
    if (state == PAIR_HOLDS || (result->state != PAIR_HOLDS && result->state != PAIR_UNDECIDED)) {
        return;
    }
    result->state = state;
    result->why =
        json_is_object(reason)
            ? arena_printf(arena, "%s: %s: %s", text_of(subject, "name"), text_of(reason, "code"),
                           text_of(reason, "detail"))
            : arena_printf(arena, "%s: %s%s", text_of(subject, "name"), text_of(subject, "verdict"),
                           state == PAIR_UNDECIDED ? ", not accepted" : "");
    result->cure = arena_string(arena, text_of(reason, "cure"));
}

static const char *name_or(const struct cJSON *object, const char *otherwise)
{
    const char *name = text_of(object, "name");
    return name[0] == '\0' ? otherwise : name;
}

/* The subjects from *SUBJECT on that are in one container, or the one that is in none. */
static bool load_artifact(const struct cJSON **subject, const struct cJSON *containers,
                          bool tampered, struct loaded_release *loaded, struct error *err)
{
    struct arena *arena = &loaded->arena;
    uint64_t index = 0, other = 0;
    bool packed = json_get_uint(json_member(*subject, "container"), &index);
    struct part part = {.subjects = *subject, .container_base = (size_t)index};
    struct pair_result result = {.state = PAIR_HOLDS, .why = "", .cure = ""};
    struct manifest_pair pair = {.name = ""};
    const struct cJSON *container = json_first(containers), *owner;
    size_t capacity = 0;
    for (uint64_t i = 0; packed && i < index && container != NULL; i++) {
        container = json_next(container);
    }
    if (packed && container == NULL) {
        return error_set(err, ERROR_FORMAT, "a subject's container is not in the result");
    }
    part.containers = packed ? container : NULL;
    part.container_count = packed;
    owner = packed ? container : *subject;
    do {
        judge(*subject, tampered, arena, &result);
        add_platform(&pair.platforms, &capacity, text_of(*subject, "platform"), arena);
        part.subject_count++;
        *subject = json_next(*subject);
    } while (packed && *subject != NULL &&
             json_get_uint(json_member(*subject, "container"), &other) && other == index);
    pair.name = pair.artifact = arena_string(arena, name_or(owner, "artifact"));
    result.has_artifact =
        sha256_from_hex(bytes_from_string(text_of(owner, "sha256")), &result.sha256);
    if (!json_get_uint(json_member(owner, "size"), &result.size)) {
        result.size = 0;
    }
    add_pair(loaded, &pair, &result, &part);
    return true;
}

static bool load_rebuild(const struct cJSON *root, struct loaded_release *loaded, struct error *err)
{
    uint64_t code = 0;
    const struct cJSON *containers = json_member(root, "containers");
    const struct cJSON *subject = json_first(json_member(root, "subjects"));
    bool tampered = json_get_uint(json_member(root, "exit"), &code) && code == 4;
    while (subject != NULL) {
        if (loaded->manifest.pair_count == LIMIT_MANIFEST_LIST) {
            return error_set(err, ERROR_LIMIT, "more than %d subjects", LIMIT_MANIFEST_LIST);
        }
        if (!load_artifact(&subject, containers, tampered, loaded, err)) {
            return false;
        }
    }
    return true;
}

/* The index of evidence says of each artifact what it came to; a signature, that it was accepted.
 */
static bool load_index(const struct cJSON *root, struct loaded_release *loaded, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    struct json_writer json;
    struct json_document *document = NULL;
    const struct cJSON *list = json_member(root, "artifacts");
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out, true);
    json_object(&json, NULL);
    json_array(&json, "subjects");
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        bool accepted = false;
        const struct cJSON *files = json_member(at, "files");
        for (const struct cJSON *file = json_first(files); file != NULL; file = json_next(file)) {
            const char *name = json_get_string(file);
            accepted |= name != NULL && bytes_end_with(bytes_from_string(name), ".minisig");
        }
        json_object(&json, NULL);
        json_string(&json, "name", text_of(at, "name"));
        json_string(&json, "sha256", text_of(at, "sha256"));
        json_string(&json, "platform", text_of(at, "platform"));
        json_string(&json, "verdict", text_of(at, "verdict"));
        json_bool(&json, "accepted", accepted);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    bool ok = json_parse(buffer_view(&out), &document, err) &&
              load_rebuild(json_root(document), loaded, err);
    json_document_free(&document);
    return ok;
}

/* -- all -- */

static bool load_root(const struct cJSON *root, struct loaded_release *loaded, struct error *err)
{
    const char *schema = text_of(root, "schema");
    if (strcmp(schema, EVIDENCE_SCHEMA) == 0) {
        return load_index(root, loaded, err);
    }
    if (strcmp(schema, RESULT_SCHEMA) != 0) {
        error_set(err, ERROR_UNSUPPORTED, "not the result of a gate or a rebuild");
        return error_cure(err, "write one with: reproof gate --json, or reproof rebuild --json");
    }
    return json_member(root, "decision") != NULL ? load_gate(root, loaded, err)
                                                 : load_rebuild(root, loaded, err);
}

bool release_load(struct bytes text, const char *name, struct loaded_release *ret,
                  struct error *err)
{
    struct json_document *document = NULL;
    size_t before = ret->manifest.pair_count;
    bool ok = json_parse(text, &document, err) && load_root(json_root(document), ret, err);
    if (ok) {
        const char *version =
            json_member_string(json_member(json_root(document), "tool"), "version");
        ret->release.tool_version = arena_string(&ret->arena, version == NULL ? "" : version);
        ret->document_count++;
    }
    json_document_free(&document);
    if (ok && ret->manifest.pair_count == before) {
        ok = error_set(err, ERROR_FORMAT, "there is nothing in it");
    }
    return ok || error_prefix(err, "%s", name);
}

static bool read_text(void *context, const struct pair_result *result, struct arena *arena,
                      struct bytes *ret, struct error *err)
{
    const struct loaded_release *loaded = context;
    (void)err;
    *ret = arena_bytes(arena, loaded->texts[result - loaded->release.results]);
    return true;
}

struct release *release_loaded(struct loaded_release *loaded)
{
    struct manifest *manifest = &loaded->manifest;
    struct release *release = &loaded->release;
    if (manifest->name == NULL || loaded->document_count > 1) {
        bool one = manifest->pair_count == 1;
        manifest->name = one ? manifest->pairs[0].artifact
                             : arena_printf(&loaded->arena, "%zu artifacts", manifest->pair_count);
        manifest->version = manifest->expect = "";
        manifest->digest = (struct sha256){0};
    }
    manifest->artifacts = ".";
    for (size_t i = 0; i < manifest->pair_count; i++) {
        release->results[i].pair = &manifest->pairs[i];
    }
    release->manifest = manifest;
    release->read = read_text;
    release->read_context = loaded;
    return release;
}

void release_load_free(struct loaded_release *loaded)
{
    release_close(&loaded->release);
    arena_free(&loaded->arena);
}
