// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/anchor.h"

#include "base/scanner.h"

/* The one place where a host's name is known to the program: cmd/go/internal/modfetch/key.go. */
#define DATABASE_NAME "sum.golang.org"
#define DATABASE_KEY "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
/* The same database, as it can be reached within China. */
#define DATABASE_ALIAS "sum.golang.google.cn"

/* Accepted on 2026-11-21, with earlier heads proven to be its beginning. */
static const char floor_note[] =
    "go.sum database tree\n"
    "71769961\n"
    "O0jlIxwRb2vZYS1na726XLlaDCtCqKUVLld+AY32AGA=\n"
    "\n"
    "\xe2\x80\x94 " DATABASE_NAME
    " Az3grufbQia/eVmOpUINcw1UBa6rB6ikK2tQHD1unUUvIMEXtMyuoYzc+kL7vaGESkPcmXTD1s5Cu55o14FrOYfragA="
    "\n";

bool anchor_builtin(struct arena *arena, struct anchor *ret, struct error *err)
{
    struct anchor anchor = {.url = "", .has_floor = true};
    if (!note_key_parse(DATABASE_KEY, arena, &anchor.key, err) ||
        !signed_head_open(bytes_from_string(floor_note), &anchor.key, &anchor.floor, err)) {
        return error_prefix(err, "the built-in trust anchor");
    }
    *ret = anchor;
    return true;
}

static bool is_host_character(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' || byte == '_' ||
           byte == '~' || byte == ':' || byte == '/';
}

/* "host[/path]" and nothing else that a URL may have: the name becomes one, and a folder's. */
static bool is_database_name(struct bytes name)
{
    if (bytes_start_with(name, "/") || bytes_end_with(name, "/") || bytes_start_with(name, ".") ||
        bytes_find(name, 0, bytes_from_string("//")) != SIZE_MAX ||
        bytes_find(name, 0, bytes_from_string("/.")) != SIZE_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_host_character(name.data[i])) {
            return false;
        }
    }
    return name.len > 0;
}

static bool fail(struct error *err, const char *value, const char *fact)
{
    error_set(err, ERROR_USAGE, "GOSUMDB=%.200s: %s", value, fact);
    return error_cure(err, "GOSUMDB is off, or NAME or NAME+HASH+KEY with a URL behind it or not");
}

/* Takes the next word off TEXT; empty at the end. */
static struct bytes take_word(struct bytes *text)
{
    struct bytes word, rest;
    *text = scan_trimmed(*text);
    if (!scan_cut(*text, ' ', &word, &rest)) {
        word = *text;
        rest = bytes_from(NULL, 0);
    }
    *text = rest;
    return word;
}

static bool parse_anchor(const char *value, struct bytes who, struct arena *arena,
                         struct anchor *ret, struct error *err)
{
    /* The key of the well-known database, written out, means that very database. */
    if (who.len == 0 || bytes_equal_string(who, DATABASE_NAME) ||
        bytes_equal_string(who, DATABASE_ALIAS) || bytes_equal_string(who, DATABASE_KEY)) {
        return anchor_builtin(arena, ret, err);
    }
    struct anchor anchor = {.url = ""};
    if (!note_key_parse(arena_text(arena, who), arena, &anchor.key, err)) {
        return error_prefix(err, "GOSUMDB");
    }
    if (!is_database_name(bytes_from_string(anchor.key.name))) {
        return fail(err, value, "its name is not HOST or HOST/PATH");
    }
    *ret = anchor;
    return true;
}

bool gosumdb_parse(const char *value, struct arena *arena, struct gosumdb *ret, struct error *err)
{
    struct bytes rest = bytes_from_string(value);
    struct bytes who = take_word(&rest);
    struct bytes url = take_word(&rest);
    struct gosumdb result = {0};
    if (rest.len > 0) {
        return fail(err, value, "more than a name and a URL");
    }
    if (bytes_equal_string(who, "off") && url.len == 0) {
        *ret = (struct gosumdb){.off = true};
        return true;
    }
    if (!parse_anchor(value, who, arena, &result.anchor, err)) {
        return false;
    }
    if (url.len == 0 && bytes_equal_string(who, DATABASE_ALIAS)) {
        url = bytes_from_string("https://" DATABASE_ALIAS);
    }
    result.anchor.url = arena_text(arena, url);
    *ret = result;
    return true;
}
