#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A program with C in it comes out the same where --rootfs names the system that compiled it: here, this one.
#
#     tests/c_toolchain.sh REPROOF
#
# Builds the standard library three times, some 30 seconds of a core each. Nothing from the network.
set -eu
reproof=$(realpath "$1")
cd "${MESON_SOURCE_ROOT:-$(dirname "$0")/..}"
. tests/lib/tap.sh
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

for tool in go gcc; do
    command -v "$tool" >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
if ! bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
    echo "1..0 # SKIP bubblewrap cannot make a box on this machine"
    exit 0
fi
# That of the box is the gcc of /usr/bin.
PATH=/usr/bin:/bin:$PATH
export PATH HOME="$scratch/home" GOENV=off GOFLAGS='' GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=1
export GOMODCACHE="$scratch/mod" GOCACHE="$scratch/cache"
goroot=$(go env GOROOT)
mkdir -p "$HOME" "$scratch/m"

# program FACTOR
program() {
    printf 'module example.com/m\n\ngo 1.17\n' >"$scratch/m/go.mod"
    printf 'package main\n\n// static int scaled(int x) { return %s * x; }\nimport "C"\n\nfunc main() { println(C.scaled(4)) }\n' \
        "$1" >"$scratch/m/main.go"
}

# judge NAME EXPECTED_EXIT EXPECTED_TEXT OPTION...
judge() {
    name=$1 wanted=$2 text=$3
    shift 3
    code=0
    "$reproof" rebuild --json --quiet --offline --store "$scratch/store" --state "$scratch/state" --source "$scratch/m" \
        --toolchain "$goroot" "$@" "$scratch/published" >"$scratch/out" 2>"$scratch/err" || code=$?
    if [ "$code" = "$wanted" ] && grep -qF -e "$text" "$scratch/out"; then
        ok "$name: exit $wanted, $text"
    else
        not_ok "$name: exit $code instead of $wanted, or no $text"
        grep -E '"(verdict|code|detail|cure|name)":' "$scratch/out" | head -n 20 | sed 's/^/#   /'
        tail -n 10 "$scratch/err" | sed 's/^/#   /'
    fi
}

program 2
if ! (cd "$scratch/m" && go build -trimpath -buildvcs=false -o "$scratch/published" .) >"$scratch/log" 2>&1; then
    note_file "$scratch/log"
    echo "1..0 # SKIP the go here builds no cgo"
    exit 0
fi
judge "a program with C, its compiler not given" 3 '"c-toolchain-unavailable"'
judge "its compiler given, but proven by nobody" 3 '"verdict": "reproduced"' --rootfs / --accept local-source
judge "no directory" 2 'is no directory' --rootfs "$scratch/m/main.go"
judge "no system" 3 '--rootfs' --rootfs "$scratch/m"
program 3
judge "other C" 3 '"verdict": "unproven"' --rootfs / --accept local-source,local-toolchain
tap_end
