/* The rules that a vote has to meet to be counted, one row each (ballot_rules.c). */
#pragma once

#include "attest/ballot.h"

struct counting {
    const struct policy *policy;
    const struct sha256 *digest;
    const char *name;
    const struct seen *seen;
    time_t now;
    struct arena *arena;
    struct ballot *ballot;
};

/* Judges the votes that are for, fills the ballot's rules and what it comes to. */
CHECKED bool ballot_apply_rules(struct counting *counting, struct error *err);
