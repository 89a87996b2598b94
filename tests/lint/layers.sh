#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Includes go only along the edges that docs/architecture.md lists, and into another stage of the verifier only through the
# headers that it lists as that stage's own.
set -eu
. "$(dirname "$0")/lib.sh"

# "folder allowed" for each edge, "stage header" for each public header.
table() {
    awk -F'|' -v title="$1" '
        /^## / { on = index($0, title) }
        on && /^\|/ {
            gsub(/[` ,]+/, " ", $2); gsub(/[`,]+/, " ", $3)
            n = split($3, words, " ")
            split($2, first, " ")
            for (i = 1; i <= n; i++) print first[1], words[i]
        }' docs/architecture.md
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
table Edges >"$scratch/edges"
table "Headers of the stages" >"$scratch/headers"

sources base verifier signer attest cli | xargs grep -Hn '^#include "' |
    awk -v edges="$scratch/edges" -v headers="$scratch/headers" '
        BEGIN {
            while ((getline line <edges) > 0) edge[line] = 1
            while ((getline line <headers) > 0) { split(line, w, " "); public["verifier/" w[1] "/" w[2]] = 1 }
        }
        {
            split($0, place, ":")
            match($0, /"[^"]*"/)
            target = substr($0, RSTART + 1, RLENGTH - 2)
            from = split(place[1], a, "/"); to = split(target, b, "/")
            if (to < 2) { print place[1] ":" place[2] ": include by its path from the root: " target; next }
            if (!((a[1] " " b[1]) in edge)) print place[1] ":" place[2] ": " a[1] " may not include " target
            else if (b[1] == "verifier" && to == 3 && !(target in public) && !(a[1] == "verifier" && from == 3 && a[2] == b[2]))
                print place[1] ":" place[2] ": " target " is no header of the stage " b[2] " for others"
        }' | complain
