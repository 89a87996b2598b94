// SPDX-License-Identifier: Apache-2.0
/* Replies of the checksum database: what is taken out of a record must stand there. */
#include <stdlib.h>

#include "verifier/fetch/sumdb_reply.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct sumdb_reply reply;
    const char *h1, *go_mod_h1;
    if (sumdb_reply_parse(bytes_from(data, len), &reply, NULL) &&
        sumdb_record_hashes(reply.text, "example.com/m", "v1.0.5", &arena, &h1, &go_mod_h1, NULL) &&
        !bytes_equal_string(
            reply.text,
            arena_printf(&arena, "example.com/m v1.0.5 %s\nexample.com/m v1.0.5/go.mod %s\n", h1,
                         go_mod_h1))) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
