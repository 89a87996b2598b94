// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/fetch/sumdb_internal.h"

/* How often other processes may store a newer head before ours is stored. */
#define STORE_TRIES 1000

static bool take_latest(struct sumdb *sumdb, const struct sumdb_request *answer,
                        struct signed_head *ret, bool *ret_found, struct error *err)
{
    /* A mirror of files has no newest head: the replies' own must do. */
    *ret_found = false;
    if (answer->error.code == ERROR_ABSENT) {
        return true;
    }
    if (answer->error.code != ERROR_NONE) {
        *err = answer->error;
        return error_prefix(err, "the checksum database's latest head");
    }
    struct bytes note = arena_bytes(&sumdb->arena, buffer_view(&answer->content));
    *ret_found = true;
    return signed_head_open(note, &sumdb->settings.anchor->key, ret, err) ||
           error_prefix(err, "the checksum database's latest head");
}

static bool take_reply(struct sumdb *sumdb, const struct sumdb_request *answer,
                       struct sumdb_query *query, struct error *err)
{
    if (answer->error.code != ERROR_NONE) {
        *err = answer->error;
        sumdb->withheld = answer->withheld;
        err->code = answer->withheld ? ERROR_ABSENT : err->code;
        return error_prefix(err, "%s: checksum database", query->label);
    }
    struct bytes reply = arena_bytes(&sumdb->arena, buffer_view(&answer->content));
    return sumdb_read_reply(sumdb, reply, query, err) || error_prefix(err, "%s", query->label);
}

/* The heads that one round of requests brought. */
struct heads {
    struct signed_head *items;
    size_t count;
};

static bool take_answers(struct sumdb *sumdb, struct sumdb_batch *batch,
                         const struct sumdb_request *answers, struct heads *heads,
                         struct error *err)
{
    bool found = false;
    size_t next = 0;
    if (!sumdb->latest_asked &&
        !take_latest(sumdb, &answers[next++], &heads->items[0], &found, err)) {
        return false;
    }
    sumdb->latest_asked = true;
    heads->count = found ? 1 : 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct sumdb_query *query = &batch->queries[i];
        if (query->done) {
            continue;
        }
        if (!take_reply(sumdb, &answers[next++], query, err)) {
            return false;
        }
        heads->items[heads->count++] = query->head;
    }
    return true;
}

/* Asks for the newest head, once a run, and for the records of what is not answered yet. */
static bool ask(struct sumdb *sumdb, struct sumdb_batch *batch, struct heads *heads,
                struct error *err)
{
    const struct sumdb_operations *operations = &sumdb->settings.operations;
    struct sumdb_request *requests =
        ARENA_ARRAY(&sumdb->arena, batch->count + 1, struct sumdb_request);
    size_t count = 0;
    if (!sumdb->latest_asked) {
        requests[count++].path = "/latest";
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->queries[i].done) {
            requests[count++].path = arena_printf(&sumdb->arena, "/%s", batch->queries[i].name);
        }
    }
    for (size_t i = 0; i < count; i++) {
        buffer_init(&requests[i].content, LIMIT_NOTE_BYTES);
    }
    operations->get_many(operations->context, requests, count);
    heads->items = ARENA_ARRAY(&sumdb->arena, count, struct signed_head);
    bool done = take_answers(sumdb, batch, requests, heads, err);
    for (size_t i = 0; i < count; i++) {
        buffer_free(&requests[i].content);
    }
    return done;
}

static const struct signed_head *greatest(const struct signed_head *a, const struct signed_head *b)
{
    return b->size > a->size ? b : a;
}

/* Wants the tiles with which HEAD can be proven a beginning of the tree of VIEW. */
static bool want_head(struct sumdb *sumdb, struct sumdb_view *view, const struct signed_head *head,
                      struct error *err)
{
    if (head->size == view->head.size) {
        return sumdb_same_head(head, &view->head) ||
               sumdb_state_accuse(&sumdb->state, &view->head, head, err);
    }
    if (head->size > 0) {
        tile_reader_want(view->tiles, head->size - 1);
    }
    return true;
}

static bool want_records(struct sumdb_view *view, const struct sumdb_batch *batch,
                         struct error *err)
{
    for (size_t i = 0; batch != NULL && i < batch->count; i++) {
        const struct sumdb_query *query = &batch->queries[i];
        if (query->done) {
            continue;
        }
        if (query->reply.id >= view->head.size) {
            return error_set(err, ERROR_UNTRUSTED,
                             "%s: record %llu lies beyond the checksum database's %llu",
                             query->label, (unsigned long long)query->reply.id,
                             (unsigned long long)view->head.size);
        }
        tile_reader_want(view->tiles, query->reply.id);
    }
    return true;
}

/* Makes the greatest of HEADS and of what was accepted before the current head, once all others are
 * proven to be its beginnings; loads the tiles for the records of BATCH (NULL: none) on the way. */
static bool merge(struct sumdb *sumdb, const struct heads *heads, const struct sumdb_batch *batch,
                  struct error *err)
{
    const struct anchor *anchor = sumdb->settings.anchor;
    struct signed_head *all = ARENA_ARRAY(&sumdb->arena, heads->count + 2, struct signed_head);
    size_t count = 0;
    if (sumdb->has_current) {
        all[count++] = sumdb->current;
    }
    if (anchor->has_floor && !sumdb->floor_proven) {
        all[count++] = anchor->floor;
    }
    for (size_t i = 0; i < heads->count; i++) {
        all[count++] = heads->items[i];
    }
    struct signed_head best = all[0];
    for (size_t i = 1; i < count; i++) {
        best = *greatest(&best, &all[i]);
    }
    struct sumdb_view *view = sumdb_view_of(sumdb, &best, !sumdb->settings.offline);
    for (size_t i = 0; i < count; i++) {
        if (!want_head(sumdb, view, &all[i], err)) {
            return false;
        }
    }
    if (!want_records(view, batch, err) || !tile_reader_load(view->tiles, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!tile_reader_begins_with(view->tiles, all[i].size, &all[i].root)) {
            return sumdb_state_accuse(&sumdb->state, &best, &all[i], err);
        }
    }
    sumdb->current = best;
    sumdb->has_current = true;
    sumdb->floor_proven = true;
    return true;
}

/* Stores the head of VIEW. Where another process has stored one meanwhile, the two are proven
 * against each other first. */
static bool store_head(struct sumdb *sumdb, const struct sumdb_view *view, struct error *err)
{
    for (unsigned i = 0; i < STORE_TRIES; i++) {
        bool moved;
        if (!sumdb_state_add(&sumdb->state, &view->head, &moved, err)) {
            return false;
        }
        if (!moved) {
            return true;
        }
        struct heads heads = {.items = &sumdb->state.stored, .count = 1};
        if (!merge(sumdb, &heads, NULL, err)) {
            return false;
        }
    }
    return error_set(err, ERROR_IO, "the stored tree head changes all the time");
}

/* Keeps the reply with the head in which its record was proven, not with its own. */
static bool keep_reply(struct sumdb *sumdb, const struct sumdb_view *view,
                       const struct sumdb_query *query, struct error *err)
{
    const struct sumdb_operations *operations = &sumdb->settings.operations;
    struct buffer out;
    buffer_init(&out, 2 * LIMIT_NOTE_BYTES);
    buffer_printf(&out, "%llu\n", (unsigned long long)query->reply.id);
    buffer_append(&out, query->reply.text);
    buffer_string(&out, "\n");
    buffer_append(&out, view->head.note);
    bool done = operations->cache_write(operations->context, query->name, buffer_view(&out), err);
    buffer_free(&out);
    return done;
}

static bool prove_answers(struct sumdb *sumdb, struct sumdb_view *view, struct sumdb_batch *batch,
                          struct error *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct sumdb_query *query = &batch->queries[i];
        if (query->done) {
            continue;
        }
        if (!sumdb_prove(view, query, batch->arena, err)) {
            return error_prefix(err, "%s", query->label);
        }
        if (!keep_reply(sumdb, view, query, err)) {
            return false;
        }
    }
    return true;
}

bool sumdb_answer_from_network(struct sumdb *sumdb, struct sumdb_batch *batch, struct error *err)
{
    struct heads heads = {0};
    if (!ask(sumdb, batch, &heads, err) || !merge(sumdb, &heads, batch, err)) {
        return false;
    }
    struct sumdb_view *view = sumdb_view_of(sumdb, &sumdb->current, true);
    return store_head(sumdb, view, err) && tile_reader_keep(view->tiles, err) &&
           prove_answers(sumdb, view, batch, err);
}
