// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "cli/gate_shard.h"
#include "tests/unit/unit.h"

static const char *const variables[] = {
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_COUNT",
    "SLURM_ARRAY_TASK_MIN",
    "JOB_COMPLETION_INDEX",
    "CI_NODE_INDEX",
    "CI_NODE_TOTAL",
    "BUILDKITE_PARALLEL_JOB",
    "BUILDKITE_PARALLEL_JOB_COUNT",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "AWS_BATCH_JOB_ARRAY_SIZE",
};

/* Sets the variables of TEXT, "NAME=VALUE NAME=VALUE", and no other engine's. */
static void set_engine(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        unsetenv(variables[i]);
    }
    char *copy = strdup(text);
    char *rest = copy;
    for (char *word = strsep(&rest, " "); word != NULL && *word != '\0';
         word = strsep(&rest, " ")) {
        char *value = strchr(word, '=');
        *value = '\0';
        setenv(word, value + 1, 1);
    }
    free(copy);
}

static void engines_are_mapped_to_shards_from_zero(void **state)
{
    static const struct {
        const char *engine, *text;
        unsigned index, count;
    } rows[] = {
        {"SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=0", "auto", 0, 3},
        {"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1", "auto", 2, 3},
        {"SLURM_ARRAY_TASK_ID=2", "auto/3", 2, 3},
        {"JOB_COMPLETION_INDEX=1", "auto/4", 1, 4},
        {"CI_NODE_INDEX=1 CI_NODE_TOTAL=2", "auto", 0, 2},
        {"CI_NODE_INDEX=2 CI_NODE_TOTAL=2", "auto", 1, 2},
        {"BUILDKITE_PARALLEL_JOB=0 BUILDKITE_PARALLEL_JOB_COUNT=2", "auto", 0, 2},
        {"AWS_BATCH_JOB_ARRAY_INDEX=1 AWS_BATCH_JOB_ARRAY_SIZE=2", "auto", 1, 2},
        {"", "1/2", 1, 2},
        {"CI_NODE_INDEX=2 CI_NODE_TOTAL=2", "0/5", 0, 5},
        {"", NULL, 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct shard_place place;
        struct error err;
        set_engine(rows[i].engine);
        if (!shard_place_find(rows[i].text, &place, &err)) {
            fail_msg("%s: %s", rows[i].engine, err.message);
        }
        assert_int_equal(place.index, rows[i].index);
        assert_int_equal(place.count, rows[i].count);
    }
}

static void what_names_no_shard_is_refused(void **state)
{
    static const char *const rows[][2] = {
        {"", "auto"},
        {"", "2/2"},
        {"", "1"},
        {"", "-1/2"},
        {"", "0/0"},
        {"", "0/1001"},
        {"", "a/2"},
        {"", "/2"},
        {"", "1/"},
        {"JOB_COMPLETION_INDEX=1", "auto"},
        {"JOB_COMPLETION_INDEX=4", "auto/4"},
        {"CI_NODE_INDEX=0 CI_NODE_TOTAL=2", "auto"},
        {"CI_NODE_INDEX=3 CI_NODE_TOTAL=2", "auto"},
        {"CI_NODE_INDEX=x CI_NODE_TOTAL=2", "auto"},
        {"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1001 SLURM_ARRAY_TASK_MIN=0", "auto"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct shard_place place;
        struct error err;
        set_engine(rows[i][0]);
        if (shard_place_find(rows[i][1], &place, &err)) {
            fail_msg("accepted %s %s", rows[i][0], rows[i][1]);
        }
        assert_int_equal(err.code, ERROR_USAGE);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(engines_are_mapped_to_shards_from_zero),
    cmocka_unit_test(what_names_no_shard_is_refused),
};

UNIT_MAIN(tests)
