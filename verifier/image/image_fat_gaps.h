/* What a universal Mach-O file holds besides its slices: a table, and zeros up to where slices are
 * aligned. Anything else is nobody's, and no rebuild of the slices proves it. Apple's mach-o/fat.h.
 */
#pragma once

#include "base/error.h"
#include "base/source.h"

struct fat_part {
    uint64_t offset, size;
};

/* PARTS (COUNT, in any order) are all slices of the file SOURCE, which fat_open accepted. *RET is
 * the offset of the first byte outside them that is not as it should be (0: in the table), or the
 * file's size if there is none. */
CHECKED bool fat_find_stray(const struct source *source, const struct fat_part *parts, size_t count,
                            uint64_t *ret, struct error *err);
