/* What a command came to, and the exit code that says so: one table for all commands.
 *
 * The zero value is "undecided", so that whatever was not set does not hold. */
#pragma once

#include "base/error.h"

enum outcome {
    OUTCOME_UNDECIDED, /* 3: unproven, not accepted, not enough votes, network */
    OUTCOME_HOLDS,     /* 0: everything asked for holds */
    OUTCOME_REFUTED,   /* 1: different; a trusted key contradicts */
    OUTCOME_UNUSABLE,  /* 2: usage, unreadable or malformed input, nothing to check */
    OUTCOME_TAMPERED,  /* 4: an input contradicts what was promised for it */
    OUTCOME_INTERNAL,  /* 70: our fault */
    OUTCOME_SIGNAL,    /* 128 + n: stopped by a signal */
};

/* The outcome of a command that ended with ERR while working (not while reading what it was given,
 * where everything that cannot be read is OUTCOME_UNUSABLE). */
enum outcome outcome_of_error(const struct error *err);

/* As outcome_of_error for an input that the user named: that it cannot be read is OUTCOME_UNUSABLE.
 */
enum outcome outcome_of_input_error(const struct error *err);

/* The worse of two outcomes of several subjects: tampered, refuted, unusable, undecided, holds. */
enum outcome outcome_worse(enum outcome a, enum outcome b);

int exit_code(enum outcome outcome);
