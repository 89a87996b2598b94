// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_check.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attest/sbom/purl.h"
#include "base/encode.h"
#include "verifier/fetch/dirhash.h"

const char *sbom_difference_name(enum sbom_difference_kind kind)
{
    static const char *const names[] = {
        [SBOM_OTHER_FILE] = "other-file", [SBOM_MISSING] = "missing",
        [SBOM_EXTRA] = "extra",           [SBOM_WRONG_VERSION] = "wrong-version",
        [SBOM_WRONG_HASH] = "wrong-hash", [SBOM_H1_AS_SHA256] = "h1-as-sha256",
        [SBOM_OLD_PURL] = "old-purl",
    };
    return names[kind];
}

/* An entry of the document that is a Go module. */
struct module_entry {
    const char *path; /* in lower case */
    const struct sbom_entry *entry;
    bool matched, old_purl;
};

struct comparing {
    const struct sbom *sbom;
    struct arena *arena;
    struct module_entry *modules; /* sorted by path */
    size_t count;
    struct sbom_comparison *ret;
};

static void differ(struct comparing *to, enum sbom_difference_kind kind, const char *module,
                   const char *binary, const char *document)
{
    struct sbom_comparison *ret = to->ret;
    arena_grow(to->arena, &ret->differences, ret->count, &ret->capacity, sizeof(*ret->differences));
    ret->differences[ret->count++] = (struct sbom_difference){kind, module, binary, document};
    ret->agrees &= kind == SBOM_H1_AS_SHA256 || kind == SBOM_OLD_PURL;
}

static const char *lower(const char *text, struct arena *arena)
{
    char *copy = arena_string(arena, text);
    for (char *at = copy; *at != '\0'; at++) {
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
    }
    return copy;
}

static int by_path(const void *a, const void *b)
{
    const struct module_entry *left = a;
    const struct module_entry *right = b;
    return strcmp(left->path, right->path);
}

/* The module that ENTRY is, in lower case. Old documents have the later parts of any long path as
 * subpath; what would be a package within the module, were it not the name of the whole. */
static const char *module_path(const struct sbom_entry *entry, const struct purl *purl,
                               struct arena *arena)
{
    const char *whole =
        lower(arena_printf(arena, "%s/%s/%s", purl->namespace, purl->name, purl->subpath), arena);
    bool named = purl->namespace[0] != '\0' && purl->subpath[0] != '\0' &&
                 strcmp(whole, lower(entry->name, arena)) == 0;
    return named ? whole : purl_module_path(purl, arena);
}

/* The packages with a package URL of type golang. */
static void collect(struct comparing *to, const struct sbom_document *document)
{
    to->modules = ARENA_ARRAY(to->arena, document->count + 1, struct module_entry);
    for (size_t i = 0; i < document->count; i++) {
        const struct sbom_entry *entry = &document->entries[i];
        struct purl purl;
        if (entry->is_file || !purl_parse(entry->purl, to->arena, &purl, NULL) ||
            strcmp(purl.type, "golang") != 0) {
            continue;
        }
        const char *path = module_path(entry, &purl, to->arena);
        const char *plain =
            lower(arena_printf(to->arena, "%s/%s", purl.namespace, purl.name), to->arena);
        bool old = purl.namespace[0] != '\0' && strcmp(path, plain) != 0;
        to->modules[to->count++] = (struct module_entry){path, entry, false, old};
    }
    if (to->count > 0) {
        qsort(to->modules, to->count, sizeof(*to->modules), by_path);
    }
}

/* The first entry of PATH; further ones follow it. NULL if there is none. */
static struct module_entry *find(struct comparing *to, const char *path)
{
    struct module_entry wanted = {.path = lower(path, to->arena)};
    struct module_entry *found =
        to->count == 0 ? NULL
                       : bsearch(&wanted, to->modules, to->count, sizeof(*to->modules), by_path);
    while (found != NULL && found > to->modules && strcmp(found[-1].path, wanted.path) == 0) {
        found--;
    }
    return found;
}

/* "v1.2.3", "1.2.3" and, of Go itself, "go1.2.3" are the same. */
static const char *bare_version(const char *version)
{
    if (strncmp(version, "go", 2) == 0) {
        return version + 2;
    }
    return version[0] == 'v' ? version + 1 : version;
}

/* Go's and syft's words for a version that nobody knows. */
static bool states_version(const char *version)
{
    return strcmp(version, "(devel)") != 0 && strcmp(version, "UNKNOWN") != 0;
}

static void check_hash(struct comparing *to, const struct sbom_component *component,
                       const struct sbom_entry *entry)
{
    struct sha256 h1;
    char h1_hex[SHA256_HEX_LEN + 1] = "";
    char zip_hex[SHA256_HEX_LEN + 1] = "";
    if (dirhash_parse(component->h1, &h1)) {
        sha256_hex(&h1, h1_hex);
    }
    if (entry->h1[0] != '\0' && component->h1[0] != '\0' && strcmp(entry->h1, component->h1) != 0) {
        differ(to, SBOM_WRONG_HASH, component->name, component->h1, entry->h1);
    }
    if (entry->sha256[0] == '\0') {
        return;
    }
    if (h1_hex[0] != '\0' && strcasecmp(entry->sha256, h1_hex) == 0) {
        differ(to, SBOM_H1_AS_SHA256, component->name, component->h1, entry->sha256);
    } else if (component->has_zip) {
        sha256_hex(&component->zip.sha256, zip_hex);
        if (strcasecmp(entry->sha256, zip_hex) != 0) {
            differ(to, SBOM_WRONG_HASH, component->name, arena_string(to->arena, zip_hex),
                   entry->sha256);
        }
    }
}

static void check_component(struct comparing *to, const struct sbom_component *component)
{
    struct module_entry *found = find(to, component->name);
    if (found == NULL && component->required_as != NULL) {
        found = find(to, component->required_as);
    }
    if (found == NULL) {
        differ(to, SBOM_MISSING, component->name, component->version, "");
        return;
    }
    const struct module_entry *end = to->modules + to->count;
    const char *path = found->path;
    for (; found < end && strcmp(found->path, path) == 0; found++) {
        const struct sbom_entry *entry = found->entry;
        found->matched = true;
        if (component->version[0] != '\0' && states_version(entry->version) &&
            strcmp(bare_version(component->version), bare_version(entry->version)) != 0) {
            differ(to, SBOM_WRONG_VERSION, component->name, component->version, entry->version);
        }
        if (found->old_purl) {
            differ(to, SBOM_OLD_PURL, component->name, component->purl, entry->purl);
        }
        check_hash(to, component, entry);
    }
}

/* The toolchain is no part of the binary; whether a document tells of it is its own business. */
static bool is_toolchain(const char *path)
{
    return strcmp(path, "toolchain") == 0 || strcmp(path, "golang.org/toolchain") == 0;
}

/* The file's own digests, wherever they stand. A file entry with another digest, and none with the
 * right one, is about another file. */
static void check_file(struct comparing *to, const struct sbom_document *document)
{
    const char *other = NULL;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&to->sbom->digests.sha256, hex);
    for (size_t i = 0; i < document->count; i++) {
        const struct sbom_entry *entry = &document->entries[i];
        bool same = strcasecmp(entry->sha256, hex) == 0 || strstr(entry->purl, hex) != NULL ||
                    strstr(entry->version, hex) != NULL;
        to->ret->file_told |= same;
        /* Ours names a module's zip a file too. */
        if (entry->is_file && !same && entry->sha256[0] != '\0' && other == NULL &&
            !bytes_end_with(bytes_from_string(entry->name), ".zip")) {
            other = entry->sha256;
        }
    }
    if (!to->ret->file_told && other != NULL) {
        differ(to, SBOM_OTHER_FILE, to->sbom->name, arena_string(to->arena, hex), other);
    }
}

void sbom_compare(const struct sbom *sbom, const struct sbom_document *document,
                  struct arena *arena, struct sbom_comparison *ret)
{
    *ret = (struct sbom_comparison){.agrees = true};
    struct comparing to = {.sbom = sbom, .arena = arena, .ret = ret};
    collect(&to, document);
    check_file(&to, document);
    for (size_t i = 0; i < sbom->count; i++) {
        if (sbom_is_linked(&sbom->components[i])) {
            check_component(&to, &sbom->components[i]);
        }
    }
    for (size_t i = 0; i < to.count; i++) {
        const struct module_entry *module = &to.modules[i];
        if (!module->matched && !is_toolchain(module->path)) {
            differ(&to, SBOM_EXTRA, module->entry->name, "", module->entry->version);
        }
    }
}
