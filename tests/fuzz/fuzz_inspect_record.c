// SPDX-License-Identifier: Apache-2.0
/* The answer of a parser process that somebody else took over: refused, or the same bytes again. */
#include <stdlib.h>

#include "verifier/inspect_record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct inspect_record record;
    struct buffer again;
    buffer_init(&again, len + 4096);
    if (inspect_record_decode(bytes_from(data, len), &arena, &record, NULL) && record.ok) {
        inspect_record_encode(&record, &again);
        if (!bytes_equal(buffer_view(&again), bytes_from(data, len))) {
            abort();
        }
    }
    buffer_free(&again);
    arena_free(&arena);
    return 0;
}
