// SPDX-License-Identifier: Apache-2.0
/* Another history of the same database is refused, with evidence; older heads of the same history
 * are not. */

#include "base/file.h"
#include "tests/unit/fetch/sumdb_world.h"

static void older_heads_are_proven_and_do_no_harm(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 699));
    for (uint64_t size = 1; size < WORLD_SIZE; size += 23) {
        world->fake.latest_size = world->fake.reply_size = size;
        fake_cache_clear(&world->fake);
        assert_true(world_look_up(world, size / 2));
    }
    assert_false(world_has_evidence(world));
}

static void expect_fork(struct world *world, struct fake_database *other, uint64_t index,
                        struct bytes one, struct bytes two)
{
    assert_fails(world_look_up_with(world, other, index, false), &world->err, ERROR_UNTRUSTED,
                 "has forked");
    const char *evidence = world_read_evidence(world);
    assert_non_null(strstr(evidence, (const char *)one.data));
    assert_non_null(strstr(evidence, (const char *)two.data));
    assert_int_equal(other->cached_count, 0);
    fake_close(other);
}

static void a_longer_fork_is_refused_with_evidence(void **state)
{
    struct world *world = *state;
    world->fake.latest_size = world->fake.reply_size = 400;
    assert_true(world_look_up(world, 5));
    struct fake_database *other = world_fork(world, WORLD_SIZE, 350);
    expect_fork(world, other, 6, fake_head(&world->fake, 400), fake_head(other, WORLD_SIZE));
}

static void a_rollback_to_another_tree_is_refused_with_evidence(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5));
    struct fake_database *other = world_fork(world, 500, 499);
    struct bytes own = fake_head(&world->fake, WORLD_SIZE);
    struct bytes theirs = fake_head(other, 500);
    /* Its tiles of the stored head's tree are those of the true one: what a clever liar serves. */
    world->fake.replace_path = "/latest";
    world->fake.replacement = theirs;
    fake_cache_clear(&world->fake);
    assert_fails(world_look_up(world, 6), &world->err, ERROR_UNTRUSTED, "has forked");
    const char *evidence = world_read_evidence(world);
    assert_non_null(strstr(evidence, (const char *)own.data));
    assert_non_null(strstr(evidence, (const char *)theirs.data));
    fake_close(other);
}

static void another_root_of_the_same_size_is_refused_with_evidence(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5));
    struct fake_database *other = world_fork(world, WORLD_SIZE, 699);
    expect_fork(world, other, 6, fake_head(&world->fake, WORLD_SIZE), fake_head(other, WORLD_SIZE));
}

static void a_forked_head_within_a_reply_is_refused(void **state)
{
    struct world *world = *state;
    struct fake_database *other = world_fork(world, 500, 100);
    struct bytes record = fake_record(&world->fake, 5);
    struct bytes theirs = fake_head(other, 500);
    world->fake.replace_path = "/lookup/" FAKE_MODULE "@v1.0.5";
    world->fake.replacement =
        bytes_from_string(arena_printf(&world->arena, "5\n%s\n%s", record.data, theirs.data));
    assert_fails(world_look_up(world, 5), &world->err, ERROR_UNTRUSTED, "has forked");
    assert_true(world_has_evidence(world));
    fake_close(other);
}

static void the_floor_holds_at_first_sight(void **state)
{
    struct world *world = *state;
    struct fake_database *other = world_fork(world, WORLD_SIZE, 50);
    fake_set_floor(&world->fake, 60);
    assert_true(world_look_up(world, 5));
    scratch_remove(world->state);
    other->anchor = world->fake.anchor;
    expect_fork(world, other, 6, world->fake.anchor.floor.note, fake_head(other, WORLD_SIZE));
}

static void a_newer_floor_holds_against_a_stored_head(void **state)
{
    struct world *world = *state;
    struct fake_database *other = world_fork(world, WORLD_SIZE, 50);
    other->latest_size = other->reply_size = 100;
    assert_true(world_look_up_with(world, other, 5, false));
    fake_set_floor(&world->fake, 200);
    other->anchor = world->fake.anchor;
    other->latest_size = other->reply_size = WORLD_SIZE;
    assert_fails(world_look_up_with(world, other, 6, false), &world->err, ERROR_UNTRUSTED,
                 "has forked");
    assert_fails(world_look_up(world, 6), &world->err, ERROR_UNTRUSTED, "has forked");
    fake_close(other);
}

static void a_fork_leaves_the_stored_head_alone(void **state)
{
    struct world *world = *state;
    assert_true(world_look_up(world, 5));
    struct bytes before = file_load(world_latest_path(world));
    struct fake_database *other = world_fork(world, 800, 300);
    assert_false(world_look_up_with(world, other, 6, false));
    struct bytes after = file_load(world_latest_path(world));
    assert_bytes(after, before);
    assert_true(world_look_up(world, 7));
    free((void *)(uintptr_t)before.data);
    free((void *)(uintptr_t)after.data);
    fake_close(other);
}

static void a_head_stored_by_another_process_is_proven_too(void **state)
{
    struct world *world = *state;
    AUTO(sumdb) struct sumdb *slow = fake_client(&world->fake, world->state, false);
    assert_true(world_look_up(world, 5));
    world->fake.latest_size = world->fake.reply_size = 400;
    fake_cache_clear(&world->fake);
    assert_true(fake_lookup(slow, 6, &world->arena, &world->record, &world->err));
    struct tree_head head;
    assert_true(sumdb_head(slow, &head));
    assert_int_equal(head.size, WORLD_SIZE);
    assert_true(world_look_up_with(world, &world->fake, 6, true));
    struct bytes stored = file_load(world_latest_path(world));
    assert_bytes(stored, fake_head(&world->fake, WORLD_SIZE));
    free((void *)(uintptr_t)stored.data);
}

static void a_forked_head_stored_by_another_process_is_noticed(void **state)
{
    struct world *world = *state;
    struct fake_database *other = world_fork(world, 500, 100);
    AUTO(sumdb) struct sumdb *slow = fake_client(&world->fake, world->state, false);
    assert_true(world_look_up_with(world, other, 5, false));
    assert_fails(fake_lookup(slow, 6, &world->arena, &world->record, &world->err), &world->err,
                 ERROR_UNTRUSTED, "has forked");
    assert_true(world_has_evidence(world));
    fake_close(other);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_make, world_free)
static const struct CMUnitTest tests[] = {
    CASE(older_heads_are_proven_and_do_no_harm),
    CASE(a_longer_fork_is_refused_with_evidence),
    CASE(a_rollback_to_another_tree_is_refused_with_evidence),
    CASE(another_root_of_the_same_size_is_refused_with_evidence),
    CASE(a_forked_head_within_a_reply_is_refused),
    CASE(the_floor_holds_at_first_sight),
    CASE(a_newer_floor_holds_against_a_stored_head),
    CASE(a_fork_leaves_the_stored_head_alone),
    CASE(a_head_stored_by_another_process_is_proven_too),
    CASE(a_forked_head_stored_by_another_process_is_noticed),
};

UNIT_MAIN(tests)
