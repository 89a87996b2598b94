/* Inspections as JSON, document type reproof/inspect/v1. */
#pragma once

#include "base/json_write.h"
#include "verifier/inspect.h"

/* The document's head and end, and what stands between: files, then the files that could not be
 * read ("errors"). Written piece by piece, so that memory does not grow with their number. */
struct inspect_error {
    const char *name;
    const struct error *error;
};

void inspect_json(const struct inspection *const *files, size_t count,
                  const struct inspect_error *errors, size_t error_count, struct buffer *out);
