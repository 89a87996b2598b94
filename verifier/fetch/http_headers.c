// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/http_headers.h"

#include <strings.h>

#include "base/scanner.h"

/* Lengths beyond this are nobody's; it keeps sums of two far from overflow. */
#define LENGTH_MAXIMUM (UINT64_MAX >> 2)

static bool is_name(struct bytes name, const char *wanted)
{
    size_t len = strlen(wanted);
    return name.len == len && strncasecmp((const char *)name.data, wanted, len) == 0;
}

static bool starts_with_word(struct bytes value, const char *word)
{
    size_t len = strlen(word);
    return value.len >= len && strncasecmp((const char *)value.data, word, len) == 0;
}

/* HTTP/1.1 404 Not Found, HTTP/2 404 */
CHECKED static bool take_status(struct http_reply *reply, struct bytes line)
{
    struct bytes version, rest;
    uint64_t status;
    if (!scan_cut(line, ' ', &version, &rest) || rest.len < 3 ||
        !scan_number(bytes_from(rest.data, 3), 999, &status)) {
        return false;
    }
    *reply = (struct http_reply){.status = (unsigned)status};
    return true;
}

/* "abc" with printable characters; a weak one (W/) does not promise equal bytes. */
static void take_etag(struct http_reply *reply, struct bytes value)
{
    reply->etag[0] = '\0';
    if (value.len < 2 || value.len > HTTP_ETAG_MAXIMUM || value.data[0] != '"' ||
        value.data[value.len - 1] != '"') {
        return;
    }
    for (size_t i = 1; i < value.len - 1; i++) {
        uint8_t byte = value.data[i];
        if (byte < 0x21 || byte == 0x7f || byte == '"') {
            return;
        }
    }
    memcpy(reply->etag, value.data, value.len);
    reply->etag[value.len] = '\0';
}

/* bytes 100-199/200; a total of * is refused: it could never be checked. */
CHECKED static bool take_range(struct http_reply *reply, struct bytes value)
{
    struct scanner scanner = scanner_over(value);
    uint64_t first, last, total;
    if (!starts_with_word(value, "bytes ")) {
        return false;
    }
    scanner.position = strlen("bytes ");
    if (!scanner_number(&scanner, LENGTH_MAXIMUM, &first) || !scanner_expect(&scanner, "-") ||
        !scanner_number(&scanner, LENGTH_MAXIMUM, &last) || !scanner_expect(&scanner, "/") ||
        !scanner_number(&scanner, LENGTH_MAXIMUM, &total) || !scanner_done(&scanner)) {
        return false;
    }
    if (reply->has_range || first > last || last >= total) {
        return false;
    }
    reply->has_range = true;
    reply->range_first = first;
    reply->range_last = last;
    reply->range_total = total;
    return true;
}

CHECKED static bool take_length(struct http_reply *reply, struct bytes value)
{
    uint64_t length;
    if (!scan_number(value, LENGTH_MAXIMUM, &length) ||
        (reply->has_length && reply->length != length)) {
        return false;
    }
    reply->has_length = true;
    reply->length = length;
    return true;
}

CHECKED static bool take_field(struct http_reply *reply, struct bytes name, struct bytes value,
                               const char **ret_reason)
{
    if (is_name(name, "content-length") && !take_length(reply, value)) {
        *ret_reason = "malformed or contradicting Content-Length";
        return false;
    }
    if (is_name(name, "content-range") && reply->status == 206 && !take_range(reply, value)) {
        *ret_reason = "malformed or contradicting Content-Range";
        return false;
    }
    if (is_name(name, "etag")) {
        take_etag(reply, value);
    } else if (is_name(name, "content-encoding") && !is_name(value, "identity") && value.len > 0) {
        reply->encoded = true;
    } else if (is_name(name, "location")) {
        reply->redirect = reply->status >= 300 && reply->status < 400;
    } else if (is_name(name, "content-type")) {
        reply->plain_text = starts_with_word(value, "text/plain");
    }
    return true;
}

bool http_reply_line(struct http_reply *reply, struct bytes line, const char **ret_reason)
{
    struct bytes name, value;
    line = scan_trimmed(line);
    if (bytes_start_with(line, "HTTP/")) {
        if (!take_status(reply, line)) {
            *ret_reason = "malformed status line";
            return false;
        }
        return true;
    }
    if (!scan_cut(line, ':', &name, &value)) {
        return true;
    }
    return take_field(reply, name, scan_trimmed(value), ret_reason);
}

bool http_reply_continues(const struct http_reply *reply, uint64_t offset, const char *etag)
{
    if (reply->status != 206 || !reply->has_range || reply->range_first != offset ||
        reply->range_last != reply->range_total - 1) {
        return false;
    }
    if (reply->has_length && reply->length != reply->range_total - offset) {
        return false;
    }
    return reply->etag[0] != '\0' && strcmp(reply->etag, etag) == 0;
}

const char *http_status_phrase(unsigned status)
{
    static const struct {
        unsigned status;
        const char *phrase;
    } phrases[] = {
        {301, "Moved Permanently"},
        {302, "Found"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {410, "Gone"},
        {416, "Range Not Satisfiable"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        if (phrases[i].status == status) {
            return phrases[i].phrase;
        }
    }
    return "";
}
