/* Texts that differ: values that -X put in, and texts in the data at places that differ. */
#pragma once

#include "verifier/compare/diff.h"
#include "verifier/image/image.h"

/* Adds to RET's strings; wants its parts. What cannot be read is left out. */
void strings_compare(const struct image *a, const struct image *b, struct arena *arena,
                     struct diff *ret);
