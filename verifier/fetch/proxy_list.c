// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/proxy_list.h"

#include <strings.h>

#include "base/limits.h"
#include "base/scanner.h"

static bool refuse(struct error *err, const char *what)
{
    return error_set(err, ERROR_USAGE, "%s", what);
}

static bool is_letter_or_digit(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static int hex_value(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The path of a file: URL; NUL and broken escapes are refused. */
static bool unescape_path(struct bytes path, struct arena *arena, const char **ret)
{
    char *text = arena_alloc(arena, path.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++) {
        int value = path.data[i];
        if (value == '%') {
            bool whole = path.len - i > 2;
            int high = whole ? hex_value(path.data[i + 1]) : -1;
            int low = whole ? hex_value(path.data[i + 2]) : -1;
            value = high < 0 || low < 0 ? 0 : high * 16 + low;
            i += 2;
        }
        if (value == 0) {
            return false;
        }
        text[len++] = (char)value;
    }
    *ret = text;
    return true;
}

static bool parse_file(struct bytes rest, struct arena *arena, struct fetch_place *ret,
                       struct error *err)
{
    struct fetch_place place = {.url = "", .query = ""};
    bool whole = bytes_start_with(rest, "///");
    rest = whole ? bytes_from(rest.data + 2, rest.len - 2) : rest;
    if (!whole || memchr(rest.data, '?', rest.len) != NULL ||
        memchr(rest.data, '#', rest.len) != NULL || !unescape_path(rest, arena, &place.directory)) {
        return refuse(err, "a file: URL must hold an absolute path and nothing else");
    }
    *ret = place;
    return true;
}

static bool is_port(struct bytes text)
{
    uint64_t port;
    return scan_number(text, 65535, &port);
}

static bool is_made_of(struct bytes text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_letter_or_digit(text.data[i]) &&
            memchr(others, text.data[i], strlen(others)) == NULL) {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_address(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (hex_value(text.data[i]) < 0 && text.data[i] != ':' && text.data[i] != '.') {
            return false;
        }
    }
    return text.len > 0;
}

/* name, name:port, [address] or [address]:port */
static bool is_host(struct bytes host)
{
    struct bytes name = host, port = {0};
    if (bytes_start_with(host, "[")) {
        if (!scan_cut_last(host, ']', &name, &port) || (port.len > 0 && port.data[0] != ':')) {
            return false;
        }
        name = bytes_from(name.data + 1, name.len - 1);
        port = port.len > 0 ? bytes_from(port.data + 1, port.len - 1) : port;
        return is_address(name) && (port.len == 0 || is_port(port));
    }
    if (scan_cut(host, ':', &name, &port) && !is_port(port)) {
        return false;
    }
    return is_made_of(name, "-._~");
}

/* The length of TEXT up to the first of STOPS. */
static size_t span(struct bytes text, const char *stops)
{
    size_t len = 0;
    while (len < text.len && memchr(stops, text.data[len], strlen(stops)) == NULL) {
        len++;
    }
    return len;
}

static bool parse_web(struct bytes rest, bool http, struct arena *arena, struct fetch_place *ret,
                      struct error *err)
{
    if (!bytes_start_with(rest, "//")) {
        return refuse(err, "a URL without a host");
    }
    rest = bytes_from(rest.data + 2, rest.len - 2);
    struct bytes authority = bytes_from(rest.data, span(rest, "/?#"));
    struct bytes host = authority, user;
    bool credentials = scan_cut_last(authority, '@', &user, &host);
    if (!is_host(host)) {
        return refuse(err, "a URL without a valid host");
    }
    size_t path_end = span(rest, "?#");
    struct bytes query = bytes_from(rest.data + path_end, rest.len - path_end);
    query.len = span(query, "#");
    while (path_end > authority.len && rest.data[path_end - 1] == '/') {
        path_end--;
    }
    *ret = (struct fetch_place){
        .url = arena_printf(arena, "%s://%.*s", http ? "http" : "https", (int)path_end,
                            (const char *)rest.data),
        .query = arena_text(arena, query),
        .directory = "",
        .http = http,
        .credentials = credentials,
    };
    return true;
}

static bool is_printable(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f || memchr("\"<>\\^`{|}", text.data[i], 9)) {
            return false;
        }
    }
    return true;
}

bool fetch_place_parse(struct bytes text, struct arena *arena, struct fetch_place *ret,
                       struct error *err)
{
    struct bytes scheme, rest;
    if (text.len > LIMIT_LINE || !scan_cut(text, ':', &scheme, &rest)) {
        return refuse(err, "no URL: the scheme is missing (https, http or file)");
    }
    if (scheme.len == 4 && strncasecmp((const char *)scheme.data, "file", 4) == 0) {
        return parse_file(rest, arena, ret, err);
    }
    if (!is_printable(text)) {
        return refuse(err, "a URL with characters that it must not have");
    }
    bool http = scheme.len == 4 && strncasecmp((const char *)scheme.data, "http", 4) == 0;
    if (!http && !(scheme.len == 5 && strncasecmp((const char *)scheme.data, "https", 5) == 0)) {
        return refuse(err, "the scheme must be https, http or file");
    }
    return parse_web(rest, http, arena, ret, err);
}

/* Single words are kept for later meanings; what looks like a host gets the scheme it lacks. */
static bool parse_place(struct bytes text, struct arena *arena, struct fetch_place *ret,
                        struct error *err)
{
    bool bare = span(text, ".:/") < text.len && text.data[0] != '/' &&
                bytes_find(text, 0, bytes_from_string(":/")) == SIZE_MAX;
    if (bare && text.len <= LIMIT_LINE) {
        text = bytes_from_string(
            arena_printf(arena, "https://%.*s", (int)text.len, (const char *)text.data));
    }
    return fetch_place_parse(text, arena, ret, err);
}

static bool parse_entry(struct bytes text, struct arena *arena, struct proxy_entry *ret,
                        struct error *err)
{
    if (bytes_equal_string(text, "off")) {
        ret->kind = PROXY_OFF;
        return true;
    }
    if (bytes_equal_string(text, "direct")) {
        ret->kind = PROXY_DIRECT;
        return true;
    }
    ret->kind = PROXY_PLACE;
    return parse_place(text, arena, &ret->place, err);
}

bool proxy_list_parse(struct bytes text, struct arena *arena, struct proxy_list *ret,
                      struct error *err)
{
    struct proxy_list list = {.entries = ARENA_ARRAY(arena, LIMIT_PROXIES, struct proxy_entry)};
    bool more = true;
    while (more && text.len > 0) {
        size_t len = span(text, ",|");
        bool bar = len < text.len && text.data[len] == '|';
        struct bytes word = scan_trimmed(bytes_from(text.data, len));
        size_t passed = len < text.len ? len + 1 : len;
        text = bytes_from(text.data + passed, text.len - passed);
        if (word.len == 0) {
            continue;
        }
        if (list.count == LIMIT_PROXIES) {
            return error_set(err, ERROR_USAGE, "GOPROXY has more than %d entries", LIMIT_PROXIES);
        }
        struct proxy_entry *entry = &list.entries[list.count++];
        entry->on_any_error = bar;
        if (!parse_entry(word, arena, entry, err)) {
            return error_prefix(err, "entry %zu of GOPROXY", list.count);
        }
        more = entry->kind == PROXY_PLACE;
    }
    if (list.count == 0) {
        return refuse(err, "GOPROXY has no entries");
    }
    *ret = list;
    return true;
}

const char *fetch_place_url(const struct fetch_place *place, const char *suffix,
                            struct arena *arena)
{
    size_t base = strlen(place->url);
    char *url = arena_alloc(arena, base + 1 + 3 * strlen(suffix) + strlen(place->query) + 1);
    memcpy(url, place->url, base);
    char *at = url + base;
    *at++ = '/';
    for (suffix += suffix[0] == '/' ? 1 : 0; *suffix != '\0'; suffix++) {
        uint8_t byte = (uint8_t)*suffix;
        if (is_letter_or_digit(byte) || strchr("-_.~/$&+=:@", byte) != NULL) {
            *at++ = (char)byte;
        } else {
            *at++ = '%';
            *at++ = "0123456789ABCDEF"[byte >> 4];
            *at++ = "0123456789ABCDEF"[byte & 15];
        }
    }
    memcpy(at, place->query, strlen(place->query) + 1);
    return url;
}
