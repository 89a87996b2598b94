/* What reproof and its helper program reproof-fetch say to each other.
 *
 * One frame is one message of a SOCK_SEQPACKET socket pair: a byte of type, then the fields in
 * little-endian order, texts with a 16-bit length. Either side takes the other's frames for
 * untrusted: whatever is not exactly one well-formed frame is refused. Texts hold printable ASCII
 * alone (an ETag and a reason may hold bytes above it too), never a NUL. */
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#define FRAME_MAXIMUM 16384
/* A module path and a version are at most LIMIT_MODULE_PATH each, three times that when escaped. */
#define FRAME_URL_MAXIMUM 8192
#define FRAME_ETAG_MAXIMUM 256
#define FRAME_REASON_MAXIMUM 512
#define FRAME_NO_TOTAL UINT64_MAX

enum frame_type {
    FRAME_NONE,
    FRAME_REQUEST, /* to the helper; the descriptor that the body goes to comes with it */
    FRAME_START,   /* from the helper, before the first byte of a body */
    FRAME_DONE,    /* from the helper, after the last byte */
    FRAME_FAILED,  /* from the helper: it cannot work at all */
};

/* A text inside a frame; a view into the frame's bytes. */
struct frame_request {
    uint32_t id;
    uint64_t maximum; /* bytes of the whole body, those before OFFSET included */
    uint64_t offset;  /* above 0: continue there if the ETag is still the same */
    uint32_t connect_ms, stall_ms, total_ms;
    bool allow_http;
    struct bytes url, etag;
};

struct frame_start {
    uint32_t id;
    bool resumed;      /* the body continues at the request's offset; else it begins at 0 */
    uint64_t total;    /* length of this reply's body, FRAME_NO_TOTAL if the server does not tell */
    struct bytes etag; /* empty unless it is a strong one */
};

enum frame_outcome {
    OUTCOME_OK,     /* status 200, or 206 where it was asked for; all of the body was written */
    OUTCOME_STATUS, /* a complete reply with another status; nothing was written */
    OUTCOME_UNREACHABLE, /* no address, or nobody listens there */
    OUTCOME_BROKEN,      /* the connection failed or ended early: trying again may help */
    OUTCOME_RANGE,       /* the rest was not given as asked: begin anew */
    OUTCOME_TIMEOUT,     /* one of the three timeouts passed */
    OUTCOME_LIMIT,       /* more bytes than asked for */
    OUTCOME_REFUSED,     /* against our rules: scheme, redirect, encoding, contradicting headers */
    OUTCOME_TRUST,       /* the server's certificate is not to be trusted */
    OUTCOME_OUTPUT,      /* the descriptor for the body could not be written */
    OUTCOME_COUNT,
};

struct frame_done {
    uint32_t id;
    enum frame_outcome outcome;
    uint16_t status;     /* of the last reply, 0 if there was none */
    uint64_t written;    /* bytes of the body that went to the descriptor */
    struct bytes reason; /* for people; empty with OUTCOME_OK */
};

enum frame_type frame_peek(struct bytes frame);

void frame_write_request(const struct frame_request *request, struct buffer *out);
void frame_write_start(const struct frame_start *start, struct buffer *out);
void frame_write_done(const struct frame_done *done, struct buffer *out);
void frame_write_failed(struct bytes reason, struct buffer *out);

/* All of FRAME as the one or the other; texts are views into it. */
CHECKED bool frame_read_request(struct bytes frame, struct frame_request *ret);
CHECKED bool frame_read_start(struct bytes frame, struct frame_start *ret);
CHECKED bool frame_read_done(struct bytes frame, struct frame_done *ret);
CHECKED bool frame_read_failed(struct bytes frame, struct bytes *ret_reason);
