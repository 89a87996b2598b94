#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shfmt as published on PyPI, for two systems.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/verdict.sh
. tests/lib/published.sh
has_box || absent_all "$no_box"

grep '^pkg:pypi/shfmt-py@' testdata/cases.tsv >"$scratch/cases"
while IFS= read -r line <&3; do
    package=$(field "$line" 1 | sed 's|^pkg:pypi/||; s|@|==|')
    case $(field "$line" 5)/$(field "$line" 6) in
    linux/amd64) platform=manylinux2014_x86_64 ;;
    darwin/arm64) platform=macosx_11_0_arm64 ;;
    *)
        not_ok "$package: no wheel platform known"
        continue
        ;;
    esac
    rm -rf "$scratch/download"
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --platform "$platform" --dest "$scratch/download" "$package" 2>"$scratch/err"; then
        absent "$package $platform" "pip download fails: $(tail -n 1 "$scratch/err")"
        continue
    fi
    check_case "$line" "$(find "$scratch/download" -name '*.whl')"
    [ "$platform" = macosx_11_0_arm64 ] || check_replay
    check_flip "$line" 1000000
done 3<"$scratch/cases"
tap_end
