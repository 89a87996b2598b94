/* The ladder: what may honestly be left out for two files to be equal.
 *
 * Each rung leaves named ranges out of both files and compares all the rest byte for byte; nothing
 * is ever rewritten. Rungs: macho-code-signature, authenticode, go-build-id, strip, embedded-files.
 * What UPX packed is unpacked outside of here (verifier/differ.h): rung upx. */
#pragma once

#include "verifier/compare/diff.h"
#include "verifier/image/image.h"

/* Climbs until A and B, which differ, are equal; then RET's verdict is "equivalent" and RET says
 * what was left out. Wants RET's parts; fills in its embedded files if nothing else will do. */
CHECKED bool ladder_climb(const struct image *a, const struct image *b, struct arena *arena,
                          struct diff *ret, struct error *err);
