/* An input seen through one buffer, so that many small reads near each other cost one read.
 *
 * Tables that may be as large as the file (symbols, pclntab) are walked this way in constant
 * memory. Offsets count from the start of the source; or, over the memory of an image, they are
 * addresses, and what no segment fills from the file reads as zero, as the loader would have it
 * (Go's wasm linker leaves runs of zeros out of the file). Views live until the next call on the
 * same window. */
#pragma once

#include "verifier/image/image.h"

/* The most that one call yields. */
#define WINDOW_MAXIMUM 32768

struct window {
    struct source source;
    const struct image *image; /* not NULL: addresses in its memory */
    struct arena *arena;       /* NULL: the source is memory itself */
    uint8_t *buffer;
    size_t capacity;
    uint64_t start;
    size_t len;
    size_t span; /* how much the next read fetches: grows while the reads follow each other */
};

/* Over SOURCE; the buffer lives in ARENA, from the first read on. */
void window_init(struct window *window, const struct source *source, struct arena *arena);
/* Over the addresses of IMAGE, which must outlive it, and whose segments are in order. */
void window_init_memory(struct window *window, const struct image *image, struct arena *arena);

/* LEN bytes (at most WINDOW_MAXIMUM) at OFFSET. Errors as source_read. */
CHECKED bool window_bytes(struct window *window, uint64_t offset, size_t len, struct bytes *ret,
                          struct error *err);
/* At least one and up to MAXIMUM bytes from OFFSET, as many as there are before END. */
CHECKED bool window_some(struct window *window, uint64_t offset, uint64_t end, size_t maximum,
                         struct bytes *ret, struct error *err);
/* A number of WIDTH bytes. */
CHECKED bool window_uint(struct window *window, uint64_t offset, unsigned width,
                         enum byte_order order, uint64_t *ret, struct error *err);
/* The bytes from OFFSET up to a NUL that stands before END; ERROR_FORMAT if there is none or it is
 * not within MAXIMUM (at most WINDOW_MAXIMUM) bytes. */
CHECKED bool window_cstring(struct window *window, uint64_t offset, uint64_t end, size_t maximum,
                            struct bytes *ret, struct error *err);
