/* SPDX documents of ours and of others, read for what they say of packages and files: JSON of 2.2
 * and 2.3, JSON-LD of 3.0.x as one graph.
 *
 * Nothing is demanded that the comparison does not need: documents in the field are often invalid
 * in other respects. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* A package or a file. Texts that the document does not have are "". */
struct sbom_entry {
    const char *name, *version, *purl, *h1;
    const char *sha1, *sha256, *sha512; /* as written: mostly lower-case hexadecimal */
    bool is_file;
};

struct sbom_document {
    const char *version; /* "SPDX-2.3", "3.0.1" */
    struct sbom_entry *entries;
    size_t count, capacity;
};

/* Strings live in ARENA. ERROR_FORMAT: no JSON, or no SPDX; ERROR_UNSUPPORTED names a version that
 * is not read. */
CHECKED bool sbom_read(struct bytes text, struct arena *arena, struct sbom_document *ret,
                       struct error *err);
