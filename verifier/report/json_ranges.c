// SPDX-License-Identifier: Apache-2.0
#include "verifier/report/json_ranges.h"

void report_json_ranges(struct json_writer *json, const char *key, const struct byte_range *ranges,
                        size_t count)
{
    json_array(json, key);
    for (size_t i = 0; i < count; i++) {
        json_array(json, NULL);
        json_uint(json, NULL, ranges[i].offset);
        json_uint(json, NULL, ranges[i].length);
        json_array_end(json);
    }
    json_array_end(json);
}
