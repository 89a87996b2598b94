/* The SPDX licence list as fingerprints (licences.tsv, made by licences.py, embedded). */
#pragma once

#include "base/arena.h"

struct licence {
    const char *id;   /* "MIT" */
    unsigned triples; /* different ones in its text */
    unsigned kept;    /* of these in the table: the smallest hashes */
    unsigned own;     /* further ones there that no other licence has */
};

/* One of the hashes kept: CHAIN leads to further licences with the same one. */
struct licence_hash {
    uint32_t hash, chain; /* chain: index + 1, 0 at the end */
    uint32_t licence;
    bool own;
};

struct licence_table {
    struct licence *licences;
    size_t count;
    struct licence_hash *hashes;
    size_t hash_count;
    uint32_t *heads; /* by the low bits of the hash: index + 1 */
    size_t mask;
};

/* Unpacks the table into ARENA. */
void licence_table_load(struct arena *arena, struct licence_table *ret);

/* The first kept hash that equals HASH, NULL if there is none. */
const struct licence_hash *licence_table_find(const struct licence_table *table, uint32_t hash);
/* The next one behind ENTRY. */
const struct licence_hash *licence_table_next(const struct licence_table *table,
                                              const struct licence_hash *entry);

/* True if the list has the identifier ID. */
bool licence_table_has(const struct licence_table *table, struct bytes id);
