// SPDX-License-Identifier: Apache-2.0
/* What somebody else found out about the same file: the predicate is theirs, taken as it is. */
#include "attest/predicate.h"
#include "base/scanner.h"

/* A statement of these kinds is made of the result alone: nobody may dictate our own words. */
static const char *const ours[] = {PREDICATE_VERDICT, PREDICATE_VSA, PREDICATE_PROVENANCE,
                                   PREDICATE_SPDX2, PREDICATE_SPDX3};

/* "https://example.com/scan/v1": in-toto's TypeURI (RFC 3986), absolute, without blanks. */
static bool is_type(const char *type)
{
    size_t scheme = strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
    for (const char *at = type; *at != '\0'; at++) {
        if (*at <= 0x20 || *at >= 0x7f) {
            return false;
        }
    }
    return scheme > 0 && type[scheme] == ':' && type[scheme + 1] != '\0' && type[0] >= 'a';
}

bool other_predicate_check(const char *type, struct bytes text, struct error *err)
{
    struct json_document *document;
    if (!is_type(type)) {
        error_set(err, ERROR_USAGE, "\"%s\" is no type of a predicate", type);
        return error_cure(err, "name it by a URI, as https://example.com/scan/v1");
    }
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        if (strcmp(type, ours[i]) == 0) {
            error_set(err, ERROR_USAGE, "a statement of type %s is made from the result", type);
            return error_cure(err, "leave --predicate and --type out; an SBOM is given by --sbom");
        }
    }
    if (!json_parse(text, &document, err)) {
        return error_prefix(err, "predicate");
    }
    bool ok = json_is_object(json_root(document)) ||
              error_set(err, ERROR_FORMAT, "a predicate is a JSON object");
    json_document_free(&document);
    return ok;
}

void other_predicate_write(const struct predicate_context *context, const char *type,
                           struct bytes text, struct buffer *out)
{
    const struct record_subject *subject = context->subject;
    struct subject_identity identity = {subject->file, subject->sha256, subject->purl,
                                        subject->platform};
    struct json_writer json;
    statement_begin(&json, out, &identity, type);
    json_raw(&json, "predicate", text);
    statement_end(&json);
}
