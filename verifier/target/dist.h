/* The directory that GoReleaser writes (dist): what its artifacts.json says of the files in it. */
#pragma once

#include "verifier/target/walk.h"

/* Reads what the directory DIR, which goes by walk->prefix, says of itself, if it does; SURE: the
 * user named its artifacts.json, so that it has to. RET is empty if it does not. */
CHECKED bool dist_read(struct walk *walk, int dir, bool sure, struct expectations *ret,
                       struct error *err);

/* Tells what is left to be told once all was looked at. */
void dist_finish(struct walk *walk);
