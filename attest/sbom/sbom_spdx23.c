// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_spdx23.h"

#include <string.h>

#include "attest/sbom/sbom_write.h"
#include "base/encode.h"
#include "base/json_write.h"
#include "base/limits.h"

#define NO_ASSERTION "NOASSERTION"
#define BINARY_ID "SPDXRef-Binary"
#define FILE_ID "SPDXRef-File"

/* One document in the making; ARENA is for what one package needs. */
struct writing {
    const struct sbom *sbom;
    struct json_writer json;
    struct arena arena;
};

static const char *or_no_assertion(const char *text)
{
    return text[0] == '\0' ? NO_ASSERTION : text;
}

static void write_optional(struct json_writer *json, const char *key, const char *value)
{
    if (value[0] != '\0') {
        json_string(json, key, value);
    }
}

static void write_checksum(struct json_writer *json, const char *algorithm, struct bytes digest)
{
    char hex[2 * SHA512_LEN + 1];
    encode_hex(digest, hex);
    json_object(json, NULL);
    json_string(json, "algorithm", algorithm);
    json_string(json, "checksumValue", hex);
    json_object_end(json);
}

static void write_checksums(struct json_writer *json, const struct file_digests *digests)
{
    json_array(json, "checksums");
    if (!digests->only_sha2) {
        write_checksum(json, "SHA1", bytes_from(digests->sha1, SHA1_LEN));
    }
    write_checksum(json, "SHA256", sha256_view(&digests->sha256));
    write_checksum(json, "SHA512", bytes_from(digests->sha512, SHA512_LEN));
    json_array_end(json);
}

static void write_reference(struct json_writer *json, const char *category, const char *type,
                            const char *locator)
{
    if (locator[0] == '\0') {
        return;
    }
    json_object(json, NULL);
    json_string(json, "referenceCategory", category);
    json_string(json, "referenceType", type);
    json_string(json, "referenceLocator", locator);
    json_object_end(json);
}

static void write_supplier(struct writing *writing, const char *key, const char *name,
                           const char *contact)
{
    if (name[0] == '\0') {
        json_string(&writing->json, key, NO_ASSERTION);
        return;
    }
    bool address = strchr(contact, '@') != NULL;
    json_string(&writing->json, key,
                arena_printf(&writing->arena, "Organization: %s%s%s%s", name, address ? " (" : "",
                             address ? contact : "", address ? ")" : ""));
}

static void write_creation(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    struct json_writer *json = &writing->json;
    json_object(json, "creationInfo");
    json_string(json, "created", sbom->created);
    json_array(json, "creators");
    json_string(json, NULL, "Tool: reproof-" REPROOF_VERSION);
    write_supplier(writing, NULL, sbom->author, sbom->author_contact);
    json_array_end(json);
    json_string(json, "licenseListVersion", SBOM_LICENCE_LIST);
    json_object_end(json);
}

/* SHA-1 over the sorted SHA-1s of the files (7.9): of one file. */
static void write_verification_code(struct writing *writing)
{
    char hex[2 * SHA1_LEN + 1];
    uint8_t raw[DIGEST_MAX_LEN];
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA1);
    encode_hex(bytes_from(writing->sbom->digests.sha1, SHA1_LEN), hex);
    digest_update(digest, bytes_from_string(hex));
    digest_finish(digest, raw);
    encode_hex(bytes_from(raw, SHA1_LEN), hex);
    json_object(&writing->json, "packageVerificationCode");
    json_string(&writing->json, "packageVerificationCodeValue", hex);
    json_object_end(&writing->json);
}

/* How it was built, a line a setting. */
static const char *build_text(const struct sbom *sbom, struct arena *arena)
{
    struct buffer text;
    buffer_init(&text, 256 * MIB);
    buffer_printf(&text, "Go binary for %s/%s", sbom->file->goos, sbom->file->goarch);
    for (size_t i = 0; i < sbom->parameter_count; i++) {
        buffer_printf(&text, "\n%s: %s", sbom->parameters[i].key, sbom->parameters[i].value);
    }
    const char *copy = arena_text(arena, buffer_view(&text));
    buffer_free(&text);
    return copy;
}

static void write_binary_references(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&sbom->digests.git_blob, hex);
    json_array(&writing->json, "externalRefs");
    write_reference(&writing->json, "PACKAGE-MANAGER", "purl", sbom->purl);
    write_reference(&writing->json, "PERSISTENT-ID", "gitoid",
                    arena_printf(&writing->arena, "gitoid:blob:sha256:%s", hex));
    json_array_end(&writing->json);
}

static void write_binary(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    struct json_writer *json = &writing->json;
    json_object(json, NULL);
    json_string(json, "SPDXID", BINARY_ID);
    json_string(json, "name", sbom->name);
    write_optional(json, "versionInfo", sbom->version);
    json_string(json, "packageFileName", sbom->name);
    write_supplier(writing, "supplier", sbom->supplier, "");
    write_supplier(writing, "originator", sbom->supplier, "");
    json_string(json, "downloadLocation", NO_ASSERTION);
    write_optional(json, "homepage", sbom->supplier_url);
    json_bool(json, "filesAnalyzed", true);
    write_verification_code(writing);
    write_checksums(json, &sbom->digests);
    json_string(json, "sourceInfo", build_text(sbom, &writing->arena));
    json_string(json, "licenseConcluded", or_no_assertion(sbom->licence));
    json_string(json, "licenseDeclared", or_no_assertion(sbom->licence));
    json_array(json, "licenseInfoFromFiles");
    json_string(json, NULL, NO_ASSERTION);
    json_array_end(json);
    json_string(json, "copyrightText", or_no_assertion(sbom->copyright));
    json_string(json, "builtDate", sbom->created);
    json_string(json, "primaryPackagePurpose", "APPLICATION");
    json_string(json, "comment", sbom->verdict);
    write_binary_references(writing);
    json_array(json, "hasFiles");
    json_string(json, NULL, FILE_ID);
    json_array_end(json);
    json_object_end(json);
}

static void write_file(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    struct json_writer *json = &writing->json;
    json_array(json, "files");
    json_object(json, NULL);
    json_string(json, "SPDXID", FILE_ID);
    json_string(json, "fileName", arena_printf(&writing->arena, "./%s", sbom->name));
    json_array(json, "fileTypes");
    json_string(json, NULL, "BINARY");
    json_array_end(json);
    write_checksums(json, &sbom->digests);
    json_string(json, "licenseConcluded", or_no_assertion(sbom->licence));
    json_array(json, "licenseInfoInFiles");
    json_string(json, NULL, NO_ASSERTION);
    json_array_end(json);
    json_string(json, "copyrightText", or_no_assertion(sbom->copyright));
    json_object_end(json);
    json_array_end(json);
}

/* Where the code comes from, in the words that 2.3 has for a place under version control. */
static const char *download_of(const struct sbom_component *component)
{
    return or_no_assertion(component->kind == SBOM_LIBRARY ? "" : component->home);
}

static const char *copyright_of(const struct sbom_licences *licences)
{
    return licences->copyright[0] == '\0' && licences->looked
               ? "NONE"
               : or_no_assertion(licences->copyright);
}

static void write_component(struct writing *writing, const struct sbom_component *component)
{
    struct json_writer *json = &writing->json;
    struct arena *arena = &writing->arena;
    const struct sbom_licences *licences = &component->licences;
    json_object(json, NULL);
    json_string(json, "SPDXID", arena_printf(arena, "SPDXRef-%s", component->id));
    json_string(json, "name", component->name);
    write_optional(json, "versionInfo", component->version);
    write_supplier(writing, "supplier", component->supplier, "");
    write_supplier(writing, "originator", component->supplier, "");
    json_string(json, "downloadLocation", download_of(component));
    write_optional(json, "homepage", component->home);
    json_bool(json, "filesAnalyzed", false);
    if (component->has_zip) {
        json_string(json, "packageFileName", component->zip_name);
        write_checksums(json, &component->zip);
    }
    json_string(json, "licenseConcluded", or_no_assertion(licences->concluded));
    json_string(json, "licenseDeclared", or_no_assertion(licences->declared));
    write_optional(json, "licenseComments", sbom_licence_comment(licences, arena));
    json_string(json, "copyrightText", copyright_of(licences));
    json_string(json, "primaryPackagePurpose",
                component->kind == SBOM_TOOLCHAIN ? "APPLICATION" : "LIBRARY");
    json_string(json, "comment", sbom_component_comment(component, arena));
    json_array(json, "externalRefs");
    write_reference(json, "PACKAGE-MANAGER", "purl", component->purl);
    write_reference(json, "SECURITY", "cpe23Type", component->cpe);
    write_reference(json, "OTHER", "go-h1", component->h1);
    json_array_end(json);
    json_object_end(json);
}

static void write_packages(struct writing *writing)
{
    json_array(&writing->json, "packages");
    write_binary(writing);
    for (size_t i = 0; i < writing->sbom->count && buffer_ok(writing->json.out); i++) {
        write_component(writing, &writing->sbom->components[i]);
        arena_free(&writing->arena);
    }
    json_array_end(&writing->json);
}

static void write_texts(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    struct json_writer *json = &writing->json;
    if (sbom->text_count == 0) {
        return;
    }
    json_array(json, "hasExtractedLicensingInfos");
    for (size_t i = 0; i < sbom->text_count; i++) {
        json_object(json, NULL);
        json_string(json, "licenseId", sbom->texts[i].id);
        json_string(json, "name", sbom->texts[i].name);
        json_string(json, "extractedText", sbom->texts[i].text);
        json_object_end(json);
    }
    json_array_end(json);
}

static void relate(struct writing *writing, const char *from, const char *type, const char *to)
{
    struct json_writer *json = &writing->json;
    json_object(json, NULL);
    json_string(json, "spdxElementId", from);
    json_string(json, "relationshipType", type);
    json_string(json, "relatedSpdxElement", to);
    json_object_end(json);
}

/* What the component requires: its edges, none, or nobody knows. */
static void relate_edges(struct writing *writing, const struct sbom_component *component,
                         const char *id)
{
    for (size_t i = 0; i < component->edge_count; i++) {
        const struct sbom_component *to = &writing->sbom->components[component->edges[i]];
        relate(writing, id, "DEPENDS_ON", arena_printf(&writing->arena, "SPDXRef-%s", to->id));
    }
    if (component->edge_count == 0) {
        relate(writing, id, "DEPENDS_ON", component->edges_known ? "NONE" : NO_ASSERTION);
    }
}

static void relate_component(struct writing *writing, const struct sbom_component *component)
{
    const char *id = arena_printf(&writing->arena, "SPDXRef-%s", component->id);
    switch (component->kind) {
    case SBOM_MAIN:
        relate(writing, BINARY_ID, "GENERATED_FROM", id);
        relate(writing, BINARY_ID, "STATIC_LINK", id);
        break;
    case SBOM_DEPENDENCY:
    case SBOM_STDLIB:
        relate(writing, BINARY_ID, "STATIC_LINK", id);
        break;
    case SBOM_TOOLCHAIN:
        relate(writing, id, "BUILD_TOOL_OF", BINARY_ID);
        return;
    case SBOM_LIBRARY:
        relate(writing, BINARY_ID, "DYNAMIC_LINK", id);
        break;
    }
    relate_edges(writing, component, id);
}

static void write_relationships(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    json_array(&writing->json, "relationships");
    relate(writing, "SPDXRef-DOCUMENT", "DESCRIBES", BINARY_ID);
    relate(writing, BINARY_ID, "CONTAINS", FILE_ID);
    for (size_t i = 0; i < sbom->count && buffer_ok(writing->json.out); i++) {
        relate_component(writing, &sbom->components[i]);
        arena_free(&writing->arena);
    }
    json_array_end(&writing->json);
}

void sbom_write_spdx23(const struct sbom *sbom, const char *document_namespace, struct buffer *out)
{
    struct writing writing = {.sbom = sbom};
    struct json_writer *json = &writing.json;
    json_writer_init(json, out, false);
    json_object(json, NULL);
    json_string(json, "spdxVersion", "SPDX-2.3");
    json_string(json, "dataLicense", "CC0-1.0");
    json_string(json, "SPDXID", "SPDXRef-DOCUMENT");
    json_string(json, "name", sbom->name);
    json_string(json, "documentNamespace", document_namespace);
    write_creation(&writing);
    json_string(json, "comment", sbom_document_comment(sbom, &writing.arena));
    json_array(json, "documentDescribes");
    json_string(json, NULL, BINARY_ID);
    json_array_end(json);
    write_packages(&writing);
    write_file(&writing);
    write_texts(&writing);
    write_relationships(&writing);
    json_object_end(json);
    arena_free(&writing.arena);
}
