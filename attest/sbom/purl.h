/* Package URLs: taken apart, put together in their one canonical form, and what they say of Go
 * modules.
 *
 * Grammar: github.com/package-url/purl-spec, PURL-SPECIFICATION.rst; type golang in PURL-TYPES.rst,
 * which lowers the letters of namespace and name. Go's paths are case-sensitive: compare modules
 * with purl_is_module, and keep the exact path elsewhere. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

struct purl_qualifier {
    const char *key, *value;
};

/* Decoded; absent parts are "". Namespace and subpath keep the '/' between their segments. */
struct purl {
    const char *type, *namespace, *name, *version, *subpath;
    struct purl_qualifier *qualifiers; /* sorted by key */
    size_t qualifier_count;
};

/* ERROR_FORMAT says which part is wrong. At most LIMIT_LINE bytes. */
CHECKED bool purl_parse(const char *text, struct arena *arena, struct purl *ret, struct error *err);

/* The canonical form, in ARENA. ERROR_FORMAT for an invalid type or qualifier key, or no name. */
CHECKED bool purl_format(const struct purl *purl, struct arena *arena, const char **ret,
                         struct error *err);

/* Of a Go module; whatever bytes PATH and VERSION have, the result is a valid package URL. VERSION
 * may be "". */
const char *purl_of_module(const char *path, const char *version, struct arena *arena);

/* True if PURL names the Go module PATH. Read are also what other tools wrote: the major version
 * suffix as subpath ("lefthook@v2.2.2#v2"), and "std" for stdlib. */
CHECKED bool purl_is_module(const struct purl *purl, const char *path);

/* The module path that PURL names, in ARENA: as purl_is_module compares it, in lower case. */
const char *purl_module_path(const struct purl *purl, struct arena *arena);
