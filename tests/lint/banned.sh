#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Calls and casts that have no place here, and output and exits outside cli.
set -eu
. "$(dirname "$0")/lib.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# All lines of code, "FILE:LINE: TEXT", without comments and the content of strings: words there do not count.
# An awk program, not a shell text.
# shellcheck disable=SC2016
sources | xargs awk '
    FNR == 1 { comment = 0 }
    {
        out = ""; line = $0
        while (line != "") {
            if (comment) {
                end = index(line, "*/")
                if (end == 0) break
                comment = 0; line = substr(line, end + 2)
                continue
            }
            if (!match(line, /\/\*|\/\/|["\047]/)) { out = out line; break }
            found = substr(line, RSTART, 2)
            out = out substr(line, 1, RSTART - 1)
            line = substr(line, RSTART + 1)
            if (found == "//") break
            if (found == "/*") { comment = 1; line = substr(line, 2); continue }
            quote = substr(found, 1, 1)
            out = out quote quote
            # A string ends on its line; what is escaped does not end it.
            gsub(/\\./, "", line)
            end = index(line, quote)
            line = end ? substr(line, end + 1) : ""
        }
        print FILENAME ":" FNR ": " out
    }' >"$scratch/code"

# forbid PATTERN REASON BUT FOLDER...: BUT is a pattern of files that are exempt.
forbid() {
    pattern=$1 reason=$2 but=$3
    shift 3
    folders=$(printf '%s|' "$@")
    grep -E "^(${folders%|})/" "$scratch/code" | grep -vE "$but" | grep -E "^[^:]*:[0-9]*: .*$pattern" |
        sed "s|\$|    <- $reason|" || :
}

all="base verifier signer attest cli tests"
# Programs of their own: the first process in the box, and what the build runs to embed it.
programs='^verifier/(sandbox/launcher|sandbox/embed|recipe/embed_bytes)\.c:'
word='(^|[^A-Za-z0-9_>.])'
# The list of folders is a list of words.
# shellcheck disable=SC2086
{
    forbid "$word(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|atoi|atol|atoll|atof|rand|tmpnam|tempnam|mktemp|strtok|alloca) ?\\(" \
        'banned' '^base/banned\.h:' $all
    forbid "$word(system|popen|access|cJSON_GetObjectItem) ?\\(" 'banned' '^base/banned\.h:' $all
    forbid "$word(strtou?ll?|strtoi?max|strtod|sscanf|strncpy|strncat|memmem|memccpy) ?\\(" \
        'outside base, untrusted bytes go through reader and scanner' '^(base|tests)/|^cli/options\.c:|'"$programs" $all
    forbid '\((const )?(u?int(16|32|64)_t|unsigned|long|struct [a-z0-9_]+) \*\)[ ]*[A-Za-z0-9_>.-]*(data|bytes|raw)([^A-Za-z0-9_(]|$)' \
        'a cast on input: use a reader' '^tests/' $all
    forbid "$word(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror|dprintf) ?\\(" \
        'only cli prints' '^base/error\.c:|'"$programs" base verifier signer attest
    forbid "$word(exit|quick_exit) ?\\(" 'only main ends the program' '^$' base verifier signer attest
} | complain
