#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds that fail in each way that the catalogue knows (verifier/sandbox/build_failure.c): real go, real causes.
#
#     tests/builds/build_failures.sh EXPLAIN_FAILURE
#
# With each Go that is here, because messages change with versions. What cannot be provoked here is told as skipped.
set -eu
explain=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/maker.sh
need python3
export GOFLAGS=-modcacherw GOWORK=off GONOSUMDB='*' GOSUMDB=off LC_ALL=C
unset GOMODCACHE
: >"$scratch/logs"

# source: a fresh folder with a program, now the working directory.
source_here() {
    rm -rf "$scratch/src"
    mkdir -p "$scratch/src"
    cd "$scratch/src"
    printf 'module example.com/x\n\ngo 1.18\n' >go.mod
    printf 'package main\n\nfunc main() {}\n' >main.go
}

# dependency NAME VERSION [GO_MOD_LINE]: a module in a folder beside, and as a proxy would hand it out.
dependency() {
    mkdir -p "$scratch/src/dep/$1@$2" "$scratch/proxy/example.com/$1/@v"
    printf 'module example.com/%s\n\ngo 1.18\n%s\n' "$1" "${3:-}" >"$scratch/src/dep/$1@$2/go.mod"
    printf 'package %s\n' "$1" >"$scratch/src/dep/$1@$2/$1.go"
    python3 - "$scratch" "$1" "$2" <<'END'
import sys, zipfile
root, name, version = sys.argv[1:]
place = "%s/proxy/example.com/%s/@v/%s" % (root, name, version)
with zipfile.ZipFile(place + ".zip", "w") as archive:
    for file in ("go.mod", name + ".go"):
        archive.write("%s/src/dep/%s@%s/%s" % (root, name, version, file), "example.com/%s@%s/%s" % (name, version, file))
open(place + ".mod", "w").write(open("%s/src/dep/%s@%s/go.mod" % (root, name, version)).read())
open(place + ".info", "w").write('{"Version":"%s"}' % version)
END
}

use() {
    printf 'package main\n\nimport _ "%s"\n\nfunc main() {}\n' "$1" >main.go
}

# fails NAME CODE TEXT COMMAND...: the command fails, and is explained by this code and text.
fails() {
    name="$version: $1" wanted=$2 text=$3
    shift 3
    code=0
    "$@" >"$scratch/log" 2>&1 || code=$?
    cat "$scratch/log" >>"$scratch/logs"
    "$explain" "$code" <"$scratch/log" >"$scratch/explained"
    got=$(cat "$scratch/explained")
    case $got in
    "$wanted	"*"$text"*) [ "$code" != 0 ] && ok "$name: $wanted" && return ;;
    esac
    not_ok "$name: exit $code, $got"
    note_file "$scratch/log"
}

build() {
    "$GO" build -o "$scratch/out" "$@"
}

# injected ERROR CALL: `build` with all these system calls failing so.
injected() {
    strace -f -qq -o /dev/null -e inject="$2:error=$1" "$GO" build -o "$scratch/out" .
}

provoke_source() {
    source_here
    printf 'package main\n\nimport _ "embed"\n\n//go:embed page.html\nvar page string\n\nfunc main() { println(page) }\n' >main.go
    fails "a file to embed is missing" build-failed "lacks files that it embeds" build .
    source_here
    printf '//go:build never\n\npackage main\n\nfunc main() {}\n' >main.go
    fails "tags exclude all files" build-failed "for this platform and these tags" build .
    source_here
    rm go.mod
    fails "no go.mod" build-failed "has no go.mod" build .
    source_here
    use example.com/missing
    fails "a module is missing" build-failed "a module is missing" build .
    fails "a module is missing, and may be added" build-failed "a module is missing" build -mod=mod .
    source_here
    use nosuch
    fails "a package of Go is missing" build-failed "a package is missing" build .
    source_here
    printf 'module example.com/x\n\ngo 1.99\n' >go.mod
    printf 'package main\n\nfunc main() { undefined() }\n' >main.go
    fails "the source wants a newer Go" build-failed "older than the source wants" build .
    source_here
    printf '//go:build go1.99\n\npackage main\n\nfunc main() { undefined() }\n' >main.go
    fails "an error of the compiler speaks for itself" build-failed "main.go:" build main.go
    source_here
    fails "a platform that Go does not know" build-failed "does not know the platform" env GOOS=linux GOARCH=sparc "$GO" build .
    mkdir .git
    fails "a stamp without a repository" build-failed "stamp cannot be made" build -buildvcs=true .
    rmdir .git
    fails "the race detector" build-failed "needs a C compiler" build -race .
}

provoke_modules() {
    source_here
    dependency dep v1.0.0 'require example.com/below v1.1.0'
    dependency below v1.0.0
    dependency below v1.1.0
    printf 'module example.com/x\n\ngo 1.18\n\nrequire example.com/dep v1.0.0\nrequire example.com/below v1.0.0\n' >go.mod
    printf 'replace example.com/%s => ./dep/%s\n' "dep v1.0.0" dep@v1.0.0 "below v1.0.0" below@v1.0.0 "below v1.1.0" below@v1.1.0 >>go.mod
    use example.com/dep
    fails "go.mod wants versions that do not go together" build-failed "do not fit together" build .
    source_here
    printf 'module example.com/x\n\ngo 1.18\n\nrequire example.com/below v1.0.0\n' >go.mod
    use example.com/below
    dependency below v1.0.0
    fails "no sum in go.sum" build-failed "a module is missing" env GOPROXY="file://$scratch/proxy" "$GO" build .
    rm -rf "$scratch/go"
    {
        echo "example.com/below v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        echo "example.com/below v1.0.0/go.mod h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    } >go.sum
    fails "another sum in go.sum" build-failed "not the one that go.sum names" env GOPROXY="file://$scratch/proxy" "$GO" build .
    rm -rf "$scratch/go" go.sum
    mkdir vendor
    echo '# example.com/other v1.0.0' >vendor/modules.txt
    fails "vendored modules of another go.mod" build-failed "vendored modules are not those" build -mod=vendor .
    rm -rf vendor
    for status in 401 403 407; do
        said="wants credentials"
        [ $status != 403 ] || said=refuses
        python3 - "$scratch/port" "$status" <<'END' &
import http.server, sys
class Refuse(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Refuse)
open(sys.argv[1], "w").write(str(server.server_port))
server.serve_forever()
END
        server=$!
        while [ ! -s "$scratch/port" ]; do sleep 0.1; done
        fails "a server answers $status" source-unavailable "$said" \
            env GOPROXY="http://127.0.0.1:$(cat "$scratch/port")" "$GO" build -mod=mod .
        kill "$server"
        wait "$server" 2>/dev/null || :
        rm -f "$scratch/port"
    done
    source_here
    printf 'module example.com/x\n\ngo 1.18\n\ntoolchain go1.99.1\n' >go.mod
    case $version in
    go1.1? | go1.1?.* | go1.20*) ;;
    *) fails "another toolchain" toolchain-unavailable "wants another toolchain" env GOTOOLCHAIN=auto "$GO" build . ;;
    esac
}

provoke_limits() {
    source_here
    build . || :
    echo "var changed = 1" >>main.go
    if command -v bwrap >/dev/null && bwrap --unshare-user --dev-bind / / --size 200000 --tmpfs /mnt true 2>/dev/null; then
        fails "the disk is full" limit "is full" bwrap --unshare-user --dev-bind / / --size 200000 --tmpfs /mnt \
            env GOTMPDIR=/mnt "$GO" build -o "$scratch/out" .
    else
        skip "$version: the disk is full" "bubblewrap cannot make a box on this machine"
    fi
    fails "a file grows too large" limit "larger than allowed" sh -c 'ulimit -f 1; exec "$@"' sh "$GO" build -o "$scratch/out" .
    for most in 200000 700000; do
        fails "memory of $most KiB runs out" limit "not enough memory" \
            sh -c "ulimit -v $most; exec \"\$@\"" sh "$GO" build -a -o "$scratch/out" .
    done
    printf '#!/bin/sh\nkill -9 $$\n' >"$scratch/killed"
    chmod 755 "$scratch/killed"
    fails "a tool is killed" limit "was killed" build -toolexec "$scratch/killed" .
    if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
        fails "the quota is used up" limit "quota" injected EDQUOT mkdirat
        fails "no memory for a process" limit "not enough memory" injected ENOMEM execve
        fails "no process to be had" limit "too many processes" injected EAGAIN execve
    else
        skip "$version: quota, memory and processes used up" "no strace"
    fi
}

provoke_tools() {
    source_here
    root=$("$GO" env GOROOT)
    mkdir -p part/pkg/tool part/bin
    find "$root"/ -mindepth 1 -maxdepth 1 ! -name pkg ! -name bin -exec ln -s {} part/ \;
    find "$root"/pkg/ -mindepth 1 -maxdepth 1 ! -name tool -exec ln -s {} part/pkg/ \;
    fails "the toolchain is not whole" build-failed "is not whole" env GOROOT="$PWD/part" "$GO" build -a .
    rm -rf part
    # What a compiler that is broken says cannot be had from one that is not.
    printf '#!/bin/sh\necho "x.go:1:1: internal compiler error: panic during walk" >&2; exit 2\n' >"$scratch/broken"
    chmod 755 "$scratch/broken"
    fails "the compiler fails" build-failed "the compiler failed" build -a -toolexec "$scratch/broken" .
}

# With cgo; what an SDK's own tools say is said by a stand-in.
provoke_c() {
    source_here
    printf 'package main\n\n// #include "of_an_sdk.h"\nimport "C"\n\nfunc main() {}\n' >main.go
    fails "no C compiler" c-toolchain-unavailable "needs a C compiler" env CGO_ENABLED=1 CC=nosuch "$GO" build .
    for sentence in 'xcrun: error: SDK "macosx" cannot be located' 'ld: framework not found CoreFoundation'; do
        printf '#!/bin/sh\necho '"'%s'"' >&2; exit 1\n' "$sentence" >"$scratch/cc"
        chmod 755 "$scratch/cc"
        fails "${sentence%%:*} finds no SDK" c-toolchain-unavailable "an SDK is missing" \
            env CGO_ENABLED=1 CC="$scratch/cc" "$GO" build -o "$scratch/out" .
    done
    command -v gcc >/dev/null || {
        skip "$version: headers and libraries" "no gcc"
        return 0
    }
    fails "a header is missing, gcc" c-toolchain-unavailable "headers" env CGO_ENABLED=1 CC=gcc "$GO" build -o "$scratch/out" .
    clang=$(command -v clang || command -v clang-16 || command -v clang-14 || :)
    [ -z "$clang" ] || fails "a header is missing, clang" c-toolchain-unavailable "headers" \
        env CGO_ENABLED=1 CC="$clang" "$GO" build -o "$scratch/out" .
    printf 'package main\n\n// #cgo LDFLAGS: -lof_an_sdk\nimport "C"\n\nfunc main() {}\n' >main.go
    fails "a library is missing" c-toolchain-unavailable "library" env CGO_ENABLED=1 CC=gcc "$GO" build -o "$scratch/out" .
    printf 'package main\n\nimport "C"\n\nfunc main() {}\n' >main.go
    fails "no program to link with" c-toolchain-unavailable "cannot link it" env CGO_ENABLED=1 CC=gcc \
        "$GO" build -ldflags="-linkmode=external -extld=nosuch" -o "$scratch/out" .
}

checked=''
for GO in "$(command -v go)" /usr/lib/go-*/bin/go /usr/local/go/bin/go /usr/lib/go/bin/go; do
    [ -x "$GO" ] || continue
    version=$("$GO" env GOVERSION)
    case " $checked " in *" $version "*) continue ;; esac
    checked="$checked $version"
    export GOCACHE="$scratch/cache-$version"
    provoke_source
    provoke_modules
    provoke_tools
    provoke_limits
    provoke_c
done

# Entries that no Go here prints.
"$explain" | while read -r sign; do
    grep -qF -e "$sign" "$scratch/logs" || printf '%s\n' "$sign"
done >"$scratch/missing"
while read -r sign; do
    skip "entry \"$sign\"" "not provoked by$checked"
done <"$scratch/missing"
tap_end
