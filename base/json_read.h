/* Strict JSON (RFC 8259) in front of cJSON.
 *
 * cJSON alone accepts leading zeros, controls in strings, trailing bytes and much more, rounds
 * numbers, and finds members whatever their case. So a scanner of our own goes over the bytes first
 * and refuses all that, duplicate keys, lone surrogates and NUL included. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

/* A value of a parsed document; lives as long as the document. */
struct cJSON;

/* A parsed document; heap. */
struct json_document;

/* Parses exactly one value, at most LIMIT_JSON_BYTES and LIMIT_JSON_DEPTH. White space around it is
 * accepted, anything else behind it is not. ERROR_FORMAT names line and column. */
CHECKED bool json_parse(struct bytes text, struct json_document **ret, struct error *err);
const struct cJSON *json_root(const struct json_document *document);
void json_document_free(struct json_document **document);

/* The grammar alone, without building anything: what json_parse accepts. */
CHECKED bool json_check(struct bytes text, struct error *err);

/* The member called KEY, compared byte for byte; NULL if OBJECT is no object or has none. */
const struct cJSON *json_member(const struct cJSON *object, const char *key);
/* The elements of an array or object: first and next; NULL at the end (or if VALUE is neither). */
const struct cJSON *json_first(const struct cJSON *value);
const struct cJSON *json_next(const struct cJSON *element);
/* The key under which ELEMENT stands in its object, NULL in an array. */
const char *json_key(const struct cJSON *element);

bool json_is_object(const struct cJSON *value);
bool json_is_array(const struct cJSON *value);
/* VALUE as a string, or NULL if it is none. */
const char *json_get_string(const struct cJSON *value);
/* json_get_string of a member. */
const char *json_member_string(const struct cJSON *object, const char *key);
CHECKED bool json_get_bool(const struct cJSON *value, bool *ret);
/* A whole number from 0 to 2^53; anything else fails (no fraction, no exponent, no sign). */
CHECKED bool json_get_uint(const struct cJSON *value, uint64_t *ret);
/* How the document writes a number that json_get_uint does not read ("17.2"); NULL for all else. */
const char *json_number_text(const struct cJSON *value);
