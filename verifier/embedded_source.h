/* Which embedded files of a program its source lacks, or has otherwise.
 *
 * A table of embedded files (verifier/image/embedded.h) belongs to a variable whose //go:embed
 * patterns take exactly the files of the table. Where several do, the one whose files the source
 * has already; and no two tables belong to one variable. A wrong guess changes no verdict for the
 * better: what is built from it differs. */
#pragma once

#include "verifier/fetch/fetch.h"
#include "verifier/image/embedded.h"
#include "verifier/recipe/recipe.h"

struct embedded_question {
    const struct embedded_tables *tables;
    const char *module;                /* the main module's path */
    const char *tree;                  /* its files */
    const struct fetched_module *deps; /* looked at only if tables could be theirs */
    size_t dep_count;
};

/* What would have to be put into the source. */
struct embedded_needs {
    struct recipe_embedded *items; /* sorted by path, each path once */
    size_t count, capacity;
    const char *refused; /* the first file that was left out, as it is source code to go; or NULL */
};

/* Texts live in ARENA. A tree that cannot be read lacks nothing. What was found out goes to NOTES.
 */
void embedded_compare(const struct embedded_question *question, struct arena *arena,
                      struct recipe_notes *notes, struct embedded_needs *ret);
