/* Small made images for the tests of the readers: well formed, with given contents, at known
 * places, so that a test can spoil one field. */
#pragma once

#include "base/buffer.h"
#include "base/reader.h"
#include "base/source.h"

struct made {
    uint8_t *data; /* heap */
    size_t len;
    enum byte_order order;
    unsigned width; /* 4 or 8 */
    size_t content; /* where the contents are */
    size_t table;   /* the section headers, or what the format has instead */
};

/* The address of the contents in all formats but Plan 9 (there: MADE_PLAN9_ADDRESS) and wasm. */
#define MADE_ADDRESS 0x400000U
#define MADE_PLAN9_ADDRESS 48U

struct made made_elf(enum byte_order order, unsigned width, struct bytes content);
struct made made_macho(enum byte_order order, unsigned width, struct bytes content);
struct made made_pe(unsigned width, struct bytes content);
struct made made_xcoff(unsigned width, struct bytes content);
struct made made_plan9(struct bytes content);
struct made made_wasm(struct bytes content);
/* A fat file of two Mach-O slices (amd64, arm64); WIDE is the 64 bit table. */
struct made made_fat(bool wide, struct bytes content);
void made_free(struct made *made);

/* Overwrites WIDTH bytes at OFFSET. */
void made_put(struct made *made, size_t offset, unsigned width, uint64_t value);
struct source made_source(const struct made *made);

/* Build information as the linker writes it since Go 1.18, and before (for contents at ADDRESS). */
void made_inline(struct buffer *ret, const char *version, struct bytes modules);
void made_pointers(struct buffer *ret, enum byte_order order, unsigned width, uint64_t address,
                   const char *version, struct bytes modules);
/* TEXT between the two markers of 16 bytes. */
void made_marked(struct buffer *ret, struct bytes text);
