// SPDX-License-Identifier: Apache-2.0
#include "attest/predicate.h"

/* SPDX 2.x: {"checksums": [{"algorithm": "SHA256", "checksumValue": HEX}]}. */
static bool names_in_2(const struct cJSON *entries, const char *hex)
{
    for (const struct cJSON *entry = json_first(entries); entry != NULL; entry = json_next(entry)) {
        for (const struct cJSON *at = json_first(json_member(entry, "checksums")); at != NULL;
             at = json_next(at)) {
            const char *algorithm = json_member_string(at, "algorithm");
            const char *value = json_member_string(at, "checksumValue");
            if (algorithm != NULL && value != NULL && strcmp(algorithm, "SHA256") == 0 &&
                strcmp(value, hex) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* SPDX 3: {"verifiedUsing": [{"algorithm": "sha256", "hashValue": HEX}]}. */
static bool names_in_3(const struct cJSON *graph, const char *hex)
{
    for (const struct cJSON *entry = json_first(graph); entry != NULL; entry = json_next(entry)) {
        for (const struct cJSON *at = json_first(json_member(entry, "verifiedUsing")); at != NULL;
             at = json_next(at)) {
            const char *algorithm = json_member_string(at, "algorithm");
            const char *value = json_member_string(at, "hashValue");
            if (algorithm != NULL && value != NULL && strcmp(algorithm, "sha256") == 0 &&
                strcmp(value, hex) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool spdx_names(const struct cJSON *root, const struct sha256 *digest)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(digest, hex);
    return names_in_2(json_member(root, "packages"), hex) ||
           names_in_2(json_member(root, "files"), hex) ||
           names_in_3(json_member(root, "@graph"), hex);
}

static bool check(const struct predicate_context *context, const struct cJSON *root,
                  struct error *err)
{
    if (json_member(root, "spdxVersion") == NULL && json_member(root, "@graph") == NULL) {
        return error_set(err, ERROR_UNSUPPORTED, "not an SPDX document in JSON");
    }
    return spdx_names(root, &context->subject->sha256) ||
           error_set(err, ERROR_MISMATCH, "the SBOM is of another file than %s",
                     context->subject->file);
}

bool spdx_write(const struct predicate_context *context, struct bytes text, struct buffer *out,
                struct error *err)
{
    const struct record_subject *subject = context->subject;
    struct subject_identity identity = {subject->file, subject->sha256, subject->purl,
                                        subject->platform};
    struct json_document *document;
    struct json_writer json;
    if (!json_parse(text, &document, err)) {
        return error_prefix(err, "SBOM");
    }
    bool ok = check(context, json_root(document), err);
    bool third = json_member(json_root(document), "@graph") != NULL;
    json_document_free(&document);
    if (!ok) {
        return false;
    }
    statement_begin(&json, out, &identity, third ? PREDICATE_SPDX3 : PREDICATE_SPDX2);
    json_raw(&json, "predicate", text);
    statement_end(&json);
    return true;
}
