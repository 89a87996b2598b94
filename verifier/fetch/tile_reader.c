// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/tile_reader.h"

#include <stdlib.h>

enum tile_state {
    TILE_WANTED,
    TILE_HAVE_CACHED, /* content from the cache, unchecked */
    TILE_HAVE_FETCHED,
    TILE_CHECKED_CACHED,
    TILE_CHECKED_FETCHED, /* to be cached */
};

struct entry {
    struct tile tile;
    enum tile_state state;
    const char *name;
    const char *false_name;  /* under which the cache had a false content for it; else NULL */
    const char *cached_name; /* under which the cache had its content */
    struct bytes content;
};

struct tile_reader {
    const struct sumdb_operations *operations;
    bool network;
    uint64_t size;
    struct sha256 root;
    struct arena arena;
    /* Sorted from the top of the tree down, so parents first, then by index; but for what was
     * wanted since the last load. */
    struct entry *entries;
    size_t count, capacity, loaded;
    bool edge_wanted;
};

struct tile_reader *tile_reader_new(const struct sumdb_operations *operations, bool network,
                                    uint64_t size, const struct sha256 *root)
{
    struct tile_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        bug("out of memory for a tile reader");
    }
    reader->operations = operations;
    reader->network = network;
    reader->size = size;
    reader->root = *root;
    return reader;
}

void tile_reader_free(struct tile_reader **reader)
{
    if (*reader != NULL) {
        arena_free(&(*reader)->arena);
        free(*reader);
        *reader = NULL;
    }
}

uint64_t tile_reader_size(const struct tile_reader *reader)
{
    return reader->size;
}

static int compare_entries(const void *left, const void *right)
{
    const struct tile *a = &((const struct entry *)left)->tile;
    const struct tile *b = &((const struct entry *)right)->tile;
    if (a->level != b->level) {
        return a->level > b->level ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

static struct entry *find(const struct tile_reader *reader, unsigned level, uint64_t index)
{
    struct entry key = {.tile = {.level = level, .index = index}};
    return reader->loaded == 0
               ? NULL
               : bsearch(&key, reader->entries, reader->loaded, sizeof(key), compare_entries);
}

static void want_tile(struct tile_reader *reader, unsigned level, uint64_t index)
{
    unsigned width = tile_width(reader->size, level, index);
    if (width == 0 || find(reader, level, index) != NULL) {
        return;
    }
    arena_grow(&reader->arena, &reader->entries, reader->count, &reader->capacity,
               sizeof(reader->entries[0]));
    reader->entries[reader->count++] = (struct entry){.tile = {level, index, width}};
}

void tile_reader_want(struct tile_reader *reader, uint64_t index)
{
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        index >>= TILE_HEIGHT;
        want_tile(reader, level, index);
    }
}

/* The partial tiles: all that the root is made of. */
static void want_edge(struct tile_reader *reader)
{
    for (unsigned level = 0; level < TILE_LEVELS && !reader->edge_wanted; level++) {
        uint64_t hashes = reader->size >> (level * TILE_HEIGHT);
        want_tile(reader, level, hashes >> TILE_HEIGHT);
    }
    reader->edge_wanted = true;
}

/* Sorts what was wanted, and lets each tile be there once. */
static void settle(struct tile_reader *reader)
{
    if (reader->count == 0) {
        return;
    }
    qsort(reader->entries, reader->count, sizeof(reader->entries[0]), compare_entries);
    size_t kept = 1;
    for (size_t i = 1; i < reader->count; i++) {
        if (compare_entries(&reader->entries[kept - 1], &reader->entries[i]) != 0) {
            reader->entries[kept++] = reader->entries[i];
        }
    }
    reader->count = reader->loaded = kept;
    for (size_t i = 0; i < kept; i++) {
        struct entry *entry = &reader->entries[i];
        if (entry->name == NULL) {
            entry->name = tile_name(&entry->tile, &reader->arena);
        }
    }
}

static size_t entry_bytes(const struct entry *entry)
{
    return (size_t)entry->tile.width * SHA256_LEN;
}

static const char *full_name(struct tile_reader *reader, const struct entry *entry)
{
    struct tile full = entry->tile;
    full.width = TILE_WIDTH;
    return tile_name(&full, &reader->arena);
}

static bool read_cached_name(struct tile_reader *reader, struct entry *entry, const char *name,
                             size_t len)
{
    const struct sumdb_operations *operations = reader->operations;
    struct bytes content;
    if (!operations->cache_read(operations->context, name, len, &reader->arena, &content) ||
        content.len != len) {
        return false;
    }
    entry->content = bytes_first(content, entry_bytes(entry));
    entry->cached_name = name;
    entry->state = TILE_HAVE_CACHED;
    return true;
}

/* A tile that was partial once may be in the cache as the full one that it became. */
static void read_cached(struct tile_reader *reader, struct entry *entry)
{
    if (!read_cached_name(reader, entry, entry->name, entry_bytes(entry)) &&
        entry->tile.width < TILE_WIDTH) {
        (void)!read_cached_name(reader, entry, full_name(reader, entry), TILE_BYTES);
    }
}

/* Asks for the tiles LIST, by the names of the full ones if FULL. */
static struct sumdb_request *request(struct tile_reader *reader, struct entry **list, size_t count,
                                     bool full)
{
    struct sumdb_request *requests = ARENA_ARRAY(&reader->arena, count, struct sumdb_request);
    for (size_t i = 0; i < count; i++) {
        const char *name = full ? full_name(reader, list[i]) : list[i]->name;
        requests[i].path = arena_printf(&reader->arena, "/%s", name);
        buffer_init(&requests[i].content, TILE_BYTES);
    }
    const struct sumdb_operations *operations = reader->operations;
    operations->get_many(operations->context, requests, count);
    return requests;
}

/* Takes the answer for ENTRY; a full tile is as good as the part of it that was asked for. */
static bool take_answer(struct tile_reader *reader, struct entry *entry,
                        const struct sumdb_request *answer, struct error *err)
{
    if (answer->error.code != ERROR_NONE) {
        *err = answer->error;
        if (err->code == ERROR_ABSENT) {
            err->code = ERROR_NETWORK;
        }
        return error_prefix(err, "checksum database, %s", entry->name);
    }
    struct bytes content = buffer_view(&answer->content);
    if (content.len != entry_bytes(entry) && content.len != TILE_BYTES) {
        return error_set(err, ERROR_NETWORK, "checksum database, %s: %zu bytes instead of %zu",
                         entry->name, content.len, entry_bytes(entry));
    }
    entry->content = arena_bytes(&reader->arena, bytes_first(content, entry_bytes(entry)));
    entry->state = TILE_HAVE_FETCHED;
    return true;
}

static bool is_gone(const struct sumdb_request *answer, const struct entry *entry)
{
    return answer->error.code == ERROR_ABSENT && entry->tile.width < TILE_WIDTH;
}

static bool take_answers(struct tile_reader *reader, struct entry **list, size_t count,
                         const struct sumdb_request *answers, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] != NULL && !take_answer(reader, list[i], &answers[i], err)) {
            return false;
        }
    }
    return true;
}

static void free_answers(struct sumdb_request *answers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_free(&answers[i].content);
    }
}

/* Fetches the COUNT tiles of LIST (reordered). A partial tile that is no longer served has been
 * completed: the full one is asked for in its place. */
static bool fetch_tiles(struct tile_reader *reader, struct entry **list, size_t count,
                        struct error *err)
{
    struct sumdb_request *answers = request(reader, list, count, false);
    struct entry **gone = ARENA_ARRAY(&reader->arena, count, struct entry *);
    size_t gone_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_gone(&answers[i], list[i])) {
            gone[gone_count++] = list[i];
            list[i] = NULL;
        }
    }
    bool done = take_answers(reader, list, count, answers, err);
    free_answers(answers, count);
    if (!done || gone_count == 0) {
        return done;
    }
    answers = request(reader, gone, gone_count, true);
    done = take_answers(reader, gone, gone_count, answers, err);
    free_answers(answers, gone_count);
    return done;
}

static bool get_contents(struct tile_reader *reader, struct error *err)
{
    struct entry **missing = ARENA_ARRAY(&reader->arena, reader->count, struct entry *);
    size_t count = 0;
    for (size_t i = 0; i < reader->count; i++) {
        struct entry *entry = &reader->entries[i];
        if (entry->state == TILE_WANTED) {
            read_cached(reader, entry);
        }
        if (entry->state == TILE_WANTED) {
            missing[count++] = entry;
        }
    }
    if (count > 0 && !reader->network) {
        return error_set(err, ERROR_NETWORK, "checksum database, %s: not in the store",
                         missing[0]->name);
    }
    return count == 0 || fetch_tiles(reader, missing, count, err);
}

/* Reads nodes off tiles that may not be checked yet: for the check of the edge itself. */
static bool read_node(void *context, unsigned level, uint64_t position, struct sha256 *ret)
{
    struct tile_reader *reader = context;
    unsigned span_level, first;
    struct tile place = tile_of_node(level, position, &span_level, &first);
    struct entry *entry = find(reader, place.level, place.index);
    return entry != NULL && entry->state != TILE_WANTED &&
           tile_fold(entry->content, first, span_level, ret);
}

static bool is_checked(const struct entry *entry)
{
    return entry->state == TILE_CHECKED_CACHED || entry->state == TILE_CHECKED_FETCHED;
}

static bool read_checked_node(void *context, unsigned level, uint64_t position, struct sha256 *ret)
{
    unsigned span_level, first;
    struct tile place = tile_of_node(level, position, &span_level, &first);
    const struct entry *entry = find(context, place.level, place.index);
    return entry != NULL && is_checked(entry) && tile_fold(entry->content, first, span_level, ret);
}

static void mark_checked(struct entry *entry)
{
    if (entry->state == TILE_HAVE_CACHED) {
        entry->state = TILE_CHECKED_CACHED;
    } else if (entry->state == TILE_HAVE_FETCHED) {
        entry->state = TILE_CHECKED_FETCHED;
    }
}

static bool edge_holds(struct tile_reader *reader)
{
    struct sha256 root;
    return tree_compute_root(reader->size, read_node, reader, &root) &&
           sha256_equal(&root, &reader->root);
}

static bool full_tile_holds(struct tile_reader *reader, struct entry *entry)
{
    struct sha256 own, promised;
    unsigned above = (entry->tile.level + 1) * TILE_HEIGHT;
    return tile_fold(entry->content, 0, TILE_HEIGHT, &own) &&
           read_checked_node(reader, above, entry->tile.index, &promised) &&
           sha256_equal(&own, &promised);
}

/* What the cache had is false: fetches COUNT tiles again. Without a network that is the end. */
static bool replace(struct tile_reader *reader, struct entry **list, size_t count,
                    struct error *err)
{
    const struct sumdb_operations *operations = reader->operations;
    const char *name = list[0]->name;
    for (size_t i = 0; i < count; i++) {
        list[i]->false_name = list[i]->cached_name;
        if (!reader->network) {
            operations->cache_drop(operations->context, list[i]->cached_name);
        }
    }
    if (!reader->network) {
        error_set(err, ERROR_UNTRUSTED, "the stored %s is not of the signed tree of %llu records",
                  name, (unsigned long long)reader->size);
        return error_cure(err, "it was put aside; run once with network");
    }
    return fetch_tiles(reader, list, count, err);
}

static bool refuse_tile(const struct tile_reader *reader, const char *name, struct error *err)
{
    return error_set(err, ERROR_UNTRUSTED,
                     "checksum database, %s: not of the signed tree of %llu records", name,
                     (unsigned long long)reader->size);
}

/* Collects the partial tiles, or those of them that came from the cache. */
static size_t edge_entries(struct tile_reader *reader, struct entry **ret, bool cached_only)
{
    size_t count = 0;
    for (size_t i = 0; i < reader->count && count < TILE_LEVELS; i++) {
        struct entry *entry = &reader->entries[i];
        if (entry->tile.width < TILE_WIDTH && (!cached_only || entry->state == TILE_HAVE_CACHED)) {
            ret[count++] = entry;
        }
    }
    return count;
}

static bool check_edge(struct tile_reader *reader, struct error *err)
{
    struct entry *edge[TILE_LEVELS];
    if (!edge_holds(reader)) {
        /* Which of them is false cannot be told: all that the cache gave are suspect. */
        size_t suspects = edge_entries(reader, edge, true);
        if (suspects == 0) {
            return refuse_tile(reader, "right edge", err);
        }
        if (!replace(reader, edge, suspects, err)) {
            return false;
        }
        if (!edge_holds(reader)) {
            return refuse_tile(reader, "right edge", err);
        }
    }
    size_t count = edge_entries(reader, edge, false);
    for (size_t i = 0; i < count; i++) {
        mark_checked(edge[i]);
    }
    return true;
}

static bool check_full_tile(struct tile_reader *reader, struct entry *entry, struct error *err)
{
    if (!full_tile_holds(reader, entry)) {
        struct entry *list[] = {entry};
        if (entry->state != TILE_HAVE_CACHED) {
            return refuse_tile(reader, entry->name, err);
        }
        if (!replace(reader, list, 1, err)) {
            return false;
        }
        if (!full_tile_holds(reader, entry)) {
            return refuse_tile(reader, entry->name, err);
        }
    }
    mark_checked(entry);
    return true;
}

bool tile_reader_load(struct tile_reader *reader, struct error *err)
{
    want_edge(reader);
    settle(reader);
    if (!get_contents(reader, err) || !check_edge(reader, err)) {
        return false;
    }
    for (size_t i = 0; i < reader->count; i++) {
        struct entry *entry = &reader->entries[i];
        if (!is_checked(entry) && !check_full_tile(reader, entry, err)) {
            return false;
        }
    }
    return true;
}

bool tile_reader_keep(struct tile_reader *reader, struct error *err)
{
    const struct sumdb_operations *operations = reader->operations;
    for (size_t i = 0; i < reader->loaded; i++) {
        struct entry *entry = &reader->entries[i];
        if (entry->state != TILE_CHECKED_FETCHED) {
            continue;
        }
        if (entry->false_name != NULL) {
            operations->cache_drop(operations->context, entry->false_name);
        }
        if (!operations->cache_write(operations->context, entry->name, entry->content, err)) {
            return false;
        }
        entry->state = TILE_CHECKED_CACHED;
    }
    return true;
}

bool tile_reader_includes(struct tile_reader *reader, uint64_t index, const struct sha256 *leaf)
{
    struct sha256 stored;
    struct tree_proof proof;
    return index < reader->size && read_checked_node(reader, 0, index, &stored) &&
           sha256_equal(&stored, leaf) &&
           tree_prove_inclusion(index, reader->size, read_checked_node, reader, &proof) &&
           tree_check_inclusion(leaf, index, reader->size, &proof, &reader->root);
}

bool tile_reader_begins_with(struct tile_reader *reader, uint64_t size, const struct sha256 *root)
{
    struct sha256 computed;
    struct tree_proof proof;
    if (size > reader->size || !tree_compute_root(size, read_checked_node, reader, &computed) ||
        !sha256_equal(&computed, root)) {
        return false;
    }
    /* The empty tree has no proof: that its root is the right one is all there is. */
    return size == 0 ||
           (tree_prove_consistency(size, reader->size, read_checked_node, reader, &proof) &&
            tree_check_consistency(size, root, reader->size, &reader->root, &proof));
}
