/* A checksum database of our own, a state directory, and what a client of both says, for the tests
 * of sumdb.h. */
#pragma once

#include "tests/unit/fetch/fake_database.h"
#include "tests/unit/unit.h"

/* Records of the database. */
#define WORLD_SIZE 700

struct world {
    struct fake_database fake;
    char state[64];
    struct arena arena;
    struct sumdb_record record;
    struct error err;
};

int world_make(void **state);
int world_free(void **state);

/* Looks up record INDEX in a run of its own. */
bool world_look_up_with(struct world *world, struct fake_database *fake, uint64_t index,
                        bool offline);

bool world_look_up(struct world *world, uint64_t index);

/* Another history of the same database, from record FORK on. */
struct fake_database *world_fork(struct world *world, uint64_t size, uint64_t fork);

/* The one file of evidence; its text, NUL-terminated. */
const char *world_read_evidence(struct world *world);

bool world_has_evidence(struct world *world);

const char *world_latest_path(struct world *world);
