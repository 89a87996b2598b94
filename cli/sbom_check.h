/* How `sbom --check` tells what a document and a binary differ in. */
#pragma once

#include "attest/sbom/sbom_check.h"
#include "base/buffer.h"

/* NAME of the document. */
void sbom_check_text(const struct sbom *sbom, const char *name,
                     const struct sbom_comparison *comparison, struct buffer *out);

/* The `reproof/sbom-check/v1` document. */
void sbom_check_json(const struct sbom *sbom, const char *name,
                     const struct sbom_comparison *comparison, struct buffer *out);
