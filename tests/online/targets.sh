#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real targets of every kind that has to be got, or stands for other files: an address, package URLs, a list of
# checksums, a directory as GoReleaser leaves it.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/verdict.sh
has_box || absent_all "$no_box"
package=@esbuild/linux-x64@0.25.0
inside=package/bin/esbuild

# sees NAME EXPECTED_EXIT EXPECTED_TEXT ARGUMENT...: of `reproof inspect`.
sees() {
    seen_name=$1 seen_exit=$2 seen_text=$3
    shift 3
    ends "$seen_name" "$seen_exit" "$seen_text" inspect --json --no-digest --store "$store" --state "$state" "$@"
}

if command -v npm >/dev/null && url=$(npm view "$package" dist.tarball 2>"$scratch/err") && [ -n "$url" ]; then
    mkdir "$scratch/dist"
    (cd "$scratch/dist" && npm pack --silent "$package" >/dev/null)
    archive=$(basename "$scratch"/dist/*.tgz)
    digest=$(sha256sum "$scratch/dist/$archive" | cut -d ' ' -f 1)
    sees "an address" 0 "$url/$inside" --sha256 "$digest" "$url"
    sees "an address of which another digest is wanted" 4 "not the one that --sha256 wants" --sha256 "$(echo 0 | sha256sum | cut -d ' ' -f 1)" "$url"
    sees "a package of npm" 0 "$inside" "pkg:npm/%40esbuild/linux-x64@0.25.0"
    (cd "$scratch/dist" && sha256sum ./*.tgz | sed 's|\./||' >esbuild_0.25.0_checksums.txt)
    cat >"$scratch/dist/artifacts.json" <<EOF
[{"name": "$archive", "path": "dist/$archive", "goos": "linux", "goarch": "amd64", "type": "Archive",
  "extra": {"Checksum": "sha256:$digest"}},
 {"name": "esbuild_0.25.0_checksums.txt", "path": "dist/esbuild_0.25.0_checksums.txt", "type": "Checksum"}]
EOF
    sees "a list of checksums" 0 "$archive/$inside" "$scratch/dist/esbuild_0.25.0_checksums.txt"
    judge "a directory of GoReleaser" 0 '"verdict": "reproduced"' --expect github.com/evanw/esbuild@v0.25.0 "$scratch/dist"
    # The README of the package is in the source too.
    if grep -qF '"source": "github.com/evanw/esbuild@v0.25.0/npm/@esbuild/linux-x64/README.md"' "$scratch/out"; then
        ok "a member that is a copy of a file of the source"
    else
        not_ok "a member that is a copy of a file of the source"
    fi
    flip "$scratch/dist/$archive" 5000
    sees "a changed file in a directory of GoReleaser" 4 "artifacts.json says $digest" "$scratch/dist"
    sees "a changed file of a list" 4 "checksums.txt says $digest" "$scratch/dist/esbuild_0.25.0_checksums.txt"
else
    absent "npm's package by its address" "npm view fails"
fi

debian=$(apt-cache madison gh 2>/dev/null | awk '{ print $3; exit }' || true)
if [ -n "$debian" ] && (cd "$scratch" && apt-get -qq download "gh=$debian" >/dev/null 2>&1); then
    sees "a package of Debian" 0 /usr/bin/gh "pkg:deb/debian/gh@$(printf '%s' "$debian" | sed 's/+/%2B/g')"
else
    absent "a package of Debian" "apt-get download fails"
fi

if [ -n "$(go env GOPROXY 2>/dev/null)" ] && [ "$(go env GOPROXY)" != off ]; then
    sees "the programs of a Go release" 0 linux-amd64/bin/go "pkg:golang/golang.org/toolchain@v0.0.1-go1.23.5.linux-amd64"
else
    absent "the programs of a Go release" "there is no module proxy"
fi
tap_end
