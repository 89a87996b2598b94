// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/spdx3_graph.h"

#include "base/encode.h"

const char *spdx3_id(struct spdx3_graph *graph, const char *name)
{
    return arena_printf(&graph->arena, "%s#%s", graph->document_namespace, name);
}

void spdx3_element(struct spdx3_graph *graph, const char *type, const char *name)
{
    json_object(&graph->json, NULL);
    json_string(&graph->json, "type", type);
    json_string(&graph->json, "spdxId", spdx3_id(graph, name));
    json_string(&graph->json, "creationInfo", "_:creation");
}

void spdx3_element_end(struct spdx3_graph *graph)
{
    json_object_end(&graph->json);
    arena_free(&graph->arena);
}

void spdx3_optional(struct spdx3_graph *graph, const char *key, const char *value)
{
    if (value[0] != '\0') {
        json_string(&graph->json, key, value);
    }
}

void spdx3_reference_list(struct spdx3_graph *graph, const char *key, const char *name)
{
    json_array(&graph->json, key);
    json_string(&graph->json, NULL, spdx3_id(graph, name));
    json_array_end(&graph->json);
}

void spdx3_word_list(struct spdx3_graph *graph, const char *key, const char *first,
                     const char *second)
{
    json_array(&graph->json, key);
    json_string(&graph->json, NULL, first);
    if (second != NULL) {
        json_string(&graph->json, NULL, second);
    }
    json_array_end(&graph->json);
}

static void write_hash(struct spdx3_graph *graph, const char *algorithm, struct bytes digest)
{
    char hex[2 * SHA512_LEN + 1];
    encode_hex(digest, hex);
    json_object(&graph->json, NULL);
    json_string(&graph->json, "type", "Hash");
    json_string(&graph->json, "algorithm", algorithm);
    json_string(&graph->json, "hashValue", hex);
    json_object_end(&graph->json);
}

void spdx3_hashes(struct spdx3_graph *graph, const struct file_digests *digests)
{
    json_array(&graph->json, "verifiedUsing");
    if (!digests->only_sha2) {
        write_hash(graph, "sha1", bytes_from(digests->sha1, SHA1_LEN));
    }
    write_hash(graph, "sha256", sha256_view(&digests->sha256));
    write_hash(graph, "sha512", bytes_from(digests->sha512, SHA512_LEN));
    json_array_end(&graph->json);
}

void spdx3_identifier(struct spdx3_graph *graph, const char *type, const char *identifier)
{
    if (identifier[0] == '\0') {
        return;
    }
    json_object(&graph->json, NULL);
    json_string(&graph->json, "type", "ExternalIdentifier");
    json_string(&graph->json, "externalIdentifierType", type);
    json_string(&graph->json, "identifier", identifier);
    json_object_end(&graph->json);
}

void spdx3_external_reference(struct spdx3_graph *graph, const char *type, const char *locator)
{
    json_array(&graph->json, "externalRef");
    json_object(&graph->json, NULL);
    json_string(&graph->json, "type", "ExternalRef");
    json_string(&graph->json, "externalRefType", type);
    json_array(&graph->json, "locator");
    json_string(&graph->json, NULL, locator);
    json_array_end(&graph->json);
    json_object_end(&graph->json);
    json_array_end(&graph->json);
}

void spdx3_entry(struct spdx3_graph *graph, const char *key, const char *value)
{
    json_object(&graph->json, NULL);
    json_string(&graph->json, "type", "DictionaryEntry");
    json_string(&graph->json, "key", key);
    json_string(&graph->json, "value", value);
    json_object_end(&graph->json);
}

void spdx3_relationship(struct spdx3_graph *graph, const char *type, const char *from)
{
    spdx3_element(graph, "Relationship",
                  arena_printf(&graph->arena, "Relationship-%zu", ++graph->relationships));
    json_string(&graph->json, "relationshipType", type);
    json_string(&graph->json, "from", spdx3_id(graph, from));
    json_array(&graph->json, "to");
}

void spdx3_relationship_to(struct spdx3_graph *graph, const char *to)
{
    json_string(&graph->json, NULL, spdx3_id(graph, to));
}

void spdx3_relationship_end(struct spdx3_graph *graph, const char *completeness)
{
    json_array_end(&graph->json);
    if (completeness != NULL) {
        json_string(&graph->json, "completeness", completeness);
    }
    spdx3_element_end(graph);
}

void spdx3_relate(struct spdx3_graph *graph, const char *type, const char *from, const char *to)
{
    spdx3_relationship(graph, type, from);
    spdx3_relationship_to(graph, to);
    spdx3_relationship_end(graph, NULL);
}
