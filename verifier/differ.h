/* Compares files of strangers: verifier/compare/diff.h in a confined process. What UPX packed is
 * compared unpacked, too, where this machine has an upx and a box for it. */
#pragma once

#include "verifier/compare/diff.h"

/* Compares A and B, which are regular files or parts of them. An error about one of them has "A" or
 * "B" in front. ERROR_UNSUPPORTED: not a Go binary; ERROR_FORMAT: malformed, or the process died of
 * it. */
CHECKED bool differ_run(const struct source *a, const struct source *b, struct arena *arena,
                        struct diff_result *ret, struct error *err);
