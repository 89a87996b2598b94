/* How the readers of trust files add to a set of trusted keys. */
#pragma once

#include "signer/trust.h"

/* ERROR_LIMIT past LIMIT_TRUSTED_KEYS. */
CHECKED bool trust_add_key(struct trust *trust, const struct trusted_key *key, struct error *err);
/* Notes what was left out; TEXT lives in TRUST's arena. */
void trust_pass_over(struct trust *trust, const char *text);
