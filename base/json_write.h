/* JSON (RFC 8259) written in the order of the calls, so that equal values give equal bytes.
 *
 * Two-space indentation, or none (compact). Strings are written as UTF-8; each byte that is not
 * well-formed UTF-8 becomes U+FFFD, controls and the characters that escape.h calls deceptive
 * become \uXXXX. Commas, line ends and nesting are the writer's business. KEY is NULL inside an
 * array and at the top. */
#pragma once

#include "base/buffer.h"

struct json_writer {
    struct buffer *out;
    unsigned depth;
    bool compact, has_member;
};

void json_writer_init(struct json_writer *writer, struct buffer *out, bool compact);

void json_object(struct json_writer *writer, const char *key);
void json_object_end(struct json_writer *writer);
void json_array(struct json_writer *writer, const char *key);
void json_array_end(struct json_writer *writer);

/* NULL is written as null. */
void json_string(struct json_writer *writer, const char *key, const char *value);
void json_text(struct json_writer *writer, const char *key, struct bytes value);
void json_uint(struct json_writer *writer, const char *key, uint64_t value);
void json_bool(struct json_writer *writer, const char *key, bool value);
void json_null(struct json_writer *writer, const char *key);
/* A value that is JSON already (a document that a json_writer made). */
void json_raw(struct json_writer *writer, const char *key, struct bytes json);
/* Seconds and the like, with DECIMALS digits behind the point, whatever the locale. */
void json_decimal(struct json_writer *writer, const char *key, double value, unsigned decimals);
