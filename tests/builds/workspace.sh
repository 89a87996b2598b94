#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs built in a workspace (go.work), whose dep lines say (devel): from the workspace, from the module in it, and what
# is said without it.
#
#     tests/builds/workspace.sh REPROOF
#
# Four builds of a small program. Nothing from the network.
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

# A module before pruning, which requires one that nobody uses and that no proxy has.
printf 'module example.com/a\n\ngo 1.13\n\nrequire example.com/nowhere v1.0.0\n' | file "$scratch/a/go.mod"
printf 'package a\n\nfunc Text() string { return "a" }\n' | file "$scratch/a/a.go"
offer example.com/a v1.0.0 "$scratch/a"
serve

work=$scratch/work
printf 'go 1.22\n\nuse (\n\t./cmd/app\n\t"lib one"\n\t./unused\n)\n' | file "$work/go.work"
printf 'module example.com/app\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n' | file "$work/cmd/app/go.mod"
file "$work/cmd/app/main.go" <<END
package main

import (
	"example.com/a"
	"example.com/lib"
)

func main() { println(a.Text(), lib.Text()) }
END
printf 'module example.com/lib\n\ngo 1.20\n' | file "$work/lib one/go.mod"
printf 'package lib\n\nfunc Text() string { return "lib" }\n' | file "$work/lib one/lib.go"
printf 'module example.com/unused\n\ngo 1.20\n\nrequire example.com/nowhere v1.0.0\n' | file "$work/unused/go.mod"
sums() {
    python3 - "$scratch/proxy" "$1" "$2" <<'END'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "tests/server")
import sumdb
proxy, path, version = sys.argv[1:]
base = "%s/%s/@v/%s" % (proxy, path, version)
print(path, version, sumdb.zip_h1(open(base + ".zip", "rb").read()))
print(path, version + "/go.mod", sumdb.h1([("go.mod", open(base + ".mod", "rb").read())]))
END
}
sums example.com/a v1.0.0 >"$work/cmd/app/go.sum"
# The maker's go wants the whole graph; ours is to do without it.
mkdir "$scratch/nowhere"
printf 'module example.com/nowhere\n' >"$scratch/nowhere/go.mod"
offer example.com/nowhere v1.0.0 "$scratch/nowhere"
sums example.com/nowhere v1.0.0 >>"$work/cmd/app/go.sum"
if ! (export GOPROXY="file://$scratch/proxy" GOSUMDB=off && publish "$scratch/app" "$work/cmd/app" -trimpath -buildvcs=false); then
    skip_all "this go knows no workspaces"
fi
rm -r "$scratch/proxy/example.com/nowhere"

accepted=local-toolchain,no-earlier-tree-head
judge "without its source" 3 '"source-unavailable"' "$scratch/app"
says "which module it is" 'example.com/lib came from the builder'"'"'s disk'
says "the next step names the workspace" 'the directory of go.work'
judge "with a version of the program alone" 3 '"source-unavailable"' "$scratch/app" \
    --source example.com/app@v1.0.0
accepted=$accepted,local-source
judge "from the workspace" 0 '"verdict": "reproduced"' "$scratch/app" --source "$work"
says "the recipe says so" '"module_directory": "cmd/app"'
recipe_of_result >"$scratch/recipe.json"
judge "from the module in it" 0 '"verdict": "reproduced"' "$scratch/app" --source "$work/cmd/app"
printf 'package lib\n\nfunc Text() string { return "another" }\n' | file "$work/lib one/lib.go"
judge "its recipe replayed with another library" 3 '"recipe-unknown"' "$scratch/app" \
    --recipe "$scratch/recipe.json"
sed -i '/lib one/d' "$work/go.work"
judge "a workspace without the library" 3 'uses no module example.com/lib' "$scratch/app" --source "$work"
sed -i '/app/d' "$work/go.work"
judge "a workspace without the program" 3 'uses no module example.com/app' "$scratch/app" --source "$work"
printf 'use ../outside\nuse "\n' >"$work/go.work"
judge "a go.work that cannot be read" 3 'is not understood' "$scratch/app" --source "$work"
rm "$work/go.work"
judge "a directory without go.work" 3 'is there a go.work' "$scratch/app" --source "$work"
tap_end
