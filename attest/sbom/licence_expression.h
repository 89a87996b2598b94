/* Licence expressions (SPDX 2.3, annex D): checked, found where a file states one, joined. */
#pragma once

#include "attest/sbom/licence_table.h"

/* True if TEXT is an expression whose identifiers the list has. Exceptions behind WITH are taken as
 * they are written. */
CHECKED bool licence_expression_is_valid(const struct licence_table *table, struct bytes text);

/* The valid expression behind the first "SPDX-License-Identifier:" of TEXT, and where it stands. */
CHECKED bool licence_stated(const struct licence_table *table, struct bytes text,
                            size_t *ret_offset, struct bytes *ret);

/* EXPRESSIONS (COUNT of them, sorted here) as one, each once, joined by WORD ("AND", "OR"); "" if
 * there is none. */
const char *licence_join(const char **expressions, size_t count, const char *word,
                         struct arena *arena);
