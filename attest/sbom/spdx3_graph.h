/* The plain parts of an SPDX 3 graph: elements, hashes, references, relationships. Part of
 * sbom_spdx3. */
#pragma once

#include "attest/sbom/file_digests.h"
#include "base/arena.h"
#include "base/json_write.h"

struct spdx3_graph {
    struct json_writer json;
    const char *document_namespace;
    size_t relationships; /* so far: they are numbered */
    struct arena arena;   /* for what one element needs; spdx3_element_end empties it */
};

/* The identifier of the element that is called NAME in this document. */
const char *spdx3_id(struct spdx3_graph *graph, const char *name);

void spdx3_element(struct spdx3_graph *graph, const char *type, const char *name);
void spdx3_element_end(struct spdx3_graph *graph);

/* A member, left out where VALUE is "". */
void spdx3_optional(struct spdx3_graph *graph, const char *key, const char *value);
/* A member with the identifiers of one element as a list. */
void spdx3_reference_list(struct spdx3_graph *graph, const char *key, const char *name);
void spdx3_word_list(struct spdx3_graph *graph, const char *key, const char *first,
                     const char *second);

void spdx3_hashes(struct spdx3_graph *graph, const struct file_digests *digests);
/* One object of an externalIdentifier list; nothing where IDENTIFIER is "". */
void spdx3_identifier(struct spdx3_graph *graph, const char *type, const char *identifier);
void spdx3_external_reference(struct spdx3_graph *graph, const char *type, const char *locator);
void spdx3_entry(struct spdx3_graph *graph, const char *key, const char *value);

/* A relationship whose targets the caller lists between the two calls. COMPLETENESS may be NULL. */
void spdx3_relationship(struct spdx3_graph *graph, const char *type, const char *from);
void spdx3_relationship_to(struct spdx3_graph *graph, const char *to);
void spdx3_relationship_end(struct spdx3_graph *graph, const char *completeness);

/* A relationship with one target. */
void spdx3_relate(struct spdx3_graph *graph, const char *type, const char *from, const char *to);
