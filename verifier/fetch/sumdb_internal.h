/* What the parts of the checksum database client share; for sumdb*.c alone.
 *
 * sumdb.c: the public calls and what both ways of answering stand on; sumdb_cached.c: answers that
 * need no network; sumdb_asked.c: heads and records from the network. */
#pragma once

#include "verifier/fetch/sumdb.h"
#include "verifier/fetch/sumdb_reply.h"
#include "verifier/fetch/sumdb_state.h"
#include "verifier/fetch/tile_reader.h"

/* The tiles of one tree, kept for the run. */
struct sumdb_view {
    struct sumdb_view *next;
    struct signed_head head;
    bool network;
    struct tile_reader *tiles;
    bool settled;         /* all that was wanted is loaded, or FAILURE says why not */
    struct error failure; /* ERROR_NONE if loaded */
};

struct sumdb {
    struct sumdb_settings settings;
    struct arena arena;
    struct sumdb_state state;
    struct sumdb_view *views;
    bool first_sight;
    bool has_current;
    struct signed_head current; /* the newest head that everything accepted is a beginning of */
    bool floor_proven;          /* the floor is a beginning of what is stored, proven in this run */
    bool latest_asked;
    bool answered;        /* a look-up succeeded */
    bool withheld;        /* the last one failed by 403 */
    uint64_t size_before; /* of the stored head when the run began */
    time_t time_before;
};

/* One look-up under way. */
struct sumdb_query {
    const struct module_id *id;
    const char *label; /* "PATH@VERSION" */
    const char *name;  /* "lookup/..." */
    bool done;
    bool has_reply;
    struct sumdb_reply reply;
    struct signed_head head; /* the reply's own */
    struct sumdb_record record;
};

struct sumdb_batch {
    struct sumdb_query *queries;
    size_t count;
    struct arena *arena; /* the caller's, for the results */
};

bool sumdb_same_head(const struct signed_head *a, const struct signed_head *b);

/* The view of the tree of HEAD, with or without network; made at the first call. */
struct sumdb_view *sumdb_view_of(struct sumdb *sumdb, const struct signed_head *head, bool network);

/* Takes REPLY apart and opens its head. */
CHECKED bool sumdb_read_reply(struct sumdb *sumdb, struct bytes reply, struct sumdb_query *query,
                              struct error *err);

/* Proves the reply of QUERY in the tree of VIEW, whose tiles are loaded, and takes its hashes. */
CHECKED bool sumdb_prove(struct sumdb_view *view, struct sumdb_query *query, struct arena *arena,
                         struct error *err);

/* Answers what the cache alone can prove. Without network, the rest is an error; else what the
 * cache lacks, or has in a false form, is left for the network. */
CHECKED bool sumdb_answer_from_cache(struct sumdb *sumdb, struct sumdb_batch *batch,
                                     struct error *err);

/* Answers the rest. */
CHECKED bool sumdb_answer_from_network(struct sumdb *sumdb, struct sumdb_batch *batch,
                                       struct error *err);
