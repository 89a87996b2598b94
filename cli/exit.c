// SPDX-License-Identifier: Apache-2.0
#include "cli/exit.h"

#include "base/interrupt.h"

enum outcome outcome_of_error(const struct error *err)
{
    switch (err->code) {
    case ERROR_USAGE:
    case ERROR_FORMAT:
        return OUTCOME_UNUSABLE;
    case ERROR_UNTRUSTED:
        return OUTCOME_TAMPERED;
    case ERROR_NONE:
    case ERROR_INTERNAL:
        return OUTCOME_INTERNAL;
    case ERROR_INTERRUPTED:
        return OUTCOME_SIGNAL;
    case ERROR_IO:
    case ERROR_NETWORK:
    case ERROR_ABSENT:
    case ERROR_LIMIT:
    case ERROR_UNSUPPORTED:
    case ERROR_MISMATCH:
    case ERROR_TOOL:
    case ERROR_TIMEOUT:
        break;
    }
    return OUTCOME_UNDECIDED;
}

enum outcome outcome_of_input_error(const struct error *err)
{
    switch (err->code) {
    case ERROR_UNTRUSTED:
    case ERROR_INTERRUPTED:
    case ERROR_INTERNAL:
    case ERROR_NONE:
    case ERROR_TOOL:
    case ERROR_NETWORK:
        return outcome_of_error(err);
    case ERROR_USAGE:
    case ERROR_IO:
    case ERROR_ABSENT:
    case ERROR_FORMAT:
    case ERROR_LIMIT:
    case ERROR_UNSUPPORTED:
    case ERROR_MISMATCH:
    case ERROR_TIMEOUT:
        break;
    }
    return OUTCOME_UNUSABLE;
}

enum outcome outcome_worse(enum outcome a, enum outcome b)
{
    static const int severity[] = {
        [OUTCOME_HOLDS] = 0,   [OUTCOME_UNDECIDED] = 1, [OUTCOME_UNUSABLE] = 2,
        [OUTCOME_REFUTED] = 3, [OUTCOME_TAMPERED] = 4,  [OUTCOME_INTERNAL] = 5,
        [OUTCOME_SIGNAL] = 6,
    };
    return severity[a] >= severity[b] ? a : b;
}

int exit_code(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_UNDECIDED:
        return 3;
    case OUTCOME_HOLDS:
        return 0;
    case OUTCOME_REFUTED:
        return 1;
    case OUTCOME_UNUSABLE:
        return 2;
    case OUTCOME_TAMPERED:
        return 4;
    case OUTCOME_INTERNAL:
        return 70;
    case OUTCOME_SIGNAL:
        return 128 + interrupt_signal();
    }
    return 70;
}
