#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What lies in the directory of --source is not asked of any proxy: a dependency replaced by ./folder, and vendored ones.
#
#     tests/local_source.sh REPROOF [GOROOT]
#
# Each builds the standard library once, some 30 seconds of a core. Nothing from the network.
set -eu
reproof=$(realpath "$1")
cd "${MESON_SOURCE_ROOT:-$(dirname "$0")/..}"
. tests/lib/tap.sh
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

command -v go >/dev/null || { echo "1..0 # SKIP no go"; exit 0; }
goroot=${2:-$(go env GOROOT)}
if ! bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
    echo "1..0 # SKIP bubblewrap cannot make a box on this machine"
    exit 0
fi

toolchain=$goroot
export HOME="$scratch/home" GOENV=off GOFLAGS='' GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0
export GOMODCACHE="$scratch/mod" GOCACHE="$scratch/cache"
mkdir "$HOME"

# dependency DIRECTORY TEXT
dependency() {
    mkdir -p "$1"
    printf 'package dep\n\nfunc Text() string { return "%s" }\n' "$2" >"$1/dep.go"
}

# program DIRECTORY: needs example.com/dep
program() {
    mkdir -p "$1"
    printf 'module example.com/m\n\ngo 1.17\n\nrequire example.com/dep v1.0.0\n' >"$1/go.mod"
    printf 'package main\n\nimport "example.com/dep"\n\nfunc main() { println(dep.Text()) }\n' >"$1/main.go"
}

# publish DIRECTORY OPTION...: builds it as its maker would
publish() {
    folder=$1
    shift
    (cd "$folder" && "$goroot/bin/go" build -trimpath -buildvcs=false "$@" -o "$folder.published" .) >"$scratch/log" 2>&1 || {
        note_file "$scratch/log"
        return 1
    }
}

# judge NAME EXPECTED_EXIT EXPECTED_TEXT DIRECTORY
judge() {
    code=0
    "$reproof" rebuild --json --quiet --offline --store "$scratch/store" --state "$scratch/state" --source "$4" \
        --toolchain "$toolchain" --accept local-source,local-toolchain,replaced-module "$4.published" >"$scratch/out" 2>"$scratch/err" ||
        code=$?
    if [ "$code" = "$2" ] && grep -qF -e "$3" "$scratch/out"; then
        ok "$1: exit $2, $3"
    else
        not_ok "$1: exit $code instead of $2, or no $3"
        grep -E '"(verdict|code|detail|cure|name)":' "$scratch/out" | head -n 20 | sed 's/^/#   /'
        tail -n 10 "$scratch/err" | sed 's/^/#   /'
    fi
}

replaced=$scratch/replaced
program "$replaced"
dependency "$replaced/dep" one
printf 'module example.com/dep\n\ngo 1.17\n' >"$replaced/dep/go.mod"
printf '\nreplace example.com/dep => ./dep\n' >>"$replaced/go.mod"
publish "$replaced"
judge "a dependency replaced by a folder" 0 '"verdict": "reproduced"' "$replaced"
dependency "$replaced/dep" two
# With -trimpath go does not record -ldflags: other bytes may mean other flags.
judge "another text in that folder" 3 '"recipe-unknown"' "$replaced"
rm -r "$replaced/dep"
judge "that folder is gone" 3 '"verdict": "unproven"' "$replaced"

vendored=$scratch/vendored
program "$vendored"
dependency "$vendored/vendor/example.com/dep" one
printf '# example.com/dep v1.0.0\n## explicit; go 1.17\nexample.com/dep\n' >"$vendored/vendor/modules.txt"
publish "$vendored" -mod=vendor
# As distributions have it: the sources in another tree, behind links.
mkdir "$scratch/split" "$scratch/split/pkg"
cp -R "$goroot/VERSION" "$goroot/bin" "$scratch/split"
cp -R "$goroot/pkg/tool" "$scratch/split/pkg"
ln -s "$(realpath "$goroot/src")" "$scratch/split/src"
ln -s "$(realpath "$goroot/pkg/include")" "$scratch/split/pkg/include"
toolchain=$scratch/split
judge "a vendored dependency, a toolchain in two trees" 0 '"verdict": "reproduced"' "$vendored"
dependency "$vendored/vendor/example.com/dep" two
judge "another text in the vendored one" 3 '"recipe-unknown"' "$vendored"
tap_end
