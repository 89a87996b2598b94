/* pclntab: the table that the Go runtime uses to turn a program counter into function, file and
 * line.
 *
 * It cannot be stripped, so it names all functions and source files of any Go program. Layouts of
 * Go 1.2, 1.16, 1.18 and 1.20 (Go source, debug/gosym/pclntab.go, runtime/symtab.go, cmd/link
 * internal/ld/pcln.go). It is walked by range through windows: memory does not grow with the file.
 *
 * Where it lies: ELF .gopclntab, Mach-O __gopclntab, wasm in its memory; PE, XCOFF, and ELF linked
 * by a C linker as PIE have no section of their own for it, so its header is looked for and
 * checked. */
#pragma once

#include "verifier/image/image.h"
#include "verifier/image/window.h"

enum pclntab_layout { PCLNTAB_1_2, PCLNTAB_1_16, PCLNTAB_1_18, PCLNTAB_1_20 };

struct pclntab {
    enum pclntab_layout layout;
    enum byte_order order;
    unsigned pointer_size, quantum;
    uint64_t offset; /* of the header: in the file; wasm: in memory */
    uint64_t size;   /* at most: the table's true end is written nowhere */
    uint64_t
        text_start; /* what function entries count from; 0 if unknown, then they are relative */
    uint64_t function_count, file_count;

    /* The rest is pclntab.c's. Offsets count from the header. */
    uint64_t names, units, files, steps, functions;
    struct window *header_window, *table_window, *function_window, *name_window, *step_window,
        *unit_window, *file_window;
};

struct pclntab_function {
    struct bytes name; /* "main.main" */
    struct bytes file; /* "" if the table names none (assembler stubs, wrappers) */
    uint64_t entry, end;
    uint64_t line; /* of the entry; 0 if unknown */
};

/* Finds and checks the table of IMAGE, which must outlive RET; buffers live in ARENA.
 * ERROR_ABSENT if there is none, ERROR_FORMAT if its header contradicts itself. */
CHECKED bool pclntab_open(const struct image *image, struct arena *arena, struct pclntab *ret,
                          struct error *err);

/* True if IMAGE has a section of that name, so that pclntab_open need not look through its data. */
bool pclntab_has_section(const struct image *image);

/* "1.2", "1.16", "1.18", "1.20". */
const char *pclntab_layout_name(enum pclntab_layout layout);

/* Function INDEX, in the order of addresses. The texts live until the next call with TABLE. */
CHECKED bool pclntab_function(struct pclntab *table, uint64_t index, struct pclntab_function *ret,
                              struct error *err);
/* Its name alone, which is cheaper; lives until the next call with TABLE. */
CHECKED bool pclntab_function_name(struct pclntab *table, uint64_t index, struct bytes *ret,
                                   struct error *err);
/* Where its code begins; INDEX may be the count, for the end of the last one. */
CHECKED bool pclntab_address(struct pclntab *table, uint64_t index, uint64_t *ret,
                             struct error *err);
/* The function whose code holds ADDRESS; false if none does. */
CHECKED bool pclntab_find(struct pclntab *table, uint64_t address, uint64_t *ret_index);

/* Where the source of the instruction OFFSET bytes behind the entry of function INDEX is: line, and
 * file ("" if not known; it may be another than the function's own, where code was put inline). The
 * text lives until the next call with TABLE. False where the table does not say. */
CHECKED bool pclntab_line(struct pclntab *table, uint64_t index, uint64_t offset,
                          struct bytes *ret_file, uint64_t *ret_line);

/* A walk over the names of all source files, in the table's order: start with a zeroed cursor.
 * *RET_DONE says that there are no more; else RET lives until the next call with TABLE. */
struct pclntab_cursor {
    uint64_t index, offset;
};
CHECKED bool pclntab_next_file(struct pclntab *table, struct pclntab_cursor *cursor, bool *ret_done,
                               struct bytes *ret, struct error *err);
