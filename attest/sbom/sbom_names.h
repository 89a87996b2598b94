/* How the SBOM names things: suppliers, places, identifiers, versions. Rules stated once.
 *
 * The supplier of a module is read off its path, the one thing about it that go itself trusts: on a
 * host where the first path element is an account (github.com/OWNER/...), it is that account; on
 * every other host (golang.org/x/..., gopkg.in/...) the host, as whoever runs it decides what code
 * has that name. */
#pragma once

#include "base/arena.h"

struct sbom_supplier {
    const char *name, *url; /* "" if PATH names none */
};

struct sbom_supplier sbom_supplier_of(const char *path, struct arena *arena);

/* Where the module says that it lives, "https://PATH" without its major version; "" if PATH cannot
 * be part of a URL. */
const char *sbom_home_of(const char *path, struct arena *arena);

/* An identifier of letters, digits, '.' and '-': PREFIX, NUMBER, and as much of NAME as is handy.
 */
const char *sbom_id(const char *prefix, size_t number, const char *name, struct arena *arena);

/* "1.23.5" for "go1.23.5 X:boringcrypto"; TEXT itself if it is no release's name. */
const char *sbom_go_release(const char *text, struct arena *arena);

/* The CPE of that release of Go, "" if it is none: the one product name that NVD has. */
const char *sbom_go_cpe(const char *release, struct arena *arena);

/* The pseudo-version that go gives a commit without tags, "" if one of the two is malformed. */
const char *sbom_pseudo_version(const char *module, const char *revision, const char *time,
                                struct arena *arena);

/* RFC 3339, UTC. Times past the year 9999 are cut to it. */
const char *sbom_time_text(uint64_t unix_time, struct arena *arena);

/* The URI of kind KIND that stands for the digest HEX-named thing: base, KIND and a UUID (version 5
 * of RFC 9562) made of NAME. */
const char *sbom_uri(const char *kind, const char *name, struct arena *arena);
