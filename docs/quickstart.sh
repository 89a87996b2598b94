#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to a verdict: builds reproof, fetches a published Go binary (shfmt, as packed for Python) and
# rebuilds it from the source that it names.
#
#     sh docs/quickstart.sh
#
# Leaves the program in build/. Ends with reproof's own exit code; 0: every byte is proven.
set -eu
cd "$(dirname "$0")/.."
package=shfmt-py==4.2.0

say() {
    printf '\n== %s\n' "$*" >&2
}

say "what this machine needs"
sh docs/setup.sh pip

say "building"
[ -f build/build.ninja ] || meson setup build >/dev/null
ninja -C build cli/reproof cli/helpers/reproof-fetch cli/helpers/reproof-unpack

say "fetching $package, a published Go program"
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
trap 'exit 130' INT TERM HUP
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$download" "$package"
wheel=$(find "$download" -name '*.whl')

say "reproof rebuild $(basename "$wheel")"
code=0
build/cli/reproof rebuild "$wheel" || code=$?
exit "$code"
