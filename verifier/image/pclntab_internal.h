/* What pclntab.c and pclntab_find.c share; for them alone. */
#pragma once

#include "verifier/image/pclntab.h"

#define PCLNTAB_MAGIC_LEN 8

/* Recognises the eight bytes that every header begins with. */
CHECKED bool pclntab_magic(struct bytes bytes, enum pclntab_layout *ret_layout,
                           enum byte_order *ret_order, unsigned *ret_quantum,
                           unsigned *ret_pointer_size);

/* Reads the header at OFFSET of WINDOW (at most SIZE bytes), checks it and the first function, and
 * yields a table whose windows look at WINDOW's source. */
CHECKED bool pclntab_read_header(struct window *window, uint64_t offset, uint64_t size,
                                 struct pclntab *ret, struct error *err);

/* Finds the table's header in IMAGE: where it is and the most that it can span. */
CHECKED bool pclntab_locate(const struct image *image, struct window *window, uint64_t *ret_offset,
                            uint64_t *ret_size, struct error *err);
