/* Between image_macho.c, which walks over the load commands, and image_macho_command.c, which reads
 * each. What a command must hold follows mach-o/loader.h; which damage makes a file unreadable
 * follows Go's debug/macho, so that we accept what `go version` accepts. */
#pragma once

#include "verifier/image/image_macho.h"

struct macho_reader {
    struct arena *arena;
    struct image *image;
    struct macho_detail *detail;
    struct reader commands;
    size_t segment_capacity, segment_detail_capacity;
    size_t section_capacity, section_detail_capacity;
    size_t library_capacity;
    uint64_t symbol_bytes; /* checked so far, of all symbol tables */
    uint32_t symbol_count; /* of the last symbol table */
};

/* Reads one load command; BODY begins with its header. */
CHECKED bool image_macho_command(struct macho_reader *state, const struct macho_command *command,
                                 struct reader *body, struct error *err);
