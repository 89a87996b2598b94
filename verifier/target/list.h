/* Lists of checksums as targets (base/checksums.h): the files that one names lie beside it. */
#pragma once

#include "verifier/target/walk.h"

/* Whether the file FD at PATH is meant as such a list: by its first line, or by its name. */
bool list_is_one(int fd, const char *path);

/* Looks at the files that the list FD at PATH names. */
CHECKED bool list_open(const char *path, int fd, struct walk *walk, struct error *err);
