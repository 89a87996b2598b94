/* What an RPM package says of itself: name, version, release, epoch and architecture of its header.
 *
 * Format: rpm.org, "RPM v4 package format": lead, signature, header; each header is an index of
 * (tag, type, offset, count) and a store of values. */
#pragma once

#include "verifier/target/package.h"

/* Reads the package that begins with BYTES, of which the headers have to be there. False if they do
 * not name a package. */
CHECKED bool package_parse_rpm(struct bytes bytes, struct arena *arena, struct package *ret);
