#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A gate whose module proxy, or whose checksum database, goes down, hangs or lies in the middle of a run: undecided (or
# tampering, where bytes contradict the database), nothing signed, nothing left but what the next run uses, and that one
# ends with yes. Proxy and database are ours and on this machine; the toolchain comes from the network once.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/gate.sh
has_box || absent_all "$no_box"

end() {
    skip "gate, proxy" "$1"
    tap_end
    exit
}
for program in go python3; do
    command -v $program >/dev/null || end "$program is not installed"
done
has_toolchain || end "the go here does not become $go_version"
zip=$(go mod download -json "golang.org/toolchain@v0.0.1-$go_version.linux-amd64" 2>/dev/null | sed -n 's/.*"Zip": "\(.*\)",/\1/p')
[ -n "$zip" ] || end "no toolchain $go_version"
goroot=$(env GOTOOLCHAIN=$go_version go env GOROOT)

# -- a proxy with its database, a module in it, a release that needs it --
proxy=$scratch/proxy tree=$scratch/tree out=$scratch/out.d seed=$scratch/seed
dep=$scratch/dep
mkdir -p "$proxy/golang.org/toolchain/@v" "$dep" "$tree/dist"
cp "${zip%.zip}".* "$proxy/golang.org/toolchain/@v"
printf 'module example.com/dep\n\ngo 1.21\n' >"$dep/go.mod"
printf 'package dep\n\nfunc Say() { println("dep") }\n' >"$dep/dep.go"
# Large enough to be cut in the middle of its zip.
head -c 300000 /dev/urandom >"$dep/data"
python3 tests/lib/module_zip.py "$proxy" example.com/dep v1.0.0 "$dep"
mkfifo "$scratch/alive"

# serve: starts the server; sets $server.
serve() {
    rm -f "$scratch/port"
    python3 tests/server/server.py --root "$proxy" --database sum.example.com:20 <"$scratch/alive" >"$scratch/port" 2>/dev/null &
    server=$!
    exec 9>"$scratch/alive"
    while ! grep -qs PORT "$scratch/port"; do sleep 0.1; done
    GOPROXY=http://127.0.0.1:$(sed 's/PORT //' "$scratch/port")
    export GOPROXY
}

# control WHAT: asks the server.
control() {
    python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$GOPROXY/control/$1"
}

trap 'exec 9>&-; wait; chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
serve
GOSUMDB=$(control key)
export GOSUMDB GOENV=off GOFLAGS='' GOTOOLCHAIN=local CGO_ENABLED=0 GOPRIVATE='' GONOSUMDB='' GONOPROXY=''
GOPATH=$scratch/go
GOCACHE=$scratch/gocache
export GOPATH GOCACHE
printf 'module example.com/small\n\ngo 1.21\n\nrequire example.com/dep v1.0.0\n' >"$tree/go.mod"
printf 'package main\n\nimport "example.com/dep"\n\nfunc main() { dep.Say() }\n' >"$tree/main.go"
(
    cd "$tree" || exit
    "$goroot/bin/go" mod tidy
    for arch in amd64 arm64; do
        GOOS=linux GOARCH=$arch "$goroot/bin/go" build -trimpath -ldflags='-s -w' -o dist/small-linux-$arch .
    done
) >"$scratch/log" 2>&1 9>&- || {
    note_file "$scratch/log"
    not_ok "a release of our own is built"
    tap_end
    exit 1
}
unset GOPATH GOCACHE
store=$scratch/store

# gate_now: into $out, over $store; sets $code.
gate_now() {
    code=0
    (cd "$tree" && exec "$reproof" gate --quiet --jobs 2 --store "$store" --state "$scratch/state" --out "$out" --key "$scratch/key") \
        >"$scratch/out" 2>"$scratch/err" 9>&- || code=$?
}

# Everything that a run may leave is what a next one uses: no workspace, no evidence, no temporary file, no target.
left_over() {
    find "$store/work" "$store/drafts" "$scratch/state/gate" -mindepth 1 -maxdepth 1 2>/dev/null || :
    find "$store/mods" "$store/exempt" "$store/hearsay" "$scratch/state" -name '.tmp-*' 2>/dev/null || :
    [ ! -e "$out.partial" ] || echo "$out.partial"
    [ "$code" = 0 ] || [ ! -e "$out" ] || echo "$out"
    pgrep -f -- "$scratch/state" || :
    grep -F "$scratch" /proc/self/mounts || :
}

# forget: the store as it was before the module was got.
forget() {
    chmod -R u+w "$store" 2>/dev/null || :
    rm -rf "$store" "$scratch/state" "$out"
    cp -al "$seed" "$store"
    cp -a "$scratch/seed.state" "$scratch/state"
    control reset >/dev/null
}

# judged EXIT NAME: of what gate_now did.
judged() {
    left=$(left_over)
    if [ "$code" = "$1" ] && [ -z "$left" ]; then
        ok "$2: exit $1"
    else
        not_ok "$2: exit $code instead of $1, or something is left: $left"
        note_file "$scratch/out"
        note_file "$scratch/err"
    fi
}

# again NAME: the next run, with an honest proxy.
again() {
    control reset >/dev/null
    gate_now
    [ "$code" != 0 ] || [ -s "$out/summary.json.minisig" ] || code=unsigned
    judged 0 "$1: the next run says yes"
}

"$reproof" key new -o "$scratch/key" --no-passphrase >/dev/null 2>&1
(cd "$tree" && "$reproof" gate --quiet --init dist --store "$store" --state "$scratch/state") >"$scratch/log" 2>&1 9>&- || note_file "$scratch/log"

# -- the toolchain itself, 70 MB --
control 'rule?path=*/toolchain/@v/*.zip&lie=truncate' >/dev/null
gate_now
judged 3 "half of the toolchain's zip, each time"
again "after half of the toolchain's zip"
cp "$out/summary.json" "$scratch/summary.json"
rm -r "$out"
gate_now
judged 0 "once more"

# What is kept: the toolchain and its library, and none of what the module needs.
cp -al "$store" "$seed"
for found in "$seed"/trees/*/tree/dep.go; do
    folder=${found%/tree/dep.go}
    rm -f "$seed/objects/$(cat "$folder/zip")"
    chmod -R u+w "$folder"
    rm -rf "$folder"
done
rm -rf "$seed/mods" "$seed/sumdb"
cp -a "$scratch/state" "$scratch/seed.state"
forget
gate_now
requests=$(control log | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')
judged 0 "the module is got again, in $requests requests"

# -- down after each number of requests --
bad=''
count=0
while [ $count -lt "$requests" ]; do
    forget
    control "after?count=$count&lie=close" >/dev/null
    gate_now
    # The pairs share what they get, not always in the same order: what comes last may be asked for in vain.
    [ "$code" = 0 ] && [ $count -gt $((requests / 2)) ] && code=3 && rm -rf "$out"
    [ "$code" = 3 ] && [ -z "$(left_over)" ] || bad="$bad $count($code)"
    count=$((count + 1))
done
if [ -z "$bad" ]; then
    ok "down after 0 to $((requests - 1)) requests: undecided each time"
else
    not_ok "down after 0 to $((requests - 1)) requests: undecided each time; not after$bad"
    note_file "$scratch/err"
fi
again "after the last"
holds "its summary is that of a run in peace" cmp "$out/summary.json" "$scratch/summary.json"

# fault EXIT NAME RULE
fault() {
    forget
    control "rule?$3" >/dev/null
    gate_now
    judged "$1" "$2"
    holds "$2: the reason is told" grep -q "^           [a-z]" "$scratch/out"
    again "$2"
}

fault 3 "half of the module's zip" 'path=*/dep/@v/*.zip&lie=truncate'
fault 3 "503 with Retry-After" 'path=*/dep/@v/*&lie=busy:503'
fault 3 "429 with Retry-After" 'path=*/dep/@v/*&lie=busy:429'
fault 3 "500" 'path=*/dep/@v/*&lie=status:500'
fault 4 "a zip of other bytes" 'path=*/dep/@v/*.zip&lie=flip:5000'
fault 4 "a go.mod of other bytes" 'path=*/dep/@v/*.mod&lie=flip:5'
fault 3 "the checksum database alone is down" 'path=/sumdb/*&lie=close'
fault 3 "the checksum database alone is busy" 'path=/sumdb/*&lie=busy:503'
fault 4 "a record of other bytes" 'path=/sumdb/*/lookup/*&lie=flip:30'
# Half a minute without a byte, three times.
fault 3 "the proxy hangs" 'path=*/dep/@v/*.mod&lie=mute'
forget
control 'rule?path=*/dep/@v/*&lie=then:503' >/dev/null
gate_now
judged 0 "one 503, then honest"

# -- gone for good: nobody listens --
forget
kill -9 $server
gate_now
judged 3 "nobody listens"
exec 9>&-
serve
gate_now
judged 0 "somebody listens again"

# -- 66: a store with too little room, and one on another file system --
rm -rf "$out"
if [ "$(id -u)" = 0 ] && mkdir "$scratch/small" && mount -t tmpfs -o size=1m none "$scratch/small" 2>/dev/null; then
    umount "$scratch/small"
    for size in 1 8 64 200; do
        forget
        mount -t tmpfs -o size=${size}m none "$scratch/small"
        store=$scratch/small/store
        gate_now
        left=$(left_over | grep -v "tmpfs $scratch/small\|none $scratch/small" || :)
        holds "66: $size MiB for the store: undecided ($code), and nothing is left: $left" [ "$code" = 3 -a -z "$left" ]
        holds "66: $size MiB: what is missing is told" grep -qi 'no space' "$scratch/out" "$scratch/err"
        umount "$scratch/small"
        store=$scratch/store
    done
    mount -t tmpfs -o size=2g none "$scratch/small"
    cp -a "$seed" "$scratch/small/store"
    store=$scratch/small/store
    gate_now
    holds "66: a store on another file system than state and evidence: yes ($code)" [ "$code" = 0 ]
    umount "$scratch/small"
    store=$scratch/store
else
    skip "66: a store with too little room" "only root mounts small file systems"
fi

tap_end
