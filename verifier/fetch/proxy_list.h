/* A GOPROXY list taken apart (go.dev/ref/mod#goproxy-protocol, cmd/go/internal/modfetch/proxy.go).
 *
 * Behind a comma the next entry is asked only where this one answers 404 or 410, behind a bar on
 * any failure. "off" and "direct" end the list. What has no scheme is https. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* An address that files are got from: a proxy's, or the checksum database's. */
struct fetch_place {
    const char *url;   /* "https://user:word@host/path", without a slash at its end; "" for files */
    const char *query; /* "" or "?...", to be put behind each path */
    const char *directory; /* absolute, of a file: URL; "" otherwise */
    bool http;             /* plain http, as the user wrote it */
    bool credentials;
};

enum proxy_kind { PROXY_PLACE, PROXY_DIRECT, PROXY_OFF };

struct proxy_entry {
    enum proxy_kind kind;
    struct fetch_place place;
    bool on_any_error; /* a bar follows, not a comma */
};

struct proxy_list {
    struct proxy_entry *entries;
    size_t count; /* at least 1 */
};

/* ERROR_USAGE names the entry by its number, never by its text, which may hold a password. */
CHECKED bool proxy_list_parse(struct bytes text, struct arena *arena, struct proxy_list *ret,
                              struct error *err);

/* TEXT (https, http or file URL) as a place. ERROR_USAGE, without the text. */
CHECKED bool fetch_place_parse(struct bytes text, struct arena *arena, struct fetch_place *ret,
                               struct error *err);

/* The URL of the file SUFFIX ("golang.org/x/mod/@v/v0.1.0.mod", a slash in front is accepted) at
 * PLACE, which is no directory; escaped as Go escapes paths. */
const char *fetch_place_url(const struct fetch_place *place, const char *suffix,
                            struct arena *arena);
