#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A toolchain got, verified and unpacked, against go mod download of the same.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

need_shfmt
go=$(goroot newest)/bin/go
heading "toolchain got, verified, unpacked" "go mod download"
# Both begin with nothing at all. Ours tells what it spent before the build: on the source and its dependencies besides.
"$reproof" rebuild --quiet --store "$scratch/empty" --state "$scratch/empty.state" --source "$shfmt_source" "$shfmt" >"$scratch/out"
"$build/tests/bench/measure" 1 env GOMODCACHE="$scratch/fetched" GOFLAGS=-modcacherw GOTOOLCHAIN=local GOENV=off \
    "$go" mod download golang.org/toolchain@v0.0.1-go1.27.1.linux-amd64 >"$scratch/figures"
sed -n 's/^  build .*(getting \([0-9.]*\) s, proving \([0-9.]*\) s).*/\1 \2/p' "$scratch/out" |
    awk -v theirs="$(cut -d' ' -f1 "$scratch/figures")" '{
        printf "%-46s %9.2f s %9.2f s   ratio %.2f   of which proving %.2f s\n", "go1.27.1", $1 + $2, theirs, ($1 + $2) / theirs, $2 }'
