// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_result.h"

#include "attest/sbom/sbom_names.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json_read.h"
#include "base/json_write.h"

bool sbom_write_result(const struct subject_result *result, const struct source *source,
                       const struct sbom_result_settings *settings, enum sbom_format format,
                       struct buffer *out, struct error *err)
{
    struct arena arena = {0};
    struct sbom sbom = {0};
    struct file_digests digests;
    const struct sbom_request request = {
        .name = file_base_name(result->name),
        .file = result->file,
        .digests = &digests,
        .result = result,
        .has_epoch = settings->has_epoch,
        .epoch = settings->epoch,
        .author = settings->author,
        .author_contact = settings->author_contact,
    };
    const struct sbom_sources sources = {
        .store = settings->store, .state = settings->state, .jobs = settings->jobs};
    bool ok = file_digests_read(source, false, &digests, err);
    if (ok && !sha256_equal(&digests.sha256, &result->file->sha256)) {
        ok = error_set(err, ERROR_MISMATCH, "%s was changed since it was judged", result->name);
    }
    if (ok) {
        sbom_build(&request, &arena, &sbom);
        ok = sbom_enrich(&sbom, &sources, &arena, err);
    }
    if (ok) {
        sbom_conclude(&sbom, &arena);
        ok = sbom_write(&sbom, format, out, err);
    }
    sbom_clear(&sbom);
    arena_free(&arena);
    return ok;
}

static bool namespace_of(struct bytes document, struct arena *arena, const char **ret,
                         struct error *err)
{
    struct json_document *parsed = NULL;
    if (!json_parse(document, &parsed, err)) {
        return false;
    }
    const char *text = json_member_string(json_root(parsed), "documentNamespace");
    if (text != NULL) {
        *ret = arena_string(arena, text);
    }
    json_document_free(&parsed);
    return text != NULL || error_set(err, ERROR_FORMAT, "it has no documentNamespace");
}

bool sbom_release_settle(struct sbom_release_part *part, struct arena *arena, struct error *err)
{
    uint8_t raw[DIGEST_MAX_LEN];
    char hex[2 * SHA1_LEN + 1];
    AUTO(digest) struct digest *digest = NULL;
    if (part->document_namespace != NULL) {
        return true;
    }
    if (!namespace_of(part->document, arena, &part->document_namespace, err)) {
        return error_prefix(err, "%s", part->name);
    }
    digest = digest_new(DIGEST_SHA1);
    digest_update(digest, part->document);
    digest_finish(digest, raw);
    encode_hex(bytes_from(raw, SHA1_LEN), hex);
    part->document_sha1 = arena_string(arena, hex);
    part->document = bytes_from(NULL, 0);
    return true;
}

static const char *reference(size_t index, struct arena *arena)
{
    return arena_printf(arena, "DocumentRef-%zu", index + 1);
}

static bool write_references(struct json_writer *json, const struct sbom_release_part *parts,
                             size_t count, struct arena *arena, struct error *err)
{
    json_array(json, "externalDocumentRefs");
    for (size_t i = 0; i < count; i++) {
        struct sbom_release_part part = parts[i];
        if (!sbom_release_settle(&part, arena, err)) {
            return false;
        }
        json_object(json, NULL);
        json_string(json, "externalDocumentId", reference(i, arena));
        json_string(json, "spdxDocument", part.document_namespace);
        json_object(json, "checksum");
        json_string(json, "algorithm", "SHA1");
        json_string(json, "checksumValue", part.document_sha1);
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    return true;
}

static void relate(struct json_writer *json, const char *from, const char *type, const char *to,
                   const char *comment)
{
    json_object(json, NULL);
    json_string(json, "spdxElementId", from);
    json_string(json, "relationshipType", type);
    json_string(json, "relatedSpdxElement", to);
    if (comment != NULL) {
        json_string(json, "comment", comment);
    }
    json_object_end(json);
}

static void write_release_package(struct json_writer *json, const char *name, const char *version)
{
    json_array(json, "packages");
    json_object(json, NULL);
    json_string(json, "SPDXID", "SPDXRef-Release");
    json_string(json, "name", name);
    if (version[0] != '\0') {
        json_string(json, "versionInfo", version);
    }
    json_string(json, "downloadLocation", "NOASSERTION");
    json_bool(json, "filesAnalyzed", false);
    json_object_end(json);
    json_array_end(json);
}

/* The document under NAMESPACE. */
static bool write_release(const char *name, const char *version, const char *created,
                          const char *document_namespace, const struct sbom_release_part *parts,
                          size_t count, struct arena *arena, struct buffer *out, struct error *err)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "spdxVersion", "SPDX-2.3");
    json_string(&json, "dataLicense", "CC0-1.0");
    json_string(&json, "SPDXID", "SPDXRef-DOCUMENT");
    json_string(&json, "name", name);
    json_string(&json, "documentNamespace", document_namespace);
    json_object(&json, "creationInfo");
    json_string(&json, "created", created);
    json_array(&json, "creators");
    json_string(&json, NULL, "Tool: reproof-" REPROOF_VERSION);
    json_array_end(&json);
    json_object_end(&json);
    if (!write_references(&json, parts, count, arena, err)) {
        return false;
    }
    write_release_package(&json, name, version);
    json_array(&json, "relationships");
    relate(&json, "SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Release", NULL);
    for (size_t i = 0; i < count; i++) {
        const char *binary = arena_printf(arena, "%s:SPDXRef-Binary", reference(i, arena));
        relate(&json, "SPDXRef-Release", "CONTAINS", binary,
               arena_printf(arena, "%s %s", parts[i].name, parts[i].platform));
    }
    json_array_end(&json);
    json_object_end(&json);
    return buffer_ok(out) || error_set(err, ERROR_LIMIT, "the release document is too long");
}

bool sbom_write_release(const char *name, const char *version, const char *created,
                        const struct sbom_release_part *parts, size_t count, struct buffer *out,
                        struct error *err)
{
    struct arena arena = {0};
    size_t start = out->len;
    char hex[SHA256_HEX_LEN + 1];
    bool ok = write_release(name, version, created, "", parts, count, &arena, out, err);
    if (ok) {
        struct sha256 content = sha256_of(bytes_behind(buffer_view(out), start));
        sha256_hex(&content, hex);
        out->len = start;
        ok = write_release(name, version, created, sbom_uri("spdx", hex, &arena), parts, count,
                           &arena, out, err);
    }
    arena_free(&arena);
    return ok;
}
