// SPDX-License-Identifier: Apache-2.0
/* Names of tiles: what is accepted must be exactly what is written for that tile. */
#include <stdlib.h>

#include "verifier/fetch/tile.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct tile tile;
    struct bytes name = bytes_from(data, len);
    if (tile_name_parse(name, &tile) &&
        (!bytes_equal_string(name, tile_name(&tile, &arena)) || tile.width == 0 ||
         tile.width > TILE_WIDTH || tile.level >= TILE_LEVELS)) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
