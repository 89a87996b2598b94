// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_spdx3.h"

#include <stdlib.h>
#include <string.h>

#include "attest/sbom/sbom_write.h"
#include "attest/sbom/spdx3_graph.h"
#include "base/encode.h"

#define BINARY "Binary"
#define BUILD "Build"

/* Texts that several elements share, sorted, each once: its index gives its element's name. */
struct text_set {
    const char **items;
    size_t count;
};

struct writing {
    const struct sbom *sbom;
    struct spdx3_graph graph;
    struct arena arena;        /* for the whole document */
    struct text_set suppliers; /* "NAME\nURL" */
    struct text_set licences;  /* expressions */
};

static int by_text(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static void set_settle(struct text_set *set)
{
    size_t kept = 0;
    qsort(set->items, set->count, sizeof(*set->items), by_text);
    for (size_t i = 0; i < set->count; i++) {
        if (kept == 0 || strcmp(set->items[kept - 1], set->items[i]) != 0) {
            set->items[kept++] = set->items[i];
        }
    }
    set->count = kept;
}

/* The name of the element for TEXT, which is in SET: "PREFIX-N". */
static const char *set_name(const struct text_set *set, const char *prefix, const char *text,
                            struct arena *arena)
{
    const char **found = bsearch(&text, set->items, set->count, sizeof(*set->items), by_text);
    if (found == NULL) {
        bug("no element for \"%s\"", text);
    }
    return arena_printf(arena, "%s-%zu", prefix, (size_t)(found - set->items) + 1);
}

static const char *supplier_key(struct arena *arena, const char *name, const char *url)
{
    return arena_printf(arena, "%s\n%s", name, url);
}

static void add_text(struct text_set *set, const char *text)
{
    if (text[0] != '\0') {
        set->items[set->count++] = text;
    }
}

static void collect(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    struct arena *arena = &writing->arena;
    writing->suppliers.items = ARENA_ARRAY(arena, sbom->count + 1, const char *);
    writing->licences.items = ARENA_ARRAY(arena, 2 * sbom->count + 2, const char *);
    add_text(&writing->licences, "CC0-1.0"); /* of the document itself */
    add_text(&writing->licences, sbom->licence);
    if (sbom->supplier[0] != '\0') {
        add_text(&writing->suppliers, supplier_key(arena, sbom->supplier, sbom->supplier_url));
    }
    for (size_t i = 0; i < sbom->count; i++) {
        const struct sbom_component *component = &sbom->components[i];
        add_text(&writing->licences, component->licences.concluded);
        add_text(&writing->licences, component->licences.declared);
        if (component->supplier[0] != '\0') {
            add_text(&writing->suppliers,
                     supplier_key(arena, component->supplier, component->supplier_url));
        }
    }
    set_settle(&writing->suppliers);
    set_settle(&writing->licences);
}

static void write_creation(struct writing *writing)
{
    struct spdx3_graph *graph = &writing->graph;
    json_object(&graph->json, NULL);
    json_string(&graph->json, "type", "CreationInfo");
    json_string(&graph->json, "@id", "_:creation");
    json_string(&graph->json, "specVersion", "3.0.1");
    json_string(&graph->json, "created", writing->sbom->created);
    spdx3_reference_list(graph, "createdBy", "Author");
    spdx3_reference_list(graph, "createdUsing", "Tool");
    spdx3_element_end(graph);
}

static void write_organization(struct writing *writing, const char *id, const char *name,
                               const char *contact)
{
    struct spdx3_graph *graph = &writing->graph;
    spdx3_element(graph, "Organization", id);
    json_string(&graph->json, "name", name);
    if (contact[0] != '\0') {
        json_array(&graph->json, "externalIdentifier");
        spdx3_identifier(graph, strchr(contact, '@') != NULL ? "email" : "urlScheme", contact);
        json_array_end(&graph->json);
    }
    spdx3_element_end(graph);
}

static void write_agents(struct writing *writing)
{
    struct spdx3_graph *graph = &writing->graph;
    write_organization(writing, "Author", writing->sbom->author, writing->sbom->author_contact);
    spdx3_element(graph, "Tool", "Tool");
    json_string(&graph->json, "name", "reproof " REPROOF_VERSION);
    spdx3_element_end(graph);
    for (size_t i = 0; i < writing->suppliers.count; i++) {
        struct arena scratch = {0};
        char *name = arena_string(&scratch, writing->suppliers.items[i]);
        /* The last one: a name may hold any byte, a URL of ours none of these. */
        char *url = strrchr(name, '\n');
        *url = '\0';
        write_organization(writing, arena_printf(&scratch, "Supplier-%zu", i + 1), name, url + 1);
        arena_free(&scratch);
    }
}

static void write_document(struct writing *writing)
{
    static const char *const profiles[] = {"core", "software", "simpleLicensing", "build"};
    struct spdx3_graph *graph = &writing->graph;
    const struct sbom *sbom = writing->sbom;
    spdx3_element(graph, "SpdxDocument", "Document");
    json_string(&graph->json, "name", sbom->name);
    spdx3_optional(graph, "comment", sbom_document_comment(sbom, &graph->arena));
    json_array(&graph->json, "profileConformance");
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        json_string(&graph->json, NULL, profiles[i]);
    }
    json_array_end(&graph->json);
    json_string(&graph->json, "dataLicense",
                spdx3_id(graph, set_name(&writing->licences, "Licence", "CC0-1.0", &graph->arena)));
    spdx3_reference_list(graph, "rootElement", "Sbom");
    spdx3_element_end(graph);
    spdx3_element(graph, "software_Sbom", "Sbom");
    json_string(&graph->json, "name", sbom->name);
    spdx3_word_list(graph, "software_sbomType", "build", NULL);
    spdx3_reference_list(graph, "rootElement", BINARY);
    spdx3_element_end(graph);
}

static void write_supplier(struct writing *writing, const char *name, const char *url)
{
    struct spdx3_graph *graph = &writing->graph;
    if (name[0] == '\0') {
        return;
    }
    const char *key = supplier_key(&graph->arena, name, url);
    const char *id = set_name(&writing->suppliers, "Supplier", key, &graph->arena);
    spdx3_reference_list(graph, "originatedBy", id);
    json_string(&graph->json, "suppliedBy", spdx3_id(graph, id));
}

static void write_binary(struct writing *writing)
{
    struct spdx3_graph *graph = &writing->graph;
    const struct sbom *sbom = writing->sbom;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&sbom->digests.git_blob, hex);
    spdx3_element(graph, "software_Package", BINARY);
    json_string(&graph->json, "name", sbom->name);
    spdx3_optional(graph, "comment", sbom->verdict);
    spdx3_optional(graph, "software_packageVersion", sbom->version);
    spdx3_optional(graph, "software_packageUrl", sbom->purl);
    spdx3_optional(graph, "software_copyrightText", sbom->copyright);
    json_string(&graph->json, "software_primaryPurpose", "application");
    json_string(&graph->json, "builtTime", sbom->created);
    write_supplier(writing, sbom->supplier, sbom->supplier_url);
    spdx3_hashes(graph, &sbom->digests);
    json_array(&graph->json, "externalIdentifier");
    spdx3_identifier(graph, "packageUrl", sbom->purl);
    spdx3_identifier(graph, "gitoid", arena_printf(&graph->arena, "gitoid:blob:sha256:%s", hex));
    json_array_end(&graph->json);
    spdx3_element_end(graph);

    spdx3_element(graph, "software_File", "File");
    json_string(&graph->json, "name", sbom->name);
    json_string(&graph->json, "software_primaryPurpose", "executable");
    spdx3_word_list(graph, "software_additionalPurpose", "container", NULL);
    spdx3_hashes(graph, &sbom->digests);
    spdx3_external_reference(graph, "binaryArtifact", sbom->purl);
    spdx3_element_end(graph);
    spdx3_relate(graph, "hasDistributionArtifact", BINARY, "File");
}

static void write_component_identifiers(struct writing *writing,
                                        const struct sbom_component *component)
{
    struct spdx3_graph *graph = &writing->graph;
    if (component->purl[0] == '\0' && component->h1[0] == '\0') {
        return;
    }
    json_array(&graph->json, "externalIdentifier");
    spdx3_identifier(graph, "packageUrl", component->purl);
    spdx3_identifier(graph, "cpe23", component->cpe);
    spdx3_identifier(graph, "other", component->h1);
    json_array_end(&graph->json);
}

static void write_component(struct writing *writing, const struct sbom_component *component)
{
    struct spdx3_graph *graph = &writing->graph;
    const struct sbom_licences *licences = &component->licences;
    spdx3_element(graph, "software_Package", component->id);
    json_string(&graph->json, "name", component->name);
    json_string(&graph->json, "comment", sbom_component_comment(component, &graph->arena));
    spdx3_optional(graph, "software_packageVersion", component->version);
    spdx3_optional(graph, "software_packageUrl", component->purl);
    spdx3_optional(graph, "software_homePage", component->home);
    if (licences->looked || licences->copyright[0] != '\0') {
        json_string(&graph->json, "software_copyrightText",
                    licences->copyright[0] == '\0' ? "NONE" : licences->copyright);
    }
    json_string(&graph->json, "software_primaryPurpose",
                component->kind == SBOM_TOOLCHAIN ? "application" : "library");
    write_supplier(writing, component->supplier, component->supplier_url);
    write_component_identifiers(writing, component);
    spdx3_element_end(graph);
}

/* The module zip: what the package's source was distributed as. */
static void write_zip(struct writing *writing, const struct sbom_component *component)
{
    struct spdx3_graph *graph = &writing->graph;
    if (!component->has_zip) {
        return;
    }
    struct arena scratch = {0};
    const char *id = arena_printf(&scratch, "Zip-%s", component->id);
    spdx3_element(graph, "software_File", id);
    json_string(&graph->json, "name", component->zip_name);
    json_string(&graph->json, "software_primaryPurpose", "source");
    spdx3_word_list(graph, "software_additionalPurpose", "archive", "container");
    spdx3_hashes(graph, &component->zip);
    spdx3_external_reference(graph, "binaryArtifact", component->purl);
    spdx3_element_end(graph);
    spdx3_relate(graph, "hasDistributionArtifact", component->id, id);
    spdx3_relate(graph, "generates", id, component->id);
    arena_free(&scratch);
}

static void relate_licence(struct writing *writing, const char *type, const char *from,
                           const char *expression, const char *comment)
{
    struct spdx3_graph *graph = &writing->graph;
    if (expression[0] == '\0') {
        return;
    }
    spdx3_relationship(graph, type, from);
    spdx3_relationship_to(graph,
                          set_name(&writing->licences, "Licence", expression, &graph->arena));
    json_array_end(&graph->json);
    spdx3_optional(graph, "comment", comment);
    spdx3_element_end(graph);
}

static void write_packages(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    write_binary(writing);
    relate_licence(writing, "hasConcludedLicense", BINARY, sbom->licence, "");
    relate_licence(writing, "hasDeclaredLicense", BINARY, sbom->licence, "");
    for (size_t i = 0; i < sbom->count && buffer_ok(writing->graph.json.out); i++) {
        const struct sbom_component *component = &sbom->components[i];
        const struct sbom_licences *licences = &component->licences;
        struct arena scratch = {0};
        write_component(writing, component);
        write_zip(writing, component);
        relate_licence(writing, "hasConcludedLicense", component->id, licences->concluded,
                       sbom_licence_comment(licences, &scratch));
        relate_licence(writing, "hasDeclaredLicense", component->id, licences->declared, "");
        arena_free(&scratch);
    }
}

/* The licences that an expression names for itself, with the elements that hold their texts. */
static void write_custom_licences(struct writing *writing, const char *expression)
{
    const struct sbom *sbom = writing->sbom;
    struct spdx3_graph *graph = &writing->graph;
    if (strstr(expression, "LicenseRef-") == NULL) {
        return;
    }
    json_array(&graph->json, "simplelicensing_customIdToUri");
    for (size_t i = 0; i < sbom->text_count; i++) {
        if (strstr(expression, sbom->texts[i].id) != NULL) {
            spdx3_entry(graph, sbom->texts[i].id, spdx3_id(graph, sbom->texts[i].id));
        }
    }
    json_array_end(&graph->json);
}

static void write_licences(struct writing *writing)
{
    struct spdx3_graph *graph = &writing->graph;
    const struct sbom *sbom = writing->sbom;
    for (size_t i = 0; i < writing->licences.count; i++) {
        const char *expression = writing->licences.items[i];
        spdx3_element(graph, "simplelicensing_LicenseExpression",
                      set_name(&writing->licences, "Licence", expression, &graph->arena));
        json_string(&graph->json, "simplelicensing_licenseExpression", expression);
        json_string(&graph->json, "simplelicensing_licenseListVersion", SBOM_LICENCE_LIST ".0");
        write_custom_licences(writing, expression);
        spdx3_element_end(graph);
    }
    for (size_t i = 0; i < sbom->text_count; i++) {
        spdx3_element(graph, "simplelicensing_SimpleLicensingText", sbom->texts[i].id);
        json_string(&graph->json, "name", sbom->texts[i].name);
        json_string(&graph->json, "simplelicensing_licenseText", sbom->texts[i].text);
        spdx3_element_end(graph);
    }
}

/* The build itself: parameters, where it began, what went in and out. */
static void write_build(struct writing *writing)
{
    struct spdx3_graph *graph = &writing->graph;
    const struct sbom *sbom = writing->sbom;
    const char *build_id = sbom->file->traits.build_id;
    const char *main_package = sbom->file->info.path;
    spdx3_element(graph, "build_Build", BUILD);
    json_string(&graph->json, "comment", sbom->verdict);
    json_string(&graph->json, "build_buildType", URI_BASE "build/go/v1");
    spdx3_optional(graph, "build_buildId", build_id == NULL ? "" : build_id);
    if (main_package != NULL && main_package[0] != '\0') {
        spdx3_word_list(graph, "build_configSourceEntrypoint", main_package, NULL);
    }
    if (sbom->main != SIZE_MAX) {
        spdx3_word_list(graph, "build_configSourceUri", sbom->components[sbom->main].purl, NULL);
    }
    if (sbom->parameter_count > 0) {
        json_array(&graph->json, "build_parameter");
        for (size_t i = 0; i < sbom->parameter_count; i++) {
            spdx3_entry(graph, sbom->parameters[i].key, sbom->parameters[i].value);
        }
        json_array_end(&graph->json);
    }
    spdx3_element_end(graph);
    spdx3_relate(graph, "hasOutput", BUILD, BINARY);
}

/* One relationship from FROM to every component that WANTED takes; nothing where there is none. */
static void relate_all(struct writing *writing, const char *type, const char *from,
                       bool (*wanted)(const struct sbom_component *), const char *completeness)
{
    const struct sbom *sbom = writing->sbom;
    bool begun = false;
    for (size_t i = 0; i < sbom->count; i++) {
        if (wanted(&sbom->components[i])) {
            if (!begun) {
                spdx3_relationship(&writing->graph, type, from);
                begun = true;
            }
            spdx3_relationship_to(&writing->graph, sbom->components[i].id);
        }
    }
    if (begun) {
        spdx3_relationship_end(&writing->graph, completeness);
    }
}

static bool is_tool(const struct sbom_component *component)
{
    return component->kind == SBOM_TOOLCHAIN;
}

static bool is_library(const struct sbom_component *component)
{
    return component->kind == SBOM_LIBRARY;
}

static void write_relationships(struct writing *writing)
{
    const struct sbom *sbom = writing->sbom;
    /* What the linker wrote down is all that it linked. */
    const char *linked = sbom->main == SIZE_MAX ? "incomplete" : "complete";
    relate_all(writing, "hasStaticLink", BINARY, sbom_is_linked, linked);
    relate_all(writing, "hasDynamicLink", BINARY, is_library, "complete");
    relate_all(writing, "hasInput", BUILD, sbom_is_linked, NULL);
    relate_all(writing, "usesTool", BUILD, is_tool, NULL);
    for (size_t i = 0; i < sbom->count; i++) {
        const struct sbom_component *component = &sbom->components[i];
        if (component->edge_count == 0) {
            continue;
        }
        spdx3_relationship(&writing->graph, "dependsOn", component->id);
        for (size_t k = 0; k < component->edge_count; k++) {
            spdx3_relationship_to(&writing->graph, sbom->components[component->edges[k]].id);
        }
        spdx3_relationship_end(&writing->graph, "complete");
    }
}

void sbom_write_spdx3(const struct sbom *sbom, const char *document_namespace, struct buffer *out)
{
    struct writing writing = {.sbom = sbom, .graph = {.document_namespace = document_namespace}};
    struct json_writer *json = &writing.graph.json;
    collect(&writing);
    json_writer_init(json, out, false);
    json_object(json, NULL);
    json_string(json, "@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
    json_array(json, "@graph");
    write_creation(&writing);
    write_agents(&writing);
    write_document(&writing);
    write_packages(&writing);
    write_licences(&writing);
    write_build(&writing);
    write_relationships(&writing);
    json_array_end(json);
    json_object_end(json);
    arena_free(&writing.arena);
}
