// SPDX-License-Identifier: Apache-2.0
#include "base/json_copy.h"

static void copy_scalar(struct json_writer *json, const char *key, const struct cJSON *value)
{
    uint64_t number;
    bool truth;
    if (json_get_string(value) != NULL) {
        json_string(json, key, json_get_string(value));
    } else if (json_get_uint(value, &number)) {
        json_uint(json, key, number);
    } else if (json_get_bool(value, &truth)) {
        json_bool(json, key, truth);
    } else if (json_number_text(value) != NULL) {
        json_raw(json, key, bytes_from_string(json_number_text(value)));
    } else {
        json_null(json, key);
    }
}

/* Depth is bounded by json_parse. */
void json_copy(struct json_writer *json, const char *key, const struct cJSON *value)
{
    bool object = json_is_object(value);
    if (!object && !json_is_array(value)) {
        copy_scalar(json, key, value);
        return;
    }
    if (object) {
        json_object(json, key);
    } else {
        json_array(json, key);
    }
    for (const struct cJSON *at = json_first(value); at != NULL; at = json_next(at)) {
        json_copy(json, object ? json_key(at) : NULL, at);
    }
    if (object) {
        json_object_end(json);
    } else {
        json_array_end(json);
    }
}
