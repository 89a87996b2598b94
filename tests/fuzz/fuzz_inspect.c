// SPDX-License-Identifier: Apache-2.0
/* A whole file, whatever its format, through all readers, and what came of it as text and JSON. */
#include <stdlib.h>

#include "base/json_read.h"
#include "verifier/inspect.h"
#include "verifier/report/inspect_json.h"
#include "verifier/report/inspect_text.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct source source = source_from_bytes(bytes_from(data, len));
    struct inspection file;
    if (inspect_source(&source, len % 2 == 0 ? INSPECT_DIGEST : 0, &arena, &file, NULL)) {
        struct buffer out;
        struct json_writer json;
        buffer_init(&out, 64U << 20);
        inspect_text(&file, &out);
        if (bytes_find(buffer_view(&out), 0, bytes_from("\x1b", 1)) != SIZE_MAX) {
            abort();
        }
        buffer_clear(&out);
        inspect_json_begin(&json, &out);
        inspect_json_file(&json, &file);
        inspect_json_errors(&json);
        inspect_json_end(&json);
        if (buffer_ok(&out) && !json_check(buffer_view(&out), NULL)) {
            abort();
        }
        buffer_free(&out);
    }
    arena_free(&arena);
    return 0;
}
