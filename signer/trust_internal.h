/* How the readers of trust files add to a set of trusted keys. */
#pragma once

#include "signer/trust.h"

/* Notes what was left out; TEXT lives in TRUST's arena. */
void trust_pass_over(struct trust *trust, const char *text);
