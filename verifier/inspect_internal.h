/* What inspect.c and inspect_compiler.c, inspect_paths.c, inspect_traits.c, inspect_values.c,
 * inspect_version.c share; for them alone. */
#pragma once

#include "verifier/image/pclntab.h"
#include "verifier/inspect.h"

/* Reads trimpath, the roots and whether runtime/cgo is linked off the file names in TABLE. Damage
 * in the table leaves the traits unknown; only ERROR_IO is reported. */
CHECKED bool inspect_paths(struct pclntab *table, const struct buildinfo *info, struct arena *arena,
                           struct traits *traits, struct error *err);

/* Looks for the version of Go in a file without build information: the one text "go1.X.Y" where the
 * linker puts runtime.buildVersion; "" if there is none or more than one. */
CHECKED bool inspect_version(const struct image *image, struct arena *arena, const char **ret,
                             struct error *err);

/* Reads what headers and sections tell: symbols, DWARF, how it was linked, by which compilers,
 * signature. Wants traits->cgo from inspect_paths. */
CHECKED bool inspect_sections(const struct image *image, struct arena *arena, struct traits *traits,
                              struct error *err);

/* For a file without any sign of Go's own toolchain: true if another compiler of Go made it, which
 * then is the one in traits->compilers ("gccgo", "TinyGo 0.30.0"). */
bool inspect_compiler(const struct image *image, struct arena *arena, struct traits *traits);

/* Lists the texts that -X of the link may have planted. */
CHECKED bool inspect_values(const struct image *image, struct arena *arena, struct inspection *file,
                            struct error *err);
