/* SSH's binary encoding (RFC 4251, section 5): a string is its length as u32, big-endian, and its
 * bytes. */
#pragma once

#include "base/buffer.h"
#include "base/reader.h"

CHECKED bool ssh_string(struct reader *reader, struct bytes *ret);
/* Passes over the string TEXT if it comes next. */
CHECKED bool ssh_expect(struct reader *reader, const char *text);
/* The public key blob of an Ed25519 key, all of BLOB: its 32 bytes. False for any other. */
CHECKED bool ssh_public_blob(struct bytes blob, struct bytes *ret);

void ssh_put_u32(struct buffer *out, uint32_t value);
void ssh_put_string(struct buffer *out, struct bytes text);
