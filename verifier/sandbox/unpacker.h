/* A program packed by UPX, unpacked by the `upx` of this machine, or packed by it again; in a box.
 *
 * The file comes from a stranger and upx is no part of reproof: it sees the machine's /usr, this
 * one file, and a directory for its result; no network, and nothing else. */
#pragma once

#include "base/source.h"
#include "verifier/sandbox/sandbox.h"

/* Unpacks PACKED. *RET_FD is the result, a file without a name; *RET_TOOL who did it ("UPX 4.2.2",
 * or "upx"), in ARENA. ERROR_ABSENT if there is no upx on PATH; ERROR_TOOL if there is no box for
 * it or it failed. */
CHECKED bool unpacker_run(const struct source *packed, struct arena *arena, int *ret_fd,
                          const char **ret_tool, struct error *err);

/* Packs PLAIN with METHOD ("--nrv2e") and LEVEL ("-9"), constants of the caller; else the same. */
CHECKED bool unpacker_pack(const struct source *plain, const char *method, const char *level,
                           struct arena *arena, int *ret_fd, const char **ret_tool,
                           struct error *err);
