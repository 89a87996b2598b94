/* Module paths and versions: what is valid, how they become file names and URLs, and the patterns
 * of GONOSUMDB and its like.
 *
 * A path or version that passed these checks is safe as an element of a file name, URL or argument:
 * no control, no blank, no "..", nothing that begins with a dash. The rules are golang.org/x/mod's
 * (module.CheckPath, CheckImportPath, Check, EscapePath, MatchPrefixPatterns), go.dev/ref/mod. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* ERROR_FORMAT says what is wrong with PATH. */
CHECKED bool module_path_check(const char *path, struct error *err);

/* The same for an import path, which may have '+' and needs no dot in its first element. */
CHECKED bool module_import_path_check(const char *path, struct error *err);

/* PATH is valid, VERSION is canonical (semver.h) and its major version is the one that PATH asks
 * for. ERROR_FORMAT, beginning with "PATH@VERSION: ". */
CHECKED bool module_check(const char *path, const char *version, struct error *err);

/* PATH without its major version suffix, and that suffix: "/v2", ".v1" (gopkg.in), "" if none.
 * False where the suffix is not one that a module may have ("/v1", "/v02"). */
CHECKED bool module_path_split(const char *path, struct arena *arena, const char **ret_prefix,
                               const char **ret_major);

/* The form in which PATH or VERSION stands in file names and URLs: '!' and the lower-case letter
 * for each upper-case one. Checks as module_path_check, or as for a file name, first. */
CHECKED bool module_path_escape(const char *path, struct arena *arena, const char **ret,
                                struct error *err);
CHECKED bool module_version_escape(const char *version, struct arena *arena, const char **ret,
                                   struct error *err);

/* True if one of PATTERNS (a comma list, as in GOPRIVATE) matches as many leading elements of PATH
 * as it has itself. Syntax of path.Match; a malformed pattern matches nothing. */
CHECKED bool module_patterns_match(const char *patterns, const char *path);
