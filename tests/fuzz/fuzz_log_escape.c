// SPDX-License-Identifier: Apache-2.0
/* Escaped text is well-formed, shows nothing deceptive, stays in its room, and escaping it again
 * changes nothing. */
#include <stdlib.h>

#include "base/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* The first byte chooses how much room there is. */
    size_t room = len == 0 ? 8 : 8 + (size_t)data[0] * 4;
    char *safe = malloc(room);
    char *twice = malloc(room);
    if (safe == NULL || twice == NULL) {
        abort();
    }
    escape_bytes(bytes_from(data, len), safe, room);
    struct bytes rest = bytes_from_string(safe);
    if (rest.len >= room) {
        abort();
    }
    while (rest.len > 0) {
        unsigned point = 0;
        size_t one = utf8_decode(rest, &point);
        if (one == 0 || escape_is_deceptive(point)) {
            abort();
        }
        rest = bytes_from(rest.data + one, rest.len - one);
    }
    escape_text(safe, twice, room);
    if (strcmp(safe, twice) != 0) {
        abort();
    }
    free(safe);
    free(twice);
    return 0;
}
