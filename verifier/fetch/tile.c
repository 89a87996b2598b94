// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/tile.h"

#include "base/reader.h"
#include "base/scanner.h"
#include "verifier/fetch/tree.h"

unsigned tile_width(uint64_t size, unsigned level, uint64_t index)
{
    unsigned shift = level * TILE_HEIGHT;
    uint64_t hashes = shift >= 64 ? 0 : size >> shift;
    /* Compared as numbers of whole tiles, so that no index can overflow. */
    if (index < hashes >> TILE_HEIGHT) {
        return TILE_WIDTH;
    }
    return index == hashes >> TILE_HEIGHT ? (unsigned)(hashes & (TILE_WIDTH - 1)) : 0;
}

const char *tile_name(const struct tile *tile, struct arena *arena)
{
    const char *number = arena_printf(arena, "%03u", (unsigned)(tile->index % 1000));
    for (uint64_t rest = tile->index / 1000; rest > 0; rest /= 1000) {
        number = arena_printf(arena, "x%03u/%s", (unsigned)(rest % 1000), number);
    }
    if (tile->width == TILE_WIDTH) {
        return arena_printf(arena, "tile/%d/%u/%s", TILE_HEIGHT, tile->level, number);
    }
    return arena_printf(arena, "tile/%d/%u/%s.p/%u", TILE_HEIGHT, tile->level, number, tile->width);
}

/* Three decimal digits. */
static bool scan_group(struct scanner *scanner, uint64_t *ret)
{
    struct bytes group = bytes_first(scanner_rest(scanner), 3);
    uint64_t value = 0;
    for (size_t i = 0; i < group.len; i++) {
        if (group.data[i] < '0' || group.data[i] > '9') {
            return false;
        }
        value = value * 10 + (group.data[i] - (uint64_t)'0');
    }
    scanner->position += group.len;
    *ret = value;
    return group.len == 3;
}

static bool scan_index(struct scanner *scanner, uint64_t *ret)
{
    uint64_t index = 0;
    uint64_t group;
    while (scanner_expect(scanner, "x")) {
        /* The first group of several is never zero: one name for each number. */
        bool first = index == 0;
        if (!scan_group(scanner, &group) || !scanner_expect(scanner, "/") ||
            (first && group == 0) || index > UINT64_MAX / 1000000) {
            return false;
        }
        index = index * 1000 + group;
    }
    if (!scan_group(scanner, &group)) {
        return false;
    }
    *ret = index * 1000 + group;
    return true;
}

bool tile_name_parse(struct bytes name, struct tile *ret)
{
    struct scanner scanner = scanner_over(name);
    uint64_t level, index;
    uint64_t width = TILE_WIDTH;
    if (!scanner_expect(&scanner, "tile/8/") ||
        !scanner_number(&scanner, TILE_LEVELS - 1, &level) || !scanner_expect(&scanner, "/") ||
        !scan_index(&scanner, &index)) {
        return false;
    }
    if (scanner_expect(&scanner, ".p/") &&
        (!scanner_number(&scanner, TILE_WIDTH - 1, &width) || width == 0)) {
        return false;
    }
    if (!scanner_done(&scanner)) {
        return false;
    }
    *ret = (struct tile){(unsigned)level, index, (unsigned)width};
    return true;
}

struct tile tile_of_node(unsigned level, uint64_t position, unsigned *ret_span_level,
                         unsigned *ret_first)
{
    unsigned span_level = level % TILE_HEIGHT;
    uint64_t tiles = position >> (TILE_HEIGHT - span_level);
    *ret_span_level = span_level;
    *ret_first = (unsigned)((position - (tiles << (TILE_HEIGHT - span_level))) << span_level);
    return (struct tile){.level = level / TILE_HEIGHT, .index = tiles};
}

bool tile_fold(struct bytes content, unsigned first, unsigned span_level, struct sha256 *ret)
{
    struct sha256 hashes[TILE_WIDTH];
    struct reader all = reader_over(content, BIG_ENDIAN_ORDER);
    struct reader part;
    size_t count = (size_t)1 << span_level;
    if (count > TILE_WIDTH ||
        !reader_at(&all, (uint64_t)first * SHA256_LEN, count * SHA256_LEN, &part)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!reader_copy(&part, hashes[i].bytes, SHA256_LEN)) {
            return false;
        }
    }
    for (; count > 1; count /= 2) {
        for (size_t i = 0; i < count / 2; i++) {
            hashes[i] = tree_hash_node(&hashes[2 * i], &hashes[2 * i + 1]);
        }
    }
    *ret = hashes[0];
    return true;
}
