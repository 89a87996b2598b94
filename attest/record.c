// SPDX-License-Identifier: Apache-2.0
#include "attest/record.h"

#include "attest/sbom/purl.h"
#include "base/file.h"
#include "base/json_copy.h"
#include "base/limits.h"
#include "base/scanner.h"

#define SCHEMA "reproof/rebuild/v1"
#define FILE_NAME_MAXIMUM 128

/* What one record is read with. */
struct reading {
    struct arena *arena;
    struct record_names *names;
    struct record *record;
    struct error *err;
};

static size_t count_elements(const struct cJSON *list)
{
    size_t count = 0;
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        count++;
    }
    return count;
}

static bool read_digest(const struct cJSON *object, const char *key, struct sha256 *ret,
                        struct error *err)
{
    return sha256_from_hex(bytes_from_string(json_member_string(object, key)), ret) ||
           error_set(err, ERROR_FORMAT, "%s is no SHA-256", key);
}

static bool read_text(const struct cJSON *object, const char *key, const char **ret,
                      struct error *err)
{
    *ret = json_member_string(object, key);
    return *ret != NULL || error_set(err, ERROR_FORMAT, "there is no %s", key);
}

static const char *text_or_empty(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

static bool read_verdict(const struct cJSON *value, enum verdict *ret, struct error *err)
{
    const char *name = json_member_string(value, "verdict");
    for (enum verdict i = VERDICT_UNPROVEN; name != NULL && i <= VERDICT_REPRODUCED; i++) {
        if (strcmp(name, verdict_name(i)) == 0) {
            *ret = i;
            return true;
        }
    }
    return error_set(err, ERROR_FORMAT, "the verdict is none that there is");
}

/* The slice "tool (arm64)" of a universal file as "tool-arm64"; else NAME. */
static const char *name_slice(const char *name, struct arena *arena)
{
    struct bytes whole, slice;
    if (!scan_cut_last(bytes_from_string(name), ' ', &whole, &slice) || slice.len < 3 ||
        slice.data[0] != '(' || slice.data[slice.len - 1] != ')') {
        return name;
    }
    return arena_printf(arena, "%s-%s", arena_text(arena, whole),
                        arena_text(arena, bytes_from(slice.data + 1, slice.len - 2)));
}

/* The last part of NAME with nothing in it that a shell, a terminal or a folder minds. */
static const char *plain_name(const char *name, const struct sha256 *digest, struct arena *arena)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
    const char *last = name_slice(file_base_name(name), arena);
    size_t len = strlen(last);
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(digest, hex);
    bool plain = len > 0 && len <= FILE_NAME_MAXIMUM && strspn(last, allowed) == len &&
                 last[0] != '.' && last[0] != '-';
    return arena_string(arena, plain ? last : hex);
}

/* FNV-1a. */
static size_t slot_of(const struct record_names *names, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (const char *c = name; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3U;
    }
    size_t slot = (size_t)(hash % names->capacity);
    while (names->slots[slot] != NULL && strcmp(names->slots[slot], name) != 0) {
        slot = (slot + 1) % names->capacity;
    }
    return slot;
}

static void grow_names(struct record_names *names)
{
    struct record_names larger = {.capacity = names->capacity == 0 ? 64 : 2 * names->capacity};
    larger.slots = ARENA_ARRAY(&larger.arena, larger.capacity, const char *);
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i] != NULL) {
            larger.slots[slot_of(&larger, names->slots[i])] =
                arena_string(&larger.arena, names->slots[i]);
            larger.count++;
        }
    }
    record_names_free(names);
    *names = larger;
}

/* False if NAME is there already. */
static bool take_name(struct record_names *names, const char *name)
{
    if (2 * (names->count + 1) > names->capacity) {
        grow_names(names);
    }
    size_t slot = slot_of(names, name);
    if (names->slots[slot] != NULL) {
        return false;
    }
    names->slots[slot] = arena_string(&names->arena, name);
    names->count++;
    return true;
}

void record_names_free(struct record_names *names)
{
    arena_free(&names->arena);
    *names = (struct record_names){0};
}

/* Two subjects never share the name of their files. */
static void keep_names_apart(struct reading *reading, struct record_subject *subject)
{
    char hex[SHA256_HEX_LEN + 1];
    const char *plain = subject->file;
    sha256_hex(&subject->sha256, hex);
    for (unsigned i = 1; !take_name(reading->names, subject->file); i++) {
        subject->file = i == 1 ? arena_printf(reading->arena, "%s-%.12s", plain, hex)
                               : arena_printf(reading->arena, "%s-%.12s-%u", plain, hex, i);
    }
}

static const char *make_purl(const struct record_subject *subject, struct arena *arena)
{
    char hex[SHA256_HEX_LEN + 1];
    struct bytes goos = bytes_from_string(subject->platform), goarch = bytes_from(NULL, 0);
    struct bytes space = bytes_from(NULL, 0), name = bytes_from_string(subject->module);
    const char *ret = "";
    bool module = subject->module[0] != '\0' && subject->version[0] != '\0';
    sha256_hex(&subject->sha256, hex);
    if (!module) {
        name = bytes_from_string(subject->file);
    } else if (!scan_cut_last(name, '/', &space, &name)) {
        space = bytes_from(NULL, 0);
    }
    if (!scan_cut(goos, '/', &goos, &goarch)) {
        goarch = bytes_from(NULL, 0);
    }
    struct purl_qualifier qualifiers[] = {
        {"checksum", arena_printf(arena, "sha256:%s", hex)},
        {"goarch", arena_text(arena, goarch)},
        {"goos", arena_text(arena, goos)},
    };
    struct purl purl = {
        .type = module ? "golang" : "generic",
        .namespace = arena_text(arena, space),
        .name = arena_text(arena, name),
        .version = module ? subject->version : "",
        .subpath = "",
        .qualifiers = qualifiers,
        .qualifier_count = ARRAY_LEN(qualifiers),
    };
    return purl_format(&purl, arena, &ret, NULL) ? ret : arena_printf(arena, "sha256:%s", hex);
}

/* The recipe as its own writer would give it: what recipe_digest is over. */
static bool read_recipe(struct reading *reading, struct record_subject *ret)
{
    const struct cJSON *value = json_member(ret->json, "recipe");
    const char *stated = json_member_string(ret->json, "recipe_digest");
    struct recipe recipe;
    AUTO(buffer) struct buffer text = {0};
    struct json_writer json;
    if (!json_is_object(value)) {
        return stated == NULL ||
               error_set(reading->err, ERROR_FORMAT, "a recipe_digest without a recipe");
    }
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text, false);
    json_copy(&json, NULL, value);
    if (!buffer_ok(&text) || !recipe_read_json(arena_bytes(reading->arena, buffer_view(&text)),
                                               reading->arena, &recipe, reading->err)) {
        return error_prefix(reading->err, "recipe");
    }
    buffer_clear(&text);
    recipe_write_json(&recipe, &text);
    struct sha256 digest = sha256_of(buffer_view(&text));
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&digest, hex);
    if (stated == NULL || strncmp(stated, "sha256:", 7) != 0 || strcmp(stated + 7, hex) != 0) {
        return error_set(reading->err, ERROR_MISMATCH,
                         "recipe_digest is not the digest of the recipe, sha256:%s", hex);
    }
    if (strcmp(arena_printf(reading->arena, "%s/%s", recipe.goos, recipe.goarch), ret->platform) !=
        0) {
        return error_set(reading->err, ERROR_MISMATCH, "the recipe builds for %s/%s, not for %s",
                         recipe.goos, recipe.goarch, ret->platform);
    }
    ret->recipe = arena_bytes(reading->arena, buffer_view(&text));
    return true;
}

static bool check_agreement(const struct record_subject *subject, struct error *err)
{
    bool equal = subject->has_rebuilt && sha256_equal(&subject->rebuilt, &subject->sha256);
    if (subject->verdict == VERDICT_REPRODUCED && !equal) {
        return error_set(err, ERROR_MISMATCH,
                         "it is called reproduced, but the rebuild has another digest");
    }
    if (equal && subject->verdict != VERDICT_REPRODUCED) {
        return error_set(err, ERROR_MISMATCH,
                         "it is called %s, but the rebuild has the very same digest",
                         verdict_name(subject->verdict));
    }
    bool holds = subject->verdict == VERDICT_REPRODUCED || subject->verdict == VERDICT_EQUIVALENT;
    if (holds && subject->recipe.len == 0) {
        return error_set(err, ERROR_FORMAT, "it is called %s without a recipe",
                         verdict_name(subject->verdict));
    }
    return holds || !subject->accepted ||
           error_set(err, ERROR_MISMATCH, "it is called accepted, but %s",
                     verdict_name(subject->verdict));
}

static bool read_container(struct reading *reading, struct record_subject *ret)
{
    const struct cJSON *value = json_member(ret->json, "container");
    uint64_t index;
    if (!json_get_uint(value, &index)) {
        return true;
    }
    if (index >= reading->record->container_count) {
        return error_set(reading->err, ERROR_FORMAT, "its container is not in the result");
    }
    ret->container = &reading->record->containers[index];
    return true;
}

static bool read_subject(struct reading *reading, const struct cJSON *value,
                         struct record_subject *ret)
{
    const struct cJSON *rebuilt = json_member(value, "rebuilt");
    const struct cJSON *source = json_member(value, "source");
    struct error *err = reading->err;
    ret->json = value;
    ret->has_rebuilt = json_is_object(rebuilt);
    if (!read_text(value, "name", &ret->name, err) ||
        !read_digest(value, "sha256", &ret->sha256, err) ||
        !read_text(value, "platform", &ret->platform, err) ||
        !read_verdict(value, &ret->verdict, err) || !read_container(reading, ret) ||
        (ret->has_rebuilt && !read_digest(rebuilt, "sha256", &ret->rebuilt, err))) {
        return false;
    }
    if (!json_get_uint(json_member(value, "size"), &ret->size) ||
        !json_get_bool(json_member(value, "accepted"), &ret->accepted)) {
        return error_set(err, ERROR_FORMAT, "size or accepted is missing");
    }
    ret->module = text_or_empty(source, "module");
    ret->version = text_or_empty(source, "version");
    ret->file = plain_name(ret->name, &ret->sha256, reading->arena);
    keep_names_apart(reading, ret);
    ret->purl = make_purl(ret, reading->arena);
    return read_recipe(reading, ret) && check_agreement(ret, err);
}

static bool read_containers(struct reading *reading, const struct cJSON *list)
{
    struct record *record = reading->record;
    size_t count = count_elements(list);
    if (count > LIMIT_RESULT_SUBJECTS) {
        return error_set(reading->err, ERROR_LIMIT, "the result has %zu containers", count);
    }
    record->containers = ARENA_ARRAY(reading->arena, count + 1, struct record_container);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        struct record_container *container = &record->containers[record->container_count++];
        if (!read_text(at, "name", &container->name, reading->err) ||
            !read_digest(at, "sha256", &container->sha256, reading->err)) {
            return error_prefix(reading->err, "containers");
        }
        container->purl = text_or_empty(at, "purl");
    }
    return true;
}

static bool read_subjects(struct reading *reading, const struct cJSON *list)
{
    struct record *record = reading->record;
    size_t count = count_elements(list);
    if (!json_is_array(list) || count == 0) {
        return error_set(reading->err, ERROR_FORMAT, "the result has no subjects");
    }
    if (count > LIMIT_RESULT_SUBJECTS) {
        return error_set(reading->err, ERROR_LIMIT, "the result has %zu subjects, at most %d",
                         count, LIMIT_RESULT_SUBJECTS);
    }
    record->subjects = ARENA_ARRAY(reading->arena, count, struct record_subject);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        struct record_subject *subject = &record->subjects[record->subject_count++];
        if (!read_subject(reading, at, subject)) {
            return error_prefix(reading->err, "%s",
                                subject->name == NULL ? "subjects" : subject->name);
        }
    }
    return true;
}

static bool read_root(struct reading *reading)
{
    const struct cJSON *root = json_root(reading->record->document);
    const char *schema = json_member_string(root, "schema");
    if (schema == NULL || strcmp(schema, SCHEMA) != 0) {
        error_set(reading->err, ERROR_UNSUPPORTED, "not the result of a rebuild");
        return error_cure(reading->err, "write one with: reproof rebuild --json TARGET");
    }
    return read_text(json_member(root, "tool"), "version", &reading->record->tool_version,
                     reading->err) &&
           read_containers(reading, json_member(root, "containers")) &&
           read_subjects(reading, json_member(root, "subjects"));
}

bool record_read_next(struct bytes text, struct record_names *names, struct arena *arena,
                      struct record *ret, struct error *err)
{
    struct record record = {0};
    struct error scratch;
    struct reading reading = {arena, names, &record, err == NULL ? &scratch : err};
    if (!json_parse(text, &record.document, err)) {
        return false;
    }
    if (!read_root(&reading)) {
        record_free(&record);
        return false;
    }
    *ret = record;
    return true;
}

bool record_read(struct bytes text, struct arena *arena, struct record *ret, struct error *err)
{
    struct record_names names = {0};
    bool ok = record_read_next(text, &names, arena, ret, err);
    record_names_free(&names);
    return ok;
}

void record_free(struct record *record)
{
    json_document_free(&record->document);
}

bool record_knows(const struct record *record, const struct sha256 *digest)
{
    for (size_t i = 0; i < record->subject_count; i++) {
        if (sha256_equal(&record->subjects[i].sha256, digest)) {
            return true;
        }
    }
    for (size_t i = 0; i < record->container_count; i++) {
        if (sha256_equal(&record->containers[i].sha256, digest)) {
            return true;
        }
    }
    return false;
}
