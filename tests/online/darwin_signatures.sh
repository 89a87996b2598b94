#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signatures that publishers put onto darwin programs after the build: Go's own toolchain, signed with a Developer ID, and
# esbuild, signed ad hoc by Go's linker. What is equal but for them is said to be so, and nothing else is.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/verdict.sh

release=go1.27.1

# judge_signed NAME KIND FILE: FILE, whose signature is of KIND, against itself without it and with a byte changed.
judge_signed() {
    if "$reproof" inspect "$3" | grep -qx "	trait	code_signature=$2"; then
        ok "$1 is signed: $2"
    else
        not_ok "$1 is signed: $2"
    fi
    python3 tests/lib/macho_unsigned.py "$3" "$scratch/unsigned"
    ends "$1, without its signature" 3 'macho-code-signature (rule version 1), put from A onto B' diff "$3" "$scratch/unsigned"
    ends "$1, the other way round" 3 'macho-code-signature (rule version 1), taken off B' diff "$scratch/unsigned" "$3"
    ends "$1, accepted" 0 'but for macho-code-signature, accepted' diff --accept macho-code-signature "$3" "$scratch/unsigned"
    cp "$3" "$scratch/changed"
    chmod u+w "$scratch/changed"
    printf 'X' | dd of="$scratch/changed" bs=1 seek=300000 conv=notrunc 2>/dev/null
    ends "$1, without its signature and a byte changed" 1 DIFFERENT diff "$scratch/changed" "$scratch/unsigned"
}

# The folder of our own for what go gets, unless one is named to be kept.
export GOPATH="${REPROOF_TEST_GOPATH:-$scratch/go}" GOFLAGS=-modcacherw GOWORK=off

# released COMMAND...: go of that release, which go gets by itself (since Go 1.21).
released() {
    GOTOOLCHAIN=$release CGO_ENABLED=0 "$@" 2>"$scratch/err"
}

if command -v npm >/dev/null && (cd "$scratch" && npm pack --silent @esbuild/darwin-arm64@0.25.0 >/dev/null 2>"$scratch/err" &&
    tar -xzf ./*.tgz); then
    judge_signed "esbuild" ad-hoc "$scratch/package/bin/esbuild"
else
    absent "esbuild for darwin" "npm pack fails"
fi
published=
if command -v go >/dev/null; then
    published=$(GOTOOLCHAIN=local go mod download -json "golang.org/toolchain@v0.0.1-$release.darwin-arm64" 2>"$scratch/err" |
        sed -n 's/^	"Dir": "\(.*\)",*$/\1/p')
fi
if [ -z "$published" ]; then
    absent "$release for darwin" "go mod download fails"
    tap_end
    exit
fi
judge_signed "gofmt of $release" identity "$published/bin/gofmt"
# Built once more by the same release for this machine: the same but for Apple's signature.
root=$(released go env GOROOT) || root=
if [ -n "$root" ] && [ "$(released go env GOVERSION)" = "$release" ] && (cd "$root/src" &&
    GOOS=darwin GOARCH=arm64 GOFLAGS='' GOCACHE=$scratch/cache released go build -trimpath -ldflags=-w \
        -gcflags='cmd/...=-dwarf=false' -o "$scratch/rebuilt" cmd/preprofile); then
    ends "preprofile of $release, rebuilt" 3 'EQUIVALENT but for macho-code-signature ' diff \
        "$published/pkg/tool/darwin_arm64/preprofile" "$scratch/rebuilt"
    ends "preprofile of $release, rebuilt, accepted" 0 'put from A onto B' diff --accept macho-code-signature \
        "$published/pkg/tool/darwin_arm64/preprofile" "$scratch/rebuilt"
else
    absent "preprofile of $release, rebuilt" "$(tail -n 1 "$scratch/err")"
fi
tap_end
