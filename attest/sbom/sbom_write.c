// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_write.h"

#include <string.h>

#include "attest/sbom/sbom_names.h"
#include "attest/sbom/sbom_spdx23.h"
#include "attest/sbom/sbom_spdx3.h"
#include "base/limits.h"

static const char *const format_names[] = {
    [SBOM_SPDX_23] = "spdx-2.3",
    [SBOM_SPDX_30] = "spdx-3.0",
};

bool sbom_format_parse(const char *text, enum sbom_format *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(format_names); i++) {
        if (strcmp(text, format_names[i]) == 0) {
            *ret = (enum sbom_format)i;
            return true;
        }
    }
    return false;
}

typedef void write_document(const struct sbom *sbom, const char *document_namespace,
                            struct buffer *out);

static write_document *const writers[] = {
    [SBOM_SPDX_23] = sbom_write_spdx23,
    [SBOM_SPDX_30] = sbom_write_spdx3,
};

bool sbom_write(const struct sbom *sbom, enum sbom_format format, struct buffer *out,
                struct error *err)
{
    struct arena arena = {0};
    char hex[SHA256_HEX_LEN + 1];
    size_t start = out->len;
    writers[format](sbom, "", out);
    struct sha256 content = sha256_of(bytes_behind(buffer_view(out), start));
    sha256_hex(&content, hex);
    if (buffer_ok(out)) {
        out->len = start;
        writers[format](sbom, sbom_uri("spdx", hex, &arena), out);
    }
    arena_free(&arena);
    return buffer_ok(out) || error_set(err, ERROR_LIMIT, "the document has more than %llu MiB",
                                       (unsigned long long)(out->maximum / MIB));
}

static void add_line(struct buffer *out, const char *key, const char *value)
{
    if (value[0] != '\0') {
        buffer_printf(out, "%s%s: %s", out->len == 0 ? "" : "\n", key, value);
    }
}

static const char *done(struct buffer *text, struct arena *arena)
{
    const char *copy = arena_text(arena, buffer_view(text));
    buffer_free(text);
    return copy;
}

const char *sbom_component_comment(const struct sbom_component *component, struct arena *arena)
{
    static const char *const origins[] = {
        [SBOM_CLAIMED] = "claimed: the binary says so",
        [SBOM_RECORDED] = "recorded: the binary says so, and the checksum database has its h1",
        [SBOM_PROVEN] = "proven: rebuilding from it gave this binary",
    };
    struct buffer text;
    buffer_init(&text, MIB);
    add_line(&text, "standing",
             component->kind == SBOM_LIBRARY ? "claimed: the binary asks for it when it is started"
                                             : origins[component->standing]);
    add_line(&text, "h1", component->h1);
    add_line(&text, "replaces", component->replaces);
    add_line(&text, "directory", component->directory);
    return done(&text, arena);
}

const char *sbom_document_comment(const struct sbom *sbom, struct arena *arena)
{
    struct buffer text;
    buffer_init(&text, 16 * MIB);
    add_line(&text, "verdict", sbom->verdict);
    for (size_t i = 0; i < sbom->assumption_count; i++) {
        buffer_printf(&text, "\nassumption %s: %s", sbom->assumptions[i].name,
                      sbom->assumptions[i].detail);
    }
    for (size_t i = 0; i < sbom->finding_count; i++) {
        if (!sbom->findings[i].passing) {
            buffer_printf(&text, "\nfinding %s: %s", sbom->findings[i].code,
                          sbom->findings[i].detail);
        }
    }
    return done(&text, arena);
}

const char *sbom_licence_comment(const struct sbom_licences *licences, struct arena *arena)
{
    struct buffer text;
    buffer_init(&text, MIB);
    for (size_t i = 0; i < licences->find_count; i++) {
        const struct sbom_licence_find *find = &licences->finds[i];
        buffer_printf(&text, "%s%s: %s, bytes %zu to %zu, cover %u %%", i == 0 ? "" : "\n",
                      find->file, find->expression, find->offset, find->offset + find->len,
                      find->cover);
    }
    if (licences->joined) {
        buffer_string(&text, "\njoined: several texts, taken as all of them together");
    }
    return done(&text, arena);
}
