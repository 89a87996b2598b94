/* Files got from the proxies of GOPROXY, and the checksum database reached through them
 * (go.dev/ref/mod#module-proxy, #checksum-database).
 *
 * What comes back is hearsay until its digest is proven. Modules that GONOPROXY names, and lists
 * that end in "direct", would need version control, which reproof never runs. */
#pragma once

#include "verifier/fetch/fetch.h"
#include "verifier/fetch/proxy_list.h"
#include "verifier/fetch/settings.h"
#include "verifier/fetch/sumdb_operations.h"
#include "verifier/fetch/transport.h"

/* How much of a file is there already, and the strong ETag it belongs to ("" if none). */
struct proxy_resume {
    uint64_t received;
    char etag[TRANSFER_ETAG_MAXIMUM + 1];
};

/* One file of one module. */
struct proxy_request {
    /* What is asked for. */
    const char *module; /* its path as it is, for GONOPROXY */
    const char *suffix; /* behind a proxy's address, escaped as module_path.h does:
                           "github.com/!azure/x/@v/v1.0.0.mod" */
    uint64_t maximum;   /* bytes */
    bool large;         /* a zip: has a download's time */
    int fd;             /* a file for the content, empty unless RESUME; -1: into BODY */
    /* What FD holds from an earlier time, if its server still has that; kept up to date. A download
     * that fails at the last entry is left as it is, for another time. May be NULL. */
    struct proxy_resume *resume;
    struct buffer *body; /* the caller's, empty, its maximum no less than MAXIMUM */
    /* Judges a BODY that came; what it refuses counts as this proxy's failure. May be NULL. */
    bool (*accept)(void *context, struct bytes body, struct error *err);
    void *context;

    /* What came of it. */
    bool ok;
    uint64_t size;
    size_t entry;       /* of the list, from 1, whose answer this is */
    unsigned status;    /* HTTP status of that answer, 0 if there was none */
    struct error error; /* ERROR_ABSENT: no entry of the list has it (404, 410, 403, off, direct);
                           the message holds the status and the entry's number */
};

/* Told at most ten times a second; TOTAL is what the servers announced so far. */
typedef void proxy_progress(void *context, uint64_t done, uint64_t total);

struct proxy;

/* The proxies that SETTINGS name, asked over TRANSPORT, which must outlive RET. ERROR_USAGE if a
 * setting is malformed. */
CHECKED bool proxy_open(const struct settings *settings, struct transport *transport,
                        struct proxy **ret, struct error *err);
void proxy_free(struct proxy **proxy);

/* Gets all COUNT files in parallel, each from the first entry of the list that has it. False only
 * if nothing could be asked at all (as transport_run); else each request tells. PROGRESS may be
 * NULL. */
CHECKED bool proxy_get(struct proxy *proxy, struct proxy_request *requests, size_t count,
                       proxy_progress *progress, void *context, struct error *err);

/* As `get_many` of sumdb_operations.h with PROXY as its context: from the database called NAME,
 * through the first proxy that supports it, else from the database itself (or from the address that
 * GOSUMDB gives). Call proxy_set_database first. */
void proxy_get_database(void *proxy, struct sumdb_request *requests, size_t count);

/* Names the database (host[/path], of the trust anchor or of GOSUMDB) and the URL of GOSUMDB's
 * second word, "" if there is none. ERROR_USAGE if one of them is malformed. */
CHECKED bool proxy_set_database(struct proxy *proxy, const char *name, const char *url,
                                struct error *err);

/* Reads the .info file BODY that answered QUERY (a version or revision; NULL: @latest) for module
 * PATH. ERROR_UNTRUSTED if a version was asked and another one answers, ERROR_NETWORK if it is
 * malformed. Strings live in ARENA. */
CHECKED bool proxy_read_info(struct bytes body, const char *path, const char *query,
                             struct arena *arena, struct module_info *ret, struct error *err);
