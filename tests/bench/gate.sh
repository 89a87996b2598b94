#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gate: six pairs of esbuild, proofs, SBOMs and signatures included, against six plain go builds one after another; and the
# peak memory of a release as it grows.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

pairs='linux-x64:linux/amd64 linux-arm64:linux/arm64 darwin-arm64:darwin/arm64 darwin-x64:darwin/amd64 win32-x64:windows/amd64 win32-arm64:windows/arm64'

# esbuild's release as npm has it, with a manifest; and its source for the plain builds.
make_esbuild() {
    mkdir -p "$scratch/release/dist"
    for pair in $pairs; do
        (cd "$scratch/release/dist" && npm pack --silent "@esbuild/${pair%%:*}@0.25.0" >/dev/null) || return 1
    done
    (cd "$scratch/release" && "$reproof" gate --quiet --init dist --store "$store")
    export GOMODCACHE="$scratch/mod" GOTOOLCHAIN=local GOENV=off GOFLAGS=-modcacherw CGO_ENABLED=0
    "$go" mod download "$esbuild_source" 2>/dev/null
    cp -r "$scratch/mod/$esbuild_source" "$scratch/source"
    chmod -R u+w "$scratch/source"
    (cd "$scratch/source" && "$go" mod download 2>/dev/null)
}

# theirs CACHE: a script that builds all pairs with the build cache CACHE, as a release without proofs would.
theirs() {
    printf 'set -eu; cd %s/source\n' "$scratch"
    for pair in $pairs; do
        platform=${pair#*:}
        printf 'GOCACHE=%s GOOS=%s GOARCH=%s %s build -trimpath -ldflags="-s -w" -o %s/theirs ./cmd/esbuild\n' "$1" "${platform%/*}" \
            "${platform#*/}" "$go" "$scratch"
    done
}

compare_esbuild() {
    ours="rm -rf $scratch/evidence; cd $scratch/release && exec $reproof gate --quiet --json --store $store --state $store.state \
        --out $scratch/evidence --key $scratch/key >$scratch/result.json"
    # The script itself is to make the folder, each time it runs.
    # shellcheck disable=SC2016
    { printf 'GOCACHE=$(mktemp -d -p %s); export GOCACHE\n' "$scratch" && theirs '"$GOCACHE"'; } >"$scratch/cold.sh"
    theirs "$scratch/cache" >"$scratch/warm.sh"
    pair "six pairs of esbuild, nothing compiled before" 0.9 1 \
        sh -c "chmod -R u+w $store/standard 2>/dev/null; rm -rf $store/standard; $ours" against sh "$scratch/cold.sh"
    sh "$scratch/warm.sh"
    pair "the same, the standard library kept (go: all)" - 1 sh -c "$ours" against sh "$scratch/warm.sh"
    python3 - "$scratch/result.json" <<'END'
import json, sys
of = [one["seconds_of"] for one in json.load(open(sys.argv[1]))["subjects"]]
for what in ("proving", "building", "getting"):
    print("    of which %s, all pairs together: %.1f s" % (what, sum(one[what] for one in of)))
END
}

# A release of N copies of one small program, judged elsewhere: what it takes to publish it.
compare_sizes() {
    tree=$scratch/tree
    mkdir -p "$tree/dist"
    printf 'module example.com/small\n\ngo 1.21\n' >"$tree/go.mod"
    printf 'package main\n\nfunc main() { println("small") }\n' >"$tree/main.go"
    (cd "$tree" && GOOS=linux GOARCH=amd64 GOFLAGS=-mod=mod GOCACHE="$scratch/cache" "$go" build -trimpath -ldflags='-s -w' -o dist/small . &&
        "$reproof" gate --quiet --init dist --store "$store" &&
        "$reproof" gate --quiet --store "$store" --state "$store.state" --shard 0/1 --out "$scratch/shard")
    for count in 10 100 1000; do
        python3 tests/bench/many_pairs.py "$reproof" "$tree" "$scratch/shard" small "$count" "$scratch/many"
        alone "$count small artifacts merged and signed" 32 --self 1 sh -c "rm -rf $scratch/out; cd $scratch/many && \
            exec $reproof gate --quiet --state $store.state --merge --out $scratch/out --key $scratch/key $scratch/many.shard"
        rm -rf "$scratch/many" "$scratch/many.shard" "$scratch/out"
    done
    for count in ${REPROOF_BENCH_PAIRS:-10 100}; do
        python3 tests/bench/many_pairs.py "$reproof" "$tree" "$scratch/shard" small "$count" "$scratch/many"
        alone "$count small artifacts rebuilt in one run" - 1 sh -c "cd $scratch/many && \
            exec $reproof gate --quiet --store $store --state $store.state"
        rm -rf "$scratch/many" "$scratch/many.shard"
    done
}

if ! need_esbuild; then
    cannot "gate" "there is no npm"
    exit 0
fi
go=$(goroot go1.23.5)/bin/go
"$reproof" key new -o "$scratch/key" --no-passphrase >/dev/null 2>&1
heading "gate, store full" "go build, one by one"
if make_esbuild; then
    compare_esbuild
else
    cannot "six pairs of esbuild" "npm pack fails"
fi
heading "gate, as a release grows"
compare_sizes
