/* A checksum database in memory, with a key of its own, that tells the truth or lies on request.
 *
 * Record I of example.com/m is version v1.0.I. A history is a number: two databases with different
 * histories have the same records up to FORK, and others from there on. */
#pragma once

#include "verifier/fetch/sumdb.h"

#define FAKE_NAME "sum.example.test"
#define FAKE_MODULE "example.com/m"

struct fake_level {
    struct sha256 *hashes;
    uint64_t count;
};

struct fake_cached {
    const char *name;
    struct bytes content;
};

struct fake_database {
    struct arena arena;
    uint64_t size, fork;
    unsigned history;
    struct fake_level levels[64];
    struct anchor anchor; /* of its key, without floor unless fake_set_floor */
    char key_text[256];
    uint8_t secret[64];

    /* How it answers. */
    uint64_t latest_size; /* of the head at /latest; 0: /latest is absent */
    uint64_t reply_size;  /* of the heads in replies */
    bool completed;       /* partial tiles are gone where the full one is there */
    bool refuses;         /* everything fails with ERROR_NETWORK */
    const char *lie_path; /* the answer for this path ... */
    uint64_t lie_byte;    /* ... has this byte changed */
    const char *replace_path;
    struct bytes replacement; /* what is answered for REPLACE_PATH */
    const char *absent_path;
    struct fake_database *other; /* answers for these paths in its place */
    const char *other_paths[8];

    /* What was asked. */
    unsigned requests, rounds, latest_requests;
    char last_path[256];

    struct fake_cached *cached;
    size_t cached_count, cached_capacity;
    unsigned drops;
};

void fake_open(struct fake_database *fake, uint64_t size, unsigned history, uint64_t fork);
void fake_close(struct fake_database *fake);

/* The record text and hashes of number INDEX. */
struct bytes fake_record(struct fake_database *fake, uint64_t index);
struct sha256 fake_root(struct fake_database *fake, uint64_t size);
/* Reads nodes for verifier/fetch/tree.h; CONTEXT is the database. */
bool fake_node(void *context, unsigned level, uint64_t position, struct sha256 *ret);

/* TEXT signed as a note by the database's key. */
struct bytes fake_sign(struct fake_database *fake, struct bytes text);
/* One signature line over TEXT, under any name. */
const char *fake_signature(struct fake_database *fake, struct bytes text, const char *name);
struct bytes fake_head_text(struct fake_database *fake, uint64_t size, const struct sha256 *root);
struct bytes fake_head(struct fake_database *fake, uint64_t size);
struct bytes fake_reply(struct fake_database *fake, uint64_t index, uint64_t head_size);
void fake_set_floor(struct fake_database *fake, uint64_t size);

struct sumdb_operations fake_operations(struct fake_database *fake);
const struct fake_cached *fake_find_cached(const struct fake_database *fake, const char *name);
void fake_cache_put(struct fake_database *fake, const char *name, struct bytes content);
void fake_cache_clear(struct fake_database *fake);

/* Opens a client with the state directory STATE. */
struct sumdb *fake_client(struct fake_database *fake, const char *state, bool offline);
/* Looks up record INDEX with CLIENT. */
bool fake_lookup(struct sumdb *client, uint64_t index, struct arena *arena,
                 struct sumdb_record *ret, struct error *err);
/* True if RET is what record INDEX says. */
bool fake_is_right(struct fake_database *fake, uint64_t index, const struct sumdb_record *record);
