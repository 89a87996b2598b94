// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/scanner.h"
#include "tests/unit/fetch/fake_database.h"
#include "tests/unit/unit.h"
#include "verifier/fetch/tile_reader.h"

static void names_are_those_of_the_specification(void **state)
{
    (void)state;
    static const struct {
        struct tile tile;
        const char *name;
    } rows[] = {
        {{0, 0, 256}, "tile/8/0/000"},
        {{0, 7, 5}, "tile/8/0/007.p/5"},
        {{0, 132689, 256}, "tile/8/0/x132/689"},
        {{1, 1234067, 17}, "tile/8/1/x001/x234/067.p/17"},
        {{3, 1000, 1}, "tile/8/3/x001/000.p/1"},
        {{7, 1000000, 255}, "tile/8/7/x001/x000/000.p/255"},
        {{0, UINT64_MAX >> 8, 256}, "tile/8/0/x072/x057/x594/x037/x927/935"},
    };
    struct arena arena = {0};
    struct tile tile;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(tile_name(&rows[i].tile, &arena), rows[i].name);
        assert_true(tile_name_parse(bytes_from_string(rows[i].name), &tile));
        assert_int_equal(tile.level, rows[i].tile.level);
        assert_true(tile.index == rows[i].tile.index);
        assert_int_equal(tile.width, rows[i].tile.width);
    }
    arena_free(&arena);
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "tile/8/0/0",
        "tile/8/0/0000",
        "tile/8/0/x000/001",
        "tile/8/0/x01/001",
        "tile/8/0/001/001",
        "tile/8/0/x001/x001",
        "tile/8/0/x001",
        "tile/8/0/000.p/0",
        "tile/8/0/000.p/256",
        "tile/8/0/000.p/01",
        "tile/8/0/000.p/",
        "tile/8/0/000.p",
        "tile/8/8/000",
        "tile/8/-1/000",
        "tile/8/data/000",
        "tile/9/0/000",
        "/tile/8/0/000",
        "tile/8/0/000/",
        "tile/8/0/../000",
        "tile/8/0/x001/x000/x000/x000/x000/x000/x000/x000/000",
    };
    struct tile tile;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(tile_name_parse(bytes_from_string(bad[i]), &tile));
    }
}

static void widths_follow_the_size(void **state)
{
    (void)state;
    assert_int_equal(tile_width(0, 0, 0), 0);
    assert_int_equal(tile_width(1, 0, 0), 1);
    assert_int_equal(tile_width(255, 0, 0), 255);
    assert_int_equal(tile_width(256, 0, 0), 256);
    assert_int_equal(tile_width(256, 0, 1), 0);
    assert_int_equal(tile_width(256, 1, 0), 1);
    assert_int_equal(tile_width(257, 0, 1), 1);
    assert_int_equal(tile_width(65536, 2, 0), 1);
    assert_int_equal(tile_width(71769961, 3, 0), 4);
    assert_int_equal(tile_width(71769961, 0, 280351), 105);
    assert_int_equal(tile_width(71769961, 0, 280352), 0);
    assert_int_equal(tile_width(INT64_MAX, 7, 0), 127);
    assert_int_equal(tile_width(UINT64_MAX, 0, UINT64_MAX), 0);
    assert_int_equal(tile_width(UINT64_MAX, 9, 0), 0);
}

static void folding_stays_within_the_tile(void **state)
{
    (void)state;
    uint8_t content[3 * SHA256_LEN] = {1};
    struct sha256 hash;
    assert_true(tile_fold(bytes_from(content, sizeof(content)), 0, 1, &hash));
    assert_true(tile_fold(bytes_from(content, sizeof(content)), 2, 0, &hash));
    assert_false(tile_fold(bytes_from(content, sizeof(content)), 3, 0, &hash));
    assert_false(tile_fold(bytes_from(content, sizeof(content)), 2, 1, &hash));
    assert_false(tile_fold(bytes_from(content, sizeof(content)), 0, 2, &hash));
    assert_false(tile_fold(bytes_from(content, sizeof(content)), 0, 9, &hash));
    assert_false(tile_fold(bytes_from(content, 2 * SHA256_LEN - 1), 0, 1, &hash));
}

static struct tile_reader *reader_of(struct fake_database *fake,
                                     const struct sumdb_operations *operations, uint64_t size)
{
    struct sha256 root = fake_root(fake, size);
    return tile_reader_new(operations, true, size, &root);
}

static void reads_every_record_and_every_earlier_tree(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 128, 255, 256, 257, 511, 512, 700, 65536, 66000};
    struct fake_database fake;
    struct error err;
    fake_open(&fake, 66000, 0, 66000);
    struct sumdb_operations operations = fake_operations(&fake);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        uint64_t size = sizes[i];
        uint64_t step = size <= 700 ? 1 : 641;
        AUTO(tile_reader) struct tile_reader *reader = reader_of(&fake, &operations, size);
        for (uint64_t index = 0; index < size; index += step) {
            tile_reader_want(reader, index);
        }
        assert_true(tile_reader_load(reader, &err));
        for (uint64_t index = 0; index < size; index += step) {
            struct sha256 root = fake_root(&fake, index + 1);
            const struct sha256 *leaf = &fake.levels[0].hashes[index];
            assert_true(tile_reader_includes(reader, index, leaf));
            assert_true(tile_reader_begins_with(reader, index + 1, &root));
            assert_false(tile_reader_includes(reader, (index + 1) % size, leaf) && size > 1);
            assert_false(tile_reader_begins_with(reader, index, &root));
        }
        assert_false(tile_reader_includes(reader, size, &fake.levels[0].hashes[0]));
    }
    fake_close(&fake);
}

/* Every hash of every tile that is looked at, changed: none may go unnoticed. */
static void every_changed_hash_is_noticed(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 200, 256, 700};
    struct fake_database fake;
    struct error err;
    fake_open(&fake, 700, 0, 700);
    struct sumdb_operations operations = fake_operations(&fake);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        uint64_t size = sizes[i];
        for (unsigned level = 0; level < 2; level++) {
            for (uint64_t hash = 0; hash < size >> (8 * level); hash++) {
                struct tile tile = {level, hash >> 8, tile_width(size, level, hash >> 8)};
                fake.lie_path = arena_printf(&fake.arena, "/%s", tile_name(&tile, &fake.arena));
                fake.lie_byte = (hash & 255) * SHA256_LEN + hash % SHA256_LEN;
                AUTO(tile_reader) struct tile_reader *reader = reader_of(&fake, &operations, size);
                tile_reader_want(reader, level == 0 ? hash : hash << 8);
                assert_fails(tile_reader_load(reader, &err), &err, ERROR_UNTRUSTED,
                             "not of the signed tree");
                fake_cache_clear(&fake);
            }
        }
    }
    fake_close(&fake);
}

static void nothing_is_cached_before_it_is_checked(void **state)
{
    (void)state;
    struct fake_database fake;
    struct error err;
    fake_open(&fake, 700, 0, 700);
    struct sumdb_operations operations = fake_operations(&fake);
    AUTO(tile_reader) struct tile_reader *reader = reader_of(&fake, &operations, 700);
    fake.lie_path = "/tile/8/0/001";
    tile_reader_want(reader, 300);
    assert_false(tile_reader_load(reader, &err));
    assert_int_equal(fake.cached_count, 0);
    struct sha256 leaf = fake.levels[0].hashes[300];
    assert_false(tile_reader_includes(reader, 300, &leaf));
    fake_close(&fake);
}

static void a_poisoned_cache_is_put_away_and_got_again(void **state)
{
    (void)state;
    static const char *const names[] = {"tile/8/0/001", "tile/8/1/000.p/2", "tile/8/0/002.p/188"};
    struct fake_database fake;
    struct error err;
    fake_open(&fake, 700, 0, 700);
    struct sumdb_operations operations = fake_operations(&fake);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(tile_reader) struct tile_reader *first = reader_of(&fake, &operations, 700);
        tile_reader_want(first, 300);
        assert_true(tile_reader_load(first, &err) && tile_reader_keep(first, &err));
        struct bytes good = fake_find_cached(&fake, names[i])->content;
        char *bad = arena_text(&fake.arena, good);
        bad[40] = (char)(bad[40] ^ 4);
        fake_cache_put(&fake, names[i], bytes_from(bad, good.len));
        struct sha256 root = fake_root(&fake, 700);
        AUTO(tile_reader)
        struct tile_reader *offline = tile_reader_new(&operations, false, 700, &root);
        tile_reader_want(offline, 300);
        assert_fails(tile_reader_load(offline, &err), &err, ERROR_UNTRUSTED, "stored");
        fake_cache_put(&fake, names[i], bytes_from(bad, good.len));
        AUTO(tile_reader) struct tile_reader *second = reader_of(&fake, &operations, 700);
        tile_reader_want(second, 300);
        assert_true(tile_reader_load(second, &err) && tile_reader_keep(second, &err));
        assert_bytes(fake_find_cached(&fake, names[i])->content, good);
    }
    assert_true(fake.drops >= 2 * ARRAY_LEN(names));
    fake_close(&fake);
}

static bool loads(struct fake_database *fake, const struct sumdb_operations *operations,
                  struct error *err)
{
    AUTO(tile_reader) struct tile_reader *reader = reader_of(fake, operations, 700);
    tile_reader_want(reader, 699);
    fake_cache_clear(fake);
    return tile_reader_load(reader, err) &&
           tile_reader_includes(reader, 699, &fake->levels[0].hashes[699]);
}

static void plays_along_with_partial_and_full_tiles(void **state)
{
    (void)state;
    struct fake_database fake;
    struct error err;
    fake_open(&fake, 1000, 0, 1000);
    struct sumdb_operations operations = fake_operations(&fake);
    struct buffer full;
    buffer_init(&full, TILE_BYTES);
    for (unsigned i = 512; i < 768; i++) {
        buffer_append(&full, sha256_view(&fake.levels[0].hashes[i]));
    }
    /* Completed meanwhile: the partial tile is gone, the full one is there. */
    fake.completed = true;
    assert_true(loads(&fake, &operations, &err));
    /* A full tile where the partial one was asked for. */
    fake.replace_path = "/tile/8/0/002.p/188";
    fake.replacement = buffer_view(&full);
    assert_true(loads(&fake, &operations, &err));
    /* Short, long, empty: nobody's lie, but no tile. */
    size_t lengths[] = {0, 31, 187 * SHA256_LEN, 188 * SHA256_LEN - 1, 188 * SHA256_LEN + 1};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        fake.replacement = bytes_first(buffer_view(&full), lengths[i]);
        assert_fails(loads(&fake, &operations, &err), &err, ERROR_NETWORK, "bytes instead of");
    }
    fake.replacement = bytes_first(buffer_view(&full), 188 * SHA256_LEN);
    assert_true(loads(&fake, &operations, &err));
    /* Neither of both. */
    fake.replace_path = NULL;
    fake.absent_path = "/tile/8/0/002";
    assert_fails(loads(&fake, &operations, &err), &err, ERROR_NETWORK, "404");
    buffer_free(&full);
    fake_close(&fake);
}

/* A log of others, as files: "tile/8/0/000.p/5" lies in "tile/0/000.p/5". */
struct file_log {
    int dir;
    const char *lie;
    size_t byte;
};

static void get_files(void *context, struct sumdb_request *requests, size_t count)
{
    struct file_log *log = context;
    struct arena arena = {0};
    for (size_t i = 0; i < count; i++) {
        struct scanner scanner = scanner_over(bytes_from_string(requests[i].path));
        struct bytes content;
        assert_true(scanner_expect(&scanner, "/tile/8/"));
        const char *name =
            arena_printf(&arena, "log/tile/%s", arena_text(&arena, scanner_rest(&scanner)));
        if (file_read(log->dir, name, TILE_BYTES, &arena, &content, &requests[i].error)) {
            requests[i].error.code = ERROR_NONE;
            buffer_append(&requests[i].content, content);
        }
        if (log->lie != NULL && strcmp(log->lie, requests[i].path) == 0) {
            requests[i].content.data[log->byte] ^= 0x10;
        }
    }
    arena_free(&arena);
}

static bool has_nothing(void *context, const char *name, uint64_t maximum, struct arena *arena,
                        struct bytes *ret)
{
    (void)context;
    (void)name;
    (void)maximum;
    (void)arena;
    (void)ret;
    return false;
}

static void drops_nothing(void *context, const char *name)
{
    (void)context;
    (void)name;
}

struct checkpoint {
    uint64_t size;
    struct sha256 root;
};

static struct checkpoint read_checkpoint(const char *folder, unsigned number)
{
    char path[4096];
    struct checkpoint result;
    struct bytes root;
    size_t len;
    snprintf(path, sizeof(path), "%s/log/checkpoint.%u", folder, number);
    struct bytes text = file_load(path);
    struct scanner scanner = scanner_over(text);
    assert_true(scanner_expect(&scanner, "example.com/log/testdata\n") &&
                scanner_number(&scanner, 100, &result.size) && scanner_expect(&scanner, "\n") &&
                scanner_until(&scanner, '\n', 44, &root) &&
                decode_base64(root, BASE64_STANDARD, result.root.bytes, SHA256_LEN, &len));
    free((void *)(uintptr_t)text.data);
    return result;
}

static void check_pair(struct file_log *log, const struct checkpoint *old,
                       const struct checkpoint *new)
{
    struct sumdb_operations operations = {.context = log,
                                          .get_many = get_files,
                                          .cache_read = has_nothing,
                                          .cache_drop = drops_nothing};
    struct error err;
    AUTO(tile_reader)
    struct tile_reader *reader = tile_reader_new(&operations, true, new->size, &new->root);
    if (old->size > 0) {
        tile_reader_want(reader, old->size - 1);
    }
    assert_true(tile_reader_load(reader, &err));
    assert_true(tile_reader_begins_with(reader, old->size, &old->root));
    char path[64];
    snprintf(path, sizeof(path), "/tile/8/0/000.p/%u", (unsigned)new->size);
    log->lie = path;
    for (log->byte = 0; log->byte < new->size *SHA256_LEN; log->byte++) {
        AUTO(tile_reader)
        struct tile_reader *deceived = tile_reader_new(&operations, true, new->size, &new->root);
        assert_fails(tile_reader_load(deceived, &err), &err, ERROR_UNTRUSTED, "right edge");
    }
    log->lie = NULL;
}

static void reads_the_log_of_others(void **state)
{
    (void)state;
    char folder[2048];
    struct checkpoint checkpoints[16];
    struct file_log log = {0};
    if (!corpus_find("tessera-testlog", folder, sizeof(folder))) {
        skip();
    }
    log.dir = open(folder, O_RDONLY | O_DIRECTORY);
    for (unsigned i = 0; i < 16; i++) {
        checkpoints[i] = read_checkpoint(folder, i);
        for (unsigned j = 0; j <= i; j++) {
            check_pair(&log, &checkpoints[j], &checkpoints[i]);
        }
    }
    close(log.dir);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_are_those_of_the_specification),
    cmocka_unit_test(other_names_are_refused),
    cmocka_unit_test(widths_follow_the_size),
    cmocka_unit_test(folding_stays_within_the_tile),
    cmocka_unit_test(reads_every_record_and_every_earlier_tree),
    cmocka_unit_test(every_changed_hash_is_noticed),
    cmocka_unit_test(nothing_is_cached_before_it_is_checked),
    cmocka_unit_test(a_poisoned_cache_is_put_away_and_got_again),
    cmocka_unit_test(plays_along_with_partial_and_full_tiles),
    cmocka_unit_test(reads_the_log_of_others),
};
UNIT_MAIN(tests)
