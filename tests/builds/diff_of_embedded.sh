#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pairs of programs that embed other files: the verdict names these files, and what makes two programs equivalent hides nothing else.
#
#     tests/builds/diff_of_embedded.sh REPROOF
#
# A dozen builds of a small program, for three platforms.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
need strip
. tests/lib/maker.sh
. tests/lib/verdict.sh
. tests/lib/causes.sh

mkdir -p "$scratch/src/embed/pages/sub" "$scratch/src/embed/ui/pages"
printf 'module example.com/embed\n\ngo 1.16\n' >"$scratch/src/embed/go.mod"
cat >"$scratch/src/embed/main.go" <<'END'
package main

import (
	"embed"

	"example.com/embed/ui"
)

//go:embed pages
var pages embed.FS

func main() {
	page, _ := pages.ReadFile("pages/index.html")
	println(string(page), ui.Page())
}
END
cat >"$scratch/src/embed/ui/ui.go" <<'END'
package ui

import "embed"

//go:embed pages
var pages embed.FS

func Page() string {
	page, _ := pages.ReadFile("pages/index.html")
	return string(page)
}
END
echo '<p>a page, built at 2024-05-01</p>' >"$scratch/src/embed/pages/index.html"
echo '<p>another page</p>' >"$scratch/src/embed/ui/pages/index.html"
seq 1 3000 >"$scratch/src/embed/pages/sub/numbers.txt"
publish "$scratch/embed" "$scratch/src/embed" -trimpath -buildvcs=false
GOOS=darwin GOARCH=arm64 publish "$scratch/embed-darwin" "$scratch/src/embed" -trimpath -buildvcs=false
GOOS=windows publish "$scratch/embed.exe" "$scratch/src/embed" -trimpath -buildvcs=false
echo '<p>A page, built at 2024-05-01</p>' >"$scratch/src/embed/pages/index.html"
publish "$scratch/embed-page" "$scratch/src/embed" -trimpath -buildvcs=false
cause "another page embedded" embedded-files/go-build-id/embedded-files 3 embed embed-page
says "the embedded file is named" '"name": "pages/index.html"'
cause "another page embedded, accepted" embedded-files/go-build-id/embedded-files 0 embed embed-page --accept go-build-id,embedded-files
hides_nothing embed embed-page
GOOS=darwin GOARCH=arm64 publish "$scratch/embed-darwin-page" "$scratch/src/embed" -trimpath -buildvcs=false
cause "another page embedded, signed ad hoc" embedded-files/macho-code-signature/go-build-id/embedded-files 3 embed-darwin embed-darwin-page
GOOS=windows publish "$scratch/embed-page.exe" "$scratch/src/embed" -trimpath -buildvcs=false
cause "another page embedded, in a PE file" embedded-files/go-build-id/embedded-files 3 embed.exe embed-page.exe
cp "$scratch/embed-page" "$scratch/embed-page-stripped"
strip "$scratch/embed-page-stripped"
cause "another page embedded, and stripped" strip,embedded-files/go-build-id/strip/embedded-files 3 embed embed-page-stripped
sed -i '3000s/3000/3001/' "$scratch/src/embed/pages/sub/numbers.txt"
publish "$scratch/embed-both" "$scratch/src/embed" -trimpath -buildvcs=false
cause "two other files embedded" embedded-files/go-build-id/embedded-files 3 embed embed-both
echo '<p>a longer page</p>' >>"$scratch/src/embed/pages/index.html"
publish "$scratch/embed-longer" "$scratch/src/embed" -trimpath -buildvcs=false
cause "a longer page embedded" embedded-files 1 embed-both embed-longer
says "its size is told" '"size": 56'
echo '<p>one more</p>' >"$scratch/src/embed/ui/pages/more.html"
publish "$scratch/embed-more" "$scratch/src/embed" -trimpath -buildvcs=false
cause "one more file embedded" embedded-files 1 embed-longer embed-more
says "the file that one side has alone is named" '"name": "pages/more.html"'
python3 - "$scratch/embed" "$scratch/embed-forged" "$scratch/embed-damaged" <<'END'
# One letter of the page changed after the link; in the first file its hash in the table, too.
import hashlib, sys
data = open(sys.argv[1], "rb").read()
old = b"<p>a page, built at 2024-05-01</p>\n"
new = b"<p>a page, built by 2024-05-01</p>\n"
def hashes(content):
    digest = hashlib.sha256(content).digest()
    return (digest[:16], bytes(255 - x for x in digest[:16]), bytes([digest[0] ^ 255]) + digest[1:16])
at = data.index(old)
damaged = data[:at] + new + data[at + len(old):]
forged = damaged
for before, after in zip(hashes(old), hashes(new)):
    forged = forged.replace(before, after)
assert forged != damaged
open(sys.argv[2], "wb").write(forged)
open(sys.argv[3], "wb").write(damaged)
END
cause "a page changed after the link, with its hash" embedded-files/embedded-files 3 embed embed-forged
says "that it was changed after the link is said" 'B was changed after it was linked'
cause "a page changed after the link, without its hash" changed-after-link 1 embed embed-damaged
causes_end
