/* Which string variables -X of a link may have set: read off the source of a module.
 *
 * Names come from two kinds of text. Go files declare variables; the files that a project is built
 * with (.goreleaser.yml, Makefile, Dockerfile, scripts, workflows) name those that are set. Both
 * are looked at line by line and roughly: a name too many costs time in a search and nothing else.
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

struct variable {
    const char *name; /* "PKG.VAR", as -X wants it */
    bool named;       /* by a file that the project is built with */
};

struct variables {
    struct arena *arena;
    struct variable *items;
    size_t count, capacity;
    size_t named_count;
    const char **hints; /* VAR alone, where a script computes the package's path */
    size_t hint_count, hint_capacity;
};

/* Adds the string variables that the Go file TEXT of the package with import path PACKAGE declares.
 * A file of package main counts only if IS_PROGRAM (it is the program's own), its name is "main".
 */
void variables_add_go(struct variables *variables, struct bytes text, const char *package,
                      bool is_program);

/* Adds what -X in TEXT names; to be called after all Go files were added. */
void variables_add_script(struct variables *variables, struct bytes text);

/* Names that fit VALUE, the likeliest first, at most MAXIMUM. */
size_t variables_for_value(const struct variables *variables, const char *value, size_t maximum,
                           const char **ret);
