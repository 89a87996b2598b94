/* An inspection as text: what `go version -m` prints, then the traits, one a line.
 *
 * The lines of build information are exactly Go's (runtime/debug, BuildInfo.String; strconv.Quote
 * for settings), but that bytes which would disturb a terminal are escaped. Traits follow as
 * "\ttrait\tNAME=VALUE"; what the file does not tell has no line. */
#pragma once

#include "base/buffer.h"
#include "verifier/inspect.h"

void inspect_text(const struct inspection *file, struct buffer *out);
