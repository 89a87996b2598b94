/* Go versions as the toolchain writes them ("go1.23.5", "go1.21rc2"), and what a version can do.
 *
 * Grammar: go.dev/ref/mod and internal/gover. The recipe stage knows Go 1.16 and later; a newer
 * line than those that were tried is treated as the newest of them. */
#pragma once

#include "base/bytes.h"

struct go_version {
    unsigned minor, patch; /* go1.MINOR.PATCH */
    unsigned pre_kind;     /* 0: a release, 1: beta, 2: rc */
    unsigned pre_number;
};

#define GO_MINOR_OLDEST 16
#define GO_MINOR_NEWEST_TRIED 27

/* All of TEXT, with the "go" in front: a release, beta or release candidate of Go 1. */
CHECKED bool go_version_parse(struct bytes text, struct go_version *ret);

/* The language version of a go line ("1.21", "1.21.3", "1.22rc1"): its minor number. */
CHECKED bool go_language_parse(struct bytes text, unsigned *ret_minor);
