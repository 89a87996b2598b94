#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# -B of the linker, which -trimpath leaves out of the build information: read off the note that it wrote.
#
#     tests/builds/link_notes.sh REPROOF
#
# Four builds of a small program. Nothing from the network.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
. tests/lib/verdict.sh
need_box
toolchain=$goroot accepted=local-toolchain,local-source offline=yes

printf 'module example.com/m\n\ngo 1.20\n' | file "$scratch/m/go.mod"
printf 'package main\n\nfunc main() { println("x") }\n' | file "$scratch/m/main.go"

# noted NAME TEXT LDFLAGS
noted() {
    publish "$scratch/program" "$scratch/m" -trimpath -buildvcs=false -ldflags="$3"
    judge "$1" 0 '"verdict": "reproduced"' "$scratch/program" --source "$scratch/m"
    says "$1: said" "$2"
}

noted "an ID of their own" '"value": "0x0123456789abcdef"' '-w -B 0x0123456789abcdef -s'
says "with its place" '.note.gnu.build-id (offset '
noted "in capitals, before all others" '0xABCDEF0123' '-B=0xABCDEF0123 -s -w'
noted "no Go build ID" '0x00ff' '-s -w -buildid= -B 0x00ff'
noted "asked for by name" 'gobuildid' '-s -w -B gobuildid'
tap_end
