// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/package.h"

#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "base/scanner.h"

#define NAME_MAXIMUM 256
#define PARENTS_MAXIMUM 16

static bool is_plain(const char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return len > 0 && len <= NAME_MAXIMUM;
}

bool package_parse_npm(struct bytes text, struct arena *arena, struct package *ret)
{
    struct json_document *document;
    if (!json_parse(text, &document, NULL)) {
        return false;
    }
    const char *name = json_member_string(json_root(document), "name");
    const char *version = json_member_string(json_root(document), "version");
    bool ok = is_plain(name) && is_plain(version);
    if (ok) {
        *ret = (struct package){.kind = PACKAGE_NPM,
                                .name = arena_string(arena, name),
                                .version = arena_string(arena, version)};
    }
    json_document_free(&document);
    return ok;
}

/* The value of the header FIELD ("Name: ") if LINE is that one. */
static bool header_value(struct bytes line, const char *field, struct arena *arena,
                         const char **value)
{
    if (!bytes_start_with(line, field)) {
        return false;
    }
    size_t len = strlen(field);
    *value = arena_text(arena, scan_trimmed(bytes_from(line.data + len, line.len - len)));
    return true;
}

bool package_parse_metadata(struct bytes text, struct arena *arena, struct package *ret)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    const char *name = NULL;
    const char *version = NULL;
    unsigned fields = 0;
    while (scanner_line(&scanner, LIMIT_LINE, &line) && scan_trimmed(line).len > 0) {
        bool known = header_value(line, "Name:", arena, &name) ||
                     header_value(line, "Version:", arena, &version);
        fields += known;
    }
    /* One of each: a second name would be somebody else's. */
    if (fields != 2 || !is_plain(name) || !is_plain(version)) {
        return false;
    }
    *ret = (struct package){.kind = PACKAGE_PYPI, .name = name, .version = version};
    return true;
}

bool package_settle(const struct package *package, struct package *ret)
{
    bool ok = is_plain(package->name) && is_plain(package->version) &&
              (package->architecture == NULL || is_plain(package->architecture));
    if (ok) {
        *ret = *package;
    }
    return ok;
}

/* Three fields, each once, in lines of any order. */
static bool parse_fields(struct bytes text, const char *const fields[3], enum package_kind kind,
                         struct arena *arena, struct package *ret)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    struct package package = {.kind = kind};
    const char **values[] = {&package.name, &package.version, &package.architecture};
    unsigned seen = 0;
    while (scanner_line(&scanner, LIMIT_LINE, &line) && scan_trimmed(line).len > 0) {
        for (unsigned i = 0; i < 3; i++) {
            if (header_value(line, fields[i], arena, values[i])) {
                if ((seen & (1U << i)) != 0) {
                    return false;
                }
                seen |= 1U << i;
            }
        }
    }
    return seen == 7 && package_settle(&package, ret);
}

bool package_parse_control(struct bytes text, struct arena *arena, struct package *ret)
{
    static const char *const fields[] = {"Package:", "Version:", "Architecture:"};
    return parse_fields(text, fields, PACKAGE_DEB, arena, ret);
}

bool package_parse_pkginfo(struct bytes text, struct arena *arena, struct package *ret)
{
    static const char *const fields[] = {"pkgname =", "pkgver =", "arch ="};
    return parse_fields(text, fields, PACKAGE_APK, arena, ret);
}

static bool read_npm(int root, const char *folder, struct arena *arena, struct package *ret)
{
    struct bytes text;
    const char *path =
        folder[0] == '\0' ? "package.json" : arena_printf(arena, "%s/package.json", folder);
    return file_read(root, path, MIB, arena, &text, NULL) && package_parse_npm(text, arena, ret);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* A wheel has exactly one *.dist-info folder at its root. */
static bool read_metadata(int root, struct arena *arena, struct package *ret)
{
    char **names;
    size_t count;
    const char *found = NULL;
    if (!directory_list(root, arena, &names, &count, NULL)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (ends_with(names[i], ".dist-info")) {
            if (found != NULL) {
                return false;
            }
            found = names[i];
        }
    }
    struct bytes text;
    return found != NULL &&
           file_read(root, arena_printf(arena, "%s/METADATA", found), MIB, arena, &text, NULL) &&
           package_parse_metadata(text, arena, ret);
}

struct package package_around(int root, const char *path, struct arena *arena)
{
    struct package package = {.kind = PACKAGE_NONE, .name = "", .version = ""};
    struct bytes folder = bytes_from_string(path);
    struct bytes name;
    for (int i = 0; i < PARENTS_MAXIMUM && scan_cut_last(folder, '/', &folder, &name); i++) {
        if (read_npm(root, arena_text(arena, folder), arena, &package)) {
            return package;
        }
    }
    if (!read_npm(root, "", arena, &package) && !read_metadata(root, arena, &package)) {
        return (struct package){.kind = PACKAGE_NONE, .name = "", .version = ""};
    }
    return package;
}

/* Percent-encodes what a package URL does not take as it is; '/' separates a namespace. */
static void put_encoded(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || strchr("-._~/:", *text) != NULL;
        if (plain) {
            buffer_byte(out, (uint8_t)*text);
        } else {
            buffer_printf(out, "%%%02X", (unsigned char)*text);
        }
    }
}

/* As PyPI compares names: lower case, '_' and '-' alike. */
static const char *pypi_name(const char *name, struct arena *arena)
{
    char *copy = arena_string(arena, name);
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '_') {
            *c = '-';
        } else if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
    return copy;
}

static const char *const purl_types[] = {
    [PACKAGE_NONE] = "",   [PACKAGE_NPM] = "npm", [PACKAGE_PYPI] = "pypi",
    [PACKAGE_DEB] = "deb", [PACKAGE_RPM] = "rpm", [PACKAGE_APK] = "apk",
};

static void put_qualifiers(struct buffer *out, const struct package *package)
{
    if (package->architecture == NULL) {
        return;
    }
    buffer_string(out, "?arch=");
    put_encoded(out, package->architecture);
    if (package->epoch != NULL) {
        buffer_string(out, "&epoch=");
        put_encoded(out, package->epoch);
    }
}

const char *package_purl(const struct package *package, struct arena *arena)
{
    if (package->kind == PACKAGE_NONE) {
        return "";
    }
    struct buffer out;
    buffer_init(&out, 16 * NAME_MAXIMUM);
    bool pypi = package->kind == PACKAGE_PYPI;
    buffer_printf(&out, "pkg:%s/", purl_types[package->kind]);
    if (package->space != NULL && package->space[0] != '\0') {
        put_encoded(&out, package->space);
        buffer_byte(&out, '/');
    }
    put_encoded(&out, pypi ? pypi_name(package->name, arena) : package->name);
    buffer_byte(&out, '@');
    put_encoded(&out, package->version);
    put_qualifiers(&out, package);
    const char *purl = arena_string(arena, buffer_cstring(&out));
    buffer_free(&out);
    return purl;
}

static bool is_digest(struct bytes text)
{
    struct sha256 ignored;
    return sha256_from_hex(text, &ignored);
}

bool package_is_layer(const char *name)
{
    struct bytes folder = bytes_from_string(""), file = bytes_from_string(name), above, stem, end;
    if (scan_cut_last(file, '/', &folder, &file) && is_digest(file)) {
        return bytes_end_with(folder, "blobs/sha256");
    }
    if (bytes_equal_string(file, "layer.tar")) {
        return is_digest(folder) ||
               (scan_cut_last(folder, '/', &above, &folder) && is_digest(folder));
    }
    return scan_cut(file, '.', &stem, &end) && is_digest(stem) &&
           (bytes_equal_string(end, "tar") || bytes_equal_string(end, "tar.gz"));
}
