#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs built with -mod=vendor: from the zips of their modules, and from a directory whose vendored files are compared
# with these.
#
#     tests/builds/vendored.sh REPROOF
#
# Five builds of a small program. Nothing from the network.
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

# A module whose subdirectory is a module of its own, with a package of the outer one below that; a file that is embedded,
# one that no build uses, and a language version in which a loop has one variable.
file "$scratch/a/go.mod" <<END
module example.com/a

go 1.20
END
file "$scratch/a/a.go" <<END
package a

import _ "embed"

//go:embed text.txt
var Text string

func Last() (last int) {
	var all []func() int
	for i := 0; i < 3; i++ {
		all = append(all, func() int { return i })
	}
	return all[0]()
}
END
echo embedded | file "$scratch/a/text.txt"
printf '//go:build ignore\n\npackage main\n' | file "$scratch/a/tool.go"
printf 'package a\n\nfunc more() {}\n' | file "$scratch/a/more.go"
printf 'package c\n\nfunc Text() string { return "c" }\n' | file "$scratch/a/b/c/c.go"
file "$scratch/b/go.mod" <<END
module example.com/a/b

go 1.22
END
printf 'package b\n\nfunc Text() string { return "b" }\n' | file "$scratch/b/b.go"
printf 'module example.com/fork\n\ngo 1.18\n' | file "$scratch/fork/go.mod"
printf 'package r\n\nfunc Text() string { return "fork" }\n' | file "$scratch/fork/r.go"
file "$scratch/m/go.mod" <<END
module example.com/m

go 1.22

require (
	example.com/a v1.0.0
	example.com/a/b v1.2.0
	example.com/r v1.0.0
)

replace example.com/r => example.com/fork v1.0.1
END
file "$scratch/m/main.go" <<END
package main

import (
	"example.com/a"
	"example.com/a/b"
	"example.com/a/b/c"
	"example.com/r"
)

func main() { println(a.Text, a.Last(), b.Text(), c.Text(), r.Text()) }
END
offer example.com/a v1.0.0 "$scratch/a"
offer example.com/a/b v1.2.0 "$scratch/b"
offer example.com/fork v1.0.1 "$scratch/fork"
(cd "$scratch/m" && export GOPROXY="file://$scratch/proxy" GOSUMDB=off && "$goroot/bin/go" mod tidy &&
    "$goroot/bin/go" mod vendor) >"$scratch/log" 2>&1 || note_file "$scratch/log"
# With its modules.txt, as zips of modules of go 1.23 and before have it.
offer example.com/m v1.0.0 "$scratch/m"
offer example.com/m v1.0.1 "$scratch/m"
serve
commit "$scratch/m" v1.0.0

publish "$scratch/whole" "$scratch/m" -mod=vendor -trimpath
accepted=local-toolchain,no-earlier-tree-head,replaced-module
judge "a vendored program, without its source" 0 '"verdict": "reproduced"' "$scratch/whole" \
    --source example.com/m@v1.0.0
says "the recipe says so" '"vendored": true'
says_not "nothing differs" '"dependencies-differ"'
accepted=$accepted,local-source
judge "from its directory" 0 '"verdict": "reproduced"' "$scratch/whole" --source "$scratch/m"
says "each file was compared" '6 equal'
says "all of its modules" '3 of 3 modules'
says_not "still nothing differs" '"dependencies-differ"'

# What its maker changed in the vendored files.
vendor=$scratch/m/vendor/example.com
sed -i 's/"b"/"patched"/' "$vendor/a/b/b.go"
printf 'package a\n\nfunc init() { println("hook") }\n' | file "$vendor/a/hook.go"
rm "$vendor/a/more.go"
commit "$scratch/m" v1.0.1
publish "$scratch/patched" "$scratch/m" -mod=vendor -trimpath
judge "patched vendored files, without its source" 3 'the vendored files may differ' "$scratch/patched" \
    --source example.com/m@v1.0.1
says "no verdict but unproven" '"recipe-unknown"'
says "the next step is its directory" 'with the vendor directory it was built from'
judge "from its directory" 3 '"verdict": "reproduced"' "$scratch/patched" --source "$scratch/m"
says "each change is named" \
    'vendored example.com/a v1.0.0 is not as in its module'"'"'s zip: hook.go added, more.go missing"'
says "in its module" 'vendored example.com/a/b v1.2.0 is not as in its module'"'"'s zip: b.go changed"'
says_not "the others are equal" 'vendored example.com/r'
judge "accepted" 0 '"dependencies-differ"' "$scratch/patched" --accept dependencies-differ --source "$scratch/m"
ln -s b.go "$vendor/a/b/link.go"
judge "a link among them" 3 'cannot be compared' "$scratch/patched" --source "$scratch/m" --no-compare -o "$scratch/x"
rm "$vendor/a/b/link.go"

# What the proxy does not have any more.
rm -r "$scratch/proxy/example.com/fork"
chmod -R u+w "$scratch/store"
rm -rf "$scratch/store/trees"
judge "a vendored module is gone" 3 '"source-unavailable"' "$scratch/whole" --source example.com/m@v1.0.0
says "and named" 'example.com/fork@v1.0.1'
tap_end
