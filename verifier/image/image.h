/* A parsed executable: where its parts lie, whatever the format.
 *
 * ELF header tables are translated by libelf, Mach-O, PE, wasm, XCOFF and Plan 9 ones by readers of
 * our own, all over tables that are loaded by range under the limits of limits.h. Contents are read
 * by range on demand, so memory does not grow with the file. Formats: gABI; Apple's
 * mach-o/loader.h; Microsoft PE/COFF; WebAssembly core 1.0 section 5; AIX XCOFF; Plan 9 a.out(6).
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/reader.h"
#include "base/source.h"

enum image_format {
    IMAGE_UNKNOWN,
    IMAGE_ELF,
    IMAGE_MACHO,
    IMAGE_PE,
    IMAGE_WASM,
    IMAGE_XCOFF,
    IMAGE_PLAN9, /* only so far as `go version` reads it: a.out header and its data section */
};

/* A section (Mach-O: "__TEXT,__text" is segment "__TEXT", name "__text"). */
struct image_section {
    const char *name, *segment;
    uint64_t address, offset, size; /* size in the file; 0 for zero-filled ones */
    uint64_t memory_size;
    bool writable, executable;
};

/* A range of the file mapped at an address. */
struct image_segment {
    const char *name; /* "" where the format names none */
    uint64_t address, offset, size, memory_size;
    bool writable, executable;
};

struct image {
    enum image_format format;
    struct source source;
    enum byte_order order;
    unsigned pointer_size; /* 4 or 8 */
    const char *goarch;    /* "amd64"; "" if no GOARCH corresponds */
    const char *goos;      /* as far as the headers tell; "" if they do not */
    const char *machine;   /* the format's own name, for messages: "EM_X86_64" */
    struct image_section *sections;
    size_t section_count;
    struct image_segment *segments;
    size_t segment_count;
    bool pie, shared;
    const char *interpreter; /* "" if none */
    const char **libraries;  /* needed shared libraries */
    size_t library_count;
    void *detail; /* the format's own header facts, for image_*.h */
};

/* The format that the first bytes announce; a fat Mach-O is not an image (image_fat.h). */
enum image_format image_detect(const struct source *source);
const char *image_format_name(enum image_format format);

/* Parses the headers of SOURCE, which must outlive RET. All tables live in ARENA.
 * ERROR_UNSUPPORTED: no known executable format; ERROR_FORMAT with the place: malformed. */
CHECKED bool image_open(const struct source *source, struct arena *arena, struct image *ret,
                        struct error *err);

/* The first section called NAME, or NULL. */
const struct image_section *image_section(const struct image *image, const char *name);

/* Reads LEN bytes at virtual ADDRESS, which must lie in the file-backed part of one segment. In
 * wasm, where Go leaves out longer runs of zeros between segments, what is in none reads as zeros.
 */
CHECKED bool image_read_address(const struct image *image, uint64_t address, void *ret, size_t len,
                                struct error *err);

/* The file offset that ADDRESS is loaded from; false if no segment holds it. */
CHECKED bool image_address_offset(const struct image *image, uint64_t address, uint64_t *ret);
