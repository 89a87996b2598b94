// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/sumdb.h"

#include <stdlib.h>

#include "verifier/fetch/module_path.h"
#include "verifier/fetch/sumdb_internal.h"

#define SECONDS_PER_DAY 86400

bool sumdb_open(const struct sumdb_settings *settings, struct sumdb **ret, struct error *err)
{
    struct sumdb *sumdb = calloc(1, sizeof(*sumdb));
    if (sumdb == NULL) {
        bug("out of memory for the checksum database");
    }
    sumdb->settings = *settings;
    const struct anchor *anchor = settings->anchor;
    if (!sumdb_state_open(settings->state, &anchor->key, &sumdb->state, err)) {
        free(sumdb);
        return false;
    }
    sumdb->first_sight = !sumdb->state.has_stored;
    sumdb->has_current = sumdb->state.has_stored || anchor->has_floor;
    sumdb->current = sumdb->state.has_stored ? sumdb->state.stored : anchor->floor;
    sumdb->size_before = sumdb->state.has_stored ? sumdb->state.stored.size : 0;
    sumdb->time_before = sumdb->state.stored_time;
    *ret = sumdb;
    return true;
}

void sumdb_free(struct sumdb **sumdb)
{
    if (*sumdb == NULL) {
        return;
    }
    struct sumdb_view *next;
    for (struct sumdb_view *view = (*sumdb)->views; view != NULL; view = next) {
        next = view->next;
        tile_reader_free(&view->tiles);
    }
    sumdb_state_close(&(*sumdb)->state);
    arena_free(&(*sumdb)->arena);
    free(*sumdb);
    *sumdb = NULL;
}

bool sumdb_same_head(const struct signed_head *a, const struct signed_head *b)
{
    return a->size == b->size && sha256_equal(&a->root, &b->root);
}

struct sumdb_view *sumdb_view_of(struct sumdb *sumdb, const struct signed_head *head, bool network)
{
    for (struct sumdb_view *view = sumdb->views; view != NULL; view = view->next) {
        if (view->network == network && sumdb_same_head(&view->head, head)) {
            return view;
        }
    }
    struct sumdb_view *view = ARENA_NEW(&sumdb->arena, struct sumdb_view);
    *view = (struct sumdb_view){.next = sumdb->views, .head = *head, .network = network};
    view->tiles = tile_reader_new(&sumdb->settings.operations, network, head->size, &head->root);
    sumdb->views = view;
    return view;
}

bool sumdb_read_reply(struct sumdb *sumdb, struct bytes reply, struct sumdb_query *query,
                      struct error *err)
{
    query->has_reply =
        sumdb_reply_parse(reply, &query->reply, err) &&
        signed_head_open(query->reply.note, &sumdb->settings.anchor->key, &query->head, err);
    return query->has_reply;
}

bool sumdb_prove(struct sumdb_view *view, struct sumdb_query *query, struct arena *arena,
                 struct error *err)
{
    struct sha256 leaf = tree_hash_leaf(query->reply.text);
    struct sumdb_record *record = &query->record;
    if (!tile_reader_includes(view->tiles, query->reply.id, &leaf)) {
        return error_set(err, ERROR_UNTRUSTED,
                         "what was given as record %llu is not in the checksum database's tree",
                         (unsigned long long)query->reply.id);
    }
    record->id = query->reply.id;
    if (!sumdb_record_hashes(query->reply.text, query->id->path, query->id->version, arena,
                             &record->h1, &record->go_mod_h1, err)) {
        return false;
    }
    query->done = true;
    return true;
}

static bool prepare(struct sumdb *sumdb, const struct module_id *id, struct sumdb_query *ret,
                    struct error *err)
{
    const char *path, *version;
    if (!module_check(id->path, id->version, err) ||
        !module_path_escape(id->path, &sumdb->arena, &path, err) ||
        !module_version_escape(id->version, &sumdb->arena, &version, err)) {
        return false;
    }
    ret->id = id;
    ret->label = arena_printf(&sumdb->arena, "%s@%s", id->path, id->version);
    ret->name = arena_printf(&sumdb->arena, "lookup/%s@%s", path, version);
    return true;
}

static bool all_done(const struct sumdb_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->queries[i].done) {
            return false;
        }
    }
    return true;
}

bool sumdb_lookup_many(struct sumdb *sumdb, const struct module_id *ids, size_t count,
                       struct arena *arena, struct sumdb_record *ret, struct error *err)
{
    struct sumdb_batch batch = {.count = count, .arena = arena};
    batch.queries = ARENA_ARRAY(&sumdb->arena, count, struct sumdb_query);
    sumdb->withheld = false;
    for (size_t i = 0; i < count; i++) {
        if (!prepare(sumdb, &ids[i], &batch.queries[i], err)) {
            return false;
        }
    }
    if (!sumdb_answer_from_cache(sumdb, &batch, err)) {
        return false;
    }
    if (!all_done(&batch) && !sumdb_answer_from_network(sumdb, &batch, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret[i] = batch.queries[i].record;
    }
    sumdb->answered = sumdb->answered || count > 0;
    return true;
}

bool sumdb_lookup(struct sumdb *sumdb, const char *path, const char *version, struct arena *arena,
                  struct sumdb_record *ret, struct error *err)
{
    struct module_id id = {.path = path, .version = version};
    return sumdb_lookup_many(sumdb, &id, 1, arena, ret, err);
}

bool sumdb_is_withheld(const struct sumdb *sumdb)
{
    return sumdb->withheld;
}

bool sumdb_head(const struct sumdb *sumdb, struct tree_head *ret)
{
    if (!sumdb->answered) {
        return false;
    }
    *ret = (struct tree_head){.name = sumdb->settings.anchor->key.name,
                              .size = sumdb->current.size,
                              .root = sumdb->current.root,
                              .first_sight = sumdb->first_sight,
                              .days_unchanged = sumdb_days_unchanged(sumdb)};
    return true;
}

unsigned sumdb_days_unchanged(const struct sumdb *sumdb)
{
    time_t now = time(NULL);
    if (!sumdb->latest_asked || sumdb->current.size != sumdb->size_before ||
        now < sumdb->time_before) {
        return 0;
    }
    return (unsigned)((now - sumdb->time_before) / SECONDS_PER_DAY);
}
