/* What the checksum database records of an SBOM's modules: their h1 and their go.mod. Part of
 * sbom_store. */
#pragma once

#include "attest/sbom/sbom_model.h"

/* Asks for the records, and with TREES for the modules themselves. What cannot be had is left as it
 * is; with TREES it is a finding too. ERROR_UNTRUSTED, ERROR_INTERRUPTED, ERROR_INTERNAL end it. */
CHECKED bool sbom_look_up_records(struct sbom *sbom, struct fetcher *fetcher, bool trees,
                                  struct arena *arena, struct error *err);
