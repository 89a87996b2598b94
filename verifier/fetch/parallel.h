/* The same work for many items, shared between threads. */
#pragma once

#include <stddef.h>

#include "base/error.h"

/* Does item INDEX. Runs in several threads at once: may write only to what belongs to its item. */
typedef bool parallel_work(void *context, size_t index, struct error *err);

/* Calls WORK for 0 to COUNT - 1 in up to JOBS threads (0: one), the caller's own among them, and
 * waits for all. No further item is begun after a failure; that of the lowest item is reported. */
CHECKED bool parallel_run(unsigned jobs, size_t count, parallel_work *work, void *context,
                          struct error *err);
