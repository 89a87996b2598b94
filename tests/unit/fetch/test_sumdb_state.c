// SPDX-License-Identifier: Apache-2.0
/* What the cache and the state directory hold may be changed by others, or grow old. */
#include <time.h>
#include <utime.h>

#include "base/file.h"
#include "tests/unit/fetch/sumdb_world.h"

static void a_changed_state_file_is_noticed(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5));
    FILE *file = fopen(world_latest_path(world), "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 22, SEEK_SET), 0);
    assert_int_equal(fwrite("6", 1, 1, file), 1);
    fclose(file);
    struct sumdb_settings settings = {.anchor = &world->fake.anchor,
                                      .state = world->state,
                                      .operations = fake_operations(&world->fake)};
    struct sumdb *client;
    assert_fails(sumdb_open(&settings, &client, &world->err), &world->err, ERROR_UNTRUSTED,
                 "latest");
}

static void a_poisoned_reply_is_put_away_and_got_again(void **state)
{
    struct world *world = *state;
    const char *name = "lookup/" FAKE_MODULE "@v1.0.5";
    assert_true(world_look_up(world, 5));
    struct bytes good = fake_find_cached(&world->fake, name)->content;
    for (size_t at = 0; at < good.len; at += 7) {
        char *bad = arena_text(&world->arena, good);
        bad[at] = (char)(bad[at] ^ 1);
        fake_cache_put(&world->fake, name, bytes_from(bad, good.len));
        assert_false(world_look_up_with(world, &world->fake, 5, true));
        fake_cache_put(&world->fake, name, bytes_from(bad, good.len));
        assert_true(world_look_up(world, 5));
        assert_true(fake_is_right(&world->fake, 5, &world->record));
        assert_bytes(fake_find_cached(&world->fake, name)->content, good);
    }
}

static void a_reply_in_another_ones_place_is_not_believed(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5) && world_look_up(world, 6));
    struct bytes other = fake_find_cached(&world->fake, "lookup/" FAKE_MODULE "@v1.0.6")->content;
    fake_cache_put(&world->fake, "lookup/" FAKE_MODULE "@v1.0.5", other);
    assert_fails(world_look_up_with(world, &world->fake, 5, true), &world->err, ERROR_UNTRUSTED,
                 "not the two lines");
}

static void poisoned_tiles_are_put_away_and_got_again(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"tile/8/0/001", "tile/8/1/000.p/2", "tile/8/0/002.p/188"};
    assert_true(world_look_up(world, 300));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct bytes good = fake_find_cached(&world->fake, names[i])->content;
        char *bad = arena_text(&world->arena, good);
        bad[3] = (char)(bad[3] ^ 1);
        fake_cache_put(&world->fake, names[i], bytes_from(bad, good.len));
        assert_fails(world_look_up_with(world, &world->fake, 300, true), &world->err,
                     ERROR_UNTRUSTED, "stored");
        fake_cache_put(&world->fake, names[i], bytes_from(bad, good.len));
        assert_true(world_look_up(world, 300));
        assert_bytes(fake_find_cached(&world->fake, names[i])->content, good);
    }
}

static void a_database_that_stands_still_is_told_with_its_age(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5));
    struct utimbuf old = {.actime = time(NULL), .modtime = time(NULL) - 31 * 86400 - 5};
    assert_int_equal(utime(world_latest_path(world), &old), 0);
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    assert_true(fake_lookup(client, 5, &world->arena, &world->record, &world->err));
    assert_int_equal(sumdb_days_unchanged(client), 0);
    assert_true(fake_lookup(client, 6, &world->arena, &world->record, &world->err));
    assert_int_equal(sumdb_days_unchanged(client), 31);
    struct tree_head head;
    assert_true(sumdb_head(client, &head));
    assert_int_equal(head.days_unchanged, 31);
}

static void a_growing_database_is_not_stale(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = world->fake.reply_size = 400;
    assert_true(world_look_up(world, 5));
    struct utimbuf old = {.actime = time(NULL), .modtime = time(NULL) - 31 * 86400};
    assert_int_equal(utime(world_latest_path(world), &old), 0);
    world->fake.latest_size = WORLD_SIZE;
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    assert_true(fake_lookup(client, 6, &world->arena, &world->record, &world->err));
    assert_int_equal(sumdb_days_unchanged(client), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_make, world_free)
static const struct CMUnitTest tests[] = {
    CASE(a_changed_state_file_is_noticed),
    CASE(a_poisoned_reply_is_put_away_and_got_again),
    CASE(a_reply_in_another_ones_place_is_not_believed),
    CASE(poisoned_tiles_are_put_away_and_got_again),
    CASE(a_database_that_stands_still_is_told_with_its_age),
    CASE(a_growing_database_is_not_stale),
};

UNIT_MAIN(tests)
