#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Calls and casts that have no place here, and output and exits outside cli.
set -eu
. "$(dirname "$0")/lib.sh"

# Comments and strings, blanked, so that lines keep their numbers and words in texts do not count.
stripped() {
    awk -v name="$1" '
        {
            out = ""; line = $0; i = 1
            while (i <= length(line)) {
                two = substr(line, i, 2); one = substr(line, i, 1)
                if (comment) { if (two == "*/") { comment = 0; i += 2 } else i++; continue }
                if (quote != "") {
                    if (one == "\\") i += 2
                    else { if (one == quote) { quote = ""; out = out one } ; i++ }
                    continue
                }
                if (two == "/*") { comment = 1; i += 2; continue }
                if (two == "//") break
                if (one == "\"" || one == "\047") quote = one
                out = out one; i++
            }
            quote = ""
            print name ":" NR ": " out
        }' "$1"
}

# forbid PATTERN REASON FILTER FOLDER...
forbid() {
    pattern=$1 reason=$2 but=$3
    shift 3
    sources "$@" | grep -vE "$but" | while read -r file; do
        stripped "$file" | grep -E "$pattern" | sed "s|\$|    <- $reason|" || :
    done
}

# Programs of their own: the first process in the box, and what the build runs to embed it.
programs='^verifier/(sandbox/launcher|sandbox/embed|recipe/embed_bytes)\.c$'
word='(^|[^A-Za-z0-9_>.])'
{
    forbid "$word(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|atoi|atol|atoll|atof|rand|tmpnam|tempnam|mktemp|strtok|alloca) ?\\(" \
        'banned' '^base/banned\.h$'
    forbid "$word(system|popen|access|cJSON_GetObjectItem) ?\\(" 'banned' '^base/banned\.h$'
    forbid "$word(strtou?ll?|strtoi?max|strtod|sscanf|strncpy|strncat|memmem|memccpy) ?\\(" \
        'outside base, untrusted bytes go through reader and scanner' '^(base|tests)/|^cli/options\.c$|'"$programs"
    forbid '\((const )?(u?int(16|32|64)_t|unsigned|long|struct [a-z0-9_]+) \*\)[ ]*[A-Za-z0-9_>.-]*(data|bytes|raw)([^A-Za-z0-9_(]|$)' \
        'a cast on input: use a reader' '^tests/'
    forbid "$word(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror|dprintf) ?\\(" \
        'only cli prints' '^base/error\.c$|'"$programs" base verifier signer attest
    forbid "$word(exit|quick_exit) ?\\(" 'only main ends the program' '^$' base verifier signer attest
} | complain
