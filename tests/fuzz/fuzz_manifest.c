// SPDX-License-Identifier: Apache-2.0
/* A release's manifest and a pair of it: what is read can be written, and reads as the same again.
 */
#include <stdlib.h>

#include "attest/release/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_again(const struct manifest *manifest, struct arena *arena)
{
    struct buffer out;
    struct manifest again;
    struct error err;
    buffer_init(&out, 64 << 20);
    manifest_write(manifest, &out);
    if (!manifest_parse(buffer_view(&out), arena, &again, &err) ||
        strcmp(manifest->expect, again.expect) != 0 ||
        manifest->member_count != again.member_count) {
        abort();
    }
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct manifest_pair pair;
    struct error err;
    if (manifest_parse(bytes_from(data, len), &arena, &manifest, &err)) {
        check_again(&manifest, &arena);
    }
    if (manifest_parse_pair(bytes_from(data, len), "p", &arena, &pair, &err) &&
        pair.platforms.count == 0) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
