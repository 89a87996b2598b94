// SPDX-License-Identifier: Apache-2.0
#include "attest/release/manifest.h"
#include "attest/release/manifest_version.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "attest/release/fields.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/module_path.h"
#include "verifier/recipe/goversion.h"

#define FIELD(key, type, member, required)                                                         \
    {                                                                                              \
        key, type, offsetof(struct manifest, member), required                                     \
    }
static const struct field manifest_fields[] = {
    {"$schema", FIELD_OTHER, 0, false},
    {"schema", FIELD_OTHER, 0, true},
    FIELD("name", FIELD_TEXT, name, true),
    FIELD("version", FIELD_TEXT, version, true),
    FIELD("expect", FIELD_TEXT, expect, true),
    {"toolchain", FIELD_OTHER, 0, false},
    FIELD("source", FIELD_TEXT, source, false),
    FIELD("artifacts", FIELD_TEXT, artifacts, false),
    FIELD("pairs", FIELD_TEXT, pairs_folder, false),
    FIELD("others", FIELD_TEXTS, others, false),
    FIELD("packages", FIELD_TEXTS, packages, false),
    {"environment", FIELD_OTHER, 0, false},
    FIELD("ldflags", FIELD_TEXT, ldflags, false),
    FIELD("tags", FIELD_TEXT, tags, false),
    FIELD("accept", FIELD_TEXTS, accept, false),
    {"members", FIELD_OTHER, 0, false},
    FIELD("workers", FIELD_TEXTS, workers, false),
};

struct pin {
    const char *version, *h1;
};
static const struct field toolchain_fields[] = {
    {"version", FIELD_TEXT, offsetof(struct pin, version), true},
    {"h1", FIELD_TEXT, offsetof(struct pin, h1), false},
};

struct member_text {
    const char *name, *sha256;
};
static const struct field member_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct member_text, name), true},
    {"sha256", FIELD_TEXT, offsetof(struct member_text, sha256), false},
};

#define PAIR_FIELD(key, type, member, required)                                                    \
    {                                                                                              \
        key, type, offsetof(struct manifest_pair, member), required                                \
    }
static const struct field pair_fields[] = {
    {"$schema", FIELD_OTHER, 0, false},
    PAIR_FIELD("artifact", FIELD_TEXT, artifact, true),
    PAIR_FIELD("platforms", FIELD_TEXTS, platforms, true),
    PAIR_FIELD("variant", FIELD_TEXT, variant, false),
    PAIR_FIELD("program", FIELD_TEXT, program, false),
    PAIR_FIELD("ldflags", FIELD_TEXT, ldflags, false),
    PAIR_FIELD("tags", FIELD_TEXT, tags, false),
    PAIR_FIELD("required", FIELD_BOOL, required, false),
};

/* Words that stand for whatever is newest, and the signs of ranges. */
static bool is_pinned(const char *version)
{
    static const char *const moving[] = {"latest", "upgrade", "patch", "stable",
                                         "master", "main",    "HEAD"};
    for (size_t i = 0; i < ARRAY_LEN(moving); i++) {
        if (strcmp(version, moving[i]) == 0) {
            return false;
        }
    }
    return version[0] != '\0' && strpbrk(version, "*^~<>=| ,") == NULL;
}

static bool refuse_unpinned(const char *key, const char *value, struct error *err)
{
    error_set(err, ERROR_FORMAT, "%s: \"%s\" is not pinned", key, value);
    return error_cure(err, "name one exact version: what moves cannot be gated");
}

static bool check_expect(const struct manifest *manifest, struct arena *arena, struct error *err)
{
    struct bytes path, version;
    if (!scan_cut(bytes_from_string(manifest->expect), '@', &path, &version)) {
        return manifest->source[0] != '\0'
                   ? module_import_path_check(manifest->expect, err) || error_prefix(err, "expect")
                   : refuse_unpinned("expect", manifest->expect, err);
    }
    const char *text = arena_text(arena, version);
    if (!is_pinned(text)) {
        return refuse_unpinned("expect", manifest->expect, err);
    }
    return module_check(arena_text(arena, path), text, err) || error_prefix(err, "expect");
}

/* A path beneath the manifest's folder, never out of it. */
static bool check_path(const char *key, const char *path, struct error *err)
{
    struct scanner scanner = scanner_over(bytes_from_string(path));
    struct bytes element;
    bool ok = path[0] != '/';
    while (ok && scanner_field(&scanner, '/', LIMIT_PATH, &element)) {
        ok = !bytes_equal_string(element, "..") && element.len > 0;
    }
    return ok || error_set(err, ERROR_FORMAT, "%s: \"%s\" is no path below this folder", key, path);
}

static bool read_toolchain(const struct cJSON *value, struct arena *arena, struct manifest *ret,
                           struct error *err)
{
    struct pin pin = {"", ""};
    struct go_version version;
    if (value == NULL) {
        return true;
    }
    if (!fields_read(value, toolchain_fields, ARRAY_LEN(toolchain_fields), arena, &pin, err)) {
        return error_prefix(err, "toolchain");
    }
    if (!go_version_parse(bytes_from_string(pin.version), &version)) {
        return refuse_unpinned("toolchain", pin.version, err);
    }
    if (pin.h1[0] != '\0' && strncmp(pin.h1, "h1:", 3) != 0) {
        return error_set(err, ERROR_FORMAT, "toolchain: h1: \"%s\" is no h1", pin.h1);
    }
    ret->toolchain = pin.version;
    ret->toolchain_h1 = pin.h1;
    return true;
}

static bool read_environment(const struct cJSON *object, struct arena *arena, struct manifest *ret,
                             struct error *err)
{
    size_t capacity = 0;
    if (object != NULL && !json_is_object(object)) {
        return error_set(err, ERROR_FORMAT, "environment: wants an object");
    }
    for (const struct cJSON *at = json_first(object); at != NULL; at = json_next(at)) {
        struct environment_entry entry = {arena_string(arena, json_key(at)), ""};
        if (!text_read(at, "environment", arena, &entry.value, err)) {
            return false;
        }
        arena_grow(arena, &ret->environment, ret->environment_count, &capacity, sizeof(entry));
        ret->environment[ret->environment_count++] = entry;
    }
    return true;
}

static bool read_member(const struct cJSON *value, struct arena *arena, struct manifest_member *ret,
                        struct error *err)
{
    struct member_text text = {"", ""};
    if (json_get_string(value) != NULL) {
        return text_read(value, "members", arena, &ret->name, err);
    }
    if (!fields_read(value, member_fields, ARRAY_LEN(member_fields), arena, &text, err)) {
        return error_prefix(err, "members");
    }
    ret->name = text.name;
    ret->has_sha256 = text.sha256[0] != '\0';
    return !ret->has_sha256 || sha256_from_hex(bytes_from_string(text.sha256), &ret->sha256) ||
           error_set(err, ERROR_FORMAT, "members: %s: sha256 is not 64 digits", ret->name);
}

static bool read_members(const struct cJSON *array, struct arena *arena, struct manifest *ret,
                         struct error *err)
{
    size_t capacity = 0;
    if (array != NULL && !json_is_array(array)) {
        return error_set(err, ERROR_FORMAT, "members: wants a list");
    }
    for (const struct cJSON *at = json_first(array); at != NULL; at = json_next(at)) {
        struct manifest_member member = {0};
        if (ret->member_count == LIMIT_MANIFEST_LIST) {
            return error_set(err, ERROR_LIMIT, "members: more than %d", LIMIT_MANIFEST_LIST);
        }
        if (!read_member(at, arena, &member, err)) {
            return false;
        }
        arena_grow(arena, &ret->members, ret->member_count, &capacity, sizeof(member));
        ret->members[ret->member_count++] = member;
    }
    return true;
}

static bool read_root(const struct cJSON *root, struct arena *arena, struct manifest *ret,
                      struct error *err)
{
    const char *schema = json_member_string(root, "schema");
    if (schema == NULL || strcmp(schema, MANIFEST_SCHEMA) != 0) {
        error_set(err, ERROR_FORMAT, "schema is not \"%s\"", MANIFEST_SCHEMA);
        return error_cure(err, "reproof gate --init DIR writes a manifest");
    }
    if (!fields_read(root, manifest_fields, ARRAY_LEN(manifest_fields), arena, ret, err) ||
        !read_toolchain(json_member(root, "toolchain"), arena, ret, err) ||
        !read_environment(json_member(root, "environment"), arena, ret, err) ||
        !read_members(json_member(root, "members"), arena, ret, err)) {
        return false;
    }
    return (is_pinned(ret->version) || refuse_unpinned("version", ret->version, err)) &&
           check_expect(ret, arena, err) && check_path("artifacts", ret->artifacts, err) &&
           check_path("pairs", ret->pairs_folder, err);
}

bool manifest_parse(struct bytes text, struct arena *arena, struct manifest *ret, struct error *err)
{
    struct json_document *document = NULL;
    struct manifest manifest = {.toolchain = "",
                                .toolchain_h1 = "",
                                .source = "",
                                .artifacts = ".",
                                .pairs_folder = MANIFEST_PAIRS,
                                .ldflags = "",
                                .tags = ""};
    bool ok =
        json_parse(text, &document, err) && read_root(json_root(document), arena, &manifest, err);
    json_document_free(&document);
    if (ok) {
        *ret = manifest;
    }
    return ok;
}

static bool is_platform(const char *text)
{
    struct bytes goos, goarch;
    return scan_cut(bytes_from_string(text), '/', &goos, &goarch) && goos.len > 0 &&
           goarch.len > 0 && memchr(goarch.data, '/', goarch.len) == NULL;
}

bool manifest_parse_pair(struct bytes text, const char *name, struct arena *arena,
                         struct manifest_pair *ret, struct error *err)
{
    struct json_document *document = NULL;
    struct manifest_pair pair = {
        .name = name, .variant = "", .program = "", .ldflags = "", .tags = "", .required = true};
    bool ok =
        json_parse(text, &document, err) &&
        fields_read(json_root(document), pair_fields, ARRAY_LEN(pair_fields), arena, &pair, err) &&
        check_path("artifact", pair.artifact, err);
    json_document_free(&document);
    if (ok && pair.platforms.count == 0) {
        ok = error_set(err, ERROR_FORMAT, "platforms: names none");
    }
    for (size_t i = 0; ok && i < pair.platforms.count; i++) {
        ok = is_platform(pair.platforms.items[i]) ||
             error_set(err, ERROR_FORMAT, "platforms: \"%s\" is not GOOS/GOARCH",
                       pair.platforms.items[i]);
    }
    if (ok) {
        *ret = pair;
    }
    return ok;
}

static bool shares_platform(const struct manifest_pair *a, const struct manifest_pair *b)
{
    for (size_t i = 0; i < a->platforms.count; i++) {
        for (size_t j = 0; j < b->platforms.count; j++) {
            if (strcmp(a->platforms.items[i], b->platforms.items[j]) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Names that the evidence itself has. */
static bool check_name(const struct manifest_pair *pair, struct error *err)
{
    static const char *const taken[] = {"SHA256SUMS", "summary.json", "index.json", "README.md",
                                        "release"};
    const char *name = file_base_name(pair->artifact);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        if (strcmp(name, taken[i]) == 0) {
            return error_set(err, ERROR_FORMAT, "pair %s: the evidence has a file %s of its own",
                             pair->name, name);
        }
    }
    return true;
}

static bool check_two(const struct manifest_pair *a, const struct manifest_pair *b,
                      struct error *err)
{
    if (strcmp(a->artifact, b->artifact) == 0) {
        return error_set(err, ERROR_FORMAT, "pairs %s and %s are of one artifact, %s", a->name,
                         b->name, a->artifact);
    }
    if (strcmp(file_base_name(a->artifact), file_base_name(b->artifact)) == 0) {
        error_set(err, ERROR_FORMAT, "pairs %s and %s have artifacts of one name, %s", a->name,
                  b->name, file_base_name(a->artifact));
        return error_cure(err,
                          "files of a release lie in one list of checksums: name each after its "
                          "platform, or keep what is only packed into archives elsewhere");
    }
    if (shares_platform(a, b) && strcmp(a->variant, b->variant) == 0 &&
        strcmp(a->program, b->program) == 0) {
        error_set(err, ERROR_FORMAT, "pairs %s and %s are for the same platform", a->name, b->name);
        return error_cure(err, "two artifacts for one pair: give each its \"program\" or variant");
    }
    return true;
}

bool manifest_check(const struct manifest *manifest, struct error *err)
{
    if (manifest->pair_count == 0) {
        error_set(err, ERROR_FORMAT, "%s: there is no pair in it", manifest->pairs_folder);
        return error_cure(err, "reproof gate --init DIR writes one for each artifact");
    }
    for (size_t i = 0; i < manifest->pair_count; i++) {
        if (!check_name(&manifest->pairs[i], err)) {
            return false;
        }
        for (size_t j = i + 1; j < manifest->pair_count; j++) {
            if (!check_two(&manifest->pairs[i], &manifest->pairs[j], err)) {
                return false;
            }
        }
    }
    return true;
}

static bool load_pair(int dir, const char *file, struct arena *arena, struct manifest *manifest,
                      size_t *capacity, struct digest *digest, struct error *err)
{
    struct bytes text;
    struct manifest_pair pair;
    const char *name = arena_text(arena, bytes_from(file, strlen(file) - strlen(".json")));
    if (!file_read(dir, file, LIMIT_MANIFEST_BYTES, arena, &text, err) ||
        !manifest_parse_pair(text, name, arena, &pair, err)) {
        return false;
    }
    pair.artifact = manifest_expand(pair.artifact, manifest->version, arena);
    if (!check_path("artifact", pair.artifact, err)) {
        return false;
    }
    struct sha256 own = sha256_of(text);
    digest_update(digest, bytes_from_string(file));
    digest_update(digest, sha256_view(&own));
    arena_grow(arena, &manifest->pairs, manifest->pair_count, capacity, sizeof(pair));
    manifest->pairs[manifest->pair_count++] = pair;
    return true;
}

static bool load_pairs(int dir, struct arena *arena, struct manifest *manifest,
                       struct digest *digest, struct error *err)
{
    AUTO_FD int folder = -1;
    char **names;
    size_t count, capacity = 0;
    if (!directory_open_beneath(dir, manifest->pairs_folder, &folder, err) ||
        !directory_list(folder, arena, &names, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!bytes_end_with(bytes_from_string(names[i]), ".json")) {
            return error_set(err, ERROR_FORMAT, "%s is no NAME.json", names[i]);
        }
        if (i == LIMIT_MANIFEST_LIST) {
            return error_set(err, ERROR_LIMIT, "more than %d pairs", LIMIT_MANIFEST_LIST);
        }
        if (!load_pair(folder, names[i], arena, manifest, &capacity, digest, err)) {
            return error_prefix(err, "%s", names[i]);
        }
    }
    return true;
}

bool manifest_load(int dir, const char *name, struct arena *arena, struct manifest *ret,
                   struct error *err)
{
    struct manifest manifest;
    struct bytes text;
    if (!file_read(dir, name, LIMIT_MANIFEST_BYTES, arena, &text, err) ||
        !manifest_parse(text, arena, &manifest, err)) {
        return error_prefix(err, "%s", name);
    }
    for (size_t i = 0; i < manifest.others.count; i++) {
        manifest.others.items[i] =
            manifest_expand(manifest.others.items[i], manifest.version, arena);
    }
    for (size_t i = 0; i < manifest.member_count; i++) {
        manifest.members[i].name =
            manifest_expand(manifest.members[i].name, manifest.version, arena);
    }
    struct digest *digest = digest_new(DIGEST_SHA256);
    digest_update(digest, text);
    bool ok = load_pairs(dir, arena, &manifest, digest, err) ||
              error_prefix(err, "%s", manifest.pairs_folder);
    digest_finish(digest, manifest.digest.bytes);
    digest_free(&digest);
    if (!ok || !manifest_check(&manifest, err)) {
        return false;
    }
    *ret = manifest;
    return true;
}
