/* The checksum database: what the h1 of a module is, proven by its Merkle tree.
 *
 * A record is believed after: the head's signature verifies; the head has every head accepted
 * before (the built-in floor, the stored one) as its beginning, or is the beginning of it; the
 * record's hash stands in a tile that was checked up to the head's root; RFC 9162's inclusion proof
 * holds; and the record is exactly the two lines for the module. Protocol: golang.org/x/mod/sumdb,
 * go.dev/ref/mod
 * ("Checksum database").
 *
 * Replies are cached with the head in which they were proven. If that head is one of those accepted
 * before, a cached reply and cached tiles are a full proof without network. */
#pragma once

#include "verifier/fetch/anchor.h"
#include "verifier/fetch/fetch.h"
#include "verifier/fetch/sumdb_operations.h"

struct sumdb;

struct sumdb_settings {
    const struct anchor *anchor; /* must outlive the client */
    const char *state;           /* absolute directory for trust state; made if absent */
    bool offline;                /* get_many is never called */
    struct sumdb_operations operations;
};

struct sumdb_record {
    uint64_t id;                /* its number in the tree */
    const char *h1, *go_mod_h1; /* "h1:..." */
};

/* Reads the state; asks nothing yet. */
CHECKED bool sumdb_open(const struct sumdb_settings *settings, struct sumdb **ret,
                        struct error *err);
void sumdb_free(struct sumdb **sumdb);

/* Looks up COUNT modules together (few rounds, many requests at a time); RET has COUNT elements,
 * strings in ARENA. The first failure ends it, its message begins with "PATH@VERSION: " where one
 * module is meant. ERROR_ABSENT: the database has no such module, or (sumdb_is_withheld) a proxy
 * may not tell; ERROR_NETWORK: could not be got, or not in the cache while offline;
 * ERROR_UNTRUSTED: a signature, a tile, a record or a head is false. */
CHECKED bool sumdb_lookup_many(struct sumdb *sumdb, const struct module_id *ids, size_t count,
                               struct arena *arena, struct sumdb_record *ret, struct error *err);
CHECKED bool sumdb_lookup(struct sumdb *sumdb, const char *path, const char *version,
                          struct arena *arena, struct sumdb_record *ret, struct error *err);

/* True if the last look-up ended at a 403, which is no word of the database. */
bool sumdb_is_withheld(const struct sumdb *sumdb);

/* The newest accepted head; false until a look-up has succeeded. */
bool sumdb_head(const struct sumdb *sumdb, struct tree_head *ret);

/* For how many days the database has shown no newer head, as it was asked in this run: a database
 * that grows every minute and looks the same for weeks is being withheld. 0 if it was not asked. */
unsigned sumdb_days_unchanged(const struct sumdb *sumdb);
