// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/code.h"

#include "base/reader.h"

#define X86_FIELD 4
#define ARM64_WORD 4
#define ARM64_PAGE_MASK 0xfffU
/* How far a thing may have shifted within its section beyond what the section grew. */
#define SLACK 65536
#define SHORT_TEXT 4

bool code_is_known(const struct image *image)
{
    return strcmp(image->goarch, "amd64") == 0 || strcmp(image->goarch, "386") == 0 ||
           strcmp(image->goarch, "arm64") == 0;
}

static bool in_functions(const struct code_map *map, uint64_t address)
{
    return address >= map->first && address - map->first < map->entries[map->count];
}

/* The function that holds ADDRESS, which is in one: the last that begins at or before it. Without a
 * branch in the loop, which no CPU could foresee. */
static size_t function_at(const struct code_map *map, uint64_t address)
{
    uint64_t wanted = address - map->first;
    size_t found = 0;
    for (size_t left = map->count; left > 1;) {
        size_t half = left / 2;
        found += map->entries[found + half] <= wanted ? half : 0;
        left -= half;
    }
    return found;
}

static const struct image_section *section_at(const struct image *image, uint64_t address)
{
    for (size_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->sections[i];
        uint64_t size = section->memory_size > section->size ? section->memory_size : section->size;
        if (section->address != 0 && address >= section->address &&
            address - section->address <= size) {
            return section;
        }
    }
    return NULL;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a < b ? b - a : a - b;
}

/* True if the same bytes are at A and B, as far as a short text reaches. */
static bool same_start(const struct code_maps *maps, uint64_t a, uint64_t b)
{
    uint8_t left[SHORT_TEXT];
    uint8_t right[SHORT_TEXT];
    return image_read_address(maps->a.image, a, left, sizeof(left), NULL) &&
           image_read_address(maps->b.image, b, right, sizeof(right), NULL) &&
           memcmp(left, right, sizeof(left)) == 0;
}

/* True if A and B lie in data sections of the same name, about where the other's would be. */
static bool same_data(const struct code_maps *maps, uint64_t a, uint64_t b)
{
    const struct image_section *left = section_at(maps->a.image, a);
    const struct image_section *right = section_at(maps->b.image, b);
    if (left == NULL || right == NULL || strcmp(left->name, right->name) != 0 || left->executable) {
        return false;
    }
    uint64_t growth = distance(left->memory_size, right->memory_size);
    return distance(a - left->address, b - right->address) <= growth + SLACK &&
           (!maps->careful || left->writable || same_start(maps, a, b));
}

/* True if address A of one program is what address B is of the other. */
static bool same_target(const struct code_maps *maps, uint64_t a, uint64_t b)
{
    if (!in_functions(&maps->a, a) || !in_functions(&maps->b, b)) {
        return in_functions(&maps->a, a) == in_functions(&maps->b, b) && same_data(maps, a, b);
    }
    size_t from = function_at(&maps->a, a);
    uint32_t to = maps->match[from];
    if (to == UINT32_MAX) {
        return false;
    }
    uint64_t within = a - maps->a.first - maps->a.entries[from];
    return b - maps->b.first == maps->b.entries[to] + within &&
           within < (uint64_t)maps->b.entries[to + 1] - maps->b.entries[to];
}

static uint32_t word_at(struct bytes code, size_t at)
{
    uint32_t value = 0;
    struct reader reader = reader_over(bytes_behind(code, at), LITTLE_ENDIAN_ORDER);
    return reader_u32(&reader, &value) ? value : 0;
}

static uint64_t sign_extend(uint32_t value)
{
    return (uint64_t)(int64_t)(int32_t)value;
}

/* True if the four bytes at AT are addresses: relative to what follows them, or absolute ones. What
 * may stand between the field and the next instruction shifts both targets alike. */
static bool x86_same_field(const struct code_maps *maps, struct bytes a, uint64_t address_a,
                           struct bytes b, uint64_t address_b, size_t at)
{
    uint32_t left = word_at(a, at);
    uint32_t right = word_at(b, at);
    return same_target(maps, address_a + at + X86_FIELD + sign_extend(left),
                       address_b + at + X86_FIELD + sign_extend(right)) ||
           same_target(maps, left, right);
}

/* The first place from AT on at which A and B differ, or LEN. */
static size_t next_difference(struct bytes a, struct bytes b, size_t at, size_t len)
{
    while (at + sizeof(uint64_t) <= len &&
           memcmp(a.data + at, b.data + at, sizeof(uint64_t)) == 0) {
        at += sizeof(uint64_t);
    }
    while (at < len && a.data[at] == b.data[at]) {
        at++;
    }
    return at;
}

/* Without taking instructions apart: where bytes differ, one of the four fields of four bytes that
 * hold the place must be an address. */
static bool x86_same(const struct code_maps *maps, struct bytes a, uint64_t address_a,
                     struct bytes b, uint64_t address_b, size_t *ret)
{
    size_t len = a.len < b.len ? a.len : b.len;
    size_t done = 0;
    for (size_t at = 0; (at = next_difference(a, b, at, len)) < len; at = done) {
        bool found = false;
        for (size_t back = 0; back < X86_FIELD && !found && at - done >= back; back++) {
            if (at - back + X86_FIELD <= len &&
                x86_same_field(maps, a, address_a, b, address_b, at - back)) {
                done = at - back + X86_FIELD;
                found = true;
            }
        }
        if (!found) {
            *ret = at;
            return false;
        }
    }
    *ret = len;
    return a.len == b.len;
}

/* B and BL: 26 bits of words. */
static bool arm64_is_branch(uint32_t word)
{
    return (word & 0x7c000000) == 0x14000000;
}

static bool arm64_is_adrp(uint32_t word)
{
    return (word & 0x9f000000) == 0x90000000;
}

/* ADD with, and loads and stores at, an offset of 12 bits: the lower half of an address. */
static bool arm64_takes_low_half(uint32_t word)
{
    return (word & 0x7f800000) == 0x11000000 || (word & 0x3b000000) == 0x39000000;
}

static uint64_t arm64_branch_target(uint32_t word, uint64_t address)
{
    /* The field's sign bit to the top, then down again to words of four bytes. */
    return address + (uint64_t)((int64_t)(int32_t)(word << 6) / 16);
}

static bool arm64_same_word(const struct code_maps *maps, uint32_t left, uint64_t address_a,
                            uint32_t right, uint64_t address_b, bool behind_adrp)
{
    if (arm64_is_branch(left)) {
        return (left & 0xfc000000) == (right & 0xfc000000) &&
               same_target(maps, arm64_branch_target(left, address_a),
                           arm64_branch_target(right, address_b));
    }
    if (arm64_is_adrp(left)) {
        return arm64_is_adrp(right) && (left & 0x1f) == (right & 0x1f);
    }
    return behind_adrp && arm64_takes_low_half(left) && ((left ^ right) & 0xffc003ff) == 0;
}

static bool arm64_same(const struct code_maps *maps, struct bytes a, uint64_t address_a,
                       struct bytes b, uint64_t address_b, size_t *ret)
{
    size_t len = a.len < b.len ? a.len : b.len;
    for (size_t at = 0; at + ARM64_WORD <= len; at += ARM64_WORD) {
        uint32_t left = word_at(a, at);
        uint32_t right = word_at(b, at);
        bool behind_adrp = at >= ARM64_WORD && arm64_is_adrp(word_at(a, at - ARM64_WORD));
        if (left != right &&
            !arm64_same_word(maps, left, address_a + at, right, address_b + at, behind_adrp)) {
            *ret = at;
            return false;
        }
    }
    *ret = len;
    return a.len == b.len;
}

static bool exactly_same(struct bytes a, struct bytes b, size_t *ret)
{
    size_t len = a.len < b.len ? a.len : b.len;
    size_t at = next_difference(a, b, 0, len);
    *ret = at;
    return at == len && a.len == b.len;
}

bool code_same(const struct code_maps *maps, struct bytes a, uint64_t address_a, struct bytes b,
               uint64_t address_b, size_t *ret)
{
    if (bytes_equal(a, b) || !code_is_known(maps->a.image)) {
        return exactly_same(a, b, ret);
    }
    return strcmp(maps->a.image->goarch, "arm64") == 0
               ? arm64_same(maps, a, address_a, b, address_b, ret)
               : x86_same(maps, a, address_a, b, address_b, ret);
}
