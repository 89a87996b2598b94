#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pairs of programs built with one thing varied: flags, values that the linker puts in, sources, revisions, platforms, compilers.
# `reproof diff` must name that cause and no other.
#
#     tests/builds/diff_of_builds.sh REPROOF
#
# Two dozen builds of a small program, each of part of the standard library. A second compiler for C, and a second Go, where there
# are any.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
need git
. tests/lib/maker.sh
. tests/lib/verdict.sh
. tests/lib/causes.sh

trimmed base
cp "$scratch/base" "$scratch/copy"
cause "the same file twice" "" 0 base copy

# Flags.
trimmed small -ldflags '-s -w'
case $(go env GOVERSION) in
go1.1? | go1.1?.* | go1.2[0-3] | go1.2[0-3].*)
    # Older linkers put the names of sections among what is loaded, which then lies elsewhere.
    cause "linked without symbols" flags 1 base small
    ;;
*)
    cause "linked without symbols" flags/go-build-id/strip 3 base small
    cause "linked without symbols, accepted" flags/go-build-id/strip 0 base small --accept go-build-id,strip
    ;;
esac
trimmed swapped -ldflags '-w -s'
cause "other order of link flags" flags/go-build-id 3 small swapped
build untrimmed -buildvcs=false
cause "one with -trimpath" flags 1 base untrimmed
trimmed optimised -gcflags '-N -l'
cause "other -gcflags" flags 1 base optimised
trimmed pie -buildmode pie
cause "other -buildmode" flags 1 base pie
GOAMD64=v3 trimmed v3
cause "other GOAMD64" flags 1 base v3
trimmed tagged -tags special
cause "other tags" tags 1 base tagged

# Values put in by the linker.
trimmed x1 -ldflags '-X main.version=1.0.0'
trimmed x2 -ldflags '-X main.version=2.0.0-rc1'
cause "another -X value" x-value 1 x1 x2
says "the variable of an -X value is named" '"main.version"'
trimmed sx1 -ldflags '-s -w -X main.version=1.0.0'
trimmed sx2 -ldflags '-s -w -X main.version=2.0.0'
cause "another -X value, stripped" x-value 1 sx1 sx2
says "both -X values are shown" '"a": "1.0.0"'
trimmed t1 -ldflags '-s -w -X main.date=2024-05-01T10:20:30Z'
trimmed t2 -ldflags '-s -w -X main.date=2024-05-02T11:21:31Z'
cause "another time put in by -X" x-value 1 t1 t2
says "that it is a time is said" 'a time stamp'
build lx1 -buildvcs=false -ldflags '-X main.version=1.0.0'
build lx2 -buildvcs=false -ldflags '-X main.version=2.0.0'
cause "another -X value in recorded flags" x-value 1 lx1 lx2

# Sources.
module "$scratch/src/other"
edit stamp 's/2024-05-01T10:20:30Z/2024-06-02T11:21:31Z/' stamp.go
cause "a time stamp in the source" time-stamp 1 base stamp
publish "$scratch/elsewhere" "$scratch/src/other" -buildvcs=false
cause "built in another directory" path-leak 1 untrimmed elsewhere
says "both directories are shown" "$scratch/src/other"
edit newdep 's|^require example.com/dep v1.0.0|require example.com/dep v1.1.0|' go.mod
cause "another version of a dependency" dependency-version 1 base newdep
edit edited 's/> 3/> 5/' main.go
cause "another source" source 1 base edited
says "the function that differs is named" '"name": "main.check"'
cp -r "$scratch/src/main" "$scratch/src/grown"
printf 'package main\n\n//go:noinline\nfunc extra(n int) int { return n * 3 }\n\nfunc init() { println(extra(len(date))) }\n' >"$scratch/src/grown/extra.go"
publish "$scratch/grown" "$scratch/src/grown" -trimpath -buildvcs=false
cause "a function more" source 1 base grown
holds_of_json "a function more is named, and no other one blamed" '\[\] \[\] True' <<'END'
f = d["functions"]
print([x["name"] for x in f["changed"]], [x["name"] for x in f["removed"]], "main.extra" in [x["name"] for x in f["added"]])
END
mkdir "$scratch/src/program"
printf 'module example.com/program\n\ngo 1.18\n' >"$scratch/src/program/go.mod"
printf 'package main\n\nfunc main() { println("another") }\n' >"$scratch/src/program/main.go"
publish "$scratch/program" "$scratch/src/program" -trimpath -buildvcs=false
cause "another program" other-program 1 base program

# The version control stamp.
cp -r "$scratch/src/main" "$scratch/src/main.git"
commit "$scratch/src/main.git"
publish "$scratch/vcs1" "$scratch/src/main.git" -trimpath -buildvcs=true
(GIT_COMMITTER_DATE='2024-05-07T00:00:00Z' && commit "$scratch/src/main.git")
publish "$scratch/vcs2" "$scratch/src/main.git" -trimpath -buildvcs=true
cause "another revision" vcs-stamp 1 vcs1 vcs2
echo >"$scratch/src/main.git/untracked"
publish "$scratch/dirty" "$scratch/src/main.git" -trimpath -buildvcs=true
cause "uncommitted changes" vcs-stamp 1 vcs2 dirty

# Platforms and compilers.
GOOS=linux GOARCH=arm64 trimmed arm64
cause "another platform" other-platform 1 base arm64
mkdir "$scratch/src/cgo"
printf 'module example.com/cgo\n\ngo 1.18\n' >"$scratch/src/cgo/go.mod"
printf 'package main\n\n// static int twice(int n) { return n * 2; }\nimport "C"\n\nfunc main() { println(C.twice(21)) }\n' >"$scratch/src/cgo/main.go"
clang=$(command -v clang || command -v clang-16 || command -v clang-14 || :)
if [ -n "$clang" ] && command -v gcc >/dev/null &&
    CGO_ENABLED=1 CC=gcc publish "$scratch/gcc" "$scratch/src/cgo" -trimpath -buildvcs=false -ldflags '-linkmode external' &&
    CGO_ENABLED=1 CC=$clang publish "$scratch/clang" "$scratch/src/cgo" -trimpath -buildvcs=false -ldflags '-linkmode external'; then
    cause "another C compiler" c-compiler 1 gcc clang
else
    skip "another C compiler" "no gcc and clang, or they build no cgo"
fi

here=$(go env GOVERSION)
second=
for other in /usr/lib/go-*/bin/go /usr/local/go/bin/go /usr/lib/go/bin/go; do
    [ -x "$other" ] && [ "$("$other" env GOVERSION)" != "$here" ] && second=$other
done
if [ -n "$second" ] && (goroot=$("$second" env GOROOT) && trimmed newer); then
    cause "another version of Go" go-version 1 base newer
else
    skip "another version of Go" "there is but $here"
fi
causes_end
