#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Includes go only along the edges that docs/architecture.md lists, between folders and between the verifier's stages; a
# header *_internal.h is for its own stage alone.
set -eu
. "$(dirname "$0")/lib.sh"

# "from to" for each row of the table under the title $1.
table() {
    awk -F'|' -v title="$1" '
        /^## / { on = $0 == "## " title }
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
table "Edges between the stages" >"$scratch/stages"

sources base verifier signer attest cli | xargs grep -Hn '^#include "' |
    awk -v edges="$scratch/edges" -v stages="$scratch/stages" '
        BEGIN {
            while ((getline line <edges) > 0) edge[line] = 1
            while ((getline line <stages) > 0) stage_edge[line] = 1
        }
        {
            split($0, place, ":")
            match($0, /"[^"]*"/)
            target = substr($0, RSTART + 1, RLENGTH - 2)
            from = split(place[1], a, "/"); to = split(target, b, "/")
            if (to < 2) { print place[1] ":" place[2] ": include by its path from the root: " target; next }
            if (!((a[1] " " b[1]) in edge)) print place[1] ":" place[2] ": " a[1] " may not include " target
            stage = a[1] == "verifier" && from == 3 ? a[2] : ""
            if (b[1] != "verifier" || to != 3) next
            if (stage != "" && !((stage " " b[2]) in stage_edge))
                print place[1] ":" place[2] ": the stage " stage " may not include " target
            if (stage != b[2] && target ~ /_internal\.h$/)
                print place[1] ":" place[2] ": " target " is for its own stage alone"
        }' | complain
