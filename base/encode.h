/* Hexadecimal and base64 (RFC 4648), strict in reading. */
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

/* Lower-case digits and a NUL into RET (2 * bytes.len + 1). */
void encode_hex(struct bytes bytes, char *ret);
/* Lower-case digits only, an even number of them; RET has text.len / 2 bytes. */
CHECKED bool decode_hex(struct bytes text, uint8_t *ret);

enum base64_alphabet { BASE64_STANDARD, BASE64_URL };

#define BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* BASE64_STANDARD pads with '=', BASE64_URL does not (as Go's RawURLEncoding). RET gets at most
 * BASE64_LEN(bytes.len) characters and a NUL. */
void encode_base64(struct bytes bytes, enum base64_alphabet alphabet, char *ret);

/* The one rule for reading: the given alphabet, padding exactly as encode_base64 writes it, unused
 * bits zero, nothing else (no white space). RET has room for ROOM bytes; fails if that is too
 * little. */
CHECKED bool decode_base64(struct bytes text, enum base64_alphabet alphabet, uint8_t *ret,
                           size_t room, size_t *ret_len);
