/* The SBOM as a document, in either format.
 *
 * The document's namespace is made of its own content, so that the same document has the same name
 * everywhere, and another one (richer, or proven since) another name. */
#pragma once

#include "attest/sbom/sbom_model.h"
#include "base/buffer.h"

enum sbom_format { SBOM_SPDX_23, SBOM_SPDX_30 };

/* "spdx-2.3" or "spdx-3.0"; false for another word. */
CHECKED bool sbom_format_parse(const char *text, enum sbom_format *ret);

/* Appends the document to OUT; ERROR_LIMIT if it passes OUT's maximum. */
CHECKED bool sbom_write(const struct sbom *sbom, enum sbom_format format, struct buffer *out,
                        struct error *err);

/* Several facts, a line each, for formats without a place of their own for them. */
const char *sbom_component_comment(const struct sbom_component *component, struct arena *arena);
const char *sbom_document_comment(const struct sbom *sbom, struct arena *arena);

/* How a licence was found: a line a file, with offset and cover; "" if nothing was. */
const char *sbom_licence_comment(const struct sbom_licences *licences, struct arena *arena);
