/* Package URLs of the type golang. They name source, with one exception: golang.org/toolchain,
 * whose versions hold the programs of a Go release for one platform. Those are got by the GOPROXY
 * protocol and proven against the checksum database before they are looked at. */
#pragma once

#include "verifier/target/registry.h"
#include "verifier/target/walk.h"

/* Looks at the programs that REQUEST, which the user wrote as PURL, names. ERROR_USAGE, with what
 * to name instead, for a module of source. */
CHECKED bool golang_open(const struct registry_request *request, const char *purl,
                         struct walk *walk, struct error *err);
