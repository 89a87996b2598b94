/* ELF headers of the other byte order, which libelf translates; those of this machine's own lie
 * ready. libelf is loaded when it is first needed (base/library.h). */
#pragma once

#include <libelf.h>

#include "base/error.h"
#include "base/source.h"

/* True if SOURCE begins as an ELF file whose headers have to be translated. A process that gives up
 * opening files loads libelf before, for such a file. */
bool image_elf_is_foreign(const struct source *source);
void image_elf_load(void);

/* Translates records of TYPE, SIZE bytes together, in place into the host's byte order. ENCODING is
 * ELFDATA2LSB or ELFDATA2MSB, WIDE: of 64 bits. */
CHECKED bool image_elf_translate(unsigned encoding, bool wide, Elf_Type type, void *records,
                                 size_t size, struct error *err);
