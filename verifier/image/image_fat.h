/* Universal ("fat") Mach-O files: a table of slices, each a Mach-O image of its own.
 *
 * Apple's mach-o/fat.h; both the 32 and the 64 bit table. Stricter than Go, which reads the first
 * slice: slices must not overlap each other or the table, and each CPU appears once; whoever reads
 * a file in which two slices share bytes may see another program than the one that was checked. */
#pragma once

#include "verifier/image/image.h"

struct fat_slice {
    struct source source;
    uint32_t cpu_type, cpu_subtype;
    uint64_t offset, size; /* in the file */
    const char *goarch;    /* "" if none corresponds */
};

/* True if SOURCE begins as a fat Mach-O does. Java classes, which share the magic, are told apart
 * by their version number where the count of slices would be. */
bool fat_detect(const struct source *source);

/* The slices in the order of the table; at least one. Each is known to begin like a Mach-O image
 * and to be of the same file type as the first. ERROR_FORMAT, ERROR_LIMIT otherwise. */
CHECKED bool fat_open(const struct source *source, struct arena *arena, struct fat_slice **ret,
                      size_t *ret_count, struct error *err);
