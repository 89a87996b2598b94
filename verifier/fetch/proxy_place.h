/* One round of gets: many files, each from a place of its own. */
#pragma once

#include "verifier/fetch/proxy_list.h"
#include "verifier/fetch/transport.h"

/* Fills in URL (in ARENA) and scheme of TRANSFER for SUFFIX at PLACE. ERROR_USAGE where the place
 * may not be asked. PLACE is not a directory. */
CHECKED bool place_address(const struct fetch_place *place, const char *suffix, struct arena *arena,
                           struct transfer *transfer, struct error *err);

/* Copies SUFFIX beneath the place's directory to where TRANSFER wants it; transfer->ok or
 * transfer->error tell. */
void place_copy(const struct fetch_place *place, const char *suffix, struct transfer *transfer);
