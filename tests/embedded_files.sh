#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files that a program embeds and its source lacks are cut out of the program itself, and the verdict says so.
#
#     tests/embedded_files.sh REPROOF [GOROOT]
#
# Programs of our own, built by the go of this machine; one is got from our own proxy and checksum database. Builds the
# standard library for a few platforms. Nothing from the network.
set -eu
reproof=$(realpath "$1")
cd "${MESON_SOURCE_ROOT:-$(dirname "$0")/..}"
. tests/lib/tap.sh
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

for tool in go python3; do
    command -v "$tool" >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
goroot=${2:-$(go env GOROOT)}
if ! bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
    echo "1..0 # SKIP bubblewrap cannot make a box on this machine"
    exit 0
fi

export HOME="$scratch/home" GOENV=off GOFLAGS='' GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 GOWORK=off
export GOMODCACHE="$scratch/mod" GOCACHE="$scratch/cache"
mkdir "$HOME"

# program DIRECTORY: a page and its parts embedded by a package, notes by the program; the page is generated.
program() {
    mkdir -p "$1/ui" "$1/notes"
    printf 'module example.com/m\n\ngo 1.16\n' >"$1/go.mod"
    cat >"$1/main.go" <<'END'
package main

import (
	"embed"

	"example.com/m/ui"
)

//go:embed notes/*.txt
var notes embed.FS

func main() {
	note, _ := notes.ReadFile("notes/one.txt")
	println(string(note), ui.Page())
}
END
    cat >"$1/ui/ui.go" <<'END'
package ui

import "embed"

// Made by the front end's own tools.
//
//go:embed all:dist
var files embed.FS

func Page() string {
	page, _ := files.ReadFile("dist/index.html")
	return string(page)
}
END
    echo "a note" >"$1/notes/one.txt"
}

# generate DIRECTORY: what the front end's tools make.
generate() {
    mkdir -p "$1/ui/dist/assets"
    echo '<script src="assets/app.js"></script>' >"$1/ui/dist/index.html"
    seq 1 5000 >"$1/ui/dist/assets/app.js"
    head -c 70000 /dev/zero >"$1/ui/dist/assets/zeros.bin"
    : >"$1/ui/dist/assets/empty.css"
    echo '{}' >"$1/ui/dist/.manifest.json"
}

# publish NAME OPTION...: builds the folder NAME as its maker would, into NAME.published
publish() {
    name=$1
    shift
    (cd "$scratch/$name" && "$goroot/bin/go" build -trimpath -buildvcs=false "$@" -o "$scratch/$name.published" .) \
        >"$scratch/log" 2>&1 || {
        note_file "$scratch/log"
        return 1
    }
}

# judge NAME EXPECTED_EXIT EXPECTED_TEXT FOLDER [OPTION...]: of the JSON and the text
judge() {
    title=$1 wanted=$2 text=$3 folder=$4
    shift 4
    code=0
    "$reproof" rebuild --json --quiet --offline --store "$scratch/store" --state "$scratch/state" --source "$scratch/$folder" \
        --toolchain "$goroot" --accept local-source,local-toolchain "$@" "$scratch/$folder.published" \
        >"$scratch/out" 2>"$scratch/err" || code=$?
    if [ "$code" = "$wanted" ] && grep -qF -e "$text" "$scratch/out"; then
        ok "$title: exit $wanted, $text"
    else
        not_ok "$title: exit $code instead of $wanted, or no $text"
        grep -E '"(verdict|code|detail|cure|name|change)":' "$scratch/out" | head -n 20 | sed 's/^/#   /'
        tail -n 10 "$scratch/err" | sed 's/^/#   /'
    fi
}

# says NAME TEXT: the last JSON has TEXT.
says() {
    if grep -qF -e "$2" "$scratch/out"; then
        ok "$1"
    else
        not_ok "$1: $2 is not there"
        grep -E '"(verdict|code|detail|name|change)":' "$scratch/out" | head -n 20 | sed 's/^/#   /'
    fi
}

# listed NAME FOLDER TREE FILE...: the last JSON lists exactly these files of TREE as taken from the artifact, each with its
# digest and with the place where it stands in the artifact.
listed() {
    title=$1 folder=$2 tree=$3
    shift 3
    if python3 - "$scratch/out" "$scratch/$folder.published" "$scratch/$tree" "$@" >"$scratch/list" <<'END'
import hashlib, json, sys
out, artifact, tree, *files = sys.argv[1:]
subject = json.load(open(out))["subjects"][0]
taken = subject["embedded_from_artifact"]
data = open(artifact, "rb").read()
print(json.dumps(taken, indent=1))
assert sorted(f["path"] for f in taken) == sorted(files), (taken, files)
for f in taken:
    content = open(tree + "/" + f["path"], "rb").read()
    assert f["size"] == len(content) and f["sha256"] == hashlib.sha256(content).hexdigest(), f
    cut = b"".join(data[o:o + n] for o, n in f["ranges"])
    assert cut == content or cut == content.replace(b"\0", b"")
ranges = [r for p in subject["removed"] if p["name"] == "embedded-from-artifact" for r in p["ranges"]]
assert sorted(ranges) == sorted(r for f in taken for r in f["ranges"]), subject["removed"]
recipe = {f["path"]: f["sha256"] for f in subject["recipe"]["embedded_from_artifact"]}
assert recipe == {f["path"]: f["sha256"] for f in taken}, recipe
END
    then
        ok "$title"
    else
        not_ok "$title"
        note_file "$scratch/list"
    fi
}

generated="ui/dist/.manifest.json ui/dist/assets/app.js ui/dist/assets/empty.css ui/dist/assets/zeros.bin ui/dist/index.html"

# Nothing of what is generated is in the source.
program "$scratch/whole"
generate "$scratch/whole"
publish whole -ldflags='-s -w'
judge "a whole source" 0 '"verdict": "reproduced"' whole
cp -r "$scratch/whole" "$scratch/bare"
rm -r "$scratch/bare/ui/dist"
cp "$scratch/whole.published" "$scratch/bare.published"
judge "a source without its page" 3 '"verdict": "equivalent"' bare
# shellcheck disable=SC2086
listed "each file taken from the artifact is listed with digest and place" bare whole $generated
says "the try is in the trail" '"change": "5 embedded files from the artifact, -ldflags'
says "what that is worth is said" 'nothing proves what is in them'
judge "a source without its page, accepted" 0 '"accepted": true' bare --accept embedded-from-artifact
python3 -c 'import json,sys; json.dump(json.load(open(sys.argv[1]))["subjects"][0]["recipe"], open(sys.argv[2], "w"))' \
    "$scratch/out" "$scratch/recipe.json"
code=0
"$reproof" rebuild --json --quiet --offline --store "$scratch/store" --state "$scratch/state" --recipe "$scratch/recipe.json" \
    --accept local-source,local-toolchain,embedded-from-artifact "$scratch/bare.published" >"$scratch/out" 2>"$scratch/err" ||
    code=$?
if [ "$code" = 0 ] && [ "$(grep -c '"change":' "$scratch/out")" = 1 ]; then
    ok "the recipe that was found gives the same in one build"
else
    not_ok "the recipe that was found gives the same in one build: exit $code"
    note_file "$scratch/err"
fi
code=0
"$reproof" rebuild --quiet --offline --store "$scratch/store" --state "$scratch/state" --source "$scratch/bare" \
    --toolchain "$goroot" "$scratch/bare.published" >"$scratch/out" 2>"$scratch/err" || code=$?
says "the text lists them" "ui/dist/assets/app.js, 23893 bytes, sha256 $(sha256sum <"$scratch/whole/ui/dist/assets/app.js" | cut -d' ' -f1)"

# A place holder is in the source, as `all:dist` wants one: the build succeeds, with less inside.
cp -r "$scratch/bare" "$scratch/holder"
mkdir -p "$scratch/holder/ui/dist"
echo "built by npm" >"$scratch/holder/ui/dist/index.html"
cp "$scratch/whole.published" "$scratch/holder.published"
judge "a source with a place holder" 3 '"verdict": "equivalent"' holder
# shellcheck disable=SC2086
listed "what a place holder stands for is listed" holder whole $generated
says "that the source has another is said" '"source": "differs"'

# Other formats.
for platform in windows/amd64 darwin/arm64 js/wasm; do
    cp -r "$scratch/bare" "$scratch/other"
    GOOS=${platform%/*} GOARCH=${platform#*/} publish whole
    mv "$scratch/whole.published" "$scratch/other.published"
    judge "$platform" 3 '"verdict": "equivalent"' other
    # shellcheck disable=SC2086
    listed "$platform: the files are listed" other whole $generated
    rm -rf "$scratch/other" "$scratch/other.published"
done

# What cannot be proven this way.
cp "$scratch/bare.published" "$scratch/plain.published"
cp -r "$scratch/bare" "$scratch/plain"
sed -i 's/println(/println("more", /' "$scratch/plain/main.go"
judge "the source differs besides" 3 '"verdict": "unproven"' plain
judge "the source differs besides: nothing is accepted" 3 '"recipe-unknown"' plain --accept embedded-from-artifact

cp -r "$scratch/holder" "$scratch/besides"
sed -i 's/println(/println("more", /' "$scratch/besides/main.go"
cp "$scratch/bare.published" "$scratch/besides.published"
judge "a place holder, and the source differs besides" 3 '"verdict": "unproven"' besides --accept embedded-from-artifact
says "then nothing was taken from the artifact" '"embedded_from_artifact": []'

cp -r "$scratch/bare" "$scratch/damaged"
python3 - "$scratch/bare.published" "$scratch/damaged.published" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[data.index(b"assets/app.js\"></script>")] ^= 1
open(sys.argv[2], "wb").write(data)
END
judge "a file in the artifact that its table does not fit" 3 'none of the 1 tables of embedded files' damaged

mkdir -p "$scratch/text"
printf 'module example.com/m\n\ngo 1.16\n' >"$scratch/text/go.mod"
printf 'package main\n\nimport _ "embed"\n\n//go:embed made.txt\nvar made string\n\nfunc main() { println(made) }\n' >"$scratch/text/main.go"
seq 1 500 >"$scratch/text/made.txt"
publish text
rm "$scratch/text/made.txt"
judge "a missing file of a text variable" 3 'variables of type string or []byte have none' text

mkdir -p "$scratch/code/parts"
printf 'module example.com/m\n\ngo 1.16\n' >"$scratch/code/go.mod"
printf 'package main\n\nimport "embed"\n\n//go:embed parts\nvar parts embed.FS\n\nfunc main() { println(parts.Open("x")) }\n' >"$scratch/code/main.go"
printf 'package parts\n' >"$scratch/code/parts/parts.go"
publish code
rm "$scratch/code/parts/parts.go"
judge "a missing file that go would compile" 3 'parts/parts.go is not taken from the artifact, as go would compile it' code

# One package got as strangers get it: from a proxy, proven by a checksum database.
mkdir -p "$scratch/proxy/example.com/m/@v"
python3 - "$scratch/bare" "$scratch/proxy/example.com/m/@v" <<'END'
import os, sys, zipfile
tree, place = sys.argv[1:]
with zipfile.ZipFile(place + "/v1.2.3.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            z.write(path, "example.com/m@v1.2.3/" + os.path.relpath(path, tree))
open(place + "/v1.2.3.info", "w").write('{"Version":"v1.2.3","Time":"2024-01-01T00:00:00Z"}')
open(place + "/v1.2.3.mod", "w").write(open(tree + "/go.mod").read())
open(place + "/list", "w").write("v1.2.3\n")
END
mkfifo "$scratch/hold"
python3 tests/server/server.py --root "$scratch/proxy" --database sum.example.com:5 <"$scratch/hold" >"$scratch/server" &
exec 9>"$scratch/hold"
until grep -q PORT "$scratch/server"; do sleep 0.1; done
port=$(sed -n 's/^PORT //p' "$scratch/server")
key=$(python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode().strip())' "http://127.0.0.1:$port/control/key")
code=0
GOPROXY=http://127.0.0.1:$port GOSUMDB="$key http://127.0.0.1:$port" "$reproof" rebuild --json --quiet --store "$scratch/store" \
    --state "$scratch/state" --source example.com/m@v1.2.3 --toolchain "$goroot" --accept local-toolchain \
    "$scratch/bare.published" >"$scratch/out" 2>"$scratch/err" || code=$?
if [ "$code" = 3 ]; then
    says "a module zip without its page" '"verdict": "equivalent"'
    says "the module zip is the recorded one" '"proof": "recorded"'
    # shellcheck disable=SC2086
    listed "a module zip without its page: the files are listed" bare whole $generated
else
    not_ok "a module zip without its page: exit $code instead of 3"
    note_file "$scratch/err"
    grep -E '"(verdict|code|detail|cure|name|change)":' "$scratch/out" | head -n 20 | sed 's/^/#   /'
fi
exec 9>&-
tap_end
