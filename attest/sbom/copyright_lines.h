/* The lines of a licence file that say who has the copyright, but not those that speak of copyright
 * as such, nor those that the author of a licence put into its text. */
#pragma once

#include "base/arena.h"

/* As many as anybody reads, and as long. */
#define COPYRIGHT_LINES 20
#define COPYRIGHT_LINE_MAXIMUM 200

struct copyright_lines {
    const char *lines[COPYRIGHT_LINES];
    size_t count;
};

/* Adds those of TEXT that are not there yet, up to the limits. */
void copyright_lines_add(struct copyright_lines *lines, struct bytes text, struct arena *arena);

/* All of them, a line each; "" if there are none. */
const char *copyright_lines_text(const struct copyright_lines *lines, struct arena *arena);
