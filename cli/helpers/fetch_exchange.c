// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/fetch.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define REDIRECTS_MAXIMUM 5
/* All header lines of all replies of one request; servers send one or two KiB. */
#define HEADER_BYTES_MAXIMUM (256 * 1024)
/* Of the body of an error reply: a page that explains it is smaller. */
#define DISCARD_MAXIMUM (64 * 1024)
/* Slower than this for the whole of the stall timeout is as good as silent. */
#define SLOW_BYTES_PER_SECOND 100

/* Ends the exchange from inside a callback. */
static void PRINTF_LIKE(3, 4)
    object(struct exchange *exchange, enum frame_outcome outcome, const char *format, ...)
{
    if (exchange->outcome != OUTCOME_OK) {
        return;
    }
    va_list args;
    va_start(args, format);
    exchange->outcome = outcome;
    vsnprintf(exchange->reason, sizeof(exchange->reason), format, args);
    va_end(args);
}

static bool send_frame(const struct exchange *exchange, const struct buffer *frame)
{
    ssize_t sent;
    do {
        sent = send(exchange->channel, frame->data, frame->len, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return buffer_ok(frame) && sent == (ssize_t)frame->len;
}

static bool send_start(struct exchange *exchange)
{
    struct buffer frame;
    buffer_init(&frame, FRAME_MAXIMUM);
    struct frame_start start = {
        .id = exchange->id,
        .resumed = exchange->resumed,
        .total = exchange->reply.has_length ? exchange->reply.length : FRAME_NO_TOTAL,
        .etag = bytes_from_string(exchange->reply.etag),
    };
    frame_write_start(&start, &frame);
    bool sent = send_frame(exchange, &frame);
    buffer_free(&frame);
    if (!sent) {
        object(exchange, OUTCOME_OUTPUT, "nobody listens");
    }
    return sent;
}

/* Decides by the headers whether the body that follows is one to hand on. */
static bool begin_body(struct exchange *exchange)
{
    const struct http_reply *reply = &exchange->reply;
    exchange->started = true;
    exchange->resumed = exchange->offset > 0 && reply->status == 206;
    if (reply->status == 206 &&
        !(exchange->resumed && http_reply_continues(reply, exchange->offset, exchange->etag))) {
        object(exchange, exchange->resumed ? OUTCOME_RANGE : OUTCOME_REFUSED,
               "the server sent another part than asked for");
        return false;
    }
    if (reply->encoded) {
        object(exchange, OUTCOME_REFUSED, "the server sent an encoded body that was not asked for");
        return false;
    }
    uint64_t before = exchange->resumed ? exchange->offset : 0;
    if (reply->has_length && reply->length > exchange->maximum - before) {
        object(exchange, OUTCOME_LIMIT, "%llu bytes announced, the limit is %llu",
               (unsigned long long)(before + reply->length), (unsigned long long)exchange->maximum);
        return false;
    }
    return send_start(exchange);
}

static bool has_body(const struct exchange *exchange)
{
    return exchange->reply.status == 200 || exchange->reply.status == 206;
}

static bool write_out(struct exchange *exchange, struct bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(exchange->out, bytes.data, bytes.len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            object(exchange, OUTCOME_OUTPUT, "cannot hand on the body");
            return false;
        }
        exchange->written += (uint64_t)written;
        bytes = bytes_from(bytes.data + written, bytes.len - (size_t)written);
    }
    return true;
}

/* The first line of an error reply in plain text says more than its status. */
static bool discard(struct exchange *exchange, struct bytes bytes)
{
    for (size_t i = 0; exchange->reply.plain_text && i < bytes.len; i++) {
        if (exchange->note_len + 1 < sizeof(exchange->note) && bytes.data[i] != '\0') {
            exchange->note[exchange->note_len++] = (char)bytes.data[i];
        }
    }
    exchange->discarded += bytes.len;
    if (exchange->discarded > DISCARD_MAXIMUM) {
        object(exchange, OUTCOME_STATUS, "%s", "");
        return false;
    }
    return true;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    struct bytes bytes = bytes_from(data, size * count);
    if (!has_body(exchange)) {
        return discard(exchange, bytes) ? bytes.len : CURL_WRITEFUNC_ERROR;
    }
    if (!exchange->started && !begin_body(exchange)) {
        return CURL_WRITEFUNC_ERROR;
    }
    uint64_t before = exchange->written + (exchange->resumed ? exchange->offset : 0);
    if (bytes.len > exchange->maximum - before) {
        object(exchange, OUTCOME_LIMIT, "more than the limit of %llu bytes",
               (unsigned long long)exchange->maximum);
        return CURL_WRITEFUNC_ERROR;
    }
    return write_out(exchange, bytes) ? bytes.len : CURL_WRITEFUNC_ERROR;
}

/* No redirect leads from https back to http, even where http was allowed to begin with. */
static void stay_secure(CURL *easy)
{
    const char *scheme = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme) != CURLE_OK || scheme == NULL ||
        strcasecmp(scheme, "http") != 0) {
        (void)curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    }
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    size_t len = size * count;
    const char *reason = "";
    exchange->header_bytes += len;
    if (exchange->header_bytes > HEADER_BYTES_MAXIMUM) {
        object(exchange, OUTCOME_REFUSED, "more than %d bytes of headers", HEADER_BYTES_MAXIMUM);
        return 0;
    }
    bool redirected = exchange->reply.redirect;
    if (!http_reply_line(&exchange->reply, bytes_from(data, len), &reason)) {
        object(exchange, OUTCOME_REFUSED, "%s", reason);
        return 0;
    }
    if (exchange->reply.redirect && !redirected) {
        exchange->hops++;
        stay_secure(exchange->easy);
    }
    return len;
}

/* A server outside must not steer us to one inside (the user's own proxy, inside, may). */
static curl_socket_t on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *exchange = user;
    if (purpose == CURLSOCKTYPE_IPCXN && exchange->hops > 0 && !exchange->begins_private &&
        address_is_private(&address->addr)) {
        object(exchange, OUTCOME_REFUSED, "redirect to a private address");
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Covers connections that were open already; here, before the request is written. */
static int on_connected(void *user, char *address, char *local, int port, int local_port)
{
    (void)local;
    (void)port;
    (void)local_port;
    struct exchange *exchange = user;
    bool private = address_text_is_private(address);
    if (exchange->hops == 0) {
        exchange->begins_private = private;
    } else if (private && !exchange->begins_private) {
        object(exchange, OUTCOME_REFUSED, "redirect to a private address");
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

#define SET(option, value) (curl_easy_setopt(easy, (option), (value)) == CURLE_OK)

static bool set_callbacks(struct exchange *exchange)
{
    CURL *easy = exchange->easy;
    return SET(CURLOPT_PRIVATE, exchange) && SET(CURLOPT_WRITEFUNCTION, on_body) &&
           SET(CURLOPT_WRITEDATA, exchange) && SET(CURLOPT_HEADERFUNCTION, on_header) &&
           SET(CURLOPT_HEADERDATA, exchange) && SET(CURLOPT_OPENSOCKETFUNCTION, on_socket) &&
           SET(CURLOPT_OPENSOCKETDATA, exchange) && SET(CURLOPT_PREREQFUNCTION, on_connected) &&
           SET(CURLOPT_PREREQDATA, exchange) && SET(CURLOPT_ERRORBUFFER, exchange->curl_error) &&
           SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

/* Everything that libcurl would do of its own accord and that we do not want. */
static bool set_rules(CURL *easy, bool allow_http)
{
    const char *schemes = allow_http ? "http,https" : "https";
    return SET(CURLOPT_PROTOCOLS_STR, schemes) && SET(CURLOPT_REDIR_PROTOCOLS_STR, schemes) &&
           SET(CURLOPT_FOLLOWLOCATION, 1L) && SET(CURLOPT_MAXREDIRS, (long)REDIRECTS_MAXIMUM) &&
           SET(CURLOPT_UNRESTRICTED_AUTH, 0L) && SET(CURLOPT_AUTOREFERER, 0L) &&
           SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) &&
           SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) && SET(CURLOPT_ACCEPT_ENCODING, NULL) &&
           SET(CURLOPT_HTTP09_ALLOWED, 0L) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS) && SET(CURLOPT_PIPEWAIT, 1L) &&
           SET(CURLOPT_BUFFERSIZE, 256L * 1024) && SET(CURLOPT_TCP_KEEPALIVE, 1L) &&
           SET(CURLOPT_USERAGENT, "reproof/" REPROOF_VERSION);
}

static bool set_timeouts(CURL *easy, const struct frame_request *request)
{
    long stall_seconds = (long)((request->stall_ms + 999) / 1000);
    return SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms) &&
           SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_SECOND) &&
           SET(CURLOPT_LOW_SPEED_TIME, stall_seconds) &&
           SET(CURLOPT_TIMEOUT_MS, (long)request->total_ms);
}

/* Go never asks a proxy for this machine itself, whatever the environment says. */
static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "[::1]") == 0;
}

/* Credentials leave the URL, so that libcurl ties them to this one host. */
static bool set_credentials(CURL *easy, CURLU *parts)
{
    char *user = NULL, *password = NULL;
    bool ok = true;
    if (curl_url_get(parts, CURLUPART_USER, &user, CURLU_URLDECODE) == CURLUE_OK) {
        ok = SET(CURLOPT_USERNAME, user);
        if (curl_url_get(parts, CURLUPART_PASSWORD, &password, CURLU_URLDECODE) == CURLUE_OK) {
            ok = SET(CURLOPT_PASSWORD, password) && ok;
        }
    }
    curl_free(user);
    curl_free(password);
    return ok && curl_url_set(parts, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
           curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK;
}

static bool set_url(CURL *easy, const char *text)
{
    CURLU *parts = curl_url();
    char *url = NULL, *host = NULL;
    bool ok = parts != NULL && curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK &&
              set_credentials(easy, parts) &&
              curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_URL, &url, 0) == CURLUE_OK && SET(CURLOPT_URL, url) &&
              (!is_this_machine(host) || SET(CURLOPT_PROXY, ""));
    curl_free(url);
    curl_free(host);
    curl_url_cleanup(parts);
    return ok;
}

static bool set_range(struct exchange *exchange)
{
    CURL *easy = exchange->easy;
    if (exchange->offset == 0) {
        return true;
    }
    char line[FRAME_ETAG_MAXIMUM + 16];
    snprintf(line, sizeof(line), "If-Range: %s", exchange->etag);
    exchange->headers = curl_slist_append(NULL, line);
    snprintf(line, sizeof(line), "%llu-", (unsigned long long)exchange->offset);
    return exchange->headers != NULL && SET(CURLOPT_HTTPHEADER, exchange->headers) &&
           SET(CURLOPT_RANGE, line);
}

static bool set_up(struct exchange *exchange, const struct frame_request *request,
                   struct trust *trust)
{
    if (exchange->easy == NULL || exchange->offset > exchange->maximum ||
        (exchange->offset > 0 && exchange->etag[0] == '\0')) {
        return false;
    }
    char *url = strndup((const char *)request->url.data, request->url.len);
    bool ok = url != NULL && set_callbacks(exchange) &&
              set_rules(exchange->easy, request->allow_http) &&
              set_timeouts(exchange->easy, request) && trust_apply(trust, exchange->easy) &&
              set_url(exchange->easy, url) && set_range(exchange);
    free(url);
    return ok;
}

struct exchange *exchange_new(const struct frame_request *request, int channel, int out,
                              struct trust *trust)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange == NULL) {
        bug("out of memory");
    }
    exchange->easy = curl_easy_init();
    exchange->channel = channel;
    exchange->out = out;
    exchange->id = request->id;
    exchange->maximum = request->maximum;
    exchange->offset = request->offset;
    memcpy(exchange->etag, request->etag.data, request->etag.len);
    if (!set_up(exchange, request, trust)) {
        object(exchange, OUTCOME_REFUSED, "not a URL that can be asked for");
    }
    return exchange;
}

void exchange_free(struct exchange **exchange)
{
    if (*exchange == NULL) {
        return;
    }
    curl_easy_cleanup((*exchange)->easy);
    curl_slist_free_all((*exchange)->headers);
    fd_close(&(*exchange)->out);
    free(*exchange);
    *exchange = NULL;
}

static enum frame_outcome outcome_of(CURLcode result)
{
    switch ((int)result) {
    case CURLE_OPERATION_TIMEDOUT:
        return OUTCOME_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        return OUTCOME_UNREACHABLE;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
        return OUTCOME_BROKEN;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return OUTCOME_TRUST;
    default:
        return OUTCOME_REFUSED;
    }
}

/* What libcurl says, but for the cases where its words would puzzle. */
static const char *words_of(const struct exchange *exchange, CURLcode result)
{
    bool scheme = strncmp(exchange->curl_error, "Protocol", strlen("Protocol")) == 0;
    if ((result == CURLE_UNSUPPORTED_PROTOCOL && scheme) || result == CURLE_LOGIN_DENIED) {
        return exchange->hops > 0 ? "redirect to a URL that is not https or carries a user name"
                                  : "the URL is not https";
    }
    if (result == CURLE_OUT_OF_MEMORY) {
        return "a header line that is too long";
    }
    if (result == CURLE_TOO_MANY_REDIRECTS) {
        return "more than 5 redirects";
    }
    return exchange->curl_error[0] != '\0' ? exchange->curl_error : curl_easy_strerror(result);
}

static void conclude(struct exchange *exchange, CURLcode result)
{
    if (exchange->outcome != OUTCOME_OK) {
        return;
    }
    if (result != CURLE_OK) {
        object(exchange, outcome_of(result), "%s", words_of(exchange, result));
    } else if (!has_body(exchange)) {
        object(exchange, OUTCOME_STATUS, "%s", exchange->note);
    } else if (!exchange->started) {
        (void)begin_body(exchange);
    }
}

bool exchange_finish(struct exchange *exchange, CURLcode result)
{
    conclude(exchange, result);
    fd_close(&exchange->out);
    struct buffer frame;
    buffer_init(&frame, FRAME_MAXIMUM);
    for (char *at = exchange->reason; *at != '\0'; at++) {
        *at = (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at;
    }
    struct frame_done done = {
        .id = exchange->id,
        .outcome = exchange->outcome,
        .status = (uint16_t)exchange->reply.status,
        .written = exchange->written,
        .reason = bytes_from_string(exchange->reason),
    };
    frame_write_done(&done, &frame);
    bool sent = send_frame(exchange, &frame);
    buffer_free(&frame);
    return sent;
}
