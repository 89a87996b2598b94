/* The SBOM made richer by what the store holds: module zips and their hashes, licences and
 * copyright lines out of the modules' own files, who requires whom, and what the checksum database
 * records.
 *
 * Every byte used is bound to an h1: that of the binary's dep line, or the database's record. What
 * is not in the store stays unknown, unless it is asked to be fetched. */
#pragma once

#include "attest/sbom/sbom_model.h"

struct sbom_sources {
    const char *store, *state; /* absolute directories; without FETCH neither is made */
    bool fetch;                /* get what the store has not */
    unsigned jobs;
    fetch_progress *progress; /* NULL: silent */
    void *progress_context;
};

/* Fills in what is to be had; sbom_clear afterwards. A module that cannot be had is a finding.
 * ERROR_UNTRUSTED if something in the store is not what it promised; ERROR_USAGE, ERROR_IO. */
CHECKED bool sbom_enrich(struct sbom *sbom, const struct sbom_sources *sources, struct arena *arena,
                         struct error *err);
