/* The package around a file: what npm's package.json or a wheel's METADATA call it.
 *
 * Hearsay for a hint at a version, never a proof. Formats: docs.npmjs.com "package.json"; Python
 * core metadata (PEP 566); package URLs: github.com/package-url/purl-spec. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

enum package_kind { PACKAGE_NONE, PACKAGE_NPM, PACKAGE_PYPI };

struct package {
    enum package_kind kind;
    const char *name, *version; /* "" if not told */
};

/* The package that the file PATH beneath ROOT belongs to: the nearest package.json in its folder or
 * one above, up to ROOT, else the one *.dist-info/METADATA in ROOT. PACKAGE_NONE if there is none
 * or it cannot be read. */
struct package package_around(int root, const char *path, struct arena *arena);

/* Its package URL, "" for PACKAGE_NONE. */
const char *package_purl(const struct package *package, struct arena *arena);

/* Parses the two kinds; false if TEXT does not name a package. */
CHECKED bool package_parse_npm(struct bytes text, struct arena *arena, struct package *ret);
CHECKED bool package_parse_metadata(struct bytes text, struct arena *arena, struct package *ret);
