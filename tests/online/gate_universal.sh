#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A universal Mach-O file among the artifacts: its slices are rebuilt, and the whole file is what is signed, so that what lies
# outside the slices is judged too.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/gate.sh
has_box || absent_all "$no_box"

if ! command -v go >/dev/null || ! has_toolchain; then
    skip "gate of a universal file" "no go here that becomes $go_version"
    tap_end
    exit
fi

# make_universal DIR: a working copy whose one artifact is a universal file, and its manifest.
make_universal() {
    mkdir -p "$1/dist"
    printf 'module example.com/small\n\ngo 1.21\n' >"$1/go.mod"
    printf 'package main\n\nfunc main() { println("small") }\n' >"$1/main.go"
    for arch in amd64 arm64; do
        (cd "$1" && env GOTOOLCHAIN=$go_version CGO_ENABLED=0 GOOS=darwin GOARCH=$arch GOFLAGS=-mod=mod \
            go build -trimpath -ldflags='-s -w' -o "$scratch/small-$arch" .) || return 1
    done
    python3 - "$scratch" "$1/dist/small" <<'END'
import struct, sys
folder, result = sys.argv[1:]
table, body, at = struct.pack(">II", 0xcafebabe, 2), b"", 16384
for name in ("small-amd64", "small-arm64"):
    data = open("%s/%s" % (folder, name), "rb").read()
    table += struct.pack(">IIIII", *struct.unpack_from("<II", data, 4), at, len(data), 14)
    data += bytes(-len(data) % 16384) if name == "small-amd64" else b""
    body, at = body + data, at + len(data)
open(result, "wb").write(table.ljust(16384, b"\0") + body)
END
    (cd "$1" && "$reproof" gate --quiet --init dist --store "$store")
}

tree=$scratch/tree out=$scratch/evidence
if ! make_universal "$tree" >"$scratch/out" 2>&1; then
    absent "gate of a universal file" "it could not be built: $(tail -n 1 "$scratch/out")"
    tap_end
    exit
fi
"$reproof" key new -o "$scratch/key" --no-passphrase >/dev/null 2>&1
holds "--init makes one pair of it, for both platforms" sh -c \
    "[ \$(ls '$tree/reproof.pairs') = small.json ] && [ \$(grep -c darwin/ '$tree/reproof.pairs/small.json') = 2 ]"
gated 0 "zeros between the slices: yes" "$tree" --out "$out" --key "$scratch/key"
for file in small.minisig small-amd64.spdx.json small-arm64.intoto.jsonl; do
    holds "evidence: $file" [ -s "$out/$file" ]
done
rm -r "$out"
printf 'X' | dd of="$tree/dist/small" bs=1 seek=9000 conv=notrunc 2>/dev/null
gated 3 "a byte before the first slice: undecided" "$tree" --out "$out" --key "$scratch/key"
holds "it is named" grep -q 'outside its slices, at offset 9000' "$scratch/out"
printf '\0' | dd of="$tree/dist/small" bs=1 seek=9000 conv=notrunc 2>/dev/null
printf 'tail' >>"$tree/dist/small"
gated 3 "bytes behind the last slice: undecided" "$tree" --out "$out" --key "$scratch/key"
holds "nothing is signed" [ ! -e "$out" -a ! -e "$out.partial" ]
tap_end
