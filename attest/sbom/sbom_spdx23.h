/* The SBOM as an SPDX 2.3 JSON document (spdx.github.io/spdx-spec/v2.3).
 *
 * One package for the binary, with its file, and one for each component. What 2.3 has no place for
 * stands in comments, a line a fact, "key: value". */
#pragma once

#include "attest/sbom/sbom_model.h"
#include "base/buffer.h"

void sbom_write_spdx23(const struct sbom *sbom, const char *document_namespace, struct buffer *out);
