/* An SPDX document compared with the binary that it is said to describe. */
#pragma once

#include "attest/sbom/sbom_model.h"
#include "attest/sbom/sbom_read.h"

enum sbom_difference_kind {
    SBOM_OTHER_FILE,    /* it describes a file with another digest */
    SBOM_MISSING,       /* a module of the binary that the document does not have */
    SBOM_EXTRA,         /* a Go module that the binary does not have */
    SBOM_WRONG_VERSION, /* another version than the binary's, or none */
    SBOM_WRONG_HASH,    /* a hash that is neither the module's zip nor its h1 */
    SBOM_H1_AS_SHA256,  /* a remark: h1 under the name of SHA-256, which nobody can check */
    SBOM_OLD_PURL,      /* a remark: the major version as subpath */
};

struct sbom_difference {
    enum sbom_difference_kind kind;
    const char *module;            /* or the file */
    const char *binary, *document; /* what each says; "" = nothing */
};

struct sbom_comparison {
    struct sbom_difference *differences;
    size_t count, capacity;
    bool agrees;    /* nothing but remarks */
    bool file_told; /* a digest of the very file is in the document */
};

const char *sbom_difference_name(enum sbom_difference_kind kind);

/* Compares DOCUMENT with SBOM. Versions that the model does not know are not compared. */
void sbom_compare(const struct sbom *sbom, const struct sbom_document *document,
                  struct arena *arena, struct sbom_comparison *ret);
