/* Times as build information and pseudo-versions write them (RFC 3339, UTC only). */
#pragma once

#include "base/bytes.h"

/* Unix time of "2025-02-08T03:01:26Z": UTC, no fraction, years 1970 to 9999. */
CHECKED bool timestamp_parse(struct bytes text, uint64_t *ret);

/* "20250208030126" for a time that timestamp_parse gave; RET has 15 bytes. */
void timestamp_compact(uint64_t unix_time, char ret[15]);
