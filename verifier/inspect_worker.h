/* The inspector's process with another piece of work in it, for tests of what happens when that
 * crashes, hangs or lies; everybody else uses inspect.h. */
#pragma once

#include "verifier/inspect.h"
#include "verifier/inspect_record.h"

/* Fills RECORD from the file FD; runs in the confined process. */
typedef void inspect_work(int fd, unsigned what, struct arena *arena,
                          struct inspect_record *record);

/* As inspector_open. A file may take SECONDS, and a second more for each LIMIT_INSPECT_RATE bytes.
 */
CHECKED bool inspector_open_with(inspect_work *work, unsigned what, unsigned seconds,
                                 struct inspector **ret, struct error *err);
