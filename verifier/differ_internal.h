/* Between differ.c and differ_packed.c. */
#pragma once

#include "verifier/differ.h"

/* One comparison in a confined process, of the files as they are. */
CHECKED bool differ_compare(const struct source *const sources[2], struct arena *arena,
                            struct diff_result *ret, struct error *err);

/* Where RESULT says that one of them is packed: unpacks what is packed and compares again, if this
 * machine can; else RESULT says why not. Fails only if a signal came. */
CHECKED bool differ_undo_packing(const struct source *const sources[2], struct arena *arena,
                                 struct diff_result *result, struct error *err);
