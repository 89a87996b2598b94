#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# diff against Debian's diffoscope, which explains files of any kind, and against cmp, which only says whether they are equal.
#
# REPROOF_BENCH_PATIENCE: seconds after which diffoscope is stopped (default 600); its time is then a lower bound, and said so.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

patience=${REPROOF_BENCH_PATIENCE:-600}

# Commands that end with other codes than 0 where files differ, for measure.
cat >"$scratch/ours" <<END
#!/bin/sh
"$reproof" diff "\$@" && code=0 || code=\$?
[ "\$code" -le 3 ] && [ "\$code" != 2 ]
END
cat >"$scratch/theirs" <<END
#!/bin/sh
timeout $patience diffoscope --no-progress --text /dev/null "\$@" && code=0 || code=\$?
[ "\$code" != 124 ] || : >"$scratch/stopped"
[ "\$code" -le 1 ] || [ "\$code" = 124 ]
END
chmod 755 "$scratch/ours" "$scratch/theirs"

# against_diffoscope WHAT A B: five runs of ours alone first, because one beside the other's minutes says little.
against_diffoscope() {
    alone "$1, alone" 64 5 "$scratch/ours" "$2" "$3"
    if ! command -v diffoscope >/dev/null; then
        cannot "$1" "there is no diffoscope: apt-get install diffoscope-minimal"
        return
    fi
    rm -f "$scratch/stopped"
    pair "$1" 0.002 1 "$scratch/ours" "$2" "$3" against "$scratch/theirs" "$2" "$3"
    [ ! -f "$scratch/stopped" ] || note "diffoscope was not done after $patience s, and stopped"
}

heading "diff" "diffoscope"
if command -v npm >/dev/null; then
    for version in 0.25.0 0.25.1; do
        mkdir "$scratch/$version"
        (cd "$scratch/$version" && npm pack --silent "@esbuild/linux-x64@$version" >/dev/null && tar -xzf ./*.tgz)
    done
    esbuild=package/bin/esbuild
    against_diffoscope "two versions of esbuild" "$scratch/0.25.0/$esbuild" "$scratch/0.25.1/$esbuild"
else
    cannot "two versions of esbuild" "there is no npm"
fi
program=
if command -v go >/dev/null; then
    program=$(go env GOROOT)/bin/go
fi
if [ -n "$program" ] && [ -x "$program" ]; then
    strip -o "$scratch/stripped" "$program"
    against_diffoscope "go itself, stripped against unstripped" "$scratch/stripped" "$program"
else
    cannot "go itself, stripped against unstripped" "there is no go"
fi

# Equal files, of bytes and not of holes; forgotten by the page cache before each run.
heading "equal files of 100 MB" cmp
first=$scratch/first
if [ -f "$scratch/0.25.0/package/bin/esbuild" ]; then
    cp "$scratch/0.25.0/package/bin/esbuild" "$first"
else
    cp "$(command -v go)" "$first"
fi
filling=$((100000000 - $(stat -c %s "$first")))
head -c "$filling" /dev/urandom >>"$first"
cp "$first" "$scratch/second"
sync "$first" "$scratch/second"
cat >"$scratch/cold" <<END
#!/bin/sh
for file in "$first" "$scratch/second"; do
    dd if="\$file" iflag=nocache count=0 status=none
done
exec "\$@"
END
chmod 755 "$scratch/cold"
pair "cold" 1.0 7 "$scratch/cold" "$reproof" diff "$first" "$scratch/second" against "$scratch/cold" cmp "$first" "$scratch/second"
pair "warm" 1.0 7 "$reproof" diff "$first" "$scratch/second" against cmp "$first" "$scratch/second"
