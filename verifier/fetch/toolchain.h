/* What is special about the module golang.org/toolchain: how its versions are called, and what
 * makes a usable GOROOT of its unpacked zip (cmd/go/internal/toolchain; Go 1.21 and later publish
 * all releases since 1.2.2 in this form). */
#pragma once

#include "verifier/fetch/file_tree.h"

#define TOOLCHAIN_MODULE "golang.org/toolchain"

/* The module version of release GO_VERSION ("go1.20", "go1.23.5", "go1.26rc1") for a platform.
 * "go1.21" and later without a third number is the language; its first release, "go1.21.0", is
 * meant. ERROR_UNSUPPORTED if GO_VERSION names no release (devel, experiments, vendors' suffixes).
 */
CHECKED bool toolchain_module_version(const char *go_version, const char *goos, const char *goarch,
                                      struct arena *arena, const char **ret, struct error *err);

/* The architecture of this host in Go's words, NULL if no toolchain is published for it. Toolchains
 * run here whatever they build for. */
const char *toolchain_host_architecture(void);

/* Makes a GOROOT of the unpacked zip beneath DIR, whose h1 has been checked: each _go.mod becomes
 * go.mod, programs 0755, all else 0644. FILES is changed accordingly (and sorted again). */
CHECKED bool toolchain_finish(int dir, struct file_tree *files, struct arena *arena,
                              struct error *err);
