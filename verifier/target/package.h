/* The package around a file: what npm's package.json, a wheel's METADATA, the control file of a
 * Debian package, the header of an RPM package (package_rpm.h), the .PKGINFO of an Alpine package
 * call it.
 *
 * Hearsay for a hint at a version, never a proof. Formats: docs.npmjs.com "package.json"; Python
 * core metadata (PEP 566); deb-control(5); apk-package(5); package URLs:
 * github.com/package-url/purl-spec. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

enum package_kind {
    PACKAGE_NONE,
    PACKAGE_NPM,
    PACKAGE_PYPI,
    PACKAGE_DEB,
    PACKAGE_RPM,
    PACKAGE_APK
};

struct package {
    enum package_kind kind;
    const char *name, *version; /* "" if not told */
    const char *architecture;   /* of the last three, else NULL */
    const char *epoch;          /* of an RPM package that has one, else NULL */
    const char *space;          /* the distribution, where the user named it; else NULL */
};

/* The package that the file PATH beneath ROOT belongs to: the nearest package.json in its folder or
 * one above, up to ROOT, else the one *.dist-info/METADATA in ROOT. PACKAGE_NONE if there is none
 * or it cannot be read. */
struct package package_around(int root, const char *path, struct arena *arena);

/* Its package URL, "" for PACKAGE_NONE. Deb, rpm and apk packages do not say which distribution
 * publishes them. */
const char *package_purl(const struct package *package, struct arena *arena);

/* Parses a kind; false if TEXT does not name a package. */
CHECKED bool package_parse_npm(struct bytes text, struct arena *arena, struct package *ret);
CHECKED bool package_parse_metadata(struct bytes text, struct arena *arena, struct package *ret);
CHECKED bool package_parse_control(struct bytes text, struct arena *arena, struct package *ret);
CHECKED bool package_parse_pkginfo(struct bytes text, struct arena *arena, struct package *ret);

/* Copies PACKAGE to *RET if its texts are such as names and versions are. */
CHECKED bool package_settle(const struct package *package, struct package *ret);

/* Whether an archive that goes by NAME is the layer of an image, by the names that layouts
 * ("blobs/sha256/HEX") and saved images ("HEX.tar.gz", "HEX/layer.tar") give them. */
bool package_is_layer(const char *name);
