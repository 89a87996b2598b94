/* Module paths, package paths, versions and sums, checked before they reach argv or a file: the
 * rules of verifier/fetch/module_path.h and semver.h, and what go build asks for besides. */
#pragma once

#include "base/bytes.h"

/* A package path: no flag and no pattern ("...") passes. */
CHECKED bool import_path_is_valid(const char *path);

/* A path that a module proxy can have: its first element names a server. */
CHECKED bool module_path_is_valid(const char *path);

/* What a go.mod may call a module, though no proxy may have it ("caddy"). */
CHECKED bool module_path_is_local(const char *path);

/* "vX.Y.Z", "vX.Y.Z-pre", "+incompatible" behind it or not. */
CHECKED bool module_version_is_valid(const char *version);

/* An h1 sum: "h1:" and 32 bytes of base64. */
CHECKED bool module_sum_is_valid(const char *sum);
