/* Platforms and variants: which values of GOAMD64, GOARM, GORISCV64 and so on a Go version knows.
 *
 * Go records and silently accepts values that it does not know (GOARM=8), so they are checked here,
 * against a table read off internal/buildcfg of Go 1.16 to 1.27. Pairs of GOOS and GOARCH come from
 * the toolchain itself (`go tool dist list -json`). */
#pragma once

#include "base/error.h"
#include "verifier/recipe/goversion.h"

/* The variable that selects GOARCH's variant ("GOAMD64"); NULL if this Go version has none. */
const char *platform_variant_name(const char *goarch, const struct go_version *go);

/* The value that a toolchain takes if the variable is not set; "" for GOWASM, NULL without a
 * variant. GOARM's is that of a toolchain of another architecture, as ours is. */
const char *platform_variant_default(const char *goos, const char *goarch,
                                     const struct go_version *go);

/* True if GO knows the VALUE of the variant variable NAME. */
CHECKED bool platform_variant_is_valid(const char *name, struct bytes value,
                                       const struct go_version *go);

/* True if GO, from 1.24 on, knows VALUE for GOFIPS140. */
CHECKED bool platform_fips_is_valid(struct bytes value, const struct go_version *go);

/* A name of an operating system or architecture: lower-case letters and digits. */
CHECKED bool platform_name_is_valid(struct bytes name);

/* Whether the output of `go tool dist list -json` names the pair; ERROR_FORMAT if it is not that.
 */
CHECKED bool platform_is_listed(struct bytes dist_list, const char *goos, const char *goarch,
                                bool *ret, struct error *err);
