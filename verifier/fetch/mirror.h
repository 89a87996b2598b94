/* A module proxy in a directory, made of what the store has: for GOPROXY=file://DIR.
 *
 * It holds each module's .mod, .zip and .info (without the time unless one was ever got), its list,
 * and what the checksum database said with all tiles, so that plain go checks everything against
 * the database without network (go.dev/ref/mod#goproxy-protocol; an empty sumdb/NAME/supported
 * makes go ask here). */
#pragma once

#include "verifier/fetch/fetch.h"

/* Writes the mirror of COUNT modules, which fetch_modules gave, to the absolute directory PATH,
 * made if absent; files that are there are replaced. Files are hashed before they are copied. */
CHECKED bool mirror_write(struct fetcher *fetcher, const struct fetched_module *modules,
                          size_t count, const char *path, struct error *err);
