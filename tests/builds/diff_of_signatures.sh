#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signed programs against unsigned ones: Mach-O, alone and in universal files, and PE.
#
#     tests/builds/diff_of_signatures.sh REPROOF
#
# A few builds of a small program for darwin and Windows; osslsigncode and openssl where they are there.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
. tests/lib/verdict.sh
. tests/lib/causes.sh

GOOS=darwin GOARCH=arm64 trimmed darwin
GOOS=darwin GOARCH=arm64 trimmed darwin-x -ldflags '-X main.version=1.0.0'
cause "an ad-hoc signature follows from the rest" x-value 1 darwin darwin-x
GOOS=darwin GOARCH=arm64 trimmed darwin-a -ldflags '-s -w'
GOOS=darwin GOARCH=arm64 trimmed darwin-b -ldflags '-w -s'
cause "build IDs alone, signed ad hoc" flags/macho-code-signature/go-build-id 3 darwin-a darwin-b
python3 tests/lib/macho_unsigned.py "$scratch/darwin" "$scratch/unsigned"
cause "a Mach-O signature taken off" signature/macho-code-signature 3 darwin unsigned
says "the signature was put onto B" 'put from A onto B'
hides_nothing darwin unsigned
hides_nothing unsigned darwin
cause "a Mach-O signature taken off, accepted" signature/macho-code-signature 0 darwin unsigned --accept macho-code-signature

# universal NAME TAIL FILE...: a universal file of these, as lipo makes it, with TAIL behind it.
universal() {
    python3 - "$scratch" "$@" <<'END'
import struct, sys
folder, name, tail, *files = sys.argv[1:]
table, body, at = struct.pack(">II", 0xcafebabe, len(files)), b"", 16384
for file in files:
    data = open("%s/%s" % (folder, file), "rb").read()
    cpu, subtype = struct.unpack_from("<II", data, 4)
    table += struct.pack(">IIIII", cpu, subtype, at, len(data), 14)
    data += bytes(-len(data) % 16384) if file != files[-1] else b""
    body, at = body + data, at + len(data)
open("%s/%s" % (folder, name), "wb").write(table.ljust(16384, b"\0") + body + tail.encode())
END
}
GOOS=darwin GOARCH=amd64 trimmed darwin-amd64
universal fat "" darwin-amd64 darwin
universal fat-x "" darwin-amd64 darwin-x
universal fat-unsigned "" darwin-amd64 unsigned
universal fat-tail "a tail" darwin-amd64 darwin
universal fat-unsigned-tail "a tail" darwin-amd64 unsigned
universal fat-one "" darwin-amd64
cp "$scratch/fat" "$scratch/fat-copy"
cause "universal files, equal" " " 0 fat fat-copy
cause "one slice with another -X value" " x-value" 1 fat fat-x
cause "the signature of a slice taken off" " signature/macho-code-signature" 3 fat fat-unsigned
cause "a slice's signature taken off, accepted" " signature/macho-code-signature" 0 fat fat-unsigned --accept macho-code-signature
cause "bytes behind the slices" "  appended-data" 1 fat fat-tail
cause "a slice's signature taken off, and bytes behind" " signature/macho-code-signature appended-data" 1 fat fat-unsigned-tail
cause "a slice that one file has alone" " slice" 1 fat fat-one

GOOS=windows trimmed plain.exe
if command -v osslsigncode >/dev/null && command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/key.pem" -out "$scratch/cert.pem" -days 30 -subj /CN=test \
        -addext extendedKeyUsage=codeSigning >"$scratch/log" 2>&1
    osslsigncode sign -certs "$scratch/cert.pem" -key "$scratch/key.pem" -in "$scratch/plain.exe" \
        -out "$scratch/signed.exe" >"$scratch/log" 2>&1 || note_file "$scratch/log"
    cause "signed by osslsigncode" signature/authenticode 3 signed.exe plain.exe
    says "the certificates were put onto B" 'put from A onto B'
    hides_nothing signed.exe plain.exe
    cp "$scratch/signed.exe" "$scratch/flipped.exe"
    printf 'X' | dd of="$scratch/flipped.exe" bs=1 seek=4096 conv=notrunc 2>/dev/null
    cause "signed, and one byte changed" signature,patched-function 1 flipped.exe plain.exe
else
    skip "signed by osslsigncode" "no osslsigncode or openssl"
fi
causes_end
