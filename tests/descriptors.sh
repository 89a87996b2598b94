#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A result that could not be told is no success: standard output closed, full, or with nobody at its end.
#
#     tests/descriptors.sh REPROOF
set -eu
reproof=$(realpath "$1")
cd "${MESON_SOURCE_ROOT:-$(dirname "$0")/..}"
. tests/lib/tap.sh

# check NAME EXPECTED_EXIT SCRIPT: run by a shell that has the program as $0.
check() {
    code=0
    sh -c "$3" "$reproof" >"$scratch/out" 2>"$scratch/err" || code=$?
    if [ "$code" = "$2" ]; then
        ok "$1"
    else
        not_ok "$1: exit $code instead of $2"
        note_file "$scratch/err"
    fi
}

# The scripts are for the other shell.
# shellcheck disable=SC2016
{
    check "standard output is closed" 3 '"$0" --version >&-'
    check "standard output is full" 3 '"$0" --version >/dev/full'
    check "of a command too" 3 '"$0" completion bash >&-'
    check "standard error and input are closed" 0 '"$0" --version 2>&- <&-'
    check "all three are closed" 3 '"$0" --version <&- >&- 2>&-'
}
tap_end
