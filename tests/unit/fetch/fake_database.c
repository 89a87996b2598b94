// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fetch/fake_database.h"

#include <sodium.h>

#include "base/encode.h"
#include "base/scanner.h"
#include "tests/unit/unit.h"
#include "verifier/fetch/tile.h"
#include "verifier/fetch/tree.h"

static const char *hash_text(struct fake_database *fake, uint64_t index, const char *what)
{
    unsigned history = index >= fake->fork ? fake->history : 0;
    const char *seed =
        arena_printf(&fake->arena, "%s %u %llu", what, history, (unsigned long long)index);
    struct sha256 digest = sha256_of(bytes_from_string(seed));
    char text[BASE64_LEN(SHA256_LEN) + 1];
    encode_base64(sha256_view(&digest), BASE64_STANDARD, text);
    return arena_printf(&fake->arena, "h1:%s", text);
}

struct bytes fake_record(struct fake_database *fake, uint64_t index)
{
    unsigned long long number = index;
    return bytes_from_string(arena_printf(
        &fake->arena, FAKE_MODULE " v1.0.%llu %s\n" FAKE_MODULE " v1.0.%llu/go.mod %s\n", number,
        hash_text(fake, index, "zip"), number, hash_text(fake, index, "mod")));
}

static void make_levels(struct fake_database *fake)
{
    struct fake_level *leaves = &fake->levels[0];
    leaves->count = fake->size;
    leaves->hashes = ARENA_ARRAY(&fake->arena, fake->size + 1, struct sha256);
    for (uint64_t i = 0; i < fake->size; i++) {
        leaves->hashes[i] = tree_hash_leaf(fake_record(fake, i));
    }
    for (unsigned level = 1; fake->levels[level - 1].count > 1; level++) {
        struct fake_level *below = &fake->levels[level - 1];
        struct fake_level *own = &fake->levels[level];
        own->count = below->count / 2;
        own->hashes = ARENA_ARRAY(&fake->arena, own->count + 1, struct sha256);
        for (uint64_t i = 0; i < own->count; i++) {
            own->hashes[i] = tree_hash_node(&below->hashes[2 * i], &below->hashes[2 * i + 1]);
        }
    }
}

static void make_key(struct fake_database *fake)
{
    uint8_t seed[crypto_sign_SEEDBYTES] = {7};
    uint8_t raw[33] = {1};
    char key[BASE64_LEN(sizeof(raw)) + 1];
    char hash[2 * SHA256_LEN + 1];
    struct buffer message;
    assert_true(sodium_init() >= 0);
    crypto_sign_seed_keypair(raw + 1, fake->secret, seed);
    buffer_init(&message, 256);
    buffer_string(&message, FAKE_NAME "\n");
    buffer_append(&message, bytes_from(raw, sizeof(raw)));
    struct sha256 digest = sha256_of(buffer_view(&message));
    buffer_free(&message);
    encode_hex(bytes_from(digest.bytes, 4), hash);
    encode_base64(bytes_from(raw, sizeof(raw)), BASE64_STANDARD, key);
    snprintf(fake->key_text, sizeof(fake->key_text), "%s+%s+%s", FAKE_NAME, hash, key);
    fake->anchor.url = "";
    assert_true(note_key_parse(fake->key_text, &fake->arena, &fake->anchor.key, NULL));
}

void fake_open(struct fake_database *fake, uint64_t size, unsigned history, uint64_t fork)
{
    *fake = (struct fake_database){.size = size, .history = history, .fork = fork};
    fake->latest_size = fake->reply_size = size;
    make_key(fake);
    make_levels(fake);
}

void fake_close(struct fake_database *fake)
{
    arena_free(&fake->arena);
}

bool fake_node(void *context, unsigned level, uint64_t position, struct sha256 *ret)
{
    const struct fake_database *fake = context;
    if (level >= ARRAY_LEN(fake->levels) || position >= fake->levels[level].count) {
        return false;
    }
    *ret = fake->levels[level].hashes[position];
    return true;
}

struct sha256 fake_root(struct fake_database *fake, uint64_t size)
{
    struct sha256 root;
    assert_true(tree_compute_root(size, fake_node, fake, &root));
    return root;
}

const char *fake_signature(struct fake_database *fake, struct bytes text, const char *name)
{
    uint8_t raw[4 + crypto_sign_BYTES];
    char encoded[BASE64_LEN(sizeof(raw)) + 1];
    for (size_t i = 0; i < 4; i++) {
        raw[i] = fake->anchor.key.hash[i];
    }
    crypto_sign_detached(raw + 4, NULL, text.data, text.len, fake->secret);
    encode_base64(bytes_from(raw, sizeof(raw)), BASE64_STANDARD, encoded);
    return arena_printf(&fake->arena, "\xe2\x80\x94 %s %s\n", name, encoded);
}

struct bytes fake_sign(struct fake_database *fake, struct bytes text)
{
    return bytes_from_string(arena_printf(&fake->arena, "%.*s\n%s", (int)text.len, text.data,
                                          fake_signature(fake, text, FAKE_NAME)));
}

struct bytes fake_head_text(struct fake_database *fake, uint64_t size, const struct sha256 *root)
{
    char encoded[BASE64_LEN(SHA256_LEN) + 1];
    encode_base64(sha256_view(root), BASE64_STANDARD, encoded);
    return bytes_from_string(arena_printf(&fake->arena, "go.sum database tree\n%llu\n%s\n",
                                          (unsigned long long)size, encoded));
}

struct bytes fake_head(struct fake_database *fake, uint64_t size)
{
    struct sha256 root = fake_root(fake, size);
    return fake_sign(fake, fake_head_text(fake, size, &root));
}

struct bytes fake_reply(struct fake_database *fake, uint64_t index, uint64_t head_size)
{
    struct bytes record = fake_record(fake, index);
    struct bytes head = fake_head(fake, head_size);
    return bytes_from_string(arena_printf(&fake->arena, "%llu\n%s\n%s", (unsigned long long)index,
                                          record.data, head.data));
}

void fake_set_floor(struct fake_database *fake, uint64_t size)
{
    fake->anchor.has_floor = true;
    assert_true(
        signed_head_open(fake_head(fake, size), &fake->anchor.key, &fake->anchor.floor, NULL));
}

static bool answer_tile(struct fake_database *fake, const char *name, struct buffer *ret)
{
    struct tile tile;
    if (!tile_name_parse(bytes_from_string(name), &tile)) {
        return false;
    }
    unsigned there = tile_width(fake->size, tile.level, tile.index);
    const struct fake_level *level = &fake->levels[tile.level * TILE_HEIGHT];
    if (tile.width > there || (fake->completed && tile.width < there && there == TILE_WIDTH)) {
        return false;
    }
    for (unsigned i = 0; i < tile.width; i++) {
        buffer_append(ret, sha256_view(&level->hashes[tile.index * TILE_WIDTH + i]));
    }
    return true;
}

static bool answer(struct fake_database *fake, const char *path, struct buffer *ret)
{
    struct scanner scanner = scanner_over(bytes_from_string(path));
    uint64_t index;
    if (strcmp(path, "/latest") == 0) {
        fake->latest_requests++;
        if (fake->latest_size == 0) {
            return false;
        }
        buffer_append(ret, fake_head(fake, fake->latest_size));
        return true;
    }
    if (scanner_expect(&scanner, "/lookup/" FAKE_MODULE "@v1.0.")) {
        if (!scanner_number(&scanner, fake->size - 1, &index)) {
            return false;
        }
        uint64_t head = fake->reply_size > index ? fake->reply_size : index + 1;
        buffer_append(ret, fake_reply(fake, index, head));
        return true;
    }
    return answer_tile(fake, path + 1, ret);
}

static bool is_forged(const struct fake_database *fake, const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(fake->other_paths); i++) {
        if (fake->other_paths[i] != NULL && strcmp(fake->other_paths[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static void serve(struct fake_database *fake, struct sumdb_request *request)
{
    const char *path = request->path;
    fake->requests++;
    snprintf(fake->last_path, sizeof(fake->last_path), "%s", path);
    if (fake->refuses) {
        error_set(&request->error, ERROR_NETWORK, "%s: refused", path);
        return;
    }
    if (fake->replace_path != NULL && strcmp(path, fake->replace_path) == 0) {
        buffer_append(&request->content, fake->replacement);
        return;
    }
    bool absent = fake->absent_path != NULL && strcmp(path, fake->absent_path) == 0;
    struct fake_database *source = is_forged(fake, path) ? fake->other : fake;
    if (absent || !answer(source, path, &request->content)) {
        error_set(&request->error, ERROR_ABSENT, "%s: 404", path);
        return;
    }
    if (fake->lie_path != NULL && strcmp(path, fake->lie_path) == 0) {
        request->content.data[fake->lie_byte % request->content.len] ^= 1;
    }
}

static void get_many(void *context, struct sumdb_request *requests, size_t count)
{
    struct fake_database *fake = context;
    fake->rounds++;
    for (size_t i = 0; i < count; i++) {
        serve(fake, &requests[i]);
    }
}

const struct fake_cached *fake_find_cached(const struct fake_database *fake, const char *name)
{
    for (size_t i = 0; i < fake->cached_count; i++) {
        if (strcmp(fake->cached[i].name, name) == 0) {
            return &fake->cached[i];
        }
    }
    return NULL;
}

void fake_cache_put(struct fake_database *fake, const char *name, struct bytes content)
{
    for (size_t i = 0; i < fake->cached_count; i++) {
        if (strcmp(fake->cached[i].name, name) == 0) {
            fake->cached[i].content = arena_bytes(&fake->arena, content);
            return;
        }
    }
    arena_grow(&fake->arena, &fake->cached, fake->cached_count, &fake->cached_capacity,
               sizeof(fake->cached[0]));
    fake->cached[fake->cached_count++] =
        (struct fake_cached){arena_string(&fake->arena, name), arena_bytes(&fake->arena, content)};
}

void fake_cache_clear(struct fake_database *fake)
{
    fake->cached_count = 0;
}

static bool cache_read(void *context, const char *name, uint64_t maximum, struct arena *arena,
                       struct bytes *ret)
{
    const struct fake_cached *found = fake_find_cached(context, name);
    if (found == NULL || found->content.len > maximum) {
        return false;
    }
    *ret = arena_bytes(arena, found->content);
    return true;
}

static bool cache_write(void *context, const char *name, struct bytes content, struct error *err)
{
    (void)err;
    fake_cache_put(context, name, content);
    return true;
}

static void cache_drop(void *context, const char *name)
{
    struct fake_database *fake = context;
    const struct fake_cached *found = fake_find_cached(fake, name);
    if (found != NULL) {
        fake->cached[found - fake->cached] = fake->cached[--fake->cached_count];
    }
    fake->drops++;
}

struct sumdb_operations fake_operations(struct fake_database *fake)
{
    return (struct sumdb_operations){.context = fake,
                                     .get_many = get_many,
                                     .cache_read = cache_read,
                                     .cache_write = cache_write,
                                     .cache_drop = cache_drop};
}

struct sumdb *fake_client(struct fake_database *fake, const char *state, bool offline)
{
    struct sumdb_settings settings = {.anchor = &fake->anchor,
                                      .state = state,
                                      .offline = offline,
                                      .operations = fake_operations(fake)};
    struct sumdb *client;
    struct error err;
    if (!sumdb_open(&settings, &client, &err)) {
        fail_msg("%s", err.message);
    }
    return client;
}

bool fake_lookup(struct sumdb *client, uint64_t index, struct arena *arena,
                 struct sumdb_record *ret, struct error *err)
{
    const char *version = arena_printf(arena, "v1.0.%llu", (unsigned long long)index);
    return sumdb_lookup(client, FAKE_MODULE, version, arena, ret, err);
}

bool fake_is_right(struct fake_database *fake, uint64_t index, const struct sumdb_record *record)
{
    return record->id == index && strcmp(record->h1, hash_text(fake, index, "zip")) == 0 &&
           strcmp(record->go_mod_h1, hash_text(fake, index, "mod")) == 0;
}
