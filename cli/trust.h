/* Trust files on the command line: what `trust` and `verify --trust` share. */
#pragma once

#include "attest/trust_file.h"
#include "cli/command.h"

/* All of the file at PATH. */
CHECKED bool trust_load_text(const char *path, struct arena *arena, struct bytes *ret,
                             struct error *err);

/* Reads TEXT as what follows on the file that was accepted under its name, and keeps it if it is
 * newer, both as of NOW. If nothing was accepted yet: only where FIRST is its digest, else
 * ERROR_USAGE whose cure says how. */
CHECKED bool trust_follow(const char *state, struct bytes text, const char *first, time_t now,
                          struct arena *arena, struct trust_file *ret, struct error *err);
