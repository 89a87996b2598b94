# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What the areas of tests/bench share. To be sourced by each, with `set -eu` in force and the project's root as the working
# directory; run.sh has made REPROOF_TEST_BUILD. An area prints:
#
#     heading "inspect --no-digest" "go version -m"          what is measured, and against what
#     pair "one file" 0.5 20 OURS... against THEIRS...       a row: 20 runs of each in turns; aim: half the time, or -
#     alone "inspect, a file of 4 GiB" 32 1 OURS...          a row: time and peak memory; aim: MB, or -
#     cannot "one file" "there is no go"                     a row that says why there are no figures
#     note "42 files"                                        a line below a row
#
# Commands run with their output thrown away, and must end with 0. $scratch is the area's own and goes away with it.
. tests/lib/tap.sh
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

build=${REPROOF_TEST_BUILD:-$PWD/build-plain}
reproof=$build/cli/reproof
shared=${REPROOF_BENCH_SHARED:-$scratch}
store=${REPROOF_TEST_STORE:-$shared/store}

heading() {
    printf '\n%-46s %11s %11s\n' "$1" reproof "${2:-}"
}

note() {
    printf '    %s\n' "$1"
}

cannot() {
    printf '%-46s not measured: %s\n' "$1" "$2"
}

# The line that measure printed, as a row; $1: what, $2: the aim.
row() {
    awk -v what="$1" -v aim="$2" '
        function time(s) { return s < 1 ? sprintf("%.2f ms", s * 1000) : sprintf("%.2f s", s) }
        function judged(value) { return aim == "-" ? "" : " (aim " aim (value <= aim ? ")" : ": MISSED)") }
        NF == 3 { printf "%-46s %11s   CPU %s   peak %.1f MB%s\n", what, time($1), time($2), $3 / 1024, judged($3 / 1024) }
        NF == 8 { printf "%-46s %11s %11s   ratio %.2f%s   of CPU %.2f: %s, %s   peak %.1f MB, %.1f MB\n", what, time($1), time($4),
            $7, judged($7), $8, time($2), time($5), $3 / 1024, $6 / 1024 }' "$scratch/figures"
}

pair() {
    row_what=$1 row_aim=$2
    shift 2
    "$build/tests/bench/measure" "$@" >"$scratch/figures" && row "$row_what" "$row_aim"
}

alone() {
    pair "$@"
}

# rebuild ARGUMENT...: with the shared store, quietly; prints the report.
rebuild() {
    "$reproof" rebuild --quiet --store "$store" --state "$store.state" "$@"
}

# Fills the store with what a rebuild of $1 needs; further arguments are options.
fill() {
    rebuild "$@" >"$scratch/filled" || {
        cat "$scratch/filled" >&2
        return 1
    }
}

# Sets $shfmt: a published program of 4 MB, whose toolchain and sources are then in the store; $shfmt_source names it.
need_shfmt() {
    shfmt=$shared/shfmt/shfmt shfmt_source=mvdan.cc/sh/v3@v3.14.1
    [ ! -f "$shfmt" ] || return 0
    mkdir -p "$shared/shfmt"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --platform manylinux2014_x86_64 --dest "$scratch" shfmt-py==4.2.0
    python3 -m zipfile -e "$scratch"/shfmt_py-*.whl "$scratch/wheel"
    cp "$(find "$scratch/wheel" -name shfmt)" "$shfmt"
    fill "$shfmt" --source "$shfmt_source"
}

# Sets $esbuild: a published program of 10 MB, by npm, likewise. False if there is no npm.
need_esbuild() {
    esbuild=$shared/esbuild/package/bin/esbuild
    export esbuild_source=github.com/evanw/esbuild@v0.25.0
    [ ! -f "$esbuild" ] || return 0
    command -v npm >/dev/null || return 1
    mkdir -p "$shared/esbuild"
    (cd "$shared/esbuild" && npm pack --silent @esbuild/linux-x64@0.25.0 >/dev/null && tar -xzf ./*.tgz)
    fill "$esbuild" --source "$esbuild_source"
}

# goroot go1.23.5|newest: prints the store's toolchain of that release.
goroot() {
    for file in "$store"/trees/*/tree/VERSION; do
        printf '%s %s\n' "$(head -n 1 "$file")" "${file%/VERSION}"
    done | sort -V | awk -v wanted="$1" 'wanted == "newest" || $1 == wanted { found = $2 } END { print found }'
}
