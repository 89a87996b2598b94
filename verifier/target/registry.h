/* Packages named by a package URL, got by the registry's own client with the user's own settings:
 * npm pack, pip download, apt-get download, dnf download. None of them runs anything of the
 * package, or installs it. What comes back is a stranger's archive like any other.
 *
 * Package URLs: github.com/package-url/purl-spec. A version is wanted: what moves is no target. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* What a registry's client is asked for. */
struct registry_request {
    const char *type; /* "npm", "pypi", "deb", "rpm", "golang" (which has no client here) */
    const char *name; /* as the client takes it: "@esbuild/linux-x64" */
    const char *version;
    const char *space;        /* of deb and rpm: the distribution, "debian"; else "" */
    const char *platform;     /* pip's, of the qualifier "platform"; "" */
    const char *architecture; /* of the qualifier "arch"; "" */
};

/* Whether TEXT is meant as a package URL. */
bool registry_is_purl(const char *text);

/* ERROR_USAGE: no version, a type that has no client here, a name that no client should see. */
CHECKED bool registry_parse(const char *purl, struct arena *arena, struct registry_request *ret,
                            struct error *err);

/* Gets the one file of REQUEST into the empty directory at the absolute path PLACE. ERROR_ABSENT
 * if the client is not installed; ERROR_NETWORK if it fails. */
CHECKED bool registry_get(const struct registry_request *request, const char *place,
                          struct arena *arena, struct error *err);
