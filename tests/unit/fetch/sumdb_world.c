// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fetch/sumdb_world.h"

#include <unistd.h>

#include "base/file.h"

int world_make(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    fake_open(&world->fake, WORLD_SIZE, 0, WORLD_SIZE);
    scratch_make(world->state);
    *state = world;
    return 0;
}

int world_free(void **state)
{
    struct world *world = *state;
    fake_close(&world->fake);
    arena_free(&world->arena);
    scratch_remove(world->state);
    free(world);
    return 0;
}

bool world_look_up_with(struct world *world, struct fake_database *fake, uint64_t index,
                        bool offline)
{
    AUTO(sumdb) struct sumdb *client = fake_client(fake, world->state, offline);
    return fake_lookup(client, index, &world->arena, &world->record, &world->err);
}

bool world_look_up(struct world *world, uint64_t index)
{
    return world_look_up_with(world, &world->fake, index, false);
}

struct fake_database *world_fork(struct world *world, uint64_t size, uint64_t fork)
{
    struct fake_database *other = ARENA_NEW(&world->arena, struct fake_database);
    fake_open(other, size, 1, fork);
    return other;
}

const char *world_read_evidence(struct world *world)
{
    int dir;
    char **names;
    size_t count;
    struct bytes text;
    const char *path = arena_printf(&world->arena, "%s/evidence", world->state);
    assert_true(directory_open(path, &dir, NULL));
    assert_true(directory_list(dir, &world->arena, &names, &count, NULL));
    assert_int_equal(count, 1);
    assert_true(file_read(dir, names[0], 100000, &world->arena, &text, NULL));
    assert_non_null(strstr(world->err.message, names[0]));
    close(dir);
    return arena_text(&world->arena, text);
}

bool world_has_evidence(struct world *world)
{
    int dir;
    char **names;
    size_t count;
    const char *path = arena_printf(&world->arena, "%s/evidence", world->state);
    assert_true(directory_open(path, &dir, NULL));
    assert_true(directory_list(dir, &world->arena, &names, &count, NULL));
    close(dir);
    return count > 0;
}

const char *world_latest_path(struct world *world)
{
    return arena_printf(&world->arena, "%s/sumdb/%s/latest", world->state, FAKE_NAME);
}
