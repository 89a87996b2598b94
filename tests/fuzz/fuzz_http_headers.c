// SPDX-License-Identifier: Apache-2.0
/* Header lines of replies: what is kept of them must be safe to send back and consistent. */
#include <stdlib.h>

#include "base/scanner.h"
#include "verifier/fetch/http_headers.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct scanner scanner = scanner_over(bytes_from(data, len));
    struct http_reply reply = {0};
    struct bytes line;
    const char *reason = NULL;
    while (scanner_line(&scanner, SIZE_MAX, &line) && http_reply_line(&reply, line, &reason)) {
        for (const char *at = reply.etag; *at != '\0'; at++) {
            if ((unsigned char)*at <= ' ' || *at == 0x7f) {
                abort();
            }
        }
        if (reply.has_range && (reply.range_first > reply.range_last ||
                                reply.range_last >= reply.range_total || reply.status != 206)) {
            abort();
        }
        if (http_reply_continues(&reply, reply.range_first, reply.etag) &&
            (!reply.has_range || reply.etag[0] != '"')) {
            abort();
        }
    }
    return 0;
}
