/* The SBOM as an SPDX 3.0.1 JSON-LD document (spdx.github.io/spdx-spec/v3.0.1), with the profiles
 * core, software, simpleLicensing and build.
 *
 * A flat graph: each element once, relationships between them, identifiers below the namespace. */
#pragma once

#include "attest/sbom/sbom_model.h"
#include "base/buffer.h"

void sbom_write_spdx3(const struct sbom *sbom, const char *document_namespace, struct buffer *out);
