/* What is remembered of a checksum database from run to run: the newest head that was accepted, and
 * the heads before it.
 *
 * It lies in the state directory, never in the cache: losing it means believing the next head at
 * first sight. The newest head is written whole under a lock, and its size never shrinks. Several
 * processes may use one state directory. */
#pragma once

#include <time.h>

#include "verifier/fetch/anchor.h"

struct accepted_head {
    uint64_t size;
    struct sha256 root;
};

struct sumdb_state {
    const struct note_key *key;
    struct arena arena;
    int dir, evidence;
    const char *evidence_path; /* absolute */
    const char *folder;        /* the database's, below "sumdb/" */
    bool has_stored;
    struct signed_head stored;
    time_t stored_time;             /* when it was stored: no newer one was seen since */
    struct accepted_head *accepted; /* what were the newest heads, each proven to begin the next */
    size_t accepted_count, accepted_capacity;
};

/* Opens the state of the database of KEY (which must outlive it) in the absolute directory PATH,
 * which is made if absent. ERROR_UNTRUSTED if the stored head is not signed by KEY. */
CHECKED bool sumdb_state_open(const char *path, const struct note_key *key, struct sumdb_state *ret,
                              struct error *err);
void sumdb_state_close(struct sumdb_state *state);

/* True if HEAD was once accepted. */
bool sumdb_state_knows(const struct sumdb_state *state, const struct signed_head *head);

/* Adds HEAD, which the caller has proven against the stored head; it becomes the stored one if it
 * is greater. If another process has stored another head meanwhile, nothing is written, *RET_MOVED
 * is set and the state holds that head: it is to be proven against too, then this called again. */
CHECKED bool sumdb_state_add(struct sumdb_state *state, const struct signed_head *head,
                             bool *ret_moved, struct error *err);

/* Writes both heads of a database that contradicts itself to a file, and sets ERROR_UNTRUSTED,
 * naming that file. Always returns false. */
bool sumdb_state_accuse(struct sumdb_state *state, const struct signed_head *one,
                        const struct signed_head *other, struct error *err);
