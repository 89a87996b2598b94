#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files that a program embeds and its source lacks are cut out of the program itself, and the verdict says so.
#
#     tests/builds/embedded_files.sh REPROOF [GOROOT]
#
# Programs of our own, built by the go of this machine; one is got from our own proxy and checksum database. Builds the
# standard library for a few platforms. Nothing from the network.
set -eu
reproof=$(realpath "$1")
goroot=${2:-}
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
. tests/lib/verdict.sh
. tests/lib/modules.sh
need_box
toolchain=$goroot accepted=local-source,local-toolchain

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

# build NAME OPTION...: the folder NAME, into NAME.published
build() {
    name=$1
    shift
    publish "$scratch/$name.published" "$scratch/$name" -trimpath -buildvcs=false "$@"
}

# judge_folder NAME EXPECTED_EXIT EXPECTED_TEXT FOLDER [OPTION...]: FOLDER.published, from what lies in FOLDER.
judge_folder() {
    case_name=$1 case_exit=$2 case_text=$3 folder=$4
    shift 4
    judge "$case_name" "$case_exit" "$case_text" --offline --source "$scratch/$folder" "$@" "$scratch/$folder.published"
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
build whole -ldflags='-s -w'
judge_folder "a whole source" 0 '"verdict": "reproduced"' whole
cp -r "$scratch/whole" "$scratch/bare"
rm -r "$scratch/bare/ui/dist"
cp "$scratch/whole.published" "$scratch/bare.published"
judge_folder "a source without its page" 3 '"verdict": "equivalent"' bare
# shellcheck disable=SC2086
listed "each file taken from the artifact is listed with digest and place" bare whole $generated
says "the try is in the trail" '"change": "5 embedded files from the artifact, -ldflags'
says "what that is worth is said" 'nothing proves what is in them'
judge_folder "a source without its page, accepted" 0 '"accepted": true' bare --accept embedded-from-artifact
recipe_of_result >"$scratch/recipe.json"
rebuild --offline --recipe "$scratch/recipe.json" --accept embedded-from-artifact "$scratch/bare.published"
if [ "$code" = 0 ] && [ "$(grep -c '"change":' "$scratch/out")" = 1 ]; then
    ok "the recipe that was found gives the same in one build"
else
    not_ok "the recipe that was found gives the same in one build: exit $code"
    note_file "$scratch/err"
fi
"$reproof" rebuild --quiet --offline --store "$store" --state "$state" --source "$scratch/bare" --toolchain "$goroot" \
    "$scratch/bare.published" >"$scratch/out" 2>"$scratch/err" || :
says "the text lists them" "ui/dist/assets/app.js, 23893 bytes, sha256 $(sha256sum <"$scratch/whole/ui/dist/assets/app.js" | cut -d' ' -f1)"

# A place holder is in the source, as `all:dist` wants one: the build succeeds, with less inside.
cp -r "$scratch/bare" "$scratch/holder"
mkdir -p "$scratch/holder/ui/dist"
echo "built by npm" >"$scratch/holder/ui/dist/index.html"
cp "$scratch/whole.published" "$scratch/holder.published"
judge_folder "a source with a place holder" 3 '"verdict": "equivalent"' holder
# shellcheck disable=SC2086
listed "what a place holder stands for is listed" holder whole $generated
says "that the source has another is said" '"source": "differs"'

# Other formats.
for platform in windows/amd64 darwin/arm64 js/wasm; do
    cp -r "$scratch/bare" "$scratch/other"
    GOOS=${platform%/*} GOARCH=${platform#*/} build whole
    mv "$scratch/whole.published" "$scratch/other.published"
    judge_folder "$platform" 3 '"verdict": "equivalent"' other
    # shellcheck disable=SC2086
    listed "$platform: the files are listed" other whole $generated
    rm -rf "$scratch/other" "$scratch/other.published"
done

# What cannot be proven this way.
cp "$scratch/bare.published" "$scratch/plain.published"
cp -r "$scratch/bare" "$scratch/plain"
sed -i 's/println(/println("more", /' "$scratch/plain/main.go"
judge_folder "the source differs besides" 3 '"verdict": "unproven"' plain
judge_folder "the source differs besides: nothing is accepted" 3 '"recipe-unknown"' plain --accept embedded-from-artifact

cp -r "$scratch/holder" "$scratch/besides"
sed -i 's/println(/println("more", /' "$scratch/besides/main.go"
cp "$scratch/bare.published" "$scratch/besides.published"
judge_folder "a place holder, and the source differs besides" 3 '"verdict": "unproven"' besides --accept embedded-from-artifact
says "then nothing was taken from the artifact" '"embedded_from_artifact": []'

cp -r "$scratch/bare" "$scratch/damaged"
python3 - "$scratch/bare.published" "$scratch/damaged.published" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[data.index(b"assets/app.js\"></script>")] ^= 1
open(sys.argv[2], "wb").write(data)
END
judge_folder "a file in the artifact that its table does not fit" 3 'none of the 1 tables of embedded files' damaged

mkdir -p "$scratch/text"
printf 'module example.com/m\n\ngo 1.16\n' >"$scratch/text/go.mod"
printf 'package main\n\nimport _ "embed"\n\n//go:embed made.txt\nvar made string\n\nfunc main() { println(made) }\n' >"$scratch/text/main.go"
seq 1 500 >"$scratch/text/made.txt"
build text
rm "$scratch/text/made.txt"
judge_folder "a missing file of a text variable" 3 'variables of type string or []byte have none' text

mkdir -p "$scratch/code/parts"
printf 'module example.com/m\n\ngo 1.16\n' >"$scratch/code/go.mod"
printf 'package main\n\nimport "embed"\n\n//go:embed parts\nvar parts embed.FS\n\nfunc main() { println(parts.Open("x")) }\n' >"$scratch/code/main.go"
printf 'package parts\n' >"$scratch/code/parts/parts.go"
build code
rm "$scratch/code/parts/parts.go"
judge_folder "a missing file that go would compile" 3 'parts/parts.go is not taken from the artifact, as go would compile it' code

# Got as strangers get it: from a proxy, proven by a checksum database.
offer example.com/m v1.2.3 "$scratch/bare"
serve
accepted=local-toolchain,no-earlier-tree-head
judge "a module zip without its page" 3 '"verdict": "equivalent"' --source example.com/m@v1.2.3 "$scratch/bare.published"
says "the module zip is the recorded one" '"proof": "recorded"'
# shellcheck disable=SC2086
listed "a module zip without its page: the files are listed" bare whole $generated
tap_end
