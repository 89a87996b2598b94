#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Command lines and all that they answer: tests/golden/COMMAND/CASE/ holds
#
#     args      the arguments, one a line
#     prepare   makes the input, if there is one: a shell script, run in the case's scratch folder
#     stdout, stderr, exit    what must come out; where absent: nothing, nothing, 0
#
# The program runs in the scratch folder, with nothing of the user's environment; the folder's name reads @SCRATCH@ in output, and
# what verifying cost @TIME@.
# REPROOF_BLESS=1 writes what comes out as what must come out: then read the difference.
set -eu
case $1 in
/*) program=$1 ;;
*) program=$PWD/$1 ;;
esac
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh

# Writes $1 to $2, or removes $2 where $1 is empty (or what $3 says).
bless() {
    if [ ! -s "$1" ] || [ "$(cat "$1")" = "${3:-}" ]; then
        rm -f "$2"
    else
        cp "$1" "$2"
    fi
}

# run_case FOLDER
run_case() {
    folder=$PWD/$1
    here=$scratch/$(basename "$(dirname "$1")")-$(basename "$1")
    mkdir "$here" "$here/in"
    [ ! -f "$folder/prepare" ] || (cd "$here/in" && sh -eu "$folder/prepare")
    set --
    while IFS= read -r argument || [ -n "$argument" ]; do
        set -- "$@" "$argument"
    done <"$folder/args"
    code=0
    (cd "$here/in" && exec env -i PATH="$PATH" HOME="$here" LANG=C.UTF-8 XDG_CACHE_HOME="$here/cache" \
        XDG_STATE_HOME="$here/state" GOPROXY=off ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} \
        timeout 60 "$program" "$@" </dev/null >"$here/out" 2>"$here/err") || code=$?
    for stream in out err; do
        sed "s|$here|@SCRATCH@|g; s/ [0-9.]* ms$/ @TIME@ ms/; s/\"milliseconds\": [0-9.]*/\"milliseconds\": @TIME@/" "$here/$stream" >"$here/std$stream"
    done
    echo "$code" >"$here/exit"
    if [ -n "${REPROOF_BLESS:-}" ]; then
        bless "$here/stdout" "$folder/stdout"
        bless "$here/stderr" "$folder/stderr"
        bless "$here/exit" "$folder/exit" 0
    fi
}

# same FILE EXPECTED DEFAULT: shows the difference, if there is one.
same() {
    [ -f "$2" ] || { [ -z "$3" ] || printf '%s\n' "$3"; } >"$scratch/default"
    [ -f "$2" ] && expected=$2 || expected=$scratch/default
    diff -u "$expected" "$1" >"$scratch/difference" && return 0
    sed '1,2d; s/^/#   /' "$scratch/difference"
    return 1
}

for args in tests/golden/*/*/args; do
    case_folder=${args%/args}
    name=${case_folder#tests/golden/}
    run_case "$case_folder"
    failed=''
    same "$here/exit" "$case_folder/exit" 0 || failed="$failed exit"
    same "$here/stdout" "$case_folder/stdout" '' || failed="$failed stdout"
    same "$here/stderr" "$case_folder/stderr" '' || failed="$failed stderr"
    # What cannot be used leaves nothing behind.
    if find "$here/cache" "$here/state" -type f 2>/dev/null | grep -q .; then
        failed="$failed files"
    fi
    if [ -z "$failed" ]; then
        ok "$name"
    else
        not_ok "$name: other$failed"
    fi
done
tap_end
