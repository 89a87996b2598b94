#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What lies in the directory of --source is not asked of any proxy: a dependency replaced by ./folder, and vendored ones.
#
#     tests/builds/local_source.sh REPROOF [GOROOT]
#
# Each builds the standard library once, some 30 seconds of a core. Nothing from the network.
set -eu
reproof=$(realpath "$1")
goroot=${2:-}
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
. tests/lib/verdict.sh
need_box
toolchain=$goroot accepted=local-source,local-toolchain,replaced-module offline=yes

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

# build DIRECTORY OPTION...
build() {
    folder=$1
    shift
    publish "$folder.published" "$folder" -trimpath -buildvcs=false "$@"
}

# judge_folder NAME EXPECTED_EXIT EXPECTED_TEXT DIRECTORY: what was built there, from what lies there now.
judge_folder() {
    judge "$1" "$2" "$3" --source "$4" "$4.published"
}

replaced=$scratch/replaced
program "$replaced"
dependency "$replaced/dep" one
printf 'module example.com/dep\n\ngo 1.17\n' >"$replaced/dep/go.mod"
printf '\nreplace example.com/dep => ./dep\n' >>"$replaced/go.mod"
build "$replaced"
judge_folder "a dependency replaced by a folder" 0 '"verdict": "reproduced"' "$replaced"
dependency "$replaced/dep" two
# With -trimpath go does not record -ldflags: other bytes may mean other flags.
judge_folder "another text in that folder" 3 '"recipe-unknown"' "$replaced"
rm -r "$replaced/dep"
judge_folder "that folder is gone" 3 '"verdict": "unproven"' "$replaced"

vendored=$scratch/vendored
program "$vendored"
dependency "$vendored/vendor/example.com/dep" one
printf '# example.com/dep v1.0.0\n## explicit; go 1.17\nexample.com/dep\n' >"$vendored/vendor/modules.txt"
build "$vendored" -mod=vendor
# As distributions have it: the sources in another tree, behind links.
mkdir "$scratch/split" "$scratch/split/pkg"
cp -R "$goroot/VERSION" "$goroot/bin" "$scratch/split"
cp -R "$goroot/pkg/tool" "$scratch/split/pkg"
ln -s "$(realpath "$goroot/src")" "$scratch/split/src"
ln -s "$(realpath "$goroot/pkg/include")" "$scratch/split/pkg/include"
toolchain=$scratch/split
judge_folder "a vendored dependency, a toolchain in two trees" 0 '"verdict": "reproduced"' "$vendored"
dependency "$vendored/vendor/example.com/dep" two
judge_folder "another text in the vendored one" 3 '"recipe-unknown"' "$vendored"
tap_end
