// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/fetch/sumdb_internal.h"

static bool knows_head(const struct sumdb *sumdb, const struct signed_head *head)
{
    const struct anchor *anchor = sumdb->settings.anchor;
    return sumdb_state_knows(&sumdb->state, head) ||
           (anchor->has_floor && sumdb_same_head(&anchor->floor, head));
}

/* Reads the cached reply for QUERY. True if there is one whose head was accepted before. */
static bool read_cached(struct sumdb *sumdb, struct sumdb_query *query, struct error *err)
{
    const struct sumdb_operations *operations = &sumdb->settings.operations;
    struct bytes reply;
    if (!operations->cache_read(operations->context, query->name, LIMIT_NOTE_BYTES, &sumdb->arena,
                                &reply)) {
        error_set(err, ERROR_NETWORK, "its checksum database record is not in the store");
        return error_cure(err, "run once without --offline");
    }
    if (!sumdb_read_reply(sumdb, reply, query, err)) {
        operations->cache_drop(operations->context, query->name);
        return error_prefix(err, "stored %s", query->name);
    }
    if (!knows_head(sumdb, &query->head) || query->reply.id >= query->head.size) {
        error_set(err, ERROR_NETWORK, "stored %s stands on a tree head that was not accepted",
                  query->name);
        return error_cure(err, "run once without --offline");
    }
    return true;
}

/* One load serves all queries of a batch that stand on the same head. */
static bool load_once(struct sumdb_view *view, struct error *err)
{
    if (!view->settled) {
        view->failure = (struct error){.code = ERROR_NONE};
        (void)!tile_reader_load(view->tiles, &view->failure);
        view->settled = true;
    }
    if (view->failure.code != ERROR_NONE) {
        *err = view->failure;
        return false;
    }
    return true;
}

static bool prove_cached(struct sumdb *sumdb, struct sumdb_query *query, struct arena *arena,
                         struct error *err)
{
    const struct sumdb_operations *operations = &sumdb->settings.operations;
    struct sumdb_view *view = sumdb_view_of(sumdb, &query->head, false);
    if (!load_once(view, err)) {
        return false;
    }
    if (!sumdb_prove(view, query, arena, err)) {
        operations->cache_drop(operations->context, query->name);
        return error_prefix(err, "stored %s", query->name);
    }
    return true;
}

bool sumdb_answer_from_cache(struct sumdb *sumdb, struct sumdb_batch *batch, struct error *err)
{
    struct error problem;
    bool offline = sumdb->settings.offline;
    for (size_t i = 0; i < batch->count; i++) {
        struct sumdb_query *query = &batch->queries[i];
        query->has_reply = read_cached(sumdb, query, &problem);
        if (query->has_reply) {
            struct sumdb_view *view = sumdb_view_of(sumdb, &query->head, false);
            tile_reader_want(view->tiles, query->reply.id);
            view->settled = false;
        } else if (offline) {
            *err = problem;
            return error_prefix(err, "%s", query->label);
        }
    }
    for (size_t i = 0; i < batch->count; i++) {
        struct sumdb_query *query = &batch->queries[i];
        if (query->has_reply && !prove_cached(sumdb, query, batch->arena, &problem) && offline) {
            *err = problem;
            return error_prefix(err, "%s", query->label);
        }
    }
    return true;
}
