/* The hashes of one tree, read from tiles that are each checked before a hash in them is believed.
 *
 * The tree is given by size and root. The partial tiles, one a level at most, hold all hashes that
 * the root is made of: they are checked together against the root. Every full tile is checked
 * against the hash that stands for it in its parent, which was checked before. Tiles are cached
 * only after that, by tile_reader_keep. (Two Go releases of 2026 skipped some of these checks:
 * CVE-2026-56865.) */
#pragma once

#include "verifier/fetch/sumdb_operations.h"
#include "verifier/fetch/tile.h"
#include "verifier/fetch/tree.h"

struct tile_reader;

/* NETWORK: tiles that the cache lacks may be asked for. OPERATIONS must outlive it. */
struct tile_reader *tile_reader_new(const struct sumdb_operations *operations, bool network,
                                    uint64_t size, const struct sha256 *root);
void tile_reader_free(struct tile_reader **reader);

uint64_t tile_reader_size(const struct tile_reader *reader);

/* Says that record INDEX (below the size) is going to be asked about. */
void tile_reader_want(struct tile_reader *reader, uint64_t index);

/* Gets and checks the tiles of all that was wanted so far, and the right edge of the tree.
 * ERROR_UNTRUSTED: a tile is not of this tree; ERROR_NETWORK: it could not be got, or without
 * network is not in the cache. */
CHECKED bool tile_reader_load(struct tile_reader *reader, struct error *err);

/* Puts what was loaded and checked into the cache. */
CHECKED bool tile_reader_keep(struct tile_reader *reader, struct error *err);

/* True if LEAF is record INDEX of the tree (INDEX wanted and loaded): its hash stands in a checked
 * tile, and RFC 9162's check of the proof out of these tiles holds. */
CHECKED bool tile_reader_includes(struct tile_reader *reader, uint64_t index,
                                  const struct sha256 *leaf);

/* True if the tree of SIZE records with ROOT is how this tree began; record SIZE - 1 must have been
 * wanted and loaded. */
CHECKED bool tile_reader_begins_with(struct tile_reader *reader, uint64_t size,
                                     const struct sha256 *root);
