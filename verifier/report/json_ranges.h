/* Byte ranges in JSON documents: [[offset, length], ...], as `rebuild --json` and `diff --json`
 * have them. */
#pragma once

#include "base/json_write.h"
#include "verifier/compare/compare.h"

void report_json_ranges(struct json_writer *json, const char *key, const struct byte_range *ranges,
                        size_t count);
