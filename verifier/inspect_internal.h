/* What inspect.c, inspect_traits.c and inspect_paths.c share; for them alone. */
#pragma once

#include "verifier/image/pclntab.h"
#include "verifier/inspect.h"

/* Passes WHY on to ERR, which may be NULL. */
static inline bool inspect_fail(const struct error *why, struct error *err)
{
    if (err != NULL) {
        *err = *why;
    }
    return false;
}

/* Reads trimpath, the roots and whether runtime/cgo is linked off the file names in TABLE. Damage
 * in the table leaves the traits unknown; only ERROR_IO is reported. */
CHECKED bool inspect_paths(struct pclntab *table, const struct buildinfo *info, struct arena *arena,
                           struct traits *traits, struct error *err);

/* Reads what headers and sections tell: symbols, DWARF, how it was linked, by which compilers,
 * signature. Wants traits->cgo from inspect_paths. */
CHECKED bool inspect_sections(const struct image *image, struct arena *arena, struct traits *traits,
                              struct error *err);
