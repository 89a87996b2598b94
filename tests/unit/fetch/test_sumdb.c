// SPDX-License-Identifier: Apache-2.0
/* What a checksum database proves, with and without a network. */
#include <unistd.h>

#include "tests/unit/fetch/sumdb_world.h"

static void proves_every_record(void **state)
{
    struct world *world = *state;
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    struct tree_head head;
    assert_false(sumdb_head(client, &head));
    for (uint64_t i = 0; i < WORLD_SIZE; i++) {
        assert_true(fake_lookup(client, i, &world->arena, &world->record, &world->err));
        assert_true(fake_is_right(&world->fake, i, &world->record));
    }
    assert_true(sumdb_head(client, &head));
    assert_string_equal(head.name, FAKE_NAME);
    assert_int_equal(head.size, WORLD_SIZE);
    assert_true(head.first_sight);
    assert_int_equal(world->fake.latest_requests, 1);
}

static void works_at_every_size_of_the_tree(void **state)
{
    struct world *world = *state;
    for (uint64_t size = 1; size <= WORLD_SIZE; size += size < 280 ? 1 : 13) {
        world->fake.latest_size = world->fake.reply_size = size;
        fake_cache_clear(&world->fake);
        assert_true(world_look_up(world, size * 31 % size));
        assert_true(world_look_up(world, size - 1));
        assert_true(fake_is_right(&world->fake, size - 1, &world->record));
    }
}

static void works_in_a_large_tree(void **state)
{
    struct world *world = *state;
    struct fake_database *large = ARENA_NEW(&world->arena, struct fake_database);
    fake_open(large, 66000, 0, 66000);
    large->reply_size = 1000;
    fake_set_floor(large, 700);
    struct module_id ids[50];
    struct sumdb_record records[50];
    for (unsigned i = 0; i < 50; i++) {
        ids[i] =
            (struct module_id){FAKE_MODULE, arena_printf(&world->arena, "v1.0.%u", i * 1319 + 1)};
    }
    AUTO(sumdb) struct sumdb *client = fake_client(large, world->state, false);
    assert_true(sumdb_lookup_many(client, ids, 50, &world->arena, records, &world->err));
    for (unsigned i = 0; i < 50; i++) {
        assert_true(fake_is_right(large, i * 1319 + 1, &records[i]));
    }
    assert_int_equal(large->rounds, 2);
    fake_close(large);
}

static void the_second_run_asks_nothing(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 300));
    unsigned before = world->fake.requests;
    assert_true(world_look_up(world, 300));
    assert_true(fake_is_right(&world->fake, 300, &world->record));
    assert_int_equal(world->fake.requests, before);
}

static void proves_offline_what_was_proven_before(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = world->fake.reply_size = 300;
    assert_true(world_look_up(world, 5));
    world->fake.latest_size = world->fake.reply_size = WORLD_SIZE;
    assert_true(world_look_up(world, 600));
    world->fake.refuses = true;
    assert_true(world_look_up_with(world, &world->fake, 5, true));
    assert_true(fake_is_right(&world->fake, 5, &world->record));
    assert_true(world_look_up_with(world, &world->fake, 600, true));
    assert_fails(world_look_up_with(world, &world->fake, 6, true), &world->err, ERROR_NETWORK,
                 FAKE_MODULE "@v1.0.6: ");
}

static void nothing_is_proven_offline_without_the_state(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5));
    assert_int_equal(unlink(world_latest_path(world)), 0);
    assert_int_equal(
        unlink(arena_printf(&world->arena, "%s/sumdb/%s/accepted", world->state, FAKE_NAME)), 0);
    assert_fails(world_look_up_with(world, &world->fake, 5, true), &world->err, ERROR_NETWORK,
                 "was not accepted");
}

static void the_state_survives_the_cache(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5));
    fake_cache_clear(&world->fake);
    world->fake.latest_size = world->fake.reply_size = 400;
    assert_true(world_look_up(world, 6));
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    struct tree_head head;
    assert_true(fake_lookup(client, 5, &world->arena, &world->record, &world->err));
    assert_true(sumdb_head(client, &head));
    assert_int_equal(head.size, WORLD_SIZE);
    assert_false(head.first_sight);
}

static void absent_and_unreachable_are_told_apart(void **state)
{
    struct world *world = *state;
    assert_fails(world_look_up(world, WORLD_SIZE), &world->err, ERROR_ABSENT, "@v1.0.700: ");
    world->fake.refuses = true;
    assert_fails(world_look_up(world, 5), &world->err, ERROR_NETWORK, "refused");
    assert_false(world_has_evidence(world));
}

static void a_mirror_without_latest_will_do(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = 0;
    assert_true(world_look_up(world, 5));
}

static void names_that_are_no_modules_are_not_asked_for(void **state)
{
    struct world *world = *state;
    AUTO(sumdb) struct sumdb *client = fake_client(&world->fake, world->state, false);
    static const struct module_id bad[] = {
        {"example.com/../m", "v1.0.0"}, {"example.com/m", "v1.0.0/../../latest"},
        {"example.com/m", "latest"},    {"example.com/m\n", "v1.0.0"},
        {"example.com/m", "v2.0.0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(
            sumdb_lookup_many(client, &bad[i], 1, &world->arena, &world->record, &world->err));
    }
    assert_int_equal(world->fake.requests, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_make, world_free)
static const struct CMUnitTest tests[] = {
    CASE(proves_every_record),
    CASE(works_at_every_size_of_the_tree),
    CASE(works_in_a_large_tree),
    CASE(the_second_run_asks_nothing),
    CASE(proves_offline_what_was_proven_before),
    CASE(nothing_is_proven_offline_without_the_state),
    CASE(the_state_survives_the_cache),
    CASE(absent_and_unreachable_are_told_apart),
    CASE(a_mirror_without_latest_will_do),
    CASE(names_that_are_no_modules_are_not_asked_for),
};

UNIT_MAIN(tests)
