/* The functions of two programs, by the names in their pclntab, which stripping leaves.
 *
 * Code is compared byte for byte. Where addresses shifted (one function more moves all that follow
 * it), bytes that differ only in an address that leads to the same function, or into the same
 * section, count as the same function: for this list alone, never for a verdict. */
#pragma once

#include "verifier/compare/diff.h"
#include "verifier/image/pclntab.h"

/* Fills in what RET says of functions; wants its parts. Damage in a table leaves it at what was
 * found until then; only ERROR_IO is reported. */
CHECKED bool functions_compare(const struct image *a, const struct image *b, struct arena *arena,
                               struct diff *ret, struct error *err);
