/* Untrusted text made safe to print on a terminal or in a log line.
 *
 * Kept: printable ASCII, and well-formed UTF-8 outside the controls. Replaced by \xNN or \u{N}:
 * C0 and C1 controls (newline, escape, NUL ...), DEL, invalid UTF-8, and the characters that
 * reorder, hide or join text (bidirectional controls, zero width, line separators, tags, BOM). */
#pragma once

#include <stddef.h>

#include "base/bytes.h"

/* Writes the escaped form of the NUL-terminated TEXT into RET (RET_LEN bytes, at least 8), always
 * NUL-terminated, cut at a character where it does not fit. TEXT and RET do not overlap. */
void escape_text(const char *text, char *ret, size_t ret_len);

/* As escape_text for bytes with a length; an embedded NUL becomes \x00. */
void escape_bytes(struct bytes text, char *ret, size_t ret_len);

/* Decodes one character at the start of TEXT. Returns its length in bytes (1 to 4) and the code
 * point, or 0 where TEXT is empty or does not begin with well-formed UTF-8 (RFC 3629: no
 * surrogates, no overlong forms, nothing above U+10FFFF). */
size_t utf8_decode(struct bytes text, unsigned *ret_code_point);

/* True if all of TEXT is well-formed UTF-8. */
bool utf8_is_valid(struct bytes text);

/* True for the controls and for characters that change how others appear, or do not appear at all.
 */
bool escape_is_deceptive(unsigned code_point);
