#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A gate that is killed, starved, lied to and interrupted: nothing is signed, nothing is half-written, no process, mount or
# temporary file stays, and the next run works. The numbers are those of the threats' tests that a case stands for.
#
# Elsewhere: 51, 52 archives that lie (unit/fetch/test_unpack.c, test_zip_rules.c, unit/target), 68 order of syncs
# (unit/base/test_file.c: names come last), 69 one download for many (unit/fetch/test_fetch.c), 70 odd file systems
# (unit/fetch/test_store.c), 72 refused memory (unit/base), 79 large files (bench/memory.sh).
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/gate.sh
has_box || absent_all "$no_box"

tree=$scratch/tree out=$scratch/evidence
need_release "gate, faults" "$tree"

# sign: a gate that signs into $out, in the background; sets $victim.
sign() {
    # Shells let what they start in the background ignore SIGINT.
    (cd "$tree" && exec env --default-signal=INT "$reproof" gate --quiet --jobs 2 --store "$store" --state "$scratch/state" --out "$out" \
        --key "$scratch/key" >"$scratch/out" 2>"$scratch/err") &
    victim=$!
}

# Processes, mounts of ours; those that are told to die are given a moment.
nobody_left() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        left=$(pgrep -f -- "$scratch/state" || :)
        [ -n "$left" ] || break
        sleep 0.5
    done
    [ -z "$left" ] && ! grep -qF "$scratch" /proc/self/mounts
}

# Whether what is there under a final name is whole: nothing at all, or all of it.
whole_or_nothing() {
    [ ! -e "$out" ] || { [ -s "$out/summary.json.minisig" ] && [ -s "$out/index.json" ]; }
}

# Neither a half-written directory nor anything in the folders of work; what it is, otherwise.
swept() {
    find "$store/work" "$store/drafts" "$scratch/state/gate" -mindepth 1 -maxdepth 1 >"$scratch/left" 2>/dev/null || :
    [ ! -e "$out.partial" ] || echo "$out.partial" >>"$scratch/left"
    [ ! -s "$scratch/left" ] || { note_file "$scratch/left" && return 1; }
}

# -- the first run: to know how long one takes --
gated 0 "yes" "$tree" --out "$out" --key "$scratch/key"
rm -r "$out"
started=$(date +%s%N)
gated 0 "yes, with the standard library kept" "$tree" --json --out "$out" --key "$scratch/key"
spent=$((($(date +%s%N) - started) / 1000000))
holds "61: what was kept is used" sh -c "[ \$(grep -c '\"cache\": \"warm\"' '$scratch/out') = 3 ]"
cp "$out/summary.json" "$scratch/summary.json"
rm -r "$out"

# -- 65: killed, at places all over the run --
bad=''
part=1
while [ $part -le 30 ]; do
    sign
    sleep "$(awk "BEGIN { print $spent * $part / 30000 }")"
    kill -9 $victim 2>/dev/null || :
    wait $victim 2>/dev/null || :
    whole_or_nothing || bad="$bad $part"
    rm -rf "$out"
    part=$((part + 1))
done
holds "65: killed at thirty times: whole or nothing ($bad)" [ -z "$bad" ]
# The very moment in which evidence is written.
for _ in 1 2 3; do
    sign
    while kill -0 $victim 2>/dev/null && [ ! -e "$out.partial/README.md" ] && [ -z "$(ls "$out.partial" 2>/dev/null)" ]; do :; done
    kill -9 $victim 2>/dev/null || :
    wait $victim 2>/dev/null || :
    whole_or_nothing || bad="$bad signing"
    rm -rf "$out"
done
holds "65: killed while it signs: whole or nothing ($bad)" [ -z "$bad" ]
holds "65: no process and no mount is left" nobody_left
gated 0 "65: the next run works" "$tree" --out "$out" --key "$scratch/key"
holds "65: and leaves nothing of the killed ones" swept
holds "65: its summary is that of a run in peace" cmp "$out/summary.json" "$scratch/summary.json"
rm -r "$out"

# descendants PID: of that process, one a line: "PID NAME".
descendants() {
    for child in $(ps -o pid= --ppid "$1"); do
        echo "$child $(ps -o comm= -p "$child")"
        descendants "$child"
    done
}

# kill_one NAME NUMBER: kills the NUMBERth descendant of that name (.* for any) once there is one, and nothing else; sets $code.
kill_one() {
    sign
    while kill -0 $victim 2>/dev/null; do
        chosen=$(descendants $victim 2>/dev/null | grep -x "[0-9]* $1" | sed -n "$2s/ .*//p")
        [ -z "$chosen" ] || break
    done
    [ -z "$chosen" ] || kill -9 "$chosen" 2>/dev/null || :
    code=0
    wait $victim || code=$?
}

# One process of a run alone: the runner, a pair, a worker that parses, bubblewrap outside and inside, go, a helper.
for one in 'reproof 1' 'reproof 2' 'reproof 3' 'reproof 4' 'reproof 5' 'bwrap 1' 'bwrap 2' 'bwrap 3' 'go 1' 'compile 1' 'link 1' \
    'reproof-fetch 1' '.* 6' '.* 7' '.* 8' '.* 9'; do
    kill_one "${one% *}" "${one#* }"
    holds "65: one process killed ($one): undecided, or it was not needed any more ($code)" [ "$code" = 3 -o "$code" = 0 ]
    holds "65: whole or nothing" whole_or_nothing
    holds "65: undecided signs nothing" sh -c "[ $code = 0 ] || [ ! -e '$out' ]"
    holds "65: no process and no mount is left" nobody_left
    rm -rf "$out"
done
gated 0 "65: the next run works" "$tree" --out "$out" --key "$scratch/key"
holds "65: and leaves nothing of those" swept
rm -rf "$out"

# -- 69: two at once --
two() {
    (cd "$tree" && exec "$reproof" gate --quiet --store "$store" --state "$1" --out "$2" --key "$scratch/key" \
        >"$scratch/two" 2>&1) &
    first=$!
    code=0 other=0
    gate "$tree" --out "$out" --key "$scratch/key" >"$scratch/out" 2>"$scratch/err" || code=$?
    wait $first || other=$?
}
cp -r "$scratch/state" "$scratch/state2"
two "$scratch/state2" "$scratch/evidence2"
holds "69: two at once over one store: both say yes ($code, $other)" [ "$code$other" = 00 ]
holds "69: with one summary" cmp "$out/summary.json" "$scratch/evidence2/summary.json"
rm -rf "$out" "$scratch/evidence2"
two "$scratch/state" "$scratch/evidence2"
holds "69: two at once of one state: one waits for the other ($code, $other)" [ "$code$other" = 00 ]
rm -rf "$out" "$scratch/evidence2"
two "$scratch/state2" "$out"
holds "69: two at once into one directory: one says yes, the other is undecided, or came later ($code, $other)" \
    [ "$code$other" = 30 -o "$code$other" = 03 -o "$code$other" = 00 ]
holds "69: what is there is whole" [ -s "$out/summary.json.minisig" -a ! -e "$out.partial" ]
rm -rf "$out" "$scratch/state2"

# -- 73: signals, also twice --
for signal in INT TERM HUP; do
    sign
    sleep "$(awk "BEGIN { print $spent / 3000 }")"
    kill -$signal $victim 2>/dev/null || :
    kill -$signal $victim 2>/dev/null || :
    code=0
    wait $victim 2>/dev/null || code=$?
    holds "73: SIG$signal twice ends it ($code)" [ "$code" -ge 128 ]
    holds "73: and nothing is under its name" [ ! -e "$out" ]
    rm -rf "$out"
done
holds "73: no process and no mount is left" nobody_left
sign
sleep 1
kill -STOP $victim
sleep 1
kill -CONT $victim
code=0
wait $victim || code=$?
holds "73: stopped for a while: yes" [ "$code" = 0 ]
rm -rf "$out"

# -- 66: no room --
if [ "$(id -u)" = 0 ] && mkdir "$scratch/small" && mount -t tmpfs -o size=300k none "$scratch/small" 2>/dev/null; then
    gated 3 "66: no room for the evidence" "$tree" --out "$scratch/small/out" --key "$scratch/key"
    holds "66: the reason is told" grep -q 'No space left' "$scratch/err"
    holds "66: nothing of it is there" [ -z "$(ls "$scratch/small")" ]
    code=0
    (cd "$tree" && "$reproof" gate --quiet --store "$store" --state "$scratch/state" --report "$scratch/small/r.html" --out "$out" \
        --key "$scratch/key" >/dev/full 2>/dev/null) || code=$?
    holds "74: a report that nobody can read is no yes ($code)" [ "$code" = 3 ]
    rm -rf "$out"
    umount "$scratch/small"
    mount -t tmpfs -o size=24k none "$scratch/small"
    cp -r "$scratch/state/sumdb" "$scratch/small" 2>/dev/null || :
    code=0
    (cd "$tree" && "$reproof" gate --quiet --store "$store" --state "$scratch/small" --out "$out" --key "$scratch/key" \
        >"$scratch/out" 2>"$scratch/err") || code=$?
    holds "66: no room for what the pairs find ($code)" [ "$code" = 3 ]
    holds "66: nothing is signed" [ ! -e "$out" -a ! -e "$out.partial" ]
    umount "$scratch/small"
else
    skip "66: no room" "only root mounts small file systems"
fi

# -- 74: a closed standard output is no success --
code=0
(cd "$tree" && "$reproof" gate --quiet --store "$store" --state "$scratch/state" --out "$out" --key "$scratch/key" >&- 2>"$scratch/err") ||
    code=$?
holds "74: nobody can read the answer ($code)" [ "$code" = 3 ]
holds "74: whole or nothing" whole_or_nothing
rm -rf "$out"

# -- 67: read-only --
mkdir "$scratch/readonly"
if [ "$(id -u)" = 0 ]; then
    mount -t tmpfs -o ro none "$scratch/readonly"
else
    chmod 555 "$scratch/readonly"
fi
gated 3 "67: a directory that cannot be written" "$tree" --out "$scratch/readonly/out" --key "$scratch/key"
[ "$(id -u)" != 0 ] || umount "$scratch/readonly"
if [ "$(id -u)" = 0 ] && mount --bind "$store" "$scratch/readonly" 2>/dev/null &&
    mount -o remount,bind,ro "$scratch/readonly"; then
    code=0
    (cd "$tree" && "$reproof" gate --quiet --store "$scratch/readonly" --state "$scratch/state" --out "$out" --key "$scratch/key" \
        >"$scratch/out" 2>"$scratch/err") || code=$?
    holds "67: a store that cannot be written ($code)" [ "$code" = 3 ]
    holds "67: the reason is told" grep -qi 'read-only' "$scratch/err" "$scratch/out"
    holds "67: nothing is signed" [ ! -e "$out" -a ! -e "$out.partial" ]
    umount "$scratch/readonly"
else
    skip "67: a store that cannot be written" "only root mounts"
fi

# -- keys --
gated 2 "a key that is not there" "$tree" --out "$out" --key "$scratch/none"
holds "nothing is signed, nothing is left" [ ! -e "$out" -a ! -e "$out.partial" ]
echo "not a key" >"$scratch/nokey"
gated 2 "a key that is none" "$tree" --out "$out" --key "$scratch/nokey"
holds "nothing is signed" [ ! -e "$out" -a ! -e "$out.partial" ]

# -- 75: clocks --
for now in 0 4102444800 9223372036854775807; do
    code=0
    (cd "$tree" && SOURCE_DATE_EPOCH=$now "$reproof" gate --quiet --store "$store" --state "$scratch/state" --out "$out" --key "$scratch/key" \
        >"$scratch/out" 2>"$scratch/err") || code=$?
    holds "75: at the second $now of the epoch ($code)" [ "$code" = 0 ]
    holds "75: whole or nothing" whole_or_nothing
    rm -rf "$out"
done

if cc -shared -fPIC -o "$scratch/steps.so" tests/lib/clock_steps.c 2>/dev/null; then
    code=0
    started=$(date +%s)
    (cd "$tree" && LD_PRELOAD="$scratch/steps.so" "$reproof" gate --quiet --store "$store" --state "$scratch/state" --out "$out" \
        --key "$scratch/key" >"$scratch/out" 2>"$scratch/err") || code=$?
    took=$(($(date +%s) - started))
    holds "75: a clock that steps back and forth all the time: yes ($code)" [ "$code" = 0 ]
    [ "$code" = 0 ] || note_file "$scratch/err"
    holds "75: no timer ends late ($took s)" [ "$took" -lt $((spent / 100 + 60)) ]
    holds "75: all signatures are of one time" \
        [ "$(grep -rhos 'timestamp:[0-9]*' "$out" | sort -u | wc -l)" = 1 ]
    rm -rf "$out"
else
    skip "75: a clock that steps" "no C compiler"
fi

# -- 76, 77, 80: odd places, masks, variables --
odd="$scratch/a b
-%n"
cp -r "$tree" "$odd"
(umask 777 && cd "$odd" && LC_ALL=tr_TR.UTF-8 TZ=Pacific/Kiritimati GOFLAGS=-race GODEBUG=madvdontneed=1 http_proxy=http://127.0.0.1:9 \
    "$reproof" gate --quiet --store "$store" --state "$scratch/state" --out "$out" --key "$scratch/key" >"$scratch/out" 2>"$scratch/err") &&
    code=0 || code=$?
holds "76, 77, 80: a folder with spaces and newlines, umask 777, a foreign environment: yes ($code)" [ "$code" = 0 ]
[ "$code" = 0 ] || note_file "$scratch/err"
rm -rf "$out" "$odd"

# -- 78: one hostile among others --
head -c 700000 /dev/zero | tr '\0' '\177' >"$tree/dist/hostile"
printf '\177ELF\002\001\001' | dd of="$tree/dist/hostile" conv=notrunc 2>/dev/null
echo '{"artifact": "hostile", "platforms": ["linux/riscv64"]}' >"$tree/reproof.pairs/hostile.json"
code=0
gate "$tree" --json --out "$out" --key "$scratch/key" >"$scratch/out" 2>"$scratch/err" || code=$?
holds "78: one file that cannot be read: no ($code)" [ "$code" = 2 -o "$code" = 1 ]
holds "78: the others' verdicts are as before" sh -c "[ \$(grep -c '\"state\": \"holds\"' '$scratch/out') = 3 ]"
holds "78: nothing is signed" [ ! -e "$out" ]
rm "$tree/dist/hostile" "$tree/reproof.pairs/hostile.json"

# -- pairs that the manifest does not have so --
cp "$tree/reproof.pairs/small-linux-386.json" "$scratch/pair.json"
sed 's|linux/386|linux/s390x|' "$scratch/pair.json" >"$tree/reproof.pairs/small-linux-386.json"
gated 1 "an artifact for a pair that is not declared" "$tree" --out "$out" --key "$scratch/key"
sed 's|small-linux-386|small-linux-amd64|' "$scratch/pair.json" >"$tree/reproof.pairs/small-linux-386.json"
gated 2 "one artifact for two pairs" "$tree" --out "$out" --key "$scratch/key"
cp "$tree/reproof.pairs/small-linux-amd64.json" "$tree/reproof.pairs/small-linux-386.json"
sed 's|linux/386|linux/amd64|' "$scratch/pair.json" >"$tree/reproof.pairs/small-linux-386.json"
gated 2 "two artifacts for one pair" "$tree" --out "$out" --key "$scratch/key"
cp "$scratch/pair.json" "$tree/reproof.pairs/small-linux-386.json"
holds "nothing is signed of any" [ ! -e "$out" -a ! -e "$out.partial" ]

# -- a kept standard library that somebody changed --
# The store may have those of other suites, too: which of them is used here is not to be seen from outside.
for kept in "$store"/standard/*; do
    part=$(find "$kept" -name '*-d' -size +100k | sort | head -n 1)
    [ -z "$part" ] || { chmod u+w "$part" && flip "$part" 1000; }
done
gated 0 "61: a kept library that was changed is not used: yes" "$tree" --json --out "$out" --key "$scratch/key"
holds "61: it was built again" grep -q '"cache": "cold"' "$scratch/out"
holds "61: it lies in quarantine" sh -c "ls '$store/quarantine' | grep -q ."
holds "61: the summary is the same" cmp "$out/summary.json" "$scratch/summary.json"
rm -rf "$out"
# One that is consistent in itself, but that nobody here made.
rm -r "$scratch/state/standard"
gated 0 "61: kept libraries that nobody wrote down are not used: yes" "$tree" --json --out "$out" --key "$scratch/key"
holds "61: all were built again" sh -c "! grep -q '\"cache\": \"warm\"' '$scratch/out'"
rm -rf "$out"
gated 0 "61: --cold keeps none and uses none" "$tree" --cold --json --shard 0/3 --out "$scratch/cold"
holds "61: it says so" grep -q '"cache": "cold"' "$scratch"/cold/small-*.json

# -- shards and their workers --
"$reproof" key new -o "$scratch/worker" --no-passphrase >/dev/null 2>&1
"$reproof" key new -o "$scratch/stranger" --no-passphrase >/dev/null 2>&1
"$reproof" key convert "$scratch/worker" --public --format ssh -o "$scratch/worker.ssh" >/dev/null 2>&1
cp "$tree/reproof.json" "$scratch/manifest.json"
python3 - "$tree/reproof.json" "$scratch/worker.ssh" <<'END'
import json, sys
manifest = json.load(open(sys.argv[1]))
manifest["workers"] = [" ".join(open(sys.argv[2]).read().split()[:2])]
json.dump(manifest, open(sys.argv[1], "w"))
END
for i in 0 1; do
    gated 0 "shard $i, signed by its worker" "$tree" --shard $i/2 --out "$scratch/w$i" --key "$scratch/worker"
done
gated 0 "merged: yes" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/w0" "$scratch/w1"
cp -r "$out" "$scratch/first"
gated 0 "merged again, in another order" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/w1" "$scratch/w0"
for file in SHA256SUMS summary.json; do
    holds "merged twice: $file has the same bytes" cmp "$out/$file" "$scratch/first/$file"
done
rm -rf "$out"
cp -r "$scratch/w0" "$scratch/unsigned"
rm "$scratch/unsigned/shard.json.minisig"
gated 3 "a worker's signature is missing" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/unsigned" "$scratch/w1"
gated 0 "a shard signed by a stranger" "$tree" --shard 0/2 --out "$scratch/strange" --key "$scratch/stranger"
gated 4 "is refused" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/strange" "$scratch/w1"
cp -r "$scratch/w0" "$scratch/edited"
sed 's/"count": 2/"count": 2 /' "$scratch/w0/shard.json" >"$scratch/edited/shard.json"
gated 4 "a list that was changed after it was signed" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/edited" "$scratch/w1"
gated 3 "shards that conflict" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/w0" "$scratch/w0" "$scratch/w1"
gated 0 "a third of three" "$tree" --shard 2/3 --out "$scratch/third" --key "$scratch/worker"
gated 3 "shards of different cuts" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/w0" "$scratch/w1" "$scratch/third"
holds "nothing is signed of any" [ ! -e "$out" -a ! -e "$out.partial" ]
rm -r "$scratch/w1"
gated 0 "a lost shard is made again alone" "$tree" --shard 1/2 --out "$scratch/w1" --key "$scratch/worker"
gated 0 "and merged: yes" "$tree" --merge --out "$out" --key "$scratch/key" "$scratch/w0" "$scratch/w1"
holds "with the same summary" cmp "$out/summary.json" "$scratch/first/summary.json"
rm -rf "$out"
cp "$scratch/manifest.json" "$tree/reproof.json"

# -- the end --
gated 0 "at the end, all is as at the beginning" "$tree" --out "$out" --key "$scratch/key"
holds "nothing is left behind" swept
holds "no process and no mount is left" nobody_left
tap_end
