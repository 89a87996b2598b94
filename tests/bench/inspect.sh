#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# inspect against go itself: what files say of themselves.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

need_shfmt
go=$(goroot newest)
heading "inspect --no-digest" "go version -m"
pair "one file, shfmt" 0.5 50 "$reproof" inspect --no-digest "$shfmt" against "$go/bin/go" version -m "$shfmt"
if need_esbuild; then
    pair "one file, esbuild" 0.5 50 "$reproof" inspect --no-digest "$esbuild" against "$go/bin/go" version -m "$esbuild"
else
    cannot "one file, esbuild" "there is no npm"
fi

# Both must see the same files: go skips those without an execute bit.
mkdir "$scratch/many"
find "$go/bin" "$go/pkg/tool" -type f -perm -100 -size +500k | while read -r file; do
    for copy in 1 2 3; do
        cp "$file" "$scratch/many/$(basename "$file").$copy"
    done
done
chmod 755 "$scratch"/many/*
pair "a directory of $(find "$scratch/many" -type f | wc -l)" 0.25 20 \
    "$reproof" inspect --no-digest "$scratch/many" against "$go/bin/go" version -m "$scratch/many"
