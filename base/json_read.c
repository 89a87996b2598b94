// SPDX-License-Identifier: Apache-2.0
#include "base/json_read.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "base/scanner.h"

#define CJSON_FUNCTIONS(X)                                                                         \
    X(cJSON_Delete)                                                                                \
    X(cJSON_GetObjectItemCaseSensitive)                                                            \
    X(cJSON_GetStringValue)                                                                        \
    X(cJSON_IsArray)                                                                               \
    X(cJSON_IsBool)                                                                                \
    X(cJSON_IsNumber)                                                                              \
    X(cJSON_IsObject)                                                                              \
    X(cJSON_IsTrue)                                                                                \
    X(cJSON_ParseWithLength)

#define TEXT_OF(number) #number
#define NAME_WITH(version) "libcjson.so." TEXT_OF(version)

#define MEMBER(name) __typeof__(name) *name;
static struct library {
    CJSON_FUNCTIONS(MEMBER)
} library;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *handle = library_open(NAME_WITH(CJSON_VERSION_MAJOR));
#define LOOK_UP(name) library_look_up(handle, #name, &library.name);
    CJSON_FUNCTIONS(LOOK_UP)
}

/* cJSON, loaded with the first document. */
static const struct library *cjson(void)
{
    if (pthread_once(&load_once, load) != 0) {
        bug("cannot load cJSON");
    }
    return &library;
}

/* Up to here each whole number has a double of its own. */
#define LARGEST_UINT (1ULL << 53)

struct json_document {
    cJSON *root;
};

/* The exact texts of a checked document's numbers, in their order; empty behind the last. */
static struct bytes next_number(struct bytes *text)
{
    bool quoted = false;
    for (size_t i = 0; i < text->len; i++) {
        uint8_t next = text->data[i];
        if (quoted && next == '\\') {
            i++;
        } else if (next == '"') {
            quoted = !quoted;
        } else if (!quoted && (next == '-' || (next >= '0' && next <= '9'))) {
            size_t end = i;
            while (end < text->len && text->data[end] != '\0' &&
                   strchr("+-.0123456789Ee", text->data[end]) != NULL) {
                end++;
            }
            struct bytes number = bytes_from(text->data + i, end - i);
            *text = bytes_behind(*text, end);
            return number;
        }
    }
    return bytes_from(NULL, 0);
}

/* A number that json_get_uint does not read keeps its text; cJSON frees that with the value. */
static void keep_text(struct cJSON *value, struct bytes text)
{
    value->valuedouble = -1;
    value->valuestring = strndup((const char *)text.data, text.len);
    if (value->valuestring == NULL) {
        bug("out of memory for a JSON document");
    }
}

/* cJSON keeps numbers as doubles, which turn 2^53 + 1 into 2^53 and hide how a number was written.
 * Gives each number below VALUE its exact value, or -1 and its text if it is not the plain whole
 * number that json_get_uint reads. Depth is bounded by json_check. */
static void settle_numbers(struct cJSON *value, struct bytes *text)
{
    if (cjson()->cJSON_IsNumber(value)) {
        uint64_t whole;
        struct bytes number = next_number(text);
        if (scan_number(number, LARGEST_UINT, &whole)) {
            value->valuedouble = (double)whole;
        } else {
            keep_text(value, number);
        }
    }
    for (struct cJSON *child = value->child; child != NULL; child = child->next) {
        settle_numbers(child, text);
    }
}

bool json_parse(struct bytes text, struct json_document **ret, struct error *err)
{
    if (!json_check(text, err)) {
        return false;
    }
    struct json_document *document = calloc(1, sizeof(*document));
    if (document == NULL) {
        bug("out of memory for a JSON document");
    }
    document->root = cjson()->cJSON_ParseWithLength((const char *)text.data, text.len);
    if (document->root == NULL) {
        json_document_free(&document);
        return error_set(err, ERROR_FORMAT, "not a JSON document");
    }
    settle_numbers(document->root, &text);
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
        cjson()->cJSON_Delete((*document)->root);
        free(*document);
        *document = NULL;
    }
}

const struct cJSON *json_member(const struct cJSON *object, const char *key)
{
    return json_is_object(object) ? cjson()->cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
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
    return cjson()->cJSON_IsObject(value);
}

bool json_is_array(const struct cJSON *value)
{
    return cjson()->cJSON_IsArray(value);
}

const char *json_get_string(const struct cJSON *value)
{
    return cjson()->cJSON_GetStringValue(value);
}

const char *json_member_string(const struct cJSON *object, const char *key)
{
    return json_get_string(json_member(object, key));
}

bool json_get_bool(const struct cJSON *value, bool *ret)
{
    if (!cjson()->cJSON_IsBool(value)) {
        return false;
    }
    *ret = cjson()->cJSON_IsTrue(value);
    return true;
}

bool json_get_uint(const struct cJSON *value, uint64_t *ret)
{
    if (!cjson()->cJSON_IsNumber(value) || value->valuedouble < 0) {
        return false;
    }
    *ret = (uint64_t)value->valuedouble;
    return true;
}

const char *json_number_text(const struct cJSON *value)
{
    return cjson()->cJSON_IsNumber(value) ? value->valuestring : NULL;
}
