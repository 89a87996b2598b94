/* What two programs embed, side by side (verifier/image/embedded.h). */
#pragma once

#include "verifier/compare/diff.h"
#include "verifier/image/image.h"

/* Fills in what RET says of embedded files: those that differ or that one side has alone. Computes
 * digests. What cannot be read is not there; only ERROR_IO is reported. */
CHECKED bool embedded_diff(const struct image *const images[2], struct arena *arena,
                           struct diff *ret, struct error *err);
