#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs that a real UPX packed: told, compared and rebuilt with that upx on PATH, and what is said without it.
#
# An upx on PATH is used. Else the package upx-ucl is got by apt-get from the backports of this Debian release, from the
# mirror that the machine is set up with, and taken apart in a scratch folder; nothing is installed. Wants go.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
command -v go >/dev/null || absent_all "no go"
. tests/lib/maker.sh
. tests/lib/verdict.sh
has_box || absent_all "$no_box"

# apt-get with settings, lists and downloads of its own
own_apt() {
    apt-get -q -o Dir::State="$scratch/apt/state" -o Dir::Cache="$scratch/apt/cache" -o Dir::Etc::SourceList="$scratch/apt/sources.list" \
        -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root "$@"
}

get_upx() {
    command -v apt-get dpkg-deb >/dev/null || return 1
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        sed -n -e 's/^URIs: *\([^ ]*\/debian\/*\)\( .*\)*$/\1/p' -e 's/^deb \(\[.*\] \)*\([^ ]*\/debian\/*\) .*/\2/p' | head -n 1)
    [ -n "$release" ] && [ -n "$mirror" ] || return 1
    mkdir -p "$scratch/apt/state/lists/partial" "$scratch/apt/cache/archives/partial" "$scratch/bin"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release-backports main" >"$scratch/apt/sources.list"
    own_apt update >"$scratch/log" 2>&1 && (cd "$scratch/apt" && own_apt download upx-ucl) >>"$scratch/log" 2>&1 &&
        dpkg-deb -x "$scratch"/apt/upx-ucl_*.deb "$scratch/apt/upx" && ln -s "$scratch/apt/upx/usr/bin/upx-ucl" "$scratch/bin/upx" &&
        "$scratch/bin/upx" --version >/dev/null 2>&1
}

plain_path=$PATH
if ! command -v upx >/dev/null; then
    get_upx || absent_all "no upx on PATH, and apt-get has none in backports"
    with_upx=$scratch/bin:$PATH
else
    with_upx=$PATH plain_path=
fi

mkdir "$scratch/src"
printf 'module example.com/packed\n\ngo 1.16\n' >"$scratch/src/go.mod"
printf 'package main\n\nfunc main() { println("packed") }\n' >"$scratch/src/main.go"

# build NAME TEXT
build() {
    sed -i "s/println(.*)/println(\"$2\")/" "$scratch/src/main.go"
    publish "$scratch/$1" "$scratch/src" -trimpath -buildvcs=false -ldflags='-s -w'
}

# rebuilt NAME EXPECTED_EXIT EXPECTED_TEXT FILE [ASSUMPTION]: as people are told.
rebuilt() {
    ends "$1" "$2" "$3" rebuild --quiet --offline --store "$scratch/store" --state "$scratch/state" --source "$scratch/src" \
        --toolchain "$goroot" --accept "local-source,local-toolchain${5:+,$5}" "$scratch/$4"
}

GOOS=windows GOARCH=amd64 build program.exe packed
GOARCH=arm64 build program-arm64 packed
build other 'another one'
build program packed
PATH=$with_upx
for file in program program-arm64 program.exe; do
    for options in -1 -9 --best --lzma '--nrv2b -5' '--nrv2d -7'; do
        # shellcheck disable=SC2086
        upx -q $options -o "$scratch/packed" "$scratch/$file" >"$scratch/log" 2>&1
        ends "$file, upx $options" 3 'byte for byte' diff "$scratch/packed" "$scratch/$file"
        rm "$scratch/packed"
    done
done
upx -q -9 -o "$scratch/packed" "$scratch/program" >"$scratch/log" 2>&1
ends "its version, method and level are told" 0 'packer=UPX ' inspect "$scratch/packed"
ends "its level is told" 0 ' (NRV2E, level 9)' inspect "$scratch/packed"
ends "packed, the other way round" 3 'byte for byte' diff "$scratch/program" "$scratch/packed"
ends "packed, accepted" 0 'EQUIVALENT' diff --accept upx "$scratch/packed" "$scratch/program"
ends "packed, and inside another source" 1 'unpacked by UPX' diff "$scratch/packed" "$scratch/other"
cp "$scratch/packed" "$scratch/tampered"
printf '\0' | dd of="$scratch/tampered" bs=1 seek=$(($(wc -c <"$scratch/tampered") / 2)) conv=notrunc 2>/dev/null
code=0
"$reproof" diff "$scratch/tampered" "$scratch/program" >"$scratch/out" 2>&1 || code=$?
if ! grep -q 'byte for byte' "$scratch/out" && [ "$code" != 0 ]; then
    ok "a packed file with a byte changed is not what upx makes (exit $code)"
else
    not_ok "a packed file with a byte changed is not what upx makes (exit $code)"
    note_file "$scratch/out"
fi
rebuilt "a packed file is rebuilt" 3 'EQUIVALENT from example.com/packed but for upx' packed
rebuilt "a packed file is rebuilt, accepted" 0 'EQUIVALENT from example.com/packed but for upx' packed upx
upx -q --lzma -o "$scratch/packed.exe" "$scratch/program.exe" >"$scratch/log" 2>&1
rebuilt "a packed PE file is rebuilt" 3 'EQUIVALENT from example.com/packed but for upx' packed.exe
build program 'something else'
rebuilt "a packed file of another source" 3 'UNPROVEN' packed
if [ -n "$plain_path" ]; then
    PATH=$plain_path
    ends "without upx" 1 'what is inside was not compared' diff "$scratch/packed" "$scratch/program"
    rebuilt "without upx a packed file is not rebuilt" 3 'packed by UPX' packed
else
    skip "without upx" "this machine has one"
fi
tap_end
