// SPDX-License-Identifier: Apache-2.0
#include "attest/statement.h"

#include "base/limits.h"

static bool read_digests(const struct cJSON *digests, struct statement_subject *ret,
                         struct error *err)
{
    size_t count = 0;
    for (const struct cJSON *at = json_first(digests); at != NULL; at = json_next(at)) {
        const char *hex = json_get_string(at);
        if (hex == NULL || hex[0] == '\0') {
            return error_set(err, ERROR_FORMAT, "a digest of a subject is no string");
        }
        if (strcmp(json_key(at), "sha256") == 0) {
            if (!sha256_from_hex(bytes_from_string(hex), &ret->sha256)) {
                return error_set(err, ERROR_FORMAT, "a subject's sha256 is malformed");
            }
            ret->has_sha256 = true;
        }
        count++;
    }
    if (!json_is_object(digests) || count == 0) {
        return error_set(err, ERROR_FORMAT, "a subject has no digest");
    }
    return count <= LIMIT_SUBJECT_DIGESTS ||
           error_set(err, ERROR_LIMIT, "a subject has %zu digests", count);
}

static const char *text_or_empty(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

static bool read_subject(const struct cJSON *value, struct statement_subject *ret,
                         struct error *err)
{
    const struct cJSON *name = json_member(value, "name");
    if (!json_is_object(value) || (name != NULL && json_get_string(name) == NULL)) {
        return error_set(err, ERROR_FORMAT, "a subject is malformed");
    }
    ret->name = name == NULL ? "" : json_get_string(name);
    ret->uri = text_or_empty(value, "uri");
    ret->platform = text_or_empty(json_member(value, "annotations"), "platform");
    return read_digests(json_member(value, "digest"), ret, err);
}

static bool read_subjects(const struct cJSON *list, struct arena *arena, struct statement *ret,
                          struct error *err)
{
    size_t count = 0;
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        count++;
    }
    if (!json_is_array(list) || count == 0) {
        return error_set(err, ERROR_FORMAT, "the statement has no subject");
    }
    if (count > LIMIT_STATEMENT_SUBJECTS) {
        return error_set(err, ERROR_LIMIT, "the statement has %zu subjects, at most %d are read",
                         count, LIMIT_STATEMENT_SUBJECTS);
    }
    ret->subjects = ARENA_ARRAY(arena, count, struct statement_subject);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        if (!read_subject(at, &ret->subjects[ret->subject_count++], err)) {
            return false;
        }
    }
    return true;
}

static bool read_members(struct statement *statement, struct arena *arena, struct error *err)
{
    const struct cJSON *root = json_root(statement->document);
    const char *type = json_member_string(root, "_type");
    if (type == NULL) {
        return error_set(err, ERROR_FORMAT, "not an in-toto statement: no _type");
    }
    if (strcmp(type, STATEMENT_TYPE) != 0) {
        return error_set(err, ERROR_UNSUPPORTED, "a statement of type %s", type);
    }
    statement->predicate_type = json_member_string(root, "predicateType");
    if (statement->predicate_type == NULL || statement->predicate_type[0] == '\0') {
        return error_set(err, ERROR_FORMAT, "the statement has no predicateType");
    }
    statement->predicate = json_member(root, "predicate");
    if (!json_is_object(statement->predicate)) {
        return error_set(err, ERROR_FORMAT, "the statement has no predicate");
    }
    return read_subjects(json_member(root, "subject"), arena, statement, err);
}

bool statement_read(struct bytes payload, struct arena *arena, struct statement *ret,
                    struct error *err)
{
    struct statement statement = {0};
    if (!json_parse(payload, &statement.document, err)) {
        return false;
    }
    if (!read_members(&statement, arena, err)) {
        statement_free(&statement);
        return false;
    }
    *ret = statement;
    return true;
}

void statement_free(struct statement *statement)
{
    json_document_free(&statement->document);
}

bool statement_is_about(const struct statement *statement, const struct sha256 *digest)
{
    for (size_t i = 0; i < statement->subject_count; i++) {
        const struct statement_subject *subject = &statement->subjects[i];
        if (subject->has_sha256 && sha256_equal(&subject->sha256, digest)) {
            return true;
        }
    }
    return false;
}

void statement_begin(struct json_writer *json, struct buffer *out,
                     const struct subject_identity *subject, const char *predicate_type)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&subject->sha256, hex);
    json_writer_init(json, out, true);
    json_object(json, NULL);
    json_string(json, "_type", STATEMENT_TYPE);
    json_array(json, "subject");
    json_object(json, NULL);
    json_string(json, "name", subject->name);
    json_string(json, "uri", subject->purl);
    json_object(json, "digest");
    json_string(json, "sha256", hex);
    json_object_end(json);
    json_object(json, "annotations");
    json_string(json, "platform", subject->platform);
    json_object_end(json);
    json_object_end(json);
    json_array_end(json);
    json_string(json, "predicateType", predicate_type);
}

void statement_end(struct json_writer *json)
{
    json_object_end(json);
}
