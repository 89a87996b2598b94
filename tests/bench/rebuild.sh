#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rebuild, with everything in the store and an empty build cache, against plain go build of the same recipe.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

# compare NAME FILE MODULE@VERSION RELEASE PACKAGE: both build FILE from a directory with the module's source.
compare() {
    name=$1 file=$2 source=$3 go=$(goroot "$4")/bin/go package=$5
    module=${source%@*} tree=$scratch/$name
    export GOMODCACHE="$scratch/mod" GOTOOLCHAIN=local GOENV=off GOFLAGS=-modcacherw CGO_ENABLED=0 GOCACHE="$scratch/cache"
    "$go" mod download "$source" 2>/dev/null
    cp -r "$("$go" list -m -f '{{.Dir}}' "$source" 2>/dev/null || echo "$scratch/mod/$source")" "$tree"
    chmod -R u+w "$tree"
    (cd "$tree" && "$go" mod download 2>/dev/null)
    # A cache that each run makes anew is empty.
    plain="cd $tree && GOCACHE=\$(mktemp -d -p $scratch) exec $go build -trimpath -ldflags='-s -w' -o $scratch/theirs $package"
    pair "$name, all of rebuild ($module)" 1.05 3 "$reproof" rebuild --quiet --offline --store "$store" --state "$store.state" \
        --source "$source" "$file" against sh -c "$plain"
    unset GOMODCACHE GOTOOLCHAIN GOENV GOFLAGS CGO_ENABLED GOCACHE
    rebuild --offline --source "$source" "$file" | sed -n 's/^  build  */of which: /p' | while read -r line; do note "$line"; done
}

need_shfmt
heading "rebuild, store full, build cache empty" "go build"
compare shfmt "$shfmt" "$shfmt_source" go1.27.1 ./cmd/shfmt
if need_esbuild; then
    compare esbuild "$esbuild" "$esbuild_source" go1.23.5 ./cmd/esbuild
else
    cannot "esbuild" "there is no npm"
fi
