// SPDX-License-Identifier: Apache-2.0
#include "attest/release/fields.h"

#include <string.h>

#include "base/limits.h"

bool text_read(const struct cJSON *value, const char *key, struct arena *arena, const char **ret,
               struct error *err)
{
    const char *text = json_get_string(value);
    if (text == NULL || text[0] == '\0') {
        return error_set(err, ERROR_FORMAT, "%s: wants a text that is not empty", key);
    }
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            return error_set(err, ERROR_FORMAT, "%s: a control character", key);
        }
    }
    *ret = arena_string(arena, text);
    return true;
}

bool texts_read(const struct cJSON *array, const char *key, struct arena *arena,
                struct text_list *ret, struct error *err)
{
    struct text_list list = {0};
    size_t capacity = 0;
    if (!json_is_array(array)) {
        return error_set(err, ERROR_FORMAT, "%s: wants a list of texts", key);
    }
    for (const struct cJSON *at = json_first(array); at != NULL; at = json_next(at)) {
        const char *text;
        if (list.count == LIMIT_MANIFEST_LIST) {
            return error_set(err, ERROR_LIMIT, "%s: more than %d", key, LIMIT_MANIFEST_LIST);
        }
        if (!text_read(at, key, arena, &text, err)) {
            return false;
        }
        for (size_t i = 0; i < list.count; i++) {
            if (strcmp(list.items[i], text) == 0) {
                return error_set(err, ERROR_FORMAT, "%s: %s twice", key, text);
            }
        }
        arena_grow(arena, &list.items, list.count, &capacity, sizeof(*list.items));
        list.items[list.count++] = text;
    }
    *ret = list;
    return true;
}

static bool read_value(const struct cJSON *value, const struct field *field, struct arena *arena,
                       char *ret, struct error *err)
{
    switch (field->type) {
    case FIELD_TEXT:
        return text_read(value, field->key, arena, (const char **)(void *)(ret + field->offset),
                         err);
    case FIELD_TEXTS:
        return texts_read(value, field->key, arena,
                          (struct text_list *)(void *)(ret + field->offset), err);
    case FIELD_BOOL:
        return json_get_bool(value, (bool *)(void *)(ret + field->offset)) ||
               error_set(err, ERROR_FORMAT, "%s: wants true or false", field->key);
    case FIELD_OTHER:
        break;
    }
    return true;
}

static const struct field *find(const struct field *fields, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].key, key) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

bool fields_read(const struct cJSON *object, const struct field *fields, size_t count,
                 struct arena *arena, void *ret, struct error *err)
{
    if (!json_is_object(object)) {
        return error_set(err, ERROR_FORMAT, "not an object");
    }
    for (const struct cJSON *at = json_first(object); at != NULL; at = json_next(at)) {
        const struct field *field = find(fields, count, json_key(at));
        if (field == NULL) {
            return error_set(err, ERROR_FORMAT, "the key \"%s\" is not known", json_key(at));
        }
        if (!read_value(at, field, arena, ret, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].required && json_member(object, fields[i].key) == NULL) {
            return error_set(err, ERROR_FORMAT, "the key \"%s\" is missing", fields[i].key);
        }
    }
    return true;
}
