/* Versions as Go writes them: semantic versioning 2.0.0 with a leading v, the short forms v1 and
 * v1.2, +incompatible, and pseudo-versions (golang.org/x/mod/semver and module, go.dev/ref/mod). */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

/* Views into the text that was parsed; PRERELEASE begins with '-', BUILD with '+', "" if absent. */
struct semver {
    struct bytes major, minor, patch, prerelease, build;
    bool is_short; /* minor or patch were not written */
};

CHECKED bool semver_parse(const char *text, struct semver *ret);

/* True if TEXT is valid, has all three numbers, and no build part but +incompatible: the only form
 * in which go.mod files, module zips and the checksum database name a version. */
CHECKED bool semver_is_canonical(const char *text);

/* The order of precedence; build parts do not count, an invalid version comes before every valid
 * one. Negative, zero or positive. */
int semver_compare(const char *a, const char *b);

/* A version that stands for a commit. */
struct pseudo_version {
    const char *base;     /* the tag it builds on, "" if none: "v1.2.3", "v1.3.0-rc1" */
    const char *time;     /* UTC, "20240131235959" */
    const char *revision; /* the first twelve digits of the commit */
};

/* False if TEXT is no pseudo-version. Strings live in ARENA. */
CHECKED bool pseudo_version_parse(const char *text, struct arena *arena,
                                  struct pseudo_version *ret);
