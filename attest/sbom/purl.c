// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/purl.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scanner.h"

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static uint8_t lowered(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static const char *lower(const char *text, struct arena *arena)
{
    char *copy = arena_string(arena, text);
    for (char *at = copy; *at != '\0'; at++) {
        *at = (char)lowered((uint8_t)*at);
    }
    return copy;
}

/* Types and qualifier keys: a letter, then letters, digits and EXTRA. */
static bool is_word(const char *text, const char *extra)
{
    if (!is_letter((uint8_t)text[0])) {
        return false;
    }
    for (const char *at = text; *at != '\0'; at++) {
        if (!is_letter((uint8_t)*at) && !is_digit((uint8_t)*at) && strchr(extra, *at) == NULL) {
            return false;
        }
    }
    return true;
}

static bool hex_value(uint8_t c, uint8_t *ret)
{
    uint8_t low = lowered(c);
    if (is_digit(c)) {
        *ret = (uint8_t)(c - '0');
    } else if (low >= 'a' && low <= 'f') {
        *ret = (uint8_t)(low - 'a' + 10);
    } else {
        return false;
    }
    return true;
}

/* A percent sign that begins no octet stands for itself, as other readers have it. */
static const char *decode(struct bytes text, struct arena *arena)
{
    char *decoded = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t high, low;
        bool octet = text.data[i] == '%' && i + 2 < text.len &&
                     hex_value(text.data[i + 1], &high) && hex_value(text.data[i + 2], &low) &&
                     (high != 0 || low != 0);
        if (octet) {
            decoded[len++] = (char)(high << 4 | low);
            i += 2;
        } else {
            decoded[len++] = (char)text.data[i];
        }
    }
    return decoded;
}

/* Each segment decoded; empty ones, and in a subpath "." and "..", fall away. */
static const char *decode_segments(struct bytes text, bool is_subpath, struct arena *arena)
{
    AUTO(buffer) struct buffer joined;
    buffer_init(&joined, text.len + 1);
    struct scanner scanner = scanner_over(text);
    struct bytes part;
    while (scanner_field(&scanner, '/', text.len, &part)) {
        const char *segment = decode(part, arena);
        bool dots = strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0;
        if (segment[0] != '\0' && !(is_subpath && dots)) {
            buffer_printf(&joined, "%s%s", joined.len == 0 ? "" : "/", segment);
        }
    }
    return arena_text(arena, buffer_view(&joined));
}

static int by_key(const void *a, const void *b)
{
    const struct purl_qualifier *left = a;
    const struct purl_qualifier *right = b;
    return strcmp(left->key, right->key);
}

/* Sorted, and each key once. */
static bool settle_qualifiers(struct purl *purl)
{
    if (purl->qualifier_count == 0) {
        return true;
    }
    qsort(purl->qualifiers, purl->qualifier_count, sizeof(*purl->qualifiers), by_key);
    for (size_t i = 1; i < purl->qualifier_count; i++) {
        if (strcmp(purl->qualifiers[i - 1].key, purl->qualifiers[i].key) == 0) {
            return false;
        }
    }
    return true;
}

static bool parse_qualifiers(struct bytes text, struct arena *arena, struct purl *purl)
{
    size_t capacity = 0;
    struct scanner scanner = scanner_over(text);
    struct bytes pair, key, value;
    while (scanner_field(&scanner, '&', text.len, &pair)) {
        if (!scan_cut(pair, '=', &key, &value)) {
            return false;
        }
        const char *name = lower(arena_text(arena, key), arena);
        if (!is_word(name, ".-_")) {
            return false;
        }
        if (value.len > 0) {
            arena_grow(arena, &purl->qualifiers, purl->qualifier_count, &capacity,
                       sizeof(*purl->qualifiers));
            purl->qualifiers[purl->qualifier_count++] =
                (struct purl_qualifier){name, decode(value, arena)};
        }
    }
    return settle_qualifiers(purl);
}

/* What Go's type makes of the letters. */
static void settle_type(struct purl *purl, struct arena *arena)
{
    purl->type = lower(purl->type, arena);
    if (strcmp(purl->type, "golang") == 0) {
        purl->namespace = lower(purl->namespace, arena);
        purl->name = lower(purl->name, arena);
    }
}

static struct bytes without_slashes(struct bytes text)
{
    while (text.len > 0 && text.data[0] == '/') {
        text = bytes_behind(text, 1);
    }
    while (text.len > 0 && text.data[text.len - 1] == '/') {
        text = bytes_first(text, text.len - 1);
    }
    return text;
}

/* Type, namespace, name and version: what stands between the scheme and '?' or '#'. */
static bool parse_path(struct bytes text, struct arena *arena, struct purl *purl, struct error *err)
{
    struct bytes type, rest, version, namespace = {0};
    if (!scan_cut(without_slashes(text), '/', &type, &rest)) {
        return error_set(err, ERROR_FORMAT, "package URL without a type or a name");
    }
    purl->type = arena_text(arena, type);
    if (!is_word(purl->type, ".+-")) {
        return error_set(err, ERROR_FORMAT, "package URL with the type \"%s\"", purl->type);
    }
    if (scan_cut_last(rest, '@', &rest, &version)) {
        purl->version = decode(version, arena);
    }
    struct bytes name = without_slashes(rest);
    if (scan_cut_last(name, '/', &namespace, &name)) {
        purl->namespace = decode_segments(namespace, false, arena);
    }
    purl->name = decode(name, arena);
    return purl->name[0] != '\0' || error_set(err, ERROR_FORMAT, "package URL without a name");
}

bool purl_parse(const char *text, struct arena *arena, struct purl *ret, struct error *err)
{
    struct purl purl = {.type = "", .namespace = "", .name = "", .version = "", .subpath = ""};
    struct bytes rest = bytes_from_string(text);
    struct bytes part;
    if (rest.len > LIMIT_LINE) {
        return error_set(err, ERROR_LIMIT, "package URL of %zu bytes", rest.len);
    }
    if (scan_cut_last(rest, '#', &rest, &part)) {
        purl.subpath = decode_segments(part, true, arena);
    }
    if (scan_cut_last(rest, '?', &rest, &part) && !parse_qualifiers(part, arena, &purl)) {
        return error_set(err, ERROR_FORMAT, "package URL with malformed qualifiers");
    }
    struct scanner scanner = scanner_over(rest);
    if (!scanner_expect(&scanner, "pkg:")) {
        return error_set(err, ERROR_FORMAT, "package URL without the scheme pkg:");
    }
    if (!parse_path(scanner_rest(&scanner), arena, &purl, err)) {
        return false;
    }
    settle_type(&purl, arena);
    *ret = purl;
    return true;
}

/* Percent-encodes TEXT, but for what PLAIN lists. */
static void encode(const char *text, const char *plain, struct buffer *out)
{
    for (const char *at = text; *at != '\0'; at++) {
        uint8_t c = (uint8_t)*at;
        if (is_letter(c) || is_digit(c) || strchr("-._~:", c) != NULL || strchr(plain, c) != NULL) {
            buffer_byte(out, c);
        } else {
            buffer_printf(out, "%%%02X", c);
        }
    }
}

static void write_qualifiers(const struct purl *purl, struct buffer *out)
{
    const char *before = "?";
    for (size_t i = 0; i < purl->qualifier_count; i++) {
        if (purl->qualifiers[i].value[0] != '\0') {
            buffer_printf(out, "%s%s=", before, purl->qualifiers[i].key);
            encode(purl->qualifiers[i].value, "", out);
            before = "&";
        }
    }
}

static const char *put_together(const struct purl *purl, struct arena *arena)
{
    AUTO(buffer) struct buffer out;
    buffer_init(&out, 64 * MIB);
    buffer_printf(&out, "pkg:%s/", purl->type);
    if (purl->namespace[0] != '\0') {
        encode(purl->namespace, "/", &out);
        buffer_byte(&out, '/');
    }
    encode(purl->name, "", &out);
    if (purl->version[0] != '\0') {
        buffer_byte(&out, '@');
        encode(purl->version, "", &out);
    }
    write_qualifiers(purl, &out);
    if (purl->subpath[0] != '\0') {
        buffer_byte(&out, '#');
        encode(purl->subpath, "/", &out);
    }
    return arena_text(arena, buffer_view(&out));
}

bool purl_format(const struct purl *purl, struct arena *arena, const char **ret, struct error *err)
{
    struct purl settled = *purl;
    if (!is_word(purl->type, ".+-")) {
        return error_set(err, ERROR_FORMAT, "package URL with the type \"%s\"", purl->type);
    }
    if (purl->name[0] == '\0') {
        return error_set(err, ERROR_FORMAT, "package URL without a name");
    }
    for (size_t i = 0; i < purl->qualifier_count; i++) {
        if (!is_word(purl->qualifiers[i].key, ".-_")) {
            return error_set(err, ERROR_FORMAT, "package URL with the qualifier \"%s\"",
                             purl->qualifiers[i].key);
        }
    }
    if (!settle_qualifiers(&settled)) {
        return error_set(err, ERROR_FORMAT, "package URL with a qualifier twice");
    }
    settle_type(&settled, arena);
    *ret = put_together(&settled, arena);
    return true;
}

const char *purl_of_module(const char *path, const char *version, struct arena *arena)
{
    struct purl purl = {.type = "golang", .namespace = "", .version = version, .subpath = ""};
    struct bytes namespace = {0};
    struct bytes name = without_slashes(bytes_from_string(path));
    if (scan_cut_last(name, '/', &namespace, &name)) {
        purl.namespace = arena_text(arena, without_slashes(namespace));
    }
    purl.name = name.len == 0 ? "unnamed" : arena_text(arena, name);
    settle_type(&purl, arena);
    return put_together(&purl, arena);
}

static bool is_major(const char *subpath)
{
    uint64_t number;
    return subpath[0] == 'v' && scan_number(bytes_from_string(subpath + 1), UINT32_MAX, &number) &&
           number >= 2;
}

const char *purl_module_path(const struct purl *purl, struct arena *arena)
{
    if (purl->namespace[0] == '\0') {
        return lower(strcmp(purl->name, "std") == 0 ? "stdlib" : purl->name, arena);
    }
    const char *path = arena_printf(arena, "%s/%s", purl->namespace, purl->name);
    if (is_major(purl->subpath)) {
        path = arena_printf(arena, "%s/%s", path, purl->subpath);
    }
    return lower(path, arena);
}

bool purl_is_module(const struct purl *purl, const char *path)
{
    struct arena arena = {0};
    bool same = strcmp(purl->type, "golang") == 0 &&
                strcmp(purl_module_path(purl, &arena), lower(path, &arena)) == 0;
    arena_free(&arena);
    return same;
}
