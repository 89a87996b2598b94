#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A release gated in its own working copy: yes, no, undecided, stopped in the middle, in shards.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/gate.sh
has_box || absent_all "$no_box"

tree=$scratch/tree
need_release "gate" "$tree"
absent_file() {
    [ ! -e "$1" ] && [ ! -e "$1.partial" ]
}

# -- the manifest --
holds "a new manifest pins the toolchain and its h1" grep -q '"h1": "h1:' "$tree/reproof.json"
mkdir -p "$scratch/experiment/dist"
cp "$tree/go.mod" "$scratch/experiment"
sed "s/$go_version/go1.9 X:/" "$tree/dist/small-linux-386" >"$scratch/experiment/dist/small"
gated 0 "a manifest for a build with an experiment" "$scratch/experiment" --init dist
holds "it pins the release alone" grep -q '"version": "go1.9"' "$scratch/experiment/reproof.json"

# -- stopped in the middle --
(cd "$tree" && exec "$reproof" gate --quiet --store "$store" --state "$scratch/state" --out "$scratch/killed" --key "$scratch/key" \
    >/dev/null 2>&1) &
victim=$!
sleep 3
kill -9 $victim 2>/dev/null || :
wait $victim 2>/dev/null || :
holds "kill -9: nothing under its final name" [ ! -e "$scratch/killed" ]

# -- yes --
gated 0 "a release in its own tree: yes" "$tree" --out "$scratch/killed" --key "$scratch/key" --report "$scratch/r.md" \
    --report "$scratch/r.xml" --report "$scratch/r.sarif" --report "$scratch/r.html"
out=$scratch/killed
holds "nothing half-written is left" [ ! -e "$out.partial" ]
for file in SHA256SUMS SHA256SUMS.minisig summary.json summary.json.sshsig release.spdx.json index.json small-linux-386.spdx.json \
    small-linux-amd64.minisig small-linux-arm64.intoto.jsonl; do
    holds "evidence: $file" [ -s "$out/$file" ]
done
holds "the checksums are those of the artifacts" sh -c "cd '$tree/dist' && sha256sum --quiet --strict -c '$out/SHA256SUMS'"
cp "$out/summary.json" "$out/summary.json.minisig" "$scratch"
holds "the summary's signature verifies" sh -c "'$reproof' verify --trust '$scratch/key.pub' '$scratch/summary.json' >/dev/null"
holds "reports: Markdown" grep -q '^## Yes' "$scratch/r.md"
holds "reports: JUnit, SARIF and HTML are well formed" python3 -c '
import json, sys, xml.dom.minidom as xml
xml.parse(sys.argv[1]); assert json.load(open(sys.argv[2]))["version"] == "2.1.0"' "$scratch/r.xml" "$scratch/r.sarif"

# -- another toolchain than is pinned --
mkdir "$scratch/other"
cp -r "$tree/." "$scratch/other"
sed -i 's/"h1:[^"]*"/"h1:47DEQpj8HBSa+_TImW+5JCeuQeRkm5NMpJWZG3hSuFU="/' "$scratch/other/reproof.json"
gated 4 "another h1 than the manifest's" "$scratch/other" --out "$scratch/none" --key "$scratch/key"
holds "nothing signed" absent_file "$scratch/none"

# -- shards --
for i in 0 1; do
    gated 0 "shard $i of 2" "$tree" --shard $i/2 --out "$scratch/s$i"
done
gated 0 "merged: yes" "$tree" --merge --out "$scratch/merged" --key "$scratch/key" "$scratch/s1" "$scratch/s0"
holds "the merged summary is that of one machine" cmp "$out/summary.json" "$scratch/merged/summary.json"
gated 3 "a shard is missing" "$tree" --merge --out "$scratch/none" --key "$scratch/key" "$scratch/s1"
gated 3 "a shard twice" "$tree" --merge --out "$scratch/none" --key "$scratch/key" "$scratch/s1" "$scratch/s1"
cp -r "$scratch/s0" "$scratch/forged"
sed 's/"variant": "[^"]*"/"variant": "x"/' "$scratch/s0/small-linux-386.json" >"$scratch/forged/small-linux-386.json"
gated 4 "a shard that was changed" "$tree" --merge --out "$scratch/none" --key "$scratch/key" "$scratch/forged" "$scratch/s1"
holds "nothing signed" absent_file "$scratch/none"

# -- no --
echo stranger >"$tree/dist/stranger"
gated 1 "a file that no pair names: no" "$tree" --merge --out "$scratch/none" --key "$scratch/key" "$scratch/s0" "$scratch/s1"
rm "$tree/dist/stranger"
flip "$tree/dist/small-linux-386" 600000
gated 3 "an artifact that was changed after its shard" "$tree" --merge --out "$scratch/none" --key "$scratch/key" "$scratch/s0" \
    "$scratch/s1"
gated 1 "a tampered artifact: no" "$tree" --out "$scratch/none" --key "$scratch/key" --attest-failures "$scratch/failed"
holds "nothing signed" absent_file "$scratch/none"
python3 -c 'import base64, json, sys; print(base64.b64decode(json.load(open(sys.argv[1]))["payload"]).decode())' \
    "$scratch/failed/small-linux-386.vsa.json" >"$scratch/failed.text" 2>&1 || :
holds "what failed is stated" grep -q FAILED "$scratch/failed.text"
holds "nothing of what holds" sh -c "! ls '$scratch/failed' | grep -q -e amd64 -e arm64 -e minisig"
holds "the cause is told" grep -q 'small-linux-386: different, 1 byte differs' "$scratch/out"
flip "$tree/dist/small-linux-386" 600000

# -- undecided --
store=$scratch/empty GOPROXY=http://127.0.0.1:9 gated 3 "the proxy gone: undecided" "$tree" --out "$scratch/none" \
    --key "$scratch/key"
holds "nothing signed" absent_file "$scratch/none"
holds "no key, no run" sh -c "cd '$tree' && ! '$reproof' gate --quiet --out '$scratch/none' 2>/dev/null"
holds "nothing is left of runs" sh -c "! ls -d '$scratch'/state/gate/*-* 2>/dev/null"
tap_end
