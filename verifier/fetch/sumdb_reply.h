/* The reply to a look-up: a record of the checksum database, and a signed head behind it.
 *
 *     33968514
 *     golang.org/toolchain v0.0.1-go1.23.5.linux-amd64 h1:...
 *     golang.org/toolchain v0.0.1-go1.23.5.linux-amd64/go.mod h1:...
 *
 *     go.sum database tree
 *     ...
 *
 * Format: golang.org/x/mod/sumdb/tlog ParseRecord. Parsing proves nothing. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

struct sumdb_reply {
    uint64_t id;       /* the record's number */
    struct bytes text; /* the record: what the tree's leaf is the hash of */
    struct bytes note; /* the rest, which must be a signed head */
};

/* Views into REPLY. ERROR_UNTRUSTED. */
CHECKED bool sumdb_reply_parse(struct bytes reply, struct sumdb_reply *ret, struct error *err);

/* Takes the hashes out of the proven record TEXT, which must be exactly the two lines for VERSION
 * of PATH; anything else is ERROR_UNTRUSTED (CVE-2026-42501: a reply without such a line had
 * passed). */
CHECKED bool sumdb_record_hashes(struct bytes text, const char *path, const char *version,
                                 struct arena *arena, const char **ret_h1,
                                 const char **ret_go_mod_h1, struct error *err);
