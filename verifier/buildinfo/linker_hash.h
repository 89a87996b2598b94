/* Is the file as the linker left it? Part 4 of the build ID, recomputed from the file alone.
 *
 * Part 4 is the base64url text of the first 15 bytes of the SHA-256 of the whole file in which
 * these read as zero: the code signature (Mach-O), since Go 1.24 the host's build ID (GNU note,
 * LC_UUID), and each occurrence of the build ID's text (Go source, cmd/internal/buildid:
 * FindAndHash and excludedReader). It is no proof of origin: who changes a file can write a new ID.
 */
#pragma once

#include "base/digest.h"
#include "verifier/image/image.h"
#include "verifier/inspect.h"

/* Reads IMAGE's file once, in pieces. BUILD_ID is its text ("" if there is none), GO_VERSION what
 * the file says ("go1.23.5"); if that is not a release, either rule may match. RET_SHA256, of the
 * file as it is, may be NULL. */
CHECKED bool linker_hash_compute(const struct image *image, const char *build_id,
                                 const char *go_version, enum linker_hash *ret,
                                 struct sha256 *ret_sha256, struct error *err);

/* True if IMAGE has a build ID of the host's tools: a GNU note, or LC_UUID. */
bool host_build_id_present(const struct image *image);
/* Where in the file its value is. */
CHECKED bool host_build_id_place(const struct image *image, uint64_t *ret_offset,
                                 uint64_t *ret_size);

/* What is known of the host build ID's blanking from the text GO_VERSION. */
enum host_id_rule { HOST_ID_UNKNOWN, HOST_ID_KEPT, HOST_ID_BLANKED };
enum host_id_rule linker_hash_rule(const char *go_version);
