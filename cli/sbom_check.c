// SPDX-License-Identifier: Apache-2.0
#include "cli/sbom_check.h"

#include "base/escape.h"
#include "base/json_write.h"

static const char *shown(const char *text, char *ret, size_t size)
{
    escape_text(text, ret, size);
    return text[0] == '\0' ? "(nothing)" : ret;
}

void sbom_check_text(const struct sbom *sbom, const char *name,
                     const struct sbom_comparison *comparison, struct buffer *out)
{
    char module[512], binary[512], document[512], title[512];
    for (size_t i = 0; i < comparison->count; i++) {
        const struct sbom_difference *one = &comparison->differences[i];
        buffer_printf(out, "%-14s %s: the binary has %s, the document %s\n",
                      sbom_difference_name(one->kind), shown(one->module, module, sizeof(module)),
                      shown(one->binary, binary, sizeof(binary)),
                      shown(one->document, document, sizeof(document)));
    }
    buffer_printf(out, "%s %s what %s is made of%s\n", shown(name, title, sizeof(title)),
                  comparison->agrees ? "says" : "does NOT say",
                  shown(sbom->name, module, sizeof(module)),
                  comparison->file_told ? "" : "; it does not name the file by a digest");
}

void sbom_check_json(const struct sbom *sbom, const char *name,
                     const struct sbom_comparison *comparison, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "reproof/sbom-check/v1");
    json_string(&json, "name", sbom->name);
    json_string(&json, "document", name);
    json_bool(&json, "agrees", comparison->agrees);
    json_bool(&json, "file_told", comparison->file_told);
    json_array(&json, "differences");
    for (size_t i = 0; i < comparison->count; i++) {
        const struct sbom_difference *one = &comparison->differences[i];
        json_object(&json, NULL);
        json_string(&json, "code", sbom_difference_name(one->kind));
        json_string(&json, "module", one->module);
        json_string(&json, "binary", one->binary);
        json_string(&json, "document", one->document);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
}
