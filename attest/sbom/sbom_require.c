// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_require.h"

#include <string.h>

static const char *const names[] = {
    [SBOM_RULES_NTIA] = "ntia", [SBOM_RULES_FSCT3] = "fsct3", [SBOM_RULES_BSI] = "bsi"};

bool sbom_rules_parse(const char *text, enum sbom_rules *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum sbom_rules)i;
            return true;
        }
    }
    return false;
}

/* What was missing so far: the first one is told, the rest counted. */
struct gaps {
    const char *field, *of;
    size_t count;
};

static void want(struct gaps *gaps, bool there, const char *field, const char *of)
{
    if (there) {
        return;
    }
    if (gaps->count++ == 0) {
        gaps->field = field;
        gaps->of = of;
    }
}

static void check_component(const struct sbom_component *component, enum sbom_rules rules,
                            struct gaps *gaps)
{
    const struct sbom_licences *licences = &component->licences;
    const char *name = component->name;
    want(gaps, name[0] != '\0', "name", "a component");
    want(gaps, component->version[0] != '\0', "version", name);
    want(gaps, component->purl[0] != '\0', "identifier", name);
    want(gaps, component->supplier[0] != '\0', "supplier", name);
    if (rules == SBOM_RULES_NTIA) {
        return;
    }
    want(gaps, licences->concluded[0] != '\0', "concluded licence", name);
    if (rules == SBOM_RULES_FSCT3) {
        want(gaps, licences->copyright[0] != '\0' || licences->looked, "copyright", name);
        return;
    }
    want(gaps, component->supplier_url[0] != '\0', "supplier's address", name);
    want(gaps, component->has_zip, "file name and SHA-512", name);
}

static void check_binary(const struct sbom *sbom, enum sbom_rules rules, struct gaps *gaps)
{
    want(gaps, sbom->version[0] != '\0', "version", sbom->name);
    want(gaps, sbom->purl[0] != '\0', "identifier", sbom->name);
    want(gaps, sbom->supplier[0] != '\0', "supplier", sbom->name);
    want(gaps, sbom->file->has_buildinfo, "dependencies", sbom->name);
    if (rules == SBOM_RULES_NTIA) {
        return;
    }
    want(gaps, sbom->licence[0] != '\0', "concluded licence", sbom->name);
    if (rules == SBOM_RULES_FSCT3) {
        want(gaps, sbom->copyright[0] != '\0', "copyright", sbom->name);
    } else {
        want(gaps, sbom->author_contact[0] != '\0', "author's address", "the document");
    }
}

bool sbom_require(const struct sbom *sbom, enum sbom_rules rules, enum sbom_format format,
                  struct error *err)
{
    struct gaps gaps = {0};
    want(&gaps, rules == SBOM_RULES_NTIA || format != SBOM_SPDX_23,
         rules == SBOM_RULES_FSCT3 ? "type of SBOM" : "place for distribution files",
         "the format spdx-2.3");
    check_binary(sbom, rules, &gaps);
    for (size_t i = 0; i < sbom->count; i++) {
        check_component(&sbom->components[i], rules, &gaps);
    }
    if (gaps.count == 0) {
        return true;
    }
    error_set(err, ERROR_ABSENT, "%s: %s of %s is missing (%zu in all)", names[rules], gaps.field,
              gaps.of, gaps.count);
    if (strstr(gaps.of, "spdx-2.3") != NULL) {
        return error_cure(err, "--format spdx-3.0");
    }
    bool source = strcmp(gaps.field, "version") == 0;
    return error_cure(err, source ? "--source MODULE@VERSION, where the file does not say it"
                                  : "--fetch gets modules that the store has not");
}
