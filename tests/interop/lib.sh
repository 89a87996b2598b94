# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What interop scripts share. To be sourced after tests/lib/tap.sh, with REPROOF_INTEROP_CACHE naming the folder for programs that
# take long to build.

: "${scratch:?}"

has() {
    command -v "$1" >/dev/null 2>&1
}

# check NAME COMMAND...: the command succeeds.
check() {
    name=$1
    shift
    if "$@" >"$scratch/out" 2>&1; then
        ok "$name"
    else
        note_file "$scratch/out"
        not_ok "$name"
    fi
}

# check_exit CODE NAME COMMAND...: the command ends with this exit code.
check_exit() {
    wanted=$1 name=$2
    shift 2
    code=0
    "$@" >"$scratch/out" 2>&1 || code=$?
    if [ "$code" = "$wanted" ]; then
        ok "$name"
    else
        note_file "$scratch/out"
        not_ok "$name (exit code $code)"
    fi
}

# check_fails NAME COMMAND...: the command fails, but not by a signal.
check_fails() {
    name=$1
    shift
    code=0
    "$@" >"$scratch/out" 2>&1 || code=$?
    if [ "$code" = 255 ] || { [ "$code" -gt 0 ] && [ "$code" -lt 126 ]; }; then
        ok "$name"
    else
        note_file "$scratch/out"
        not_ok "$name (exit code $code)"
    fi
}

# built PROGRAM MODULE@VERSION PACKAGE: makes $built_path the path of the Go program in that package (its path below the module's),
# built on the first run and kept; fails, with $missing saying why, where it cannot be had. That takes minutes, so it has to be
# asked for. The proxy may have the version and no list of versions, which `go install` and `go get` want to see: so it is built
# as what a module of our own requires.
# Whoever sources this reads it.
# shellcheck disable=SC2034
built() {
    built_path=$REPROOF_INTEROP_CACHE/$1-${2##*@}
    [ ! -x "$built_path" ] || return 0
    if [ "${REPROOF_INTEROP:-}" != all ]; then
        missing="$1 is not built; REPROOF_INTEROP=all builds it from its module, which takes minutes"
        return 1
    fi
    has go || {
        missing="no go to build $1 with"
        return 1
    }
    mkdir -p "$REPROOF_INTEROP_CACHE" "$scratch/go/module"
    (
        cd "$scratch/go/module" && export GOPATH="$scratch/go" GOFLAGS='-modcacherw -mod=mod' GOWORK=off
        go mod init example.com/built && go mod edit -require="$2" && go build -o "$scratch/go/$1" "${2%@*}/$3"
    ) >"$scratch/build" 2>&1 || {
        missing="building $1 ${2##*@} failed: $(tail -n 1 "$scratch/build" | cut -c1-120)"
        rm -rf "$scratch/go"
        return 1
    }
    mv "$scratch/go/$1" "$built_path"
    rm -rf "$scratch/go"
}
