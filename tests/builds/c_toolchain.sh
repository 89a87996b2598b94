#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A program with C in it comes out the same where --rootfs names the system that compiled it: here, this one.
#
#     tests/builds/c_toolchain.sh REPROOF
#
# Builds the standard library three times, some 30 seconds of a core each. Nothing from the network.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
. tests/lib/verdict.sh
need gcc
need_box
# That of the box is the gcc of /usr/bin.
PATH=/usr/bin:/bin:$PATH
export PATH CGO_ENABLED=1
toolchain=$goroot offline=yes
mkdir "$scratch/m"

# program FACTOR
program() {
    printf 'module example.com/m\n\ngo 1.17\n' >"$scratch/m/go.mod"
    printf 'package main\n\n// static int scaled(int x) { return %s * x; }\nimport "C"\n\nfunc main() { println(C.scaled(4)) }\n' \
        "$1" >"$scratch/m/main.go"
}

# judge_here NAME EXPECTED_EXIT EXPECTED_TEXT OPTION...: of the program there, from its source.
judge_here() {
    judge "$@" --source "$scratch/m" "$scratch/published"
}

program 2
publish "$scratch/published" "$scratch/m" -trimpath -buildvcs=false || skip_all "the go here builds no cgo"
judge_here "a program with C, its compiler not given" 3 '"c-toolchain-unavailable"'
judge_here "its compiler given, but proven by nobody" 3 '"verdict": "reproduced"' --rootfs / --accept local-source
judge_here "no directory" 2 'is no directory' --rootfs "$scratch/m/main.go"
judge_here "no system" 3 '--rootfs' --rootfs "$scratch/m"
program 3
judge_here "other C" 3 '"verdict": "unproven"' --rootfs / --accept local-source,local-toolchain
tap_end
