/* Trust anchors: which checksum database is believed, and what must be true of it.
 *
 * The floor is a signed head that was accepted when this program was made: every later head must
 * have it as its beginning, so that a client that never asked before cannot be shown another
 * history. */
#pragma once

#include "verifier/fetch/note.h"

struct anchor {
    struct note_key key;
    const char *url; /* where the user says the database is; "": by the proxies, or at its name */
    bool has_floor;
    struct signed_head floor;
};

/* What GOSUMDB says. */
struct gosumdb {
    bool off;
    struct anchor anchor; /* unless off */
};

/* The public checksum database, with its floor. Strings live in ARENA or for ever. */
CHECKED bool anchor_builtin(struct arena *arena, struct anchor *ret, struct error *err);

/* Parses the value of GOSUMDB: "" (the default), "off", NAME, NAME+HASH+KEY, each but off with a
 * URL behind a space or not; ERROR_USAGE. */
CHECKED bool gosumdb_parse(const char *value, struct arena *arena, struct gosumdb *ret,
                           struct error *err);
