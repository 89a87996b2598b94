/* reproof-fetch: the program that talks to the network, so that reproof itself need not.
 *
 * It is started by verifier/fetch/transport.c with one end of a SOCK_SEQPACKET pair as its only
 * argument (the descriptor's number), takes requests from it until it is closed, runs them at the
 * same time over as few connections as possible, and writes each body to the pipe that came with
 * the request. It holds no key, no path and no file: what it fetches is believed by nobody until
 * its digest is proven. */
#pragma once

#include <curl/curl.h>

#include "base/error.h"
#include "verifier/fetch/http_headers.h"
#include "verifier/fetch/transport_frames.h"

struct sockaddr;

/* One request on its way. */
struct exchange {
    CURL *easy;
    struct curl_slist *headers;
    int channel; /* borrowed: frames to reproof */
    int out;     /* the body goes here */
    uint32_t id;
    uint64_t maximum, offset;
    char etag[FRAME_ETAG_MAXIMUM + 1];
    struct http_reply reply; /* the one that is being read; redirects begin a new one */
    size_t header_bytes;
    unsigned hops;       /* redirects followed */
    bool begins_private; /* the host that was asked for has a private address */
    bool started, resumed;
    uint64_t written;
    char note[200]; /* what a plain text reply with an error status says */
    size_t note_len, discarded;
    enum frame_outcome outcome; /* OUTCOME_OK until a callback objects */
    char reason[FRAME_REASON_MAXIMUM];
    char curl_error[CURL_ERROR_SIZE];
};

/* The certificates that servers are checked against. Must be opened before the confinement. */
struct trust;
CHECKED bool trust_open(struct trust **ret, struct error *err);
void trust_free(struct trust **trust);
/* Makes EASY check servers against TRUST and nothing else. */
CHECKED bool trust_apply(struct trust *trust, CURL *easy);

/* Takes over OUT. Failure to set up is reported to the channel like any other outcome. */
struct exchange *exchange_new(const struct frame_request *request, int channel, int out,
                              struct trust *trust);
void exchange_free(struct exchange **exchange);
/* Tells the channel how it ended; RESULT is libcurl's. False if nobody listens any more. */
CHECKED bool exchange_finish(struct exchange *exchange, CURLcode result);

/* Loopback, private use, link-local, shared, multicast and reserved addresses (RFC 6890), also
 * where an IPv6 address embeds an IPv4 one. */
bool address_is_private(const struct sockaddr *address);
/* The same for an address in text; what cannot be read counts as private. */
bool address_text_is_private(const char *text);
