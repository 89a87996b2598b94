# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# A small release of our own, for scripts that gate it. To be sourced after tap.sh and online.sh.

: "${scratch:?}" "${reproof:?}" "${store:?}"

# The toolchain of other published cases too: it is in the store already.
go_version=go1.23.5

# Go before 1.21 is no other than itself, and Debian's is not the one in the database.
has_toolchain() {
    env GOTOOLCHAIN=$go_version go version 2>/dev/null | grep -q " $go_version "
}

# make_release DIR: a module in a working copy, its artifacts in dist, its manifest. Fails if Go or the network will not do.
make_release() {
    mkdir -p "$1/dist"
    printf 'module example.com/small\n\ngo 1.21\n' >"$1/go.mod"
    printf 'package main\n\nfunc main() { println("small") }\n' >"$1/main.go"
    for arch in amd64 arm64 386; do
        (cd "$1" && env GOTOOLCHAIN=$go_version CGO_ENABLED=0 GOOS=linux GOARCH=$arch GOFLAGS=-mod=mod \
            go build -trimpath -ldflags='-s -w' -o "dist/small-linux-$arch" .) || return 1
    done
    (cd "$1" && "$reproof" gate --quiet --init dist --store "$store")
}

# need_release NAME DIR: makes it, and a key without a passphrase; where that will not do, ends the script with NAME skipped.
need_release() {
    if ! command -v go >/dev/null; then
        skip "$1" "go is not installed"
    elif ! has_toolchain; then
        skip "$1" "the go here does not become $go_version"
    elif ! make_release "$2" >"$scratch/out" 2>&1; then
        absent "$1" "no release could be built: $(tail -n 1 "$scratch/out")"
    else
        "$reproof" key new -o "$scratch/key" --no-passphrase >/dev/null 2>&1
        return
    fi
    tap_end
    exit
}

# gate DIR ARGUMENT...: in the working copy DIR.
gate() {
    here=$1
    shift
    (cd "$here" && exec "$reproof" gate --quiet --store "$store" --state "$scratch/state" "$@")
}

# gated EXIT NAME DIR ARGUMENT...
gated() {
    wanted=$1 name=$2
    shift 2
    code=0
    gate "$@" >"$scratch/out" 2>"$scratch/err" || code=$?
    if [ "$code" = "$wanted" ]; then
        ok "$name"
    else
        not_ok "$name: exit $code instead of $wanted"
        note_file "$scratch/out"
        note_file "$scratch/err"
    fi
}

# holds NAME COMMAND...
holds() {
    name=$1
    shift
    if "$@"; then
        ok "$name"
    else
        not_ok "$name"
    fi
}
