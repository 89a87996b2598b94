/* The header lines of an HTTP reply that decide whether its body may be believed to be whole
 * (RFC 9110: Content-Length 8.6, ETag 8.8.3, Content-Range 14.4, Content-Encoding 8.4).
 *
 * libcurl takes the last of two contradicting Content-Length lines and hands through an encoded
 * body as it is; both are refused here. */
#pragma once

#include "base/bytes.h"

#define HTTP_ETAG_MAXIMUM 256

/* All zero: before the first line. */
struct http_reply {
    unsigned status;
    bool has_length, has_range, encoded, redirect, plain_text;
    uint64_t length;
    uint64_t range_first, range_last, range_total;
    char etag[HTTP_ETAG_MAXIMUM + 1]; /* with its quotes; "" if there is none, or a weak one */
};

/* Takes in one header line with or without its line end. A status line begins a new reply. Fails on
 * a line that contradicts another or is malformed in what we rely on; RET_REASON then says how. */
CHECKED bool http_reply_line(struct http_reply *reply, struct bytes line, const char **ret_reason);

/* True if REPLY continues a body at OFFSET whose ETag was ETAG. */
CHECKED bool http_reply_continues(const struct http_reply *reply, uint64_t offset,
                                  const char *etag);

/* The registered phrase of STATUS ("Forbidden"), "" if unknown. */
const char *http_status_phrase(unsigned status);
