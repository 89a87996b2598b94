/* Tiles: the pieces in which a transparency log publishes the hashes of its tree.
 *
 * A tile of level L holds up to 256 neighbouring hashes of the tree's level 8 * L; each hash of a
 * full tile's 256 is, folded together, one hash of a tile of level L + 1. Coordinates and names:
 * c2sp.org/tlog-tiles with the prefix of golang.org/x/mod/sumdb/tlog ("tile/8/..."). */
#pragma once

#include "base/arena.h"
#include "base/digest.h"

#define TILE_HEIGHT 8
#define TILE_WIDTH 256
#define TILE_BYTES ((size_t)TILE_WIDTH * SHA256_LEN)
/* Levels that a tree of 2^63 records can have. */
#define TILE_LEVELS 8

struct tile {
    unsigned level;
    uint64_t index;
    unsigned width; /* how many hashes: 1 to 256 */
};

/* How many hashes the tile INDEX of LEVEL has in the tree of SIZE records; 0: there is no such
 * tile. */
unsigned tile_width(uint64_t size, unsigned level, uint64_t index);

/* The name below the database's address: "tile/8/0/x001/234", "tile/8/1/000.p/17". */
const char *tile_name(const struct tile *tile, struct arena *arena);

/* The inverse: accepts exactly what tile_name writes. */
CHECKED bool tile_name_parse(struct bytes name, struct tile *ret);

/* The tile in which a node of the tree lies, or beneath which it is: 2^*RET_SPAN_LEVEL hashes of it
 * from number *RET_FIRST on are to be folded. The width is not set. */
struct tile tile_of_node(unsigned level, uint64_t position, unsigned *ret_span_level,
                         unsigned *ret_first);

/* The hash above 2^SPAN_LEVEL hashes of CONTENT from number FIRST on; false if they reach beyond
 * its end. */
CHECKED bool tile_fold(struct bytes content, unsigned first, unsigned span_level,
                       struct sha256 *ret);
