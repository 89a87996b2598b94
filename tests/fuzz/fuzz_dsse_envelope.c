// SPDX-License-Identifier: Apache-2.0
/* An envelope that was read is written and read again as the same one. */
#include <stdlib.h>

#include "attest/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct envelope envelope, again;
    struct buffer out;
    buffer_init(&out, 4 * len + 4096);
    if (envelope_read(bytes_from(data, len), &arena, &envelope, NULL)) {
        envelope_put(&envelope, &out);
        if (!envelope_read(buffer_view(&out), &arena, &again, NULL) ||
            !bytes_equal(envelope.payload, again.payload) || envelope.count != again.count) {
            abort();
        }
    }
    buffer_free(&out);
    arena_free(&arena);
    return 0;
}
