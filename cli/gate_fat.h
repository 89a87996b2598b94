/* The bytes of a universal Mach-O file that are in none of its slices: what is signed is the whole
 * file, so they are judged too. */
#pragma once

#include "verifier/target/target.h"

/* How many subjects from FIRST on are slices of one file; 0 if FIRST is none. */
size_t gate_fat_count(const struct target *target, size_t first);

/* Whether the file of the COUNT slices from FIRST on holds anything else than them, a table and
 * zeros; then RET_OFFSET is where. */
CHECKED bool gate_fat_stray(const struct target *target, size_t first, size_t count, bool *ret,
                            uint64_t *ret_offset, struct error *err);
