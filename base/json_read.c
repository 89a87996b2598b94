// SPDX-License-Identifier: Apache-2.0
#include "base/json_read.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/scanner.h"

struct json_document {
    cJSON *root;
};

bool json_parse(struct bytes text, struct json_document **ret, struct error *err)
{
    if (!json_check(text, err)) {
        return false;
    }
    struct json_document *document = calloc(1, sizeof(*document));
    if (document == NULL) {
        bug("out of memory for a JSON document");
    }
    document->root = cJSON_ParseWithLength((const char *)text.data, text.len);
    if (document->root == NULL) {
        json_document_free(&document);
        return error_set(err, ERROR_FORMAT, "not a JSON document");
    }
    *ret = document;
    return true;
}

const struct cJSON *json_root(const struct json_document *document)
{
    return document->root;
}

void json_document_free(struct json_document **document)
{
    if (*document != NULL) {
        cJSON_Delete((*document)->root);
        free(*document);
        *document = NULL;
    }
}

const struct cJSON *json_member(const struct cJSON *object, const char *key)
{
    return json_is_object(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const struct cJSON *json_first(const struct cJSON *value)
{
    return json_is_object(value) || json_is_array(value) ? value->child : NULL;
}

const struct cJSON *json_next(const struct cJSON *element)
{
    return element->next;
}

const char *json_key(const struct cJSON *element)
{
    return element->string;
}

bool json_is_object(const struct cJSON *value)
{
    return cJSON_IsObject(value);
}

bool json_is_array(const struct cJSON *value)
{
    return cJSON_IsArray(value);
}

const char *json_get_string(const struct cJSON *value)
{
    return cJSON_GetStringValue(value);
}

const char *json_member_string(const struct cJSON *object, const char *key)
{
    return json_get_string(json_member(object, key));
}

bool json_get_bool(const struct cJSON *value, bool *ret)
{
    if (!cJSON_IsBool(value)) {
        return false;
    }
    *ret = cJSON_IsTrue(value);
    return true;
}

bool json_get_uint(const struct cJSON *value, uint64_t *ret)
{
    /* Up to 2^53 a double is exact, so cJSON's rounding cannot have happened. */
    const double largest = 9007199254740992.0;
    if (!cJSON_IsNumber(value) || value->valuedouble < 0 || value->valuedouble > largest) {
        return false;
    }
    uint64_t number = (uint64_t)value->valuedouble;
    if ((double)number != value->valuedouble) {
        return false;
    }
    *ret = number;
    return true;
}
