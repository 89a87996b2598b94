#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A release made by GoReleaser itself, of a tag in a working copy: archives, Linux packages, a universal file. Its manifest is
# written, committed, and gates it: yes; with one package changed: no.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/gate.sh
has_box || absent_all "$no_box"

what="a release of GoReleaser"
if ! command -v goreleaser >/dev/null || ! goreleaser --version 2>/dev/null | grep -q 'GitVersion: *v\{0,1\}2\.'; then
    skip "$what" "there is no goreleaser 2 on PATH"
    tap_end
    exit
fi
if ! command -v go >/dev/null || ! has_toolchain; then
    skip "$what" "no go here that becomes $go_version"
    tap_end
    exit
fi

# make_project DIR: committed and tagged v1.2.3.
make_project() {
    mkdir -p "$1"
    printf 'module example.com/hello\n\ngo 1.21\n' >"$1/go.mod"
    cat >"$1/main.go" <<'END'
package main

var version, commit, date string

func main() { println("hello", version, commit, date) }
END
    echo "Do as you like." >"$1/LICENSE"
    echo "# hello" >"$1/README.md"
    echo dist/ >"$1/.gitignore"
    cat >"$1/.goreleaser.yaml" <<'END'
version: 2
project_name: hello
builds:
  - env: [CGO_ENABLED=0]
    targets: [linux_amd64, darwin_amd64, darwin_arm64, windows_amd64]
    flags: [-trimpath]
    ldflags: ["-s -w -X main.version={{.Version}} -X main.commit={{.Commit}} -X main.date={{.CommitDate}}"]
universal_binaries:
  - replace: true
archives:
  - formats: [tar.gz]
    format_overrides: [{goos: windows, formats: [zip]}]
nfpms:
  - maintainer: "A <a@example.com>"
    description: says hello
    formats: [deb, rpm, apk]
release: {github: {owner: example, name: hello}}
END
    (cd "$1" && git init -q -b main . && git config user.email a@example.com && git config user.name A &&
        git remote add origin https://example.com/hello.git && git add -A && git commit -qm "first" && git tag v1.2.3)
}

release() {
    (cd "$1" && env GOTOOLCHAIN=$go_version GOFLAGS=-buildvcs=true goreleaser release --clean --skip=publish)
}

tree=$scratch/tree
make_project "$tree"
if ! release "$tree" >"$scratch/out" 2>&1; then
    not_ok "$what"
    note_file "$scratch/out"
    tap_end
    exit
fi
"$reproof" key new -o "$scratch/key" --no-passphrase >/dev/null 2>&1
gated 0 "a manifest of its dist" "$tree" --init dist
[ -f "$tree/reproof.json" ] || { tap_end; exit; }
holds "six pairs, and none of what archives are made of" \
    [ "$(cd "$tree/reproof.pairs" && echo *)" = "hello_darwin_all.tar.gz.json hello_linux_amd64.apk.json hello_linux_amd64.deb.json \
hello_linux_amd64.rpm.json hello_linux_amd64.tar.gz.json hello_windows_amd64.zip.json" ]
holds "names hold the version as a variable" grep -q 'hello_[$]{version}_checksums.txt' "$tree/reproof.json"
holds "copies of files of the source are no members to be accepted" sh -c "! grep -q -e LICENSE -e README '$tree/reproof.json'"
gated 0 "yes" "$tree" --out "$scratch/evidence" --key "$scratch/key"
for file in hello_1.2.3_linux_amd64.rpm.minisig hello_1.2.3_darwin_all.tar.gz.minisig SHA256SUMS summary.json; do
    holds "evidence: $file" [ -s "$scratch/evidence/$file" ]
done

# -- the next one, after the manifest was committed: the version alone changes, and what holds it goes without digest --
python3 - "$tree/reproof.json" <<'END'
import json, sys
manifest = json.load(open(sys.argv[1]))
manifest["version"] = "1.3.0"
manifest["members"] = sorted({member["name"] for member in manifest["members"]})
json.dump(manifest, open(sys.argv[1], "w"), indent=2)
END
(cd "$tree" && git add -A && git commit -qm "1.3.0" && git tag v1.3.0)
release "$tree" >"$scratch/out" 2>&1 || note_file "$scratch/out"
gated 0 "the next release by the same manifest: yes" "$tree"
holds "all of it" grep -q 'YES  hello 1.3.0: 6 of 6 pairs hold' "$scratch/out"

flip "$tree/dist/hello_1.3.0_linux_amd64.tar.gz" 300000
gated 4 "another file than its list of checksums says" "$tree" --out "$scratch/none" --key "$scratch/key"
holds "nothing signed" [ ! -e "$scratch/none" ]
tap_end
