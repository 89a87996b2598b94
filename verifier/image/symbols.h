/* The symbol table of an image, if it was not stripped: ELF .symtab, Mach-O LC_SYMTAB, PE (COFF).
 *
 * Walked through windows in constant memory. Formats: gABI chapter 4 (symbol table); Apple's
 * mach-o/nlist.h; Microsoft PE/COFF 5.4. */
#pragma once

#include "verifier/image/image.h"

/* True where the file has the symbols of its program: not merely those that the dynamic linker
 * needs, which -s leaves. Wasm: the names of its functions. */
bool symbols_present(const struct image *image);

/* True where there is DWARF, compressed or not. */
bool dwarf_present(const struct image *image);

struct symbol {
    const char *name;
    uint64_t address;
    uint64_t size; /* 0 where the format does not say */
};

/* All defined symbols whose name ends in SUFFIX, at most MAXIMUM (then ERROR_LIMIT); in ARENA. In
 * Mach-O the linker's leading underscore is taken off. An image without symbols yields none. */
CHECKED bool symbols_with_suffix(const struct image *image, const char *suffix, size_t maximum,
                                 struct arena *arena, struct symbol **ret, size_t *ret_count,
                                 struct error *err);

/* NAME, which is a package's path and what is in it, as the source has it: in symbols the path has
 * some characters as %2e (cmd/internal/objabi.PathToPrefix). */
const char *symbol_plain_name(struct bytes name, struct arena *arena);
