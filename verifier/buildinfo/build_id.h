/* The Go build ID: "linkAction/mainAction/mainContent/linkContent", each 20 base64url characters.
 *
 * Where it lies: ELF, in a note of name "Go" and type 4 in a PT_NOTE segment; else as the text
 * `\xff Go build ID: "..."\n \xff` near the start of the file or of its code (Go source,
 * cmd/internal/buildid/buildid.go and note.go). */
#pragma once

#include "verifier/image/image.h"
#include "verifier/inspect.h"

#define BUILD_ID_PART_LEN 20
#define BUILD_ID_LEN (BUILD_ID_PARTS * BUILD_ID_PART_LEN + BUILD_ID_PARTS - 1)

/* Yields the text of the build ID, "" if IMAGE has none. It may be anything: "redacted", a git
 * revision, megabytes of nonsense cut at an embedded NUL. Lives in ARENA. */
CHECKED bool build_id_read(const struct image *image, struct arena *arena, const char **ret,
                           struct error *err);

/* Takes ID apart; false, and the outputs left alone, unless it has the four parts. */
CHECKED bool build_id_split(const char *id, struct bytes ret_parts[BUILD_ID_PARTS]);
