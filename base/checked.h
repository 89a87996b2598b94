/* Arithmetic on numbers that come from input: true on success, *RET unchanged on overflow. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

CHECKED static inline bool checked_add(uint64_t a, uint64_t b, uint64_t *ret)
{
    uint64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return false;
    }
    *ret = sum;
    return true;
}

CHECKED static inline bool checked_multiply(uint64_t a, uint64_t b, uint64_t *ret)
{
    uint64_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        return false;
    }
    *ret = product;
    return true;
}

/* True if LEN bytes from OFFSET lie within TOTAL bytes. */
CHECKED static inline bool checked_range(uint64_t offset, uint64_t len, uint64_t total)
{
    return offset <= total && len <= total - offset;
}
