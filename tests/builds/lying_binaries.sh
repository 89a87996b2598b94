#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs whose build information lies, made from a real one: none is reproduced, no shell sees a text of theirs, what they say
# reaches no terminal as it is, and each is done with in bounded time and memory.
#
#     tests/builds/lying_binaries.sh REPROOF
#
# A dozen builds of a small program. Nothing from the network.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
. tests/lib/verdict.sh
. tests/lib/modules.sh
need git
need_box
toolchain=$goroot

printf 'module example.com/a\n\ngo 1.20\n' | file "$scratch/a/go.mod"
printf 'package a\n\nfunc Text() string { return "a" }\n' | file "$scratch/a/a.go"
module() {
    printf 'module %s\n\ngo 1.20\n\nrequire example.com/a v1.0.0\n' "$2" | file "$1/go.mod"
    printf 'package main\n\nimport "example.com/a"\n\nfunc main() { println(a.Text(), "%s") }\n' "$3" | file "$1/main.go"
}
module "$scratch/m" example.com/m one
module "$scratch/m1" example.com/m two
module "$scratch/other" example.com/other three
offer example.com/a v1.0.0 "$scratch/a"
offer example.com/m v1.0.0 "$scratch/m"
offer example.com/m v1.1.0 "$scratch/m1"
offer example.com/other v1.0.0 "$scratch/other"
serve
(cd "$scratch/m" && "$goroot/bin/go" mod tidy) >"$scratch/log" 2>&1 || note_file "$scratch/log"
commit "$scratch/m" v1.0.0

publish "$scratch/true" "$scratch/m" -trimpath
accepted=local-toolchain,no-earlier-tree-head
judge "the true one" 0 '"verdict": "reproduced"' "$scratch/true" --source example.com/m@v1.0.0
python3 tests/lib/lie.py make "$scratch/true" "$scratch/lies"
python3 tests/lib/lie.py judge "$reproof" "$scratch/lies" --store "$scratch/store" --state "$scratch/state" \
    --toolchain "$goroot" --accept $accepted >"$scratch/lines" 2>"$scratch/err" 9>&- || :
[ ! -s "$scratch/err" ] || note_file "$scratch/err"
while read -r verdict rest; do
    case $verdict in
    ok) ok "${rest#- }" ;;
    *) not_ok "${rest#ok - }" ;;
    esac
done <"$scratch/lines"
tap_end
