/* The form that minisign and signify share: "untrusted comment: TEXT", then one line of base64 that
 * is a fixed number of bytes. Lines end with \n or \r\n; the last may lack it. */
#pragma once

#include "base/buffer.h"
#include "base/scanner.h"
#include "signer/secret.h"

/* The length of the second line of TEXT, by which such files are told apart; 0 if the first is no
 * comment. */
size_t commented_payload_len(struct bytes text);

/* Reads the two lines: the comment without its label, and exactly LEN bytes into RET. */
CHECKED bool commented_read(struct scanner *scanner, struct bytes *ret_comment, uint8_t *ret,
                            size_t len);
/* One line of base64, exactly LEN bytes. */
CHECKED bool commented_read_payload(struct scanner *scanner, uint8_t *ret, size_t len);
/* A line without its end; fails at the end of the text or above MAXIMUM. */
CHECKED bool commented_read_line(struct scanner *scanner, size_t maximum, struct bytes *ret);

void commented_write(struct buffer *out, const char *comment, struct bytes payload);
/* BYTES as base64 and a newline. */
void commented_write_payload(struct buffer *out, struct bytes payload);
