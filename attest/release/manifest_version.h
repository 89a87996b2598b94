/* The release's version within the names of its files, where GoReleaser and most others put it.
 * With ${version} in its place a manifest changes by one line from one release to the next. */
#pragma once

#include "attest/release/manifest.h"

/* TEXT with ${version} replaced, in ARENA. */
const char *manifest_expand(const char *text, const char *version, struct arena *arena);

/* Puts ${version} into what MANIFEST says of files: the artifacts of its pairs, others and members.
 * Drops the version from the names of pairs, unless two would be called alike then. A version that
 * the names have without its "v" becomes the manifest's. */
void manifest_generalise(struct manifest *manifest, struct arena *arena);
