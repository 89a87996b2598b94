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

/* The 32-bit fields of a function's record, counted behind its entry; UNIT since 1.16. */
enum pclntab_field {
    PCLNTAB_NAME,
    PCLNTAB_FILE_STEPS = 4,
    PCLNTAB_LINE_STEPS = 5,
    PCLNTAB_UNIT = 7
};

/* Where the record of function INDEX lies, and a field of it. */
CHECKED bool pclntab_record(struct pclntab *table, uint64_t index, uint64_t *ret,
                            struct error *err);
CHECKED bool pclntab_field(struct pclntab *table, uint64_t record, enum pclntab_field field,
                           uint64_t *ret, struct error *err);

/* The name of file NUMBER of the function's compilation unit; before 1.16 of the whole program. */
CHECKED bool pclntab_file(struct pclntab *table, uint64_t record, uint32_t number,
                          struct bytes *ret);
