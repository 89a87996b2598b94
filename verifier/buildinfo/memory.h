/* The memory of a program as Go's debug/buildinfo sees it: ranges of the file by address.
 *
 * Where a part of this looks odd (numbers that wrap, an empty range at 0 that holds every address),
 * that is how Go computes; a file must not show us other build information than it shows to
 * `go version`. */
#pragma once

#include "verifier/image/image.h"

struct memory_range {
    uint64_t address, offset, size;
    uint64_t last;   /* the last address that counts as belonging to it */
    bool unreadable; /* has no bytes in the file, and reading them is an error */
};

struct memory {
    const struct image *image;
    uint64_t base; /* what addresses are relative to */
    struct memory_range *ranges;
    size_t count;
};

void memory_open(const struct image *image, struct arena *arena, struct memory *ret);

enum memory_result {
    MEMORY_READ,
    MEMORY_END,      /* ends before the bytes asked for */
    MEMORY_UNMAPPED, /* no range holds the address */
    MEMORY_FAILED,   /* the file could not be read; the error says why */
};

/* Fills RET with the bytes from ADDRESS to the end of its range, at most LEN; at least one. */
enum memory_result memory_read_some(const struct memory *memory, uint64_t address, void *ret,
                                    size_t len, size_t *ret_len, struct error *err);

/* True if LEN bytes from ADDRESS are in one range and in the file; *RET is where in the file. */
CHECKED bool memory_find(const struct memory *memory, uint64_t address, uint64_t len,
                         uint64_t *ret);

/* The range in which the linker puts the build information: addresses, before anything is read. */
CHECKED bool memory_data_start(const struct image *image, uint64_t *ret_address,
                               uint64_t *ret_size);
