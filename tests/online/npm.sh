#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# esbuild as published on npm, by five toolchains from Go 1.16 to 1.23 and for three systems.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/verdict.sh
. tests/lib/published.sh
has_box || absent_all "$no_box"

grep -E '^pkg:npm/(esbuild-linux-64|%40esbuild/[a-z0-9-]*@0.25.0)' testdata/cases.tsv >"$scratch/cases"
while IFS= read -r line <&3; do
    package=$(field "$line" 1 | sed 's|^pkg:npm/||; s|%40|@|')
    if ! command -v npm >/dev/null; then
        skip "$package" "npm is not installed"
        continue
    fi
    rm -rf "$scratch/download"
    mkdir "$scratch/download"
    if ! (cd "$scratch/download" && npm pack --silent "$package" >/dev/null 2>"$scratch/err"); then
        absent "$package" "npm pack fails: $(tail -n 1 "$scratch/err")"
        continue
    fi
    check_case "$line" "$(find "$scratch/download" -name '*.tgz')"
    case $package in
    *@0.12.20)
        mkdir "$scratch/twice"
        cp "$binary" "$scratch/download/"*.tgz "$scratch/twice"
        judge "$case_name, bare file without a source" 0 '"version-from-file"' "$scratch/twice"
        if grep -qF 'judged before in this run' "$scratch/out"; then
            ok "$case_name, the same bytes in a package beside it: judged once"
        else
            not_ok "$case_name, the same bytes in a package beside it: judged once"
        fi
        check_flip "$line" 3000000
        ;;
    *linux-x64@0.25.0)
        check_local cmd/esbuild/main.go
        check_flip "$line" 1000000
        ;;
    *win32-x64@0.25.0) check_flip "$line" 6000000 ;;
    esac
done 3<"$scratch/cases"
tap_end
