/* The textual armour of RFC 7468 (PEM), which OpenSSH uses too: a BEGIN line, base64, an END line.
 *
 * Exactly one such block and nothing else: no text around it, no headers, no second block. */
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/error.h"

struct pem {
    struct bytes label; /* "PUBLIC KEY" */
    struct bytes body;  /* the lines between, as they stand */
};

/* True if TEXT begins like one with LABEL. */
bool pem_is(struct bytes text, const char *label);
/* True if TEXT begins like one, whatever its label. */
bool pem_is_any(struct bytes text);

/* Views into TEXT. */
CHECKED bool pem_open(struct bytes text, struct pem *ret, struct error *err);
/* Decodes the body into RET, which has ROOM bytes: at least as many as the body has characters,
 * because that is where the base64 is joined. */
CHECKED bool pem_decode(const struct pem *pem, uint8_t *ret, size_t room, size_t *ret_len,
                        struct error *err);

void pem_write(struct buffer *out, const char *label, struct bytes content, size_t line_len);
