#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Peak memory of any process of ours, whatever the file's size.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

need_shfmt
heading "peak memory"
cp "$shfmt" "$scratch/large"
for size in 0 100M 4G; do
    truncate -s ">$size" "$scratch/large"
    what="shfmt, $(stat -c %s "$scratch/large" | awk '{ printf "%.0f MB", $1 / 1e6 }')"
    alone "inspect --no-digest, $what" 32 3 "$reproof" inspect --no-digest "$scratch/large"
    alone "inspect, $what" 32 1 "$reproof" inspect "$scratch/large"
done
alone "rebuild and compare, reproof's own process" 32 --self 1 "$reproof" rebuild --quiet --offline --store "$store" \
    --state "$store.state" --source "$shfmt_source" "$shfmt"
