// SPDX-License-Identifier: Apache-2.0
#include "verifier/report/result.h"

#include <string.h>

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_REPRODUCED:
        return "reproduced";
    case VERDICT_EQUIVALENT:
        return "equivalent";
    case VERDICT_DIFFERENT:
        return "different";
    case VERDICT_UNPROVEN:
        break;
    }
    return "unproven";
}

bool assumption_weakens(const char *name)
{
    static const char *const weakening[] = {
        "dependencies-differ", "embedded-from-artifact", "local-source", "local-toolchain",
        "patched-toolchain",   "unrecorded-module",      "unsandboxed",
    };
    for (size_t i = 0; i < ARRAY_LEN(weakening); i++) {
        if (strcmp(name, weakening[i]) == 0) {
            return true;
        }
    }
    return false;
}
