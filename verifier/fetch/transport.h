/* Transfers over http and https, done by the helper program reproof-fetch.
 *
 * The helper is started at the first transfer and kept for the next ones, so that connections are
 * used again; it dies with this process. Bodies come through pipes and are counted and written
 * here: the helper never holds a file. One that dies or misbehaves is an error of the call, and the
 * next call starts another. A transport is used by one thread at a time, the one that opened it. */
#pragma once

#include "base/buffer.h"
#include "base/error.h"

#define TRANSFER_ETAG_MAXIMUM 256

/* 0 anywhere: the default. Times are in milliseconds. */
struct transport_settings {
    const char *helper;             /* absolute path; NULL: our own */
    const char *const *environment; /* "NAME=value", NULL-terminated: proxies and certificates as Go
                                       reads them are passed on, all else is not; NULL: nothing */
    unsigned parallel;              /* transfers at the same time */
    unsigned tries;                 /* of a transfer whose connection breaks */
    unsigned pause_ms;              /* before the second try; doubles with each further one */
    unsigned connect_ms;
    unsigned stall_ms;           /* this long next to nothing came; rounded up to seconds */
    unsigned small_ms, large_ms; /* a whole transfer */
};

struct transfer {
    /* What is asked for. */
    const char *url;  /* absolute, as RFC 3986 writes it; a user name and password in it are sent to
                         its  host alone */
    uint64_t maximum; /* bytes of the body */
    bool large;       /* has the time of a download instead of that of a small get */
    bool allow_http;  /* the user named this http: URL; else https alone is spoken */
    int fd;           /* the body goes to this file from its start; -1: to BODY */
    struct buffer *body; /* the caller's, empty, its maximum no less than MAXIMUM */

    /* Bytes of the body that are there, and the strong ETag that they belong to ("" if none). Both
     * may be set beforehand to continue a body that FD holds the beginning of; if the server has
     * another one now, it begins anew. Kept up to date while the transfer runs, and after it. */
    uint64_t received;
    char etag[TRANSFER_ETAG_MAXIMUM + 1];

    /* What came of it. */
    bool ok;
    uint64_t total;     /* of the body as far as the server told, else 0 */
    unsigned status;    /* of the last reply, 0 if there was none */
    struct error error; /* unless ok. ERROR_ABSENT: status 404 or 410; ERROR_LIMIT: above MAXIMUM;
                           ERROR_IO: FD cannot be written; else ERROR_NETWORK */
};

/* Told at most ten times a second; looks at what it likes of the COUNT transfers. */
typedef void transport_progress(void *context, const struct transfer *transfers, size_t count);

struct transport;

/* Starts nothing yet. What SETTINGS points at is copied. */
CHECKED bool transport_open(const struct transport_settings *settings, struct transport **ret,
                            struct error *err);
void transport_free(struct transport **transport);

/* Runs all COUNT transfers to their ends, which each of them tells. False only if that is not
 * possible: the helper failed (ERROR_TOOL), a signal came (ERROR_INTERRUPTED), ...; then those not
 * yet at their end carry the same error. PROGRESS may be NULL. */
CHECKED bool transport_run(struct transport *transport, struct transfer *transfers, size_t count,
                           transport_progress *progress, void *context, struct error *err);

/* URL as it may be shown: without user name, password, query and fragment. RET is always
 * NUL-terminated, cut where it does not fit. */
void transport_show_url(const char *url, char *ret, size_t ret_len);
