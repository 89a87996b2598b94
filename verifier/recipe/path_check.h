/* Paths that an artifact wants to see in the box. */
#pragma once

#include "base/bytes.h"

/* Ours, in the box of an untrimmed build. */
#define PATH_RESERVED_ROOT "/.reproof"

/* An absolute, clean path that can be made in a box: no empty, "." or ".." parts, no control
 * characters, none of the places that the box fills itself (/dev, /proc, /sys, ours), not "/". */
CHECKED bool path_is_usable(const char *path);
