/* Inspections as JSON, document type reproof/inspect/v1.
 *
 * Written piece by piece: the caller may take what stands in the buffer after each call, so that
 * memory does not grow with the number of files. */
#pragma once

#include "base/json_write.h"
#include "verifier/inspect.h"

void inspect_json_begin(struct json_writer *json, struct buffer *out);
void inspect_json_file(struct json_writer *json, const struct inspection *file);
/* After the last file; then the files that could not be read. */
void inspect_json_errors(struct json_writer *json);
void inspect_json_error(struct json_writer *json, const char *name, const struct error *error);
void inspect_json_end(struct json_writer *json);
