/* The values of string variables that the linker's -X put in.
 *
 * Go's linker writes such a value NUL-terminated, which no other string is, and its header (pointer
 * and length) where the variable is, in the data (Go source, cmd/link/internal/ld/data.go,
 * addstrdata). With symbols each has one called VARIABLE.str. */
#pragma once

#include "verifier/image/image.h"

struct x_value {
    const char *name; /* "main.version"; "" in a file without symbols */
    uint64_t slot;    /* of the header, in the data section; 0 with a name */
    const char *value;
};

/* All of them: sorted by name if IMAGE has symbols (*RET_NAMED), else by slot. False if
 * symbols cannot be read to their end, or are too many: some of them would seem to be all. */
bool x_values_read(const struct image *image, struct arena *arena, struct x_value **ret,
                   size_t *ret_count, bool *ret_named);

/* The text, of whatever kind, that the string header at SLOT of the data points at; NULL if there
 * is no printable one. */
const char *x_value_at(const struct image *image, uint64_t slot, struct arena *arena);
