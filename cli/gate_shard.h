/* A release gated on several machines: which part is ours, and the parts put together again.
 *
 * Shards share nothing but the manifest and the artifacts. What a shard leaves in its --out is the
 * files of its pairs and shard.json, which names them by digest. */
#pragma once

#include "cli/gate.h"

struct shard_place {
    unsigned index, count;
};

/* TEXT as --shard has it; NULL: all. "auto" reads the variables of Slurm's job arrays, Kubernetes'
 * indexed jobs (auto/N), GitLab's parallel, Buildkite and AWS Batch's arrays. ERROR_USAGE. */
CHECKED bool shard_place_find(const char *text, struct shard_place *ret, struct error *err);

/* Judges the pairs of GATE's shard, and writes shard.json beside them in its work folder. */
CHECKED bool shard_run(struct gate *gate, struct error *err);

/* Each of the COUNT directories is a whole shard of this manifest, by a worker that the manifest
 * names (if it names any), and together they are all. NAMES are as the user typed them. */
CHECKED bool shards_check(const struct gate *gate, const int *dirs, size_t count,
                          const char *const *names, struct error *err);
/* The artifacts here are those that the shards had. */
CHECKED bool shards_rehash(const struct gate *gate, struct error *err);
