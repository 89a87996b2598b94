/* The text files of a module's tree, for what is read off sources roughly. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Tells of the regular file NAME in the open directory DIR, which is PLACE. */
typedef void source_walk_take(void *context, int dir, const char *name, const char *place,
                              uint64_t size);

/* Walks the tree DIR, which is PLACE (its directories are PLACE/x, PLACE/x/y), sorted, without what
 * is no part of a module: test data, vendored modules, other languages' packages. Very large trees
 * are not walked to their end. */
void source_walk(int dir, const char *place, source_walk_take *take, void *context);
