// SPDX-License-Identifier: Apache-2.0
#include "verifier/differ.h"
#include "verifier/pipeline_internal.h"

/* An explanation that cannot be had changes no verdict. */
bool explain_difference(struct subject_run *run, struct error *err)
{
    struct source rebuild;
    struct diff_result result;
    struct error why;
    if (run->comparison.equal || run->rebuild_fd < 0) {
        return true;
    }
    if (!source_from_fd(run->rebuild_fd, &rebuild, &why) ||
        !differ_run(run->artifact, &rebuild, run->arena, &result, &why)) {
        if (why.code == ERROR_INTERRUPTED) {
            *err = why;
        }
        return why.code != ERROR_INTERRUPTED;
    }
    run->result->difference = &result.slices[0];
    return true;
}

static struct removed_part removed_part(const struct diff_removed *from)
{
    return (struct removed_part){.name = from->name,
                                 .version = from->version,
                                 .ranges = from->ranges_a,
                                 .range_count = from->count_a};
}

bool settle_by_ladder(struct subject_run *run)
{
    struct subject_result *result = run->result;
    const struct diff *diff = result->difference;
    if (diff == NULL || diff->verdict != DIFF_EQUIVALENT || diff->removed_count == 0) {
        return false;
    }
    struct removed_part *parts = ARENA_ARRAY(run->arena, diff->removed_count, struct removed_part);
    for (size_t i = 0; i < diff->removed_count; i++) {
        parts[i] = removed_part(&diff->removed[i]);
    }
    result->verdict = VERDICT_EQUIVALENT;
    result->removed = parts;
    result->removed_count = diff->removed_count;
    return true;
}
