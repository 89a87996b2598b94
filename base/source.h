/* Random access to an input that may be larger than memory: a range of a file, or bytes.
 *
 * Files are read with pread, never mapped: a file cut short while it is read must be an error, not
 * a SIGBUS. Read whole tables, then take them apart with a reader; small reads near each other are
 * served from a cache where the source has one. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

/* The first page of a file, where headers are, and what was read around the last small read. */
#define SOURCE_PIECE 4096
struct source_cache {
    struct source_piece {
        uint64_t start; /* in the file */
        size_t len;
        uint8_t bytes[SOURCE_PIECE];
    } head, last;
};

struct source {
    int fd; /* -1: memory */
    struct bytes memory;
    uint64_t start, size;       /* the part of the file that this source shows */
    struct source_cache *cache; /* NULL: none. Zeroed at first; for one file, by one thread */
};

/* The regular file FD, which must stay open as long as the source is used. Anything but a regular
 * file is ERROR_USAGE. */
CHECKED bool source_from_fd(int fd, struct source *ret, struct error *err);

struct source source_from_bytes(struct bytes bytes);

/* A part of SOURCE (a slice of a fat Mach-O). ERROR_FORMAT if it reaches beyond the end. */
CHECKED bool source_slice(const struct source *source, uint64_t offset, uint64_t size,
                          struct source *ret, struct error *err);

/* Fills RET with exactly LEN bytes from OFFSET. ERROR_FORMAT names the place if the range reaches
 * beyond the end, ERROR_IO if the file became shorter meanwhile or cannot be read. */
CHECKED bool source_read(const struct source *source, uint64_t offset, void *ret, size_t len,
                         struct error *err);

/* As source_read into ARENA; ERROR_LIMIT if LEN is above MAXIMUM. */
CHECKED bool source_load(const struct source *source, uint64_t offset, uint64_t len,
                         uint64_t maximum, struct arena *arena, struct bytes *ret,
                         struct error *err);

/* As source_read, into BUFFER of LEN bytes; of memory RET is a view without a copy. */
CHECKED bool source_view(const struct source *source, uint64_t offset, uint8_t *buffer, size_t len,
                         struct bytes *ret, struct error *err);

/* Reads all of SOURCE into ARENA, for work that goes over it many times: RET is of memory. Bound
 * the size first. */
CHECKED bool source_hold(const struct source *source, struct arena *arena, struct source *ret,
                         struct error *err);

/* The first place from OFFSET on that may hold anything but zeros; SOURCE's size if there is none.
 * Lets a search pass over the holes of a sparse file; where holes are not known it is OFFSET
 * itself. Moves the descriptor's own offset, which nothing here uses. */
uint64_t source_data(const struct source *source, uint64_t offset);
