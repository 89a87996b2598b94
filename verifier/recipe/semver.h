/* Semantic versions as Go modules use them: "vX.Y.Z[-pre][+build]" (semver.org 2.0.0). */
#pragma once

#include "base/bytes.h"

struct semver {
    struct bytes major, minor, patch; /* decimal digits */
    struct bytes prerelease;          /* without the '-'; empty without */
    struct bytes build;               /* with the '+'; empty without */
};

/* All of TEXT, in full form; shortened forms ("v1", "v1.2") are refused. Views into TEXT. */
CHECKED bool semver_parse(struct bytes text, struct semver *ret);

/* Precedence of two versions: negative, 0, positive. An invalid one is lower than all valid ones.
 */
int semver_compare(struct bytes a, struct bytes b);
