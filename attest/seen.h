/* What was accepted before, so that an old attestation cannot be shown in place of a newer one.
 *
 * For each key and file the time of the newest statement that was accepted; under a policy also,
 * for each key, module and platform, the newest version. One small file each, beneath `verify/` in
 * the state directory: never in the cache, which people empty. */
#pragma once

#include "attest/attestation.h"

struct seen {
    int dir;       /* -1: nothing was seen yet */
    bool versions; /* also look at versions */
};

/* STATE: the state directory, which need not be there. */
CHECKED bool seen_open(const char *state, struct seen *ret, struct error *err);
void seen_close(struct seen *seen);

/* *RET is NULL if nothing newer than VOTE was accepted before, else says what. ERROR_FORMAT: the
 * state is damaged. */
CHECKED bool seen_find_newer(const struct seen *seen, const struct attestation *vote,
                             struct arena *arena, const char **ret, struct error *err);
/* Notes VOTE as accepted. */
CHECKED bool seen_note(const char *state, bool versions, const struct attestation *vote,
                       struct error *err);
