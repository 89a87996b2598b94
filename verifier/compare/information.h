/* The build information of two programs side by side: what lines differ. */
#pragma once

#include "verifier/compare/diff.h"

/* Fills in RET's changes, in the order in which they matter: Go, path, main module, settings,
 * dependencies. */
void information_compare(const struct inspection *a, const struct inspection *b,
                         struct arena *arena, struct diff *ret);

/* The change of KIND called NAME (NULL: any), or NULL. */
const struct diff_change *diff_change_find(const struct diff *diff, const char *kind,
                                           const char *name);
