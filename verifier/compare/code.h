/* The code of one function in two programs, with the addresses in it looked up. For matching alone.
 */
#pragma once

#include "verifier/image/image.h"

/* The functions of a program, as far as code needs them. */
struct code_map {
    const struct image *image;
    uint64_t first;          /* address of the first function */
    const uint32_t *entries; /* addresses less FIRST, ascending; COUNT + 1 of them */
    size_t count;
};

/* Two programs; MATCH[i] is the function of B with the name of A's function i, or UINT32_MAX. */
struct code_maps {
    struct code_map a, b;
    const uint32_t *match;
    bool careful; /* what an address in constants leads to must begin alike */
};

/* True if addresses in code of this kind are understood. */
bool code_is_known(const struct image *image);

/* True if A (which is at ADDRESS_A) and B do the same but for addresses. Else *RET is the offset of
 * the first difference. */
bool code_same(const struct code_maps *maps, struct bytes a, uint64_t address_a, struct bytes b,
               uint64_t address_b, size_t *ret);
