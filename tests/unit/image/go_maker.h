/* Made pclntabs of all layouts, and a whole ELF file as the Go linker would write it, small enough
 * to spoil each byte of it in turn. */
#pragma once

#include "tests/unit/image/maker.h"
#include "verifier/image/pclntab.h"

struct made_function {
    const char *name;
    size_t file; /* index into the files; MADE_NO_FILE */
    uint32_t line;
};

#define MADE_NO_FILE SIZE_MAX
#define MADE_TEXT 0x401000U
#define MADE_FUNCTION_LEN 0x20U /* of code */

struct made_table {
    enum pclntab_layout layout;
    enum byte_order order;
    unsigned width;
    const char *const *files;
    size_t file_count;
    const struct made_function *functions;
    size_t function_count;
};

void made_pclntab(struct buffer *ret, const struct made_table *table);

/* The part of a made Go program that a test wants to vary; "" and {0} leave a part out. */
struct made_program {
    const char *version;  /* "go1.24.1" */
    struct bytes modules; /* with markers */
    const char *build_id; /* text of the note */
    struct bytes pclntab;
    struct bytes comment;
    struct bytes rodata;
    bool host_id;
    bool c_library; /* sections and a segment that a C linker adds */
    bool symbols;
};

struct made made_go_elf(const struct made_program *program);
/* Where the parts are. */
#define MADE_NOTE 0x200U
#define MADE_NOTE_ID (MADE_NOTE + 16U)
#define MADE_HOST_ID (0x2c0U + 16U)
#define MADE_PCLNTAB 0x400U

/* Recomputes part 4 of BUILD_ID in the simplest way, over a copy with the ranges and all
 * occurrences of the text zeroed, and writes it over part 4 everywhere in MADE. */
void made_seal(struct made *made, const char *build_id, bool blank_host_id);
