#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Side by side with the tools that do part of the same: times as ratios of one run on one machine, and peak memory.
#
#     sh tests/bench/run.sh [SECTION]...        sections: inspect rebuild fetch memory
#
# Needs the network, npm and build-plain/ (sh tests/run.sh --quick makes it), or REPROOF_TEST_BUILD. Nothing is asserted: figures
# of a busy machine say little. REPROOF_TEST_STORE: a store to use, so that nothing has to be fetched again.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

reproof=${REPROOF_TEST_BUILD:-$PWD/build-plain}/cli/reproof
store=${REPROOF_TEST_STORE:-$scratch/store}
sections=${*:-inspect rebuild fetch memory}

wants() {
    case " $sections " in *" $1 "*) ;; *) return 1 ;; esac
}

measure() {
    "${reproof%/cli/reproof}/tests/bench/measure" "$@"
}

# row WHAT OURS THEIRS: "SECONDS KIB" each.
row() {
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" | awk -F'\t' '{
        split($2, a, " "); split($3, b, " ")
        printf "%-44s %9.3f s %9.3f s   ratio %.2f   %6.1f MB %6.1f MB\n", $1, a[1], b[1], a[1] / b[1], a[2] / 1024, b[2] / 1024
    }'
}

say() {
    printf '\n%-44s %11s %11s\n' "$@"
}

rebuild() {
    "$reproof" rebuild --quiet --store "$store" --state "$store.state" "$@"
}

echo "machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg)"
(cd "$scratch" && npm pack --silent @esbuild/linux-x64@0.25.0 >/dev/null)
package=$(find "$scratch" -name '*.tgz')
tar -xzf "$package" -C "$scratch"
esbuild=$scratch/package/bin/esbuild
source=github.com/evanw/esbuild@v0.25.0
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --platform manylinux2014_x86_64 \
    --dest "$scratch" shfmt-py==4.2.0
echo "filling the store"
rebuild "$package" >"$scratch/first" || cat "$scratch/first"
rebuild "$scratch"/*.whl >/dev/null || :

# The toolchain in the store whose VERSION is $1, or the newest.
goroot() {
    for file in "$store"/trees/*/tree/VERSION; do
        printf '%s %s\n' "$(head -n 1 "$file")" "${file%/VERSION}"
    done | sort -V | awk -v wanted="$1" 'wanted == "" || $1 == wanted { found = $2 } END { print found }'
}
newest=$(goroot '')

if wants inspect; then
    say "inspect --no-digest" reproof "go version -m"
    row "one file ($(head -n 1 "$newest/VERSION"))" "$(measure 20 "$reproof" inspect --no-digest "$esbuild")" \
        "$(measure 20 "$newest/bin/go" version -m "$esbuild")"
    # Both must see the same files: go skips those without an execute bit.
    mkdir "$scratch/many"
    find "$newest/bin" "$newest/pkg/tool" -type f -perm -100 -size +500k | while read -r file; do
        for copy in 1 2 3; do
            cp "$file" "$scratch/many/$(basename "$file").$copy"
        done
    done
    chmod 755 "$scratch"/many/*
    row "a directory of $(find "$scratch/many" -type f | wc -l)" "$(measure 5 "$reproof" inspect --no-digest "$scratch/many")" \
        "$(measure 5 "$newest/bin/go" version -m "$scratch/many")"
fi

if wants rebuild; then
    say "rebuild, store full, build cache empty" reproof "go build"
    toolchain=$(goroot go1.23.5)
    export GOMODCACHE="$scratch/mod" GOCACHE="$scratch/cache" GOTOOLCHAIN=local GOENV=off GOFLAGS='-mod=mod -modcacherw' CGO_ENABLED=0
    mkdir "$scratch/tree"
    (cd "$scratch/tree" && "$toolchain/bin/go" mod init example.com/bench >/dev/null 2>&1 &&
        "$toolchain/bin/go" get "$source" >/dev/null 2>&1)
    cp -r "$scratch/mod/github.com/evanw/esbuild@v0.25.0" "$scratch/esbuild"
    chmod -R u+w "$scratch/esbuild"
    rm -rf "$scratch/cache"
    (cd "$scratch/esbuild" && "$toolchain/bin/go" mod download) >/dev/null 2>&1 || :
    theirs=$(cd "$scratch/esbuild" &&
        measure 1 "$toolchain/bin/go" build -trimpath -ldflags='-s -w' -o "$scratch/theirs" ./cmd/esbuild)
    unset GOMODCACHE GOCACHE GOTOOLCHAIN GOENV GOFLAGS CGO_ENABLED
    ours=$(measure --self 1 "$reproof" rebuild --quiet --offline --store "$store" --state "$store.state" --source "$source" "$esbuild")
    row "esbuild 0.25.0, all of rebuild" "$ours" "$theirs"
    rebuild --offline --source "$source" "$esbuild" | grep -E '^  build ' | sed 's/^ */    of which: /'
fi

if wants fetch; then
    say "toolchain got, verified, unpacked" reproof "go mod download"
    theirs=$(GOMODCACHE=$scratch/fetched GOFLAGS=-modcacherw GOTOOLCHAIN=local measure 1 "$newest/bin/go" mod download \
        golang.org/toolchain@v0.0.1-go1.23.5.linux-amd64)
    started=$(date +%s%N)
    "$reproof" rebuild --quiet --store "$scratch/empty" --state "$scratch/empty.state" --source "$source" "$esbuild" >"$scratch/out" || :
    whole=$((($(date +%s%N) - started) / 1000000))
    sed -n 's/^  build .*(getting \([0-9.]*\) s, proving \([0-9.]*\) s).*/\1 \2/p' "$scratch/out" | {
        read -r getting proving || getting=0 proving=0
        row "getting and proving (all modules too)" "$(echo "$getting $proving" | awk '{ print $1 + $2 }') 0" "$theirs"
        echo "    of which getting $getting s, proving $proving s; the whole rebuild took $whole ms"
    }
fi

if wants memory; then
    printf '\n%-44s %11s %11s\n' "inspect, peak memory of any process" "no digest" "digest"
    cp "$esbuild" "$scratch/large"
    for size in '' 100M 4G; do
        [ -z "$size" ] || truncate -s "$size" "$scratch/large"
        plain=$(measure 1 "$reproof" inspect --no-digest "$scratch/large")
        whole=$(measure 1 "$reproof" inspect "$scratch/large")
        printf '%s\n' "${size:-as it is} $plain $whole" | awk '{
            n = NF; printf "esbuild, %-35s %8.1f MB %8.1f MB   (%.2f s, %.2f s)\n", $1 (n > 5 ? " " $2 " " $3 : ""), $(n-2) / 1024, $n / 1024, $(n-3), $(n-1) }'
    done
    printf '\n%-44s %8.1f MB\n' "rebuild and compare, reproof's own process" \
        "$(measure --self 1 "$reproof" rebuild --quiet --offline --store "$store" --state "$store.state" --source "$source" "$esbuild" |
            awk '{ print $2 / 1024 }')"
fi
