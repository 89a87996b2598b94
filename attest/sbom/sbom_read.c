// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_read.h"

#include <string.h>
#include <strings.h>

#include "base/json_read.h"

static const char *text_of(const struct cJSON *object, const char *key, struct arena *arena)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : arena_string(arena, text);
}

static struct sbom_entry *add_entry(struct sbom_document *document, struct arena *arena)
{
    arena_grow(arena, &document->entries, document->count, &document->capacity,
               sizeof(*document->entries));
    struct sbom_entry *entry = &document->entries[document->count++];
    *entry = (struct sbom_entry){
        .name = "", .version = "", .purl = "", .h1 = "", .sha1 = "", .sha256 = "", .sha512 = ""};
    return entry;
}

static void take_hash(struct sbom_entry *entry, const char *algorithm, const char *value)
{
    if (strcasecmp(algorithm, "sha1") == 0) {
        entry->sha1 = value;
    } else if (strcasecmp(algorithm, "sha256") == 0) {
        entry->sha256 = value;
    } else if (strcasecmp(algorithm, "sha512") == 0) {
        entry->sha512 = value;
    }
}

/* LIST of objects with an algorithm and a value under VALUE_KEY. */
static void read_hashes(const struct cJSON *list, const char *value_key, struct arena *arena,
                        struct sbom_entry *entry)
{
    for (const struct cJSON *one = json_first(list); one != NULL; one = json_next(one)) {
        take_hash(entry, text_of(one, "algorithm", arena), text_of(one, value_key, arena));
    }
}

/* LIST of objects that name the entry elsewhere: package URLs, and our h1. */
static void read_names(const struct cJSON *list, const char *type_key, const char *value_key,
                       struct arena *arena, struct sbom_entry *entry)
{
    for (const struct cJSON *one = json_first(list); one != NULL; one = json_next(one)) {
        const char *type = text_of(one, type_key, arena);
        const char *value = text_of(one, value_key, arena);
        bool purl = strcmp(type, "purl") == 0 || strcmp(type, "packageUrl") == 0;
        if (purl && entry->purl[0] == '\0') {
            entry->purl = value;
        } else if (strncmp(value, "h1:", 3) == 0) {
            entry->h1 = value;
        }
    }
}

static void read_old(const struct cJSON *root, struct arena *arena, struct sbom_document *document)
{
    const struct cJSON *packages = json_member(root, "packages");
    const struct cJSON *files = json_member(root, "files");
    for (const struct cJSON *one = json_first(packages); one != NULL; one = json_next(one)) {
        struct sbom_entry *entry = add_entry(document, arena);
        entry->name = text_of(one, "name", arena);
        entry->version = text_of(one, "versionInfo", arena);
        read_hashes(json_member(one, "checksums"), "checksumValue", arena, entry);
        read_names(json_member(one, "externalRefs"), "referenceType", "referenceLocator", arena,
                   entry);
    }
    for (const struct cJSON *one = json_first(files); one != NULL; one = json_next(one)) {
        struct sbom_entry *entry = add_entry(document, arena);
        entry->is_file = true;
        entry->name = text_of(one, "fileName", arena);
        read_hashes(json_member(one, "checksums"), "checksumValue", arena, entry);
    }
}

static void read_element(const struct cJSON *element, struct arena *arena,
                         struct sbom_document *document)
{
    const char *type = text_of(element, "type", arena);
    bool file = strcmp(type, "software_File") == 0;
    if (strcmp(type, "CreationInfo") == 0) {
        document->version = text_of(element, "specVersion", arena);
    }
    if (!file && strcmp(type, "software_Package") != 0) {
        return;
    }
    struct sbom_entry *entry = add_entry(document, arena);
    entry->is_file = file;
    entry->name = text_of(element, "name", arena);
    entry->version = text_of(element, "software_packageVersion", arena);
    entry->purl = text_of(element, "software_packageUrl", arena);
    read_hashes(json_member(element, "verifiedUsing"), "hashValue", arena, entry);
    read_names(json_member(element, "externalIdentifier"), "externalIdentifierType", "identifier",
               arena, entry);
}

static bool read_new(const struct cJSON *root, struct arena *arena, struct sbom_document *document,
                     struct error *err)
{
    const struct cJSON *graph = json_member(root, "@graph");
    for (const struct cJSON *one = json_first(graph); one != NULL; one = json_next(one)) {
        read_element(one, arena, document);
    }
    if (!json_is_array(graph)) {
        read_element(root, arena, document);
    }
    return strncmp(document->version, "3.0", 3) == 0 ||
           error_set(err, ERROR_UNSUPPORTED, "SPDX of version \"%s\"", document->version);
}

static bool read_root(const struct cJSON *root, struct arena *arena, struct sbom_document *document,
                      struct error *err)
{
    const char *version = json_member_string(root, "spdxVersion");
    if (version == NULL) {
        return json_member(root, "@context") != NULL
                   ? read_new(root, arena, document, err)
                   : error_set(err, ERROR_FORMAT, "no SPDX document in JSON");
    }
    document->version = arena_string(arena, version);
    if (strcmp(version, "SPDX-2.2") != 0 && strcmp(version, "SPDX-2.3") != 0) {
        return error_set(err, ERROR_UNSUPPORTED, "SPDX of version \"%s\"", version);
    }
    read_old(root, arena, document);
    return true;
}

bool sbom_read(struct bytes text, struct arena *arena, struct sbom_document *ret, struct error *err)
{
    struct json_document *parsed = NULL;
    struct sbom_document document = {.version = ""};
    if (!json_parse(text, &parsed, err)) {
        return false;
    }
    bool ok = read_root(json_root(parsed), arena, &document, err);
    json_document_free(&parsed);
    if (ok) {
        *ret = document;
    }
    return ok;
}
