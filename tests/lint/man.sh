#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The man pages name exactly the commands, options and exit codes that the program itself tells ($1: the program).
set -eu
case $1 in
/*) program=$1 ;;
*) program=$PWD/$1 ;;
esac
. "$(dirname "$0")/lib.sh"

# The options in the help on stdin, below the heading $1.
helped() {
    awk -v heading="$1" '/^[^ ]/ { on = $0 == heading } on && /^  --/ { print $1 }' | sort
}

# The options that page $1 explains.
explained() {
    sed -n '/^# OPTIONS/,/^# EXIT/s/^\*\(--[a-z0-9-]*\)\*.*/\1/p' "$1" | sort
}

# same WHERE FILE_OF_PROGRAM FILE_OF_PAGE
same() {
    diff "$2" "$3" | sed -n "s|^< |$1 does not explain |p; s|^> |$1 explains what there is not: |p"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
{
    "$program" --help | sed -n '/^  [a-z]/s/^  \([a-z]*\) .*/\1/p' | sort >"$scratch/commands"
    sed -n '/^# COMMANDS/,/^# OPTIONS/!d; s/^\*reproof-\([a-z]*\)\*(1)$/\1/p; s/^\*\([a-z]*\)\* _.*/\1/p' docs/man/reproof.1.scd | sort >"$scratch/told"
    same docs/man/reproof.1.scd "$scratch/commands" "$scratch/told"

    "$program" --help | helped 'Options of all commands:' >"$scratch/options"
    explained docs/man/reproof.1.scd >"$scratch/told"
    same docs/man/reproof.1.scd "$scratch/options" "$scratch/told"

    while read -r name; do
        page=docs/man/reproof-$name.1.scd
        "$program" "$name" --help | helped 'Options:' >"$scratch/options"
        if [ -f "$page" ]; then
            explained "$page" >"$scratch/told"
            same "$page" "$scratch/options" "$scratch/told"
        elif [ -s "$scratch/options" ]; then
            echo "$name has options and no man page"
        fi
    done <"$scratch/commands"

    "$program" --help | sed -n 's/^Exit codes: //p' | tr ',' '\n' | sed -n 's/^ *\([0-9][0-9]*\) .*/\1/p' | sort >"$scratch/codes"
    sed -n '/^# EXIT/,/^# ENV/s/^\*\([0-9]*\)\*$/\1/p' docs/man/reproof.1.scd | sort >"$scratch/told"
    same docs/man/reproof.1.scd "$scratch/codes" "$scratch/told"
    sed -n '/^| exit code/,/^$/s/^| \([0-9]*\) |.*/\1/p' README.md | sort >"$scratch/told"
    same README.md "$scratch/codes" "$scratch/told"
    [ -s "$scratch/codes" ] || echo "$program --help tells no exit codes"
} | complain
