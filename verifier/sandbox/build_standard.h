/* Building the standard library apart from the programs that use it: see fetch/standard.h. */
#pragma once

#include "verifier/fetch/file_tree.h"
#include "verifier/sandbox/build.h"

/* Whether a build of RECIPE compiles the standard library as any other with the same toolchain,
 * platform and flags does: without C, without a profile, from Go 1.20 on. */
bool build_standard_applies(const struct recipe *recipe);

/* Packages of the standard library that BOX's program imports, sorted. */
CHECKED bool build_standard_list(struct build_box *box, const char *toolchain, struct arena *arena,
                                 const char ***ret, size_t *ret_count, struct error *err);

/* A name for all that determines what compiling PACKAGES gives. H1 is the toolchain's. */
void build_standard_key(const struct build_box *box, const char *h1, const char *const *packages,
                        size_t count, char ret[SHA256_HEX_LEN + 1]);

/* Compiles PACKAGES in BOX, which was opened with build_settings.standard. */
CHECKED bool build_standard_run(struct build_box *box, const char *const *packages, size_t count,
                                struct arena *arena, struct error *err);

/* Copies the build cache of BOX, which must not run any more. */
CHECKED bool build_standard_take(const struct build_box *box, int to, struct error *err);
/* Copies the cache FROM into BOX, before it runs, and hashes the copy: ERROR_UNTRUSTED if it is not
 * FILES. On failure BOX's cache is empty. */
CHECKED bool build_standard_put(struct build_box *box, int from, const struct file_tree *files,
                                struct error *err);
