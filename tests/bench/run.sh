#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Side by side with the tools that do part of the same: a row a claim, with times as ratios of one run on one machine.
#
#     sh tests/bench/run.sh [NAME]...        NAME: an area, which is a file of this folder (default: all)
#
# Runs from a fresh clone: installs what is missing and builds, unless REPROOF_TEST_BUILD names a build. Needs the network.
# REPROOF_TEST_STORE: a store to use and keep, so that the next run fetches nothing. Figures assert nothing: those of a
# busy machine say little. The exit code is 1 if an area could not be measured.
set -eu
cd "$(dirname "$0")/../.."

areas() {
    for file in tests/bench/*.sh; do
        name=$(basename "$file" .sh)
        case $name in run | lib) ;; *) echo "$name" ;; esac
    done
}

[ $# -gt 0 ] || eval "set -- $(areas | tr '\n' ' ')"
for name in "$@"; do
    [ -f "tests/bench/$name.sh" ] || {
        echo "tests/bench: no area '$name'; there are:" "$(areas | tr '\n' ' ')" >&2
        exit 2
    }
done

if [ -z "${REPROOF_TEST_BUILD:-}" ]; then
    sh docs/setup.sh pip tests
    [ -f build-plain/build.ninja ] || meson setup build-plain >/dev/null
    ninja -C build-plain >/dev/null
    export REPROOF_TEST_BUILD="$PWD/build-plain"
fi

# What areas get once and share: see need_... in lib.sh.
shared=$(mktemp -d)
trap 'chmod -R u+w "$shared" 2>/dev/null; rm -rf "$shared"' EXIT
trap 'exit 130' INT TERM HUP
export REPROOF_BENCH_SHARED="$shared"

echo "machine: $(nproc) cores, $(uname -m), load $(cut -d' ' -f1-3 /proc/loadavg)"
failed=''
for name in "$@"; do
    sh "tests/bench/$name.sh" || failed="$failed $name"
done
[ -z "$failed" ] || {
    printf '\nnot measured:%s\n' "$failed"
    exit 1
}
