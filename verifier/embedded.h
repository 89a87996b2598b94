/* What a stranger's program embeds (verifier/image/embedded.h), listed in a confined process. */
#pragma once

#include "verifier/image/embedded.h"

/* Lists what the program in SOURCE, one thin image, embeds. ERROR_FORMAT also if the process died
 * of it. */
CHECKED bool embedded_list(const struct source *source, struct arena *arena,
                           struct embedded_tables *ret, struct error *err);

/* Writes the content of FILE out of SOURCE to the empty file TO. ERROR_MISMATCH if it has not the
 * digest that was listed: SOURCE changed meanwhile. */
CHECKED bool embedded_copy(const struct source *source, const struct embedded_file *file, int to,
                           struct error *err);
