#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A release gated by a Slurm job array, then merged and signed by a job that begins only if all of it succeeded.
#
#     sh slurm.sh SHARDS KEY      in the working copy, on a file system that all nodes see
set -eu
shards=$1 key=$2
# The variable is the node's.
# shellcheck disable=SC2016
array=$(sbatch --parsable --array="0-$((shards - 1))" \
    --wrap 'exec reproof gate --shard auto --out "shards/$SLURM_ARRAY_TASK_ID"')
sbatch --wait --dependency="afterok:$array" --kill-on-invalid-dep=yes \
    --wrap "exec reproof gate --merge --out evidence --key '$key' shards/*"
