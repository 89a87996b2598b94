/* From what differs to why: the causes, each with what was seen and the next step. */
#pragma once

#include "verifier/compare/diff.h"

/* Fills in RET's causes from all the rest of it; at least one, unless the files are identical. */
void explain_diff(const struct inspection *a, const struct inspection *b, struct arena *arena,
                  struct diff *ret);
