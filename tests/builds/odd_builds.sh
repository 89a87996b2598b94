#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs optimised by a profile, and built without -trimpath in a directory whose name has spaces and letters beyond ASCII,
# deep down: from that directory under another name.
#
#     tests/builds/odd_builds.sh REPROOF
#
# Three builds of a program of half a minute each. Nothing from the network.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
. tests/lib/verdict.sh
need_box
toolchain=$goroot accepted=local-toolchain,local-source offline=yes

odd="$scratch/p q/Ünïcode/a/b/c/d/e/f/g/h"
printf 'module example.com/m\n\ngo 1.21\n' | file "$odd/go.mod"
file "$odd/main.go" <<END
package main

import (
	"os"
	"runtime/pprof"
)

func work(n int) (sum int) {
	for i := 0; i < n; i++ {
		sum += i * i % 7
	}
	return sum
}

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	sum := 0
	pprof.StartCPUProfile(file)
	for i := 0; i < 300; i++ {
		sum += work(1000000)
	}
	pprof.StopCPUProfile()
	println(sum)
}
END
publish "$scratch/plain" "$odd" -trimpath -buildvcs=false
"$scratch/plain" "$odd/default.pgo" 2>/dev/null
publish "$scratch/trimmed" "$odd" -trimpath -buildvcs=false
if ! "$goroot/bin/go" version -m "$scratch/trimmed" | grep -q -e -pgo=default.pgo; then
    skip_all "this go takes no profile by itself"
fi
# The directory has another name for us; only the box gives it the one that the file shows.
cp -R "$scratch/p q" "$scratch/here"
here=$scratch/here/Ünïcode/a/b/c/d/e/f/g/h
judge "optimised by default.pgo" 0 '"verdict": "reproduced"' "$scratch/trimmed" --source "$here"
says "the recipe says so" '"pgo": "auto"'
publish "$scratch/untrimmed" "$odd" -buildvcs=false
judge "in an odd directory" 0 '"verdict": "reproduced"' "$scratch/untrimmed" --source "$here"
says "which is told" 'p q/'
publish "$scratch/off" "$odd" -trimpath -buildvcs=false -pgo=off
judge "not optimised, though there is a profile" 0 '"verdict": "reproduced"' "$scratch/off" --source "$here"
says "the recipe says no" '"pgo": "off"'
mv "$odd/default.pgo" "$scratch/other.pprof"
publish "$scratch/elsewhere" "$odd" -trimpath -buildvcs=false -pgo="$scratch/other.pprof"
judge "by a profile that is in no source" 3 'built with the profile' "$scratch/elsewhere" --source "$here"
tap_end
