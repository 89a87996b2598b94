// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/sbom/licence_expression.h"
#include "attest/sbom/purl.h"
#include "attest/sbom/sbom_names.h"
#include "base/encode.h"
#include "base/file.h"
#include "verifier/fetch/semver.h"
#include "verifier/recipe/timestamp.h"

#define GO_SUPPLIER "The Go Project"
#define GO_HOME "https://go.dev"
#define GO_LICENCE "BSD-3-Clause"
#define GO_COPYRIGHT "Copyright 2009 The Go Authors."

const char *sbom_standing_name(enum sbom_standing standing)
{
    static const char *const names[] = {"claimed", "recorded", "proven"};
    return names[standing];
}

void sbom_clear(struct sbom *sbom)
{
    for (size_t i = 0; i < sbom->count; i++) {
        arena_free(&sbom->components[i].arena);
    }
}

bool sbom_is_linked(const struct sbom_component *component)
{
    return component->kind == SBOM_MAIN || component->kind == SBOM_DEPENDENCY ||
           component->kind == SBOM_STDLIB;
}

struct sbom_finding *sbom_add_finding(struct sbom *sbom, struct arena *arena, const char *code,
                                      const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    arena_grow(arena, &sbom->findings, sbom->finding_count, &sbom->finding_capacity,
               sizeof(*sbom->findings));
    struct sbom_finding *finding = &sbom->findings[sbom->finding_count++];
    *finding = (struct sbom_finding){code, arena_string(arena, text), false};
    return finding;
}

static struct sbom_component *add_component(struct sbom *sbom, struct arena *arena,
                                            enum sbom_kind kind, const char *name)
{
    arena_grow(arena, &sbom->components, sbom->count, &sbom->capacity, sizeof(*sbom->components));
    struct sbom_component *component = &sbom->components[sbom->count++];
    *component = (struct sbom_component){
        .kind = kind,
        .name = name,
        .version = "",
        .purl = "",
        .cpe = "",
        .h1 = "",
        .supplier = "",
        .supplier_url = "",
        .home = "",
        .replaces = "",
        .directory = "",
        .licences = {.declared = "", .concluded = "", .copyright = ""},
    };
    component->id = sbom_id("Package", sbom->count, name, arena);
    return component;
}

static void name_supplier(struct sbom_component *component, struct arena *arena)
{
    struct sbom_supplier supplier = sbom_supplier_of(component->name, arena);
    component->supplier = supplier.name;
    component->supplier_url = supplier.url;
    component->home = sbom_home_of(component->name, arena);
}

/* Nothing that a document can be about: "" and "(devel)". */
static bool is_version(const char *version)
{
    return version[0] != '\0' && strcmp(version, "(devel)") != 0;
}

static const char *setting(const struct sbom *sbom, const char *key)
{
    const char *value = buildinfo_setting(&sbom->file->info, key);
    return value == NULL ? "" : value;
}

/* What the rebuild or the surroundings tell, else what the file does, else its commit. */
static const char *main_version(const struct sbom *sbom, const struct recipe *recipe,
                                struct arena *arena)
{
    const struct module *main = &sbom->file->info.main;
    if (recipe != NULL && is_version(recipe->version)) {
        return recipe->version;
    }
    if (is_version(main->version)) {
        return main->version;
    }
    return sbom_pseudo_version(main->path, setting(sbom, "vcs.revision"), setting(sbom, "vcs.time"),
                               arena);
}

static void add_main(struct sbom *sbom, const struct sbom_request *request,
                     const struct recipe *recipe, struct arena *arena)
{
    const struct buildinfo *info = &request->file->info;
    if (!info->has_main && (recipe == NULL || recipe->module[0] == '\0')) {
        return;
    }
    const struct module *line = info->main.replace != NULL ? info->main.replace : &info->main;
    sbom->main = sbom->count;
    struct sbom_component *main =
        add_component(sbom, arena, SBOM_MAIN,
                      recipe != NULL && recipe->module[0] != '\0' ? recipe->module : line->path);
    main->version = main_version(sbom, recipe, arena);
    main->h1 = line->sum;
    if (request->result != NULL && request->result->has_source) {
        main->h1 = request->result->source.h1;
    }
    main->purl = purl_of_module(main->name, main->version, arena);
    name_supplier(main, arena);
}

/* A path of the builder's machine, as go tells it from a module path. */
static bool is_directory(const struct module *line)
{
    return line->version[0] == '\0' && (line->path[0] == '.' || line->path[0] == '/' ||
                                        (line->path[0] != '\0' && line->path[1] == ':'));
}

static void add_dependency(struct sbom *sbom, const struct module *line, struct arena *arena)
{
    const struct module *used = line->replace != NULL ? line->replace : line;
    bool local = used != line && is_directory(used);
    struct sbom_component *component =
        add_component(sbom, arena, SBOM_DEPENDENCY, local ? line->path : used->path);
    component->version = is_version(used->version) ? used->version : "";
    component->h1 = used->sum;
    if (used != line) {
        component->replaces = arena_printf(arena, "%s@%s", line->path, line->version);
    }
    if (local) {
        component->directory = used->path;
    }
    component->required_as = line->path;
    component->purl = purl_of_module(component->name, component->version, arena);
    name_supplier(component, arena);
}

/* The licence of the Go distribution is the same file in every release. */
static void license_as_go(struct sbom_component *component)
{
    component->supplier = GO_SUPPLIER;
    component->supplier_url = GO_HOME;
    component->home = GO_HOME;
    component->licences.declared = GO_LICENCE;
    component->licences.concluded = GO_LICENCE;
    component->licences.copyright = GO_COPYRIGHT;
}

static void add_go(struct sbom *sbom, const struct subject_result *result, struct arena *arena)
{
    const char *text = sbom->file->info.go_version;
    if (text == NULL || text[0] == '\0') {
        return;
    }
    const char *release = sbom_go_release(text, arena);
    sbom->stdlib = sbom->count;
    struct sbom_component *stdlib = add_component(sbom, arena, SBOM_STDLIB, "stdlib");
    stdlib->version = release;
    stdlib->purl = purl_of_module("stdlib", release, arena);
    stdlib->cpe = sbom_go_cpe(release, arena);
    license_as_go(stdlib);
    sbom->toolchain = sbom->count;
    struct sbom_component *toolchain = add_component(sbom, arena, SBOM_TOOLCHAIN, "toolchain");
    toolchain->version = release;
    toolchain->purl = purl_of_module("toolchain", release, arena);
    toolchain->cpe = stdlib->cpe;
    license_as_go(toolchain);
    /* One of this machine has no module. */
    bool is_module = result != NULL && result->has_toolchain &&
                     result->toolchain.module.id.path != NULL &&
                     result->toolchain.module.id.path[0] != '\0';
    if (is_module) {
        const struct fetched_module *module = &result->toolchain.module;
        toolchain->name = module->id.path;
        toolchain->version = module->id.version;
        toolchain->h1 = module->h1;
        toolchain->purl = purl_of_module(module->id.path, module->id.version, arena);
    }
}

static void add_libraries(struct sbom *sbom, struct arena *arena)
{
    const struct traits *traits = &sbom->file->traits;
    for (size_t i = 0; i < traits->library_count; i++) {
        struct sbom_component *library =
            add_component(sbom, arena, SBOM_LIBRARY, traits->libraries[i]);
        struct purl purl = {.type = "generic", .namespace = "", .version = "", .subpath = ""};
        purl.name = library->name;
        if (!purl_format(&purl, arena, &library->purl, NULL)) {
            library->purl = "";
        }
    }
}

static void add_parameter(struct sbom *sbom, struct arena *arena, const char *key,
                          const char *value)
{
    if (value[0] == '\0') {
        return;
    }
    arena_grow(arena, &sbom->parameters, sbom->parameter_count, &sbom->parameter_capacity,
               sizeof(*sbom->parameters));
    sbom->parameters[sbom->parameter_count++] = (struct sbom_parameter){key, value};
}

/* What was set for the build: as recorded, and what a rebuild found out beyond that. */
static void add_parameters(struct sbom *sbom, const struct subject_result *result,
                           struct arena *arena)
{
    const struct buildinfo *info = &sbom->file->info;
    add_parameter(sbom, arena, "main package", info->path == NULL ? "" : info->path);
    add_parameter(sbom, arena, "toolchain", info->go_version == NULL ? "" : info->go_version);
    for (size_t i = 0; i < info->setting_count; i++) {
        add_parameter(sbom, arena, info->settings[i].key, info->settings[i].value);
    }
    if (result == NULL || !result->has_recipe || result->recipe.ldflag_count == 0 ||
        buildinfo_setting(info, "-ldflags") != NULL) {
        return;
    }
    AUTO(buffer) struct buffer flags;
    buffer_init(&flags, 1 << 20);
    for (size_t i = 0; i < result->recipe.ldflag_count; i++) {
        buffer_printf(&flags, "%s%s", i == 0 ? "" : " ", result->recipe.ldflags[i]);
    }
    add_parameter(sbom, arena, "-ldflags (found by the rebuild)",
                  arena_text(arena, buffer_view(&flags)));
}

/* The newest time that a version of the file names, 0 if none does. */
static uint64_t newest_version(const struct buildinfo *info, struct arena *arena)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < info->dep_count; i++) {
        const struct module *dep =
            info->deps[i].replace != NULL ? info->deps[i].replace : &info->deps[i];
        struct pseudo_version version;
        uint64_t when;
        if (!pseudo_version_parse(dep->version, arena, &version)) {
            continue;
        }
        const char *t = version.time;
        const char *text = arena_printf(arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", t, t + 4, t + 6,
                                        t + 8, t + 10, t + 12);
        if (timestamp_parse(bytes_from_string(text), &when) && when > newest) {
            newest = when;
        }
    }
    return newest;
}

static const char *creation_time(const struct sbom *sbom, const struct sbom_request *request,
                                 struct arena *arena)
{
    uint64_t when = 0;
    if (request->has_epoch) {
        when = request->epoch;
    } else if (!timestamp_parse(bytes_from_string(setting(sbom, "vcs.time")), &when)) {
        struct arena scratch = {0};
        when = newest_version(&request->file->info, &scratch);
        arena_free(&scratch);
    }
    return sbom_time_text(when, arena);
}

static void name_binary(struct sbom *sbom, struct arena *arena)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&sbom->digests.sha256, hex);
    struct purl_qualifier checksum = {"checksum", arena_printf(arena, "sha256:%s", hex)};
    struct purl purl = {.type = "generic",
                        .namespace = "",
                        .name = file_base_name(sbom->name),
                        .version = sbom->version,
                        .subpath = "",
                        .qualifiers = &checksum,
                        .qualifier_count = 1};
    if (!purl_format(&purl, arena, &sbom->purl, NULL)) {
        sbom->purl = "";
    }
}

/* One finding for all that share it: names the first, counts the rest. */
struct tally {
    const char *first;
    size_t count;
};

static void tally_add(struct tally *tally, const char *name)
{
    tally->first = tally->count++ == 0 ? name : tally->first;
}

static const char *tally_rest(const struct tally *tally, struct arena *arena)
{
    return tally->count < 2 ? "" : arena_printf(arena, " and %zu more", tally->count - 1);
}

static void find_replaced_and_unpinned(struct sbom *sbom, struct arena *arena)
{
    struct tally replaced = {0};
    struct tally unpinned = {0};
    for (size_t i = 0; i < sbom->count; i++) {
        const struct sbom_component *component = &sbom->components[i];
        if (component->kind != SBOM_MAIN && component->kind != SBOM_DEPENDENCY) {
            continue;
        }
        if (component->replaces[0] != '\0') {
            tally_add(&replaced, component->replaces);
        }
        /* Go writes no sum for the main module that it builds from a working copy. */
        bool dependency = component->kind == SBOM_DEPENDENCY;
        if (component->version[0] == '\0' || (dependency && component->h1[0] == '\0')) {
            tally_add(&unpinned, component->name);
        }
    }
    if (replaced.count > 0) {
        sbom_add_finding(sbom, arena, "replaced-module", "%s%s replaced by other code",
                         replaced.first, tally_rest(&replaced, arena));
    }
    if (unpinned.count > 0) {
        sbom_add_finding(sbom, arena, "unpinned", "%s%s: no version or no h1 says which code it is",
                         unpinned.first, tally_rest(&unpinned, arena));
    }
}

static void find(struct sbom *sbom, struct arena *arena)
{
    const struct inspection *file = sbom->file;
    if (!file->has_buildinfo || file->info.path[0] == '\0') {
        sbom_add_finding(sbom, arena, "no-build-information",
                         "the file does not say what modules it is made of");
    }
    if (file->traits.packer != NULL && file->traits.packer[0] != '\0') {
        sbom_add_finding(sbom, arena, "packed", "packed by %s: what runs is not what is seen",
                         file->traits.packer);
    }
    if (strcmp(setting(sbom, "vcs.modified"), "true") == 0) {
        sbom_add_finding(sbom, arena, "vcs-modified",
                         "built from a working copy with changes that no commit has");
    }
    find_replaced_and_unpinned(sbom, arena);
}

/* What the rebuild proved; without one everything is claimed. */
static void raise_standings(struct sbom *sbom, const struct subject_result *result,
                            struct arena *arena)
{
    sbom->verdict = "not rebuilt: everything here is what the binary says of itself";
    if (result == NULL) {
        return;
    }
    bool proven = result->verdict == VERDICT_REPRODUCED || result->verdict == VERDICT_EQUIVALENT;
    sbom->verdict = arena_printf(arena, "rebuilt by reproof %s: %s", REPROOF_VERSION,
                                 verdict_name(result->verdict));
    for (size_t i = 0; proven && i < sbom->count; i++) {
        if (sbom->components[i].kind != SBOM_LIBRARY) {
            sbom->components[i].standing = SBOM_PROVEN;
        }
    }
    sbom->standing = proven ? SBOM_PROVEN : SBOM_CLAIMED;
    sbom->assumptions = result->notes.assumptions;
    sbom->assumption_count = result->notes.assumption_count;
}

void sbom_build(const struct sbom_request *request, struct arena *arena, struct sbom *ret)
{
    const struct subject_result *result = request->result;
    const struct recipe *recipe =
        result != NULL && result->has_recipe ? &result->recipe : request->recipe;
    *ret = (struct sbom){
        .name = request->name,
        .file = request->file,
        .digests = *request->digests,
        .version = "",
        .purl = "",
        .supplier = "",
        .supplier_url = "",
        .licence = "",
        .copyright = "",
        .author = request->author == NULL ? "reproof" : request->author,
        .author_contact = request->author_contact == NULL ? URI_BASE : request->author_contact,
        .main = SIZE_MAX,
        .stdlib = SIZE_MAX,
        .toolchain = SIZE_MAX,
    };
    add_main(ret, request, recipe, arena);
    for (size_t i = 0; i < request->file->info.dep_count; i++) {
        add_dependency(ret, &request->file->info.deps[i], arena);
    }
    add_go(ret, result, arena);
    add_libraries(ret, arena);
    add_parameters(ret, result, arena);
    if (ret->main != SIZE_MAX) {
        ret->version = ret->components[ret->main].version;
        ret->supplier = ret->components[ret->main].supplier;
        ret->supplier_url = ret->components[ret->main].supplier_url;
    }
    ret->created = creation_time(ret, request, arena);
    name_binary(ret, arena);
    find(ret, arena);
    raise_standings(ret, result, arena);
}

struct expressions {
    const char **items;
    size_t count, capacity;
};

/* Adds the terms of EXPRESSION that AND joins at its top. */
static void split(const char *expression, struct expressions *list, struct arena *arena)
{
    static const char and[] = " AND ";
    struct bytes rest = bytes_from_string(expression);
    bool plain = strchr(expression, '(') == NULL && strstr(expression, " OR ") == NULL;
    while (rest.len > 0) {
        size_t end = plain ? bytes_find(rest, 0, bytes_from_string(and)) : SIZE_MAX;
        arena_grow(arena, &list->items, list->count, &list->capacity, sizeof(*list->items));
        list->items[list->count++] = arena_text(arena, bytes_first(rest, end));
        rest = end == SIZE_MAX ? bytes_from(NULL, 0) : bytes_behind(rest, end + strlen(and));
    }
}

/* Nothing is told of the whole where a part is not known. */
void sbom_conclude(struct sbom *sbom, struct arena *arena)
{
    struct expressions list = {0};
    for (size_t i = 0; i < sbom->count; i++) {
        const struct sbom_component *component = &sbom->components[i];
        if (!sbom_is_linked(component)) {
            continue;
        }
        if (component->licences.concluded[0] == '\0') {
            return;
        }
        split(component->licences.concluded, &list, arena);
    }
    if (sbom->main != SIZE_MAX) {
        const struct sbom_licences *licences = &sbom->components[sbom->main].licences;
        sbom->licence = licence_join(list.items, list.count, "AND", arena);
        sbom->copyright = licences->copyright[0] == '\0' ? "NONE" : licences->copyright;
    }
}
