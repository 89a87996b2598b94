/* Between the parts of the PE reader. Which damage makes a file unreadable follows Go's debug/pe,
 * so that we accept what `go version` accepts. */
#pragma once

#include "verifier/image/image_pe.h"

/* The string table behind the symbols, and the symbols themselves. */
CHECKED bool image_pe_symbols(const struct image *image, struct pe_detail *detail,
                              struct error *err);

/* True if START, which counts the four bytes of the table's length, lies within the strings. */
CHECKED bool image_pe_string_valid(const struct pe_detail *detail, uint32_t start);

/* The names of the imported libraries, so far as they can be read. */
void image_pe_imports(struct image *image, const struct pe_detail *detail, struct arena *arena);
