// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/goreleaser.h"

#include <string.h>

#include "base/json_read.h"
#include "base/limits.h"

/* The text KEY of OBJECT; "" if there is none. */
static bool read_text(const struct cJSON *object, const char *key, struct arena *arena,
                      const char **ret, struct error *err)
{
    const struct cJSON *value = json_member(object, key);
    const char *text = json_get_string(value);
    if (value != NULL && text == NULL) {
        return error_set(err, ERROR_FORMAT, "%s is no text", key);
    }
    if (text != NULL && strlen(text) > LIMIT_PATH) {
        return error_set(err, ERROR_LIMIT, "%s is longer than %d bytes", key, LIMIT_PATH);
    }
    *ret = text == NULL ? "" : arena_string(arena, text);
    return true;
}

/* "sha256:HEX"; other algorithms are not compared. */
static bool read_checksum(const struct cJSON *extra, struct arena *arena,
                          struct goreleaser_artifact *ret, struct error *err)
{
    static const char algorithm[] = "sha256:";
    const char *text;
    if (extra != NULL && !json_is_object(extra)) {
        return error_set(err, ERROR_FORMAT, "extra is no object");
    }
    if (!read_text(extra, "Checksum", arena, &text, err)) {
        return error_prefix(err, "extra");
    }
    struct bytes hex = bytes_from_string(text);
    ret->has_sha256 = bytes_start_with(hex, algorithm);
    return !ret->has_sha256 ||
           sha256_from_hex(bytes_behind(hex, sizeof(algorithm) - 1), &ret->sha256) ||
           error_set(err, ERROR_FORMAT, "extra: Checksum is no SHA-256");
}

static bool read_artifact(const struct cJSON *object, struct arena *arena,
                          struct goreleaser_artifact *ret, struct error *err)
{
    if (!json_is_object(object)) {
        return error_set(err, ERROR_FORMAT, "is no object");
    }
    if (!read_text(object, "name", arena, &ret->name, err) ||
        !read_text(object, "path", arena, &ret->path, err) ||
        !read_text(object, "type", arena, &ret->type, err) ||
        !read_text(object, "goos", arena, &ret->goos, err) ||
        !read_text(object, "goarch", arena, &ret->goarch, err) ||
        !read_text(object, "goamd64", arena, &ret->goamd64, err) ||
        !read_checksum(json_member(object, "extra"), arena, ret, err)) {
        return false;
    }
    return (ret->name[0] != '\0' && ret->path[0] != '\0' && ret->type[0] != '\0') ||
           error_set(err, ERROR_FORMAT, "has no name, path or type");
}

static bool read_all(const struct cJSON *root, struct arena *arena,
                     struct goreleaser_artifacts *ret, struct error *err)
{
    struct goreleaser_artifacts list = {0};
    size_t capacity = 0;
    if (!json_is_array(root)) {
        return error_set(err, ERROR_FORMAT, "is no list of artifacts");
    }
    for (const struct cJSON *at = json_first(root); at != NULL; at = json_next(at)) {
        struct goreleaser_artifact one = {0};
        if (list.count == LIMIT_TARGET_ARTIFACTS) {
            return error_set(err, ERROR_LIMIT, "more than %d artifacts", LIMIT_TARGET_ARTIFACTS);
        }
        if (!read_artifact(at, arena, &one, err)) {
            return error_prefix(err, "artifact %zu", list.count + 1);
        }
        arena_grow(arena, &list.items, list.count, &capacity, sizeof(one));
        list.items[list.count++] = one;
    }
    *ret = list;
    return true;
}

bool goreleaser_read_artifacts(struct bytes text, struct arena *arena,
                               struct goreleaser_artifacts *ret, struct error *err)
{
    struct json_document *document;
    if (!json_parse(text, &document, err)) {
        return false;
    }
    bool ok = read_all(json_root(document), arena, ret, err);
    json_document_free(&document);
    return ok;
}

bool goreleaser_read_metadata(struct bytes text, struct arena *arena,
                              struct goreleaser_metadata *ret, struct error *err)
{
    struct json_document *document;
    struct goreleaser_metadata metadata = {0};
    if (!json_parse(text, &document, err)) {
        return false;
    }
    const struct cJSON *root = json_root(document);
    bool ok = (json_is_object(root) || error_set(err, ERROR_FORMAT, "is no object")) &&
              read_text(root, "project_name", arena, &metadata.project, err) &&
              read_text(root, "tag", arena, &metadata.tag, err) &&
              read_text(root, "version", arena, &metadata.version, err) &&
              read_text(root, "commit", arena, &metadata.commit, err);
    if (ok) {
        *ret = metadata;
    }
    json_document_free(&document);
    return ok;
}

enum goreleaser_kind goreleaser_kind_of(const char *type)
{
    static const struct {
        const char *type;
        enum goreleaser_kind kind;
    } known[] = {
        {"Archive", GORELEASER_PROGRAM},
        {"Binary", GORELEASER_PROGRAM},
        {"Brew Tap", GORELEASER_OTHER},
        {"C Archive Library", GORELEASER_OTHER},
        {"C Header", GORELEASER_OTHER},
        {"C Shared Library", GORELEASER_PROGRAM},
        {"Certificate", GORELEASER_OTHER},
        {"Checksum", GORELEASER_OTHER},
        {"Chocolatey", GORELEASER_OTHER},
        {"Docker Image", GORELEASER_IMAGE},
        {"Docker Image V2", GORELEASER_IMAGE},
        {"Docker Manifest", GORELEASER_IMAGE},
        {"File", GORELEASER_OTHER},
        {"Homebrew Cask", GORELEASER_OTHER},
        {"Krew Plugin Manifest", GORELEASER_OTHER},
        {"Linux Package", GORELEASER_PROGRAM},
        {"Metadata", GORELEASER_OTHER},
        {"Nixpkg", GORELEASER_OTHER},
        {"PKGBUILD", GORELEASER_OTHER},
        {"Published Docker Image", GORELEASER_IMAGE},
        {"SBOM", GORELEASER_OTHER},
        {"SRCINFO", GORELEASER_OTHER},
        {"Scoop Manifest", GORELEASER_OTHER},
        {"Signature", GORELEASER_OTHER},
        {"Snap", GORELEASER_CLOSED},
        {"Source", GORELEASER_UNREAD},
        {"Winget Manifest", GORELEASER_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(known[i].type, type) == 0) {
            return known[i].kind;
        }
    }
    return GORELEASER_UNKNOWN;
}
