#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pairs of programs in which one thing differs: `reproof diff` must name that cause and no other.
#
#     tests/diff_causes.sh REPROOF
#
# A small module of our own is built again and again with one thing varied, or changed after the build. Needs go (of any
# version), python3, git, binutils; osslsigncode, openssl, clang and a second Go where they are there.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/.."
. tests/lib/tap.sh
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

for tool in go python3 git strip objcopy; do
    command -v "$tool" >/dev/null || {
        skip "causes of differences" "no $tool"
        tap_end
        exit
    }
done

HOME=$scratch GOCACHE=$scratch/cache GOPATH=$scratch/go GOENV=off GOFLAGS='' GOWORK=off GOTOOLCHAIN=local GOPROXY=off
CGO_ENABLED=0 GIT_CONFIG_NOSYSTEM=1
export HOME GOCACHE GOPATH GOENV GOFLAGS GOWORK GOTOOLCHAIN GOPROXY CGO_ENABLED GIT_CONFIG_NOSYSTEM
platform=$(go env GOOS)/$(go env GOARCH)
[ "$platform" = linux/amd64 ] || {
    skip "causes of differences" "written for linux/amd64"
    tap_end
    exit
}

# module FOLDER: the program, with a dependency of two versions beside it.
module() {
    mkdir -p "$1"
    cat >"$1/go.mod" <<'END'
module example.com/causes

go 1.18

require example.com/dep v1.0.0

replace example.com/dep v1.0.0 => ../dep1

replace example.com/dep v1.1.0 => ../dep2
END
    cat >"$1/main.go" <<'END'
package main

import "example.com/dep"

var version = "unset"
var date = "unset"

//go:noinline
func check(password string) bool {
	return len(password) > 3 && password[0] == 's'
}

func main() {
	println("version", version, date, stamp, tagged(), dep.Answer(len(version)), check(version))
}
END
    printf 'package main\n\nconst stamp = "built 2024-05-01T10:20:30Z by hand"\n' >"$1/stamp.go"
    printf '//go:build !special\n\npackage main\n\nfunc tagged() string { return "plain" }\n' >"$1/plain.go"
    printf '//go:build special\n\npackage main\n\nfunc tagged() string { return "special, and longer" }\n' >"$1/special.go"
}
module "$scratch/src/main"
for number in 1 2; do
    mkdir "$scratch/src/dep$number"
    printf 'module example.com/dep\n\ngo 1.18\n' >"$scratch/src/dep$number/go.mod"
    printf 'package dep\n\n//go:noinline\nfunc Answer(n int) int {\n\treturn n*%d + 40\n}\n' "$number" >"$scratch/src/dep$number/dep.go"
done

# in_folder FOLDER NAME FLAG...: builds the program in FOLDER as NAME.
in_folder() {
    folder=$1 name=$2
    shift 2
    (cd "$folder" && "${GO:-go}" build "$@" -o "$scratch/$name" .) >"$scratch/log" 2>&1 || {
        note_file "$scratch/log"
        return 1
    }
}
build() {
    in_folder "$scratch/src/main" "$@"
}
trimmed() {
    name=$1
    shift
    build "$name" -trimpath -buildvcs=false "$@"
}

# The codes of the causes in the JSON on stdin; with removed rules behind a slash.
codes() {
    python3 -c 'import json, sys
d = json.load(sys.stdin)
print(" ".join(",".join(c["code"] for c in s.get("cause", [])) + "".join("/" + r["name"] for r in s.get("removed", []))
               for s in d.get("slices", [d])))'
}

# Pairs that took a second or more, which a busy machine does; SLOW: the next one may.
late='' slow=''

# cause NAME EXPECTED EXIT A B [OPTION...]: EXPECTED as codes prints it.
cause() {
    title=$1 expected=$2 wanted=$3 a=$4 b=$5
    shift 5
    code=0
    started=$(date +%s%N)
    "$reproof" diff --json "$@" "$scratch/$a" "$scratch/$b" >"$scratch/out" 2>"$scratch/err" || code=$?
    spent=$((($(date +%s%N) - started) / 1000000))
    got=$(codes <"$scratch/out" 2>/dev/null || echo "no JSON")
    [ "$spent" -lt 1000 ] || [ -n "$slow" ] || late="$late $title: $spent ms;"
    if [ "$got" = "$expected" ] && [ "$code" = "$wanted" ]; then
        ok "$title: ${expected:-nothing}, exit $wanted ($spent ms)"
    else
        not_ok "$title: $got, exit $code, instead of $expected, exit $wanted ($spent ms)"
        "$reproof" diff "$scratch/$a" "$scratch/$b" 2>&1 | sed 's/^/#   /'
    fi
}

# says NAME TEXT: the last JSON has TEXT.
says() {
    if grep -qF -e "$2" "$scratch/out"; then
        ok "$1"
    else
        not_ok "$1: $2 is not there"
        note_file "$scratch/out"
    fi
}

# hides_nothing A B: the two are equivalent; a byte of A changed anywhere but in the ranges that the report names makes them
# different. Tried at 24 places all over the file.
hides_nothing() {
    if python3 - "$reproof" "$scratch/$1" "$scratch/$2" "$scratch/tampered" >"$scratch/list" <<'END'
import json, subprocess, sys
program, a, b, place = sys.argv[1:]
def diff(first):
    run = subprocess.run([program, "diff", "--json", first, b], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return run.returncode, run.stdout
code, text = diff(a)
ranges = sorted(tuple(r) for rule in json.loads(text)["removed"] for r in rule["ranges"])
data = open(a, "rb").read()
print("exit", code, "ranges", ranges)
bad = code != 3
for number in range(24):
    at = len(data) * number // 24
    for start, length in ranges:
        at = start + length if start <= at < start + length else at
    if at < len(data):
        open(place, "wb").write(data[:at] + bytes([data[at] ^ 0x11]) + data[at + 1:])
        code, _ = diff(place)
        print(at, code)
        bad |= code not in (1, 2)
sys.exit(bad)
END
    then
        ok "what makes $1 and $2 equivalent hides nothing else"
    else
        not_ok "what makes $1 and $2 equivalent hides nothing else"
        note_file "$scratch/list"
    fi
}

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
cp -r "$scratch/src/main" "$scratch/src/stamped"
sed -i 's/2024-05-01T10:20:30Z/2024-06-02T11:21:31Z/' "$scratch/src/stamped/stamp.go"
in_folder "$scratch/src/stamped" stamp -trimpath -buildvcs=false
cause "a time stamp in the source" time-stamp 1 base stamp
in_folder "$scratch/src/other" elsewhere -buildvcs=false
cause "built in another directory" path-leak 1 untrimmed elsewhere
says "both directories are shown" "$scratch/src/other"
cp -r "$scratch/src/main" "$scratch/src/newdep"
sed -i 's/^require example.com\/dep v1.0.0/require example.com\/dep v1.1.0/' "$scratch/src/newdep/go.mod"
in_folder "$scratch/src/newdep" newdep -trimpath -buildvcs=false
cause "another version of a dependency" dependency-version 1 base newdep
cp -r "$scratch/src/main" "$scratch/src/edited"
sed -i 's/> 3/> 5/' "$scratch/src/edited/main.go"
in_folder "$scratch/src/edited" edited -trimpath -buildvcs=false
cause "another source" source 1 base edited
says "the function that differs is named" '"name": "main.check"'
cp -r "$scratch/src/main" "$scratch/src/grown"
printf 'package main\n\n//go:noinline\nfunc extra(n int) int { return n * 3 }\n\nfunc init() { println(extra(len(date))) }\n' >"$scratch/src/grown/extra.go"
in_folder "$scratch/src/grown" grown -trimpath -buildvcs=false
cause "a function more" source 1 base grown
python3 - "$scratch/out" >"$scratch/list" <<'END'
import json, sys
f = json.load(open(sys.argv[1]))["functions"]
print([x["name"] for x in f["changed"]], [x["name"] for x in f["removed"]], "main.extra" in [x["name"] for x in f["added"]])
END
if grep -qx '\[\] \[\] True' "$scratch/list"; then
    ok "a function more is named, and no other one blamed"
else
    not_ok "a function more is named, and no other one blamed"
    note_file "$scratch/list"
fi
mkdir "$scratch/src/program"
printf 'module example.com/program\n\ngo 1.18\n' >"$scratch/src/program/go.mod"
printf 'package main\n\nfunc main() { println("another") }\n' >"$scratch/src/program/main.go"
in_folder "$scratch/src/program" program -trimpath -buildvcs=false
cause "another program" other-program 1 base program

# What is embedded.
mkdir -p "$scratch/src/embed/pages/sub" "$scratch/src/embed/ui/pages"
printf 'module example.com/embed\n\ngo 1.16\n' >"$scratch/src/embed/go.mod"
cat >"$scratch/src/embed/main.go" <<'END'
package main

import (
	"embed"

	"example.com/embed/ui"
)

//go:embed pages
var pages embed.FS

func main() {
	page, _ := pages.ReadFile("pages/index.html")
	println(string(page), ui.Page())
}
END
cat >"$scratch/src/embed/ui/ui.go" <<'END'
package ui

import "embed"

//go:embed pages
var pages embed.FS

func Page() string {
	page, _ := pages.ReadFile("pages/index.html")
	return string(page)
}
END
echo '<p>a page, built at 2024-05-01</p>' >"$scratch/src/embed/pages/index.html"
echo '<p>another page</p>' >"$scratch/src/embed/ui/pages/index.html"
seq 1 3000 >"$scratch/src/embed/pages/sub/numbers.txt"
in_folder "$scratch/src/embed" embed -trimpath -buildvcs=false
GOOS=darwin GOARCH=arm64 in_folder "$scratch/src/embed" embed-darwin -trimpath -buildvcs=false
GOOS=windows in_folder "$scratch/src/embed" embed.exe -trimpath -buildvcs=false
echo '<p>A page, built at 2024-05-01</p>' >"$scratch/src/embed/pages/index.html"
in_folder "$scratch/src/embed" embed-page -trimpath -buildvcs=false
cause "another page embedded" embedded-files/go-build-id/embedded-files 3 embed embed-page
says "the embedded file is named" '"name": "pages/index.html"'
cause "another page embedded, accepted" embedded-files/go-build-id/embedded-files 0 embed embed-page --accept go-build-id,embedded-files
hides_nothing embed embed-page
GOOS=darwin GOARCH=arm64 in_folder "$scratch/src/embed" embed-darwin-page -trimpath -buildvcs=false
cause "another page embedded, signed ad hoc" embedded-files/macho-code-signature/go-build-id/embedded-files 3 embed-darwin embed-darwin-page
GOOS=windows in_folder "$scratch/src/embed" embed-page.exe -trimpath -buildvcs=false
cause "another page embedded, in a PE file" embedded-files/go-build-id/embedded-files 3 embed.exe embed-page.exe
cp "$scratch/embed-page" "$scratch/embed-page-stripped"
strip "$scratch/embed-page-stripped"
cause "another page embedded, and stripped" strip,embedded-files/go-build-id/strip/embedded-files 3 embed embed-page-stripped
sed -i '3000s/3000/3001/' "$scratch/src/embed/pages/sub/numbers.txt"
in_folder "$scratch/src/embed" embed-both -trimpath -buildvcs=false
cause "two other files embedded" embedded-files/go-build-id/embedded-files 3 embed embed-both
echo '<p>a longer page</p>' >>"$scratch/src/embed/pages/index.html"
in_folder "$scratch/src/embed" embed-longer -trimpath -buildvcs=false
cause "a longer page embedded" embedded-files 1 embed-both embed-longer
says "its size is told" '"size": 56'
echo '<p>one more</p>' >"$scratch/src/embed/ui/pages/more.html"
in_folder "$scratch/src/embed" embed-more -trimpath -buildvcs=false
cause "one more file embedded" embedded-files 1 embed-longer embed-more
says "the file that one side has alone is named" '"name": "pages/more.html"'
python3 - "$scratch/embed" "$scratch/embed-forged" "$scratch/embed-damaged" <<'END'
# One letter of the page changed after the link; in the first file its hash in the table, too.
import hashlib, sys
data = open(sys.argv[1], "rb").read()
old = b"<p>a page, built at 2024-05-01</p>\n"
new = b"<p>a page, built by 2024-05-01</p>\n"
def hashes(content):
    digest = hashlib.sha256(content).digest()
    return (digest[:16], bytes(255 - x for x in digest[:16]), bytes([digest[0] ^ 255]) + digest[1:16])
at = data.index(old)
damaged = data[:at] + new + data[at + len(old):]
forged = damaged
for before, after in zip(hashes(old), hashes(new)):
    forged = forged.replace(before, after)
assert forged != damaged
open(sys.argv[2], "wb").write(forged)
open(sys.argv[3], "wb").write(damaged)
END
cause "a page changed after the link, with its hash" embedded-files/embedded-files 3 embed embed-forged
says "that it was changed after the link is said" 'B was changed after it was linked'
cause "a page changed after the link, without its hash" changed-after-link 1 embed embed-damaged

# The version control stamp.
cp -r "$scratch/src/main" "$scratch/src/main.git"
git_here() {
    git -C "$scratch/src/main.git" -c user.name=a -c user.email=a@example.com -c init.defaultBranch=main -c commit.gpgsign=false "$@" >/dev/null 2>&1
}
git_here init && git_here add . && GIT_COMMITTER_DATE='2024-01-01T00:00:00Z' git_here commit -m one
in_folder "$scratch/src/main.git" vcs1 -trimpath -buildvcs=true
GIT_COMMITTER_DATE='2024-01-02T00:00:00Z' git_here commit --allow-empty -m two
in_folder "$scratch/src/main.git" vcs2 -trimpath -buildvcs=true
cause "another revision" vcs-stamp 1 vcs1 vcs2
echo >"$scratch/src/main.git/untracked"
in_folder "$scratch/src/main.git" dirty -trimpath -buildvcs=true
cause "uncommitted changes" vcs-stamp 1 vcs2 dirty

# Other platforms, and signatures.
GOOS=linux GOARCH=arm64 trimmed arm64
cause "another platform" other-platform 1 base arm64
GOOS=darwin GOARCH=arm64 trimmed darwin
GOOS=darwin GOARCH=arm64 trimmed darwin-x -ldflags '-X main.version=1.0.0'
cause "an ad-hoc signature follows from the rest" x-value 1 darwin darwin-x
GOOS=darwin GOARCH=arm64 trimmed darwin-a -ldflags '-s -w'
GOOS=darwin GOARCH=arm64 trimmed darwin-b -ldflags '-w -s'
cause "build IDs alone, signed ad hoc" flags/macho-code-signature/go-build-id 3 darwin-a darwin-b
python3 tests/lib/macho_unsigned.py "$scratch/darwin" "$scratch/unsigned"
cause "a Mach-O signature taken off" signature/macho-code-signature 3 darwin unsigned
says "the signature was put onto B" 'put from A onto B'
hides_nothing darwin unsigned
hides_nothing unsigned darwin
cause "a Mach-O signature taken off, accepted" signature/macho-code-signature 0 darwin unsigned --accept macho-code-signature

# universal NAME TAIL FILE...: a universal file of these, as lipo makes it, with TAIL behind it.
universal() {
    python3 - "$scratch" "$@" <<'END'
import struct, sys
folder, name, tail, *files = sys.argv[1:]
table, body, at = struct.pack(">II", 0xcafebabe, len(files)), b"", 16384
for file in files:
    data = open("%s/%s" % (folder, file), "rb").read()
    cpu, subtype = struct.unpack_from("<II", data, 4)
    table += struct.pack(">IIIII", cpu, subtype, at, len(data), 14)
    data += bytes(-len(data) % 16384) if file != files[-1] else b""
    body, at = body + data, at + len(data)
open("%s/%s" % (folder, name), "wb").write(table.ljust(16384, b"\0") + body + tail.encode())
END
}
GOOS=darwin GOARCH=amd64 trimmed darwin-amd64
universal fat "" darwin-amd64 darwin
universal fat-x "" darwin-amd64 darwin-x
universal fat-unsigned "" darwin-amd64 unsigned
universal fat-tail "a tail" darwin-amd64 darwin
universal fat-unsigned-tail "a tail" darwin-amd64 unsigned
universal fat-one "" darwin-amd64
cp "$scratch/fat" "$scratch/fat-copy"
cause "universal files, equal" " " 0 fat fat-copy
cause "one slice with another -X value" " x-value" 1 fat fat-x
cause "the signature of a slice taken off" " signature/macho-code-signature" 3 fat fat-unsigned
cause "a slice's signature taken off, accepted" " signature/macho-code-signature" 0 fat fat-unsigned --accept macho-code-signature
cause "bytes behind the slices" "  appended-data" 1 fat fat-tail
cause "a slice's signature taken off, and bytes behind" " signature/macho-code-signature appended-data" 1 fat fat-unsigned-tail
cause "a slice that one file has alone" " slice" 1 fat fat-one

GOOS=windows trimmed plain.exe
if command -v osslsigncode >/dev/null && command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/key.pem" -out "$scratch/cert.pem" -days 30 -subj /CN=test \
        -addext extendedKeyUsage=codeSigning >"$scratch/log" 2>&1
    osslsigncode sign -certs "$scratch/cert.pem" -key "$scratch/key.pem" -in "$scratch/plain.exe" \
        -out "$scratch/signed.exe" >"$scratch/log" 2>&1 || note_file "$scratch/log"
    cause "signed by osslsigncode" signature/authenticode 3 signed.exe plain.exe
    says "the certificates were put onto B" 'put from A onto B'
    hides_nothing signed.exe plain.exe
    cp "$scratch/signed.exe" "$scratch/flipped.exe"
    printf 'X' | dd of="$scratch/flipped.exe" bs=1 seek=4096 conv=notrunc 2>/dev/null
    cause "signed, and one byte changed" signature,patched-function 1 flipped.exe plain.exe
else
    skip "signed by osslsigncode" "no osslsigncode or openssl"
fi

# Changed after the link.
cp "$scratch/base" "$scratch/stripped"
strip "$scratch/stripped"
cause "stripped" strip/strip 3 base stripped
cause "stripped, the other way round" strip/strip 3 stripped base
objcopy --strip-debug "$scratch/base" "$scratch/nodebug"
cause "debug information cut by objcopy" strip/strip 3 base nodebug
hides_nothing base stripped
hides_nothing stripped base
hides_nothing base nodebug
echo "a note" >"$scratch/note"
objcopy --add-section .extra="$scratch/note" "$scratch/base" "$scratch/sectioned"
cause "a section added by objcopy" appended-data 1 base sectioned
cp "$scratch/base" "$scratch/appended"
head -c 3000 "$scratch/plain.exe" >>"$scratch/appended"
cause "bytes appended" appended-data 1 base appended
cp "$scratch/edited" "$scratch/edited-appended"
head -c 3000 "$scratch/plain.exe" >>"$scratch/edited-appended"
cause "another source, and bytes appended" appended-data,source 1 base edited-appended
cp "$scratch/base" "$scratch/sparse"
truncate -s 2G "$scratch/sparse"
slow=yes
cause "2 GiB of nothing appended" appended-data 1 base sparse
slow=
rm "$scratch/sparse"
head -c 900000 "$scratch/base" >"$scratch/cut"
cause "cut off in the middle" truncated 1 base cut
python3 - "$scratch/base" "$scratch/patched" "$(go tool nm "$scratch/base" | awk '$3 == "main.check" { print $1 }')" <<'END'
# "> 3" becomes "> 5": a comparison of the length that is a byte in the code of main.check.
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
address = int(sys.argv[3], 16)
phoff, = struct.unpack_from("<Q", data, 32)
size, count = struct.unpack_from("<HH", data, 54)
for i in range(count):
    kind, _, offset, virtual, _, length = struct.unpack_from("<IIQQQQ", data, phoff + i * size)
    if kind == 1 and virtual <= address < virtual + length:
        start = address - virtual + offset
place = data.index(b"\x83\xfb\x03", start, start + 64) + 2
data[place] = 5
open(sys.argv[2], "wb").write(data)
END
cause "a function patched" patched-function 1 base patched
says "the patched function is named" '"name": "main.check"'
cp "$scratch/patched" "$scratch/backdoor"
go tool buildid -w "$scratch/backdoor"
cause "a function patched and the build ID rewritten" patched-function 1 base backdoor
says "file and line of the patch are told" '"file": "example.com/causes/main.go"'
python3 - "$scratch/out" >"$scratch/list" <<'END'
import json, sys
f = json.load(open(sys.argv[1]))["functions"]
print([(x["name"], x["line"]) for x in f["changed"]], f["added"], f["removed"], f["moved"])
END
if grep -qx "\[('main.check', 1[01])\] \[\] \[\] \[\]" "$scratch/list"; then
    ok "nothing else is blamed for a patch"
else
    not_ok "nothing else is blamed for a patch"
    note_file "$scratch/list"
fi
python3 - "$scratch/packed" <<'END'
# What the headers of a packed program look like; there is nothing inside.
import struct, sys
header = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400080, 64, 0, 0, 64, 56, 1, 64, 0, 0)
header += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 8192, 8192, 4096)
body = b"\0\0\0\0UPX!" + bytes((13, 22, 0, 0)) + bytes(range(256)) * 30
body += b"\0$Info: This file is packed with the UPX executable packer $\n\0$Id: UPX 4.22 Copyright $\n\0"
body += b"UPX!" + bytes((13, 22, 8, 9)) + bytes(28)
open(sys.argv[1], "wb").write((header + body).ljust(8192, b"\0"))
END
cause "packed by UPX" packer 1 packed base
says "version and method of the packer are told" 'UPX 4.22'
says "that the inside was not compared is said" 'what is inside was not compared'

# packed FILE NAME [LEVEL]: FILE as if packed by UPX; a made-up upx beside it can undo that.
packed() {
    python3 - "$scratch/$1" "$scratch/packed" "$scratch/$2" "${3:-1}" <<'END'
import gzip, sys
data, frame = (open(name, "rb").read() for name in sys.argv[1:3])
open(sys.argv[3], "wb").write(frame + gzip.compress(data, int(sys.argv[4])) + frame[:4096] + frame[-8192:])
END
}

# upx_does COMMAND: the upx on PATH does that with the packed file $4, leaving $3; it must not see this folder.
upx_does() {
    mkdir -p "$scratch/bin"
    cat >"$scratch/bin/upx" <<END
#!/bin/sh
[ "\$1 \$2" = "-d -o" ] || exit 2
[ ! -e "$scratch/base" ] || exit 3
echo "                       Ultimate Packer for eXecutables"
echo "UPX 4.2.2       Markus Oberhumer, Laszlo Molnar & John Reiser    Jan 3rd 2024"
$1
END
    chmod 755 "$scratch/bin/upx"
}
unpacking="tail -c +8193 \"\$4\" | head -c -12288 | gzip -dc >\"\$3\""

if bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
    plain_path=$PATH PATH=$scratch/bin:$PATH
    packed base base.upx
    packed edited edited.upx
    packed stripped stripped.upx
    packed base base.upx9 9
    upx_does "$unpacking"
    cause "packed, unpacked by upx" packer/upx 3 base.upx base
    says "who unpacked it is said" 'unpacked by UPX 4.2.2'
    cause "packed, accepted" packer/upx 0 base.upx base --accept upx
    cause "both packed" packer/upx 3 base.upx base.upx9
    cause "packed, and inside another source" packer,source 1 base.upx edited
    cause "both packed, and inside another source" packer,source 1 base.upx edited.upx
    cause "stripped, then packed" packer,strip/upx/strip 3 stripped.upx base
    cause "stripped, then packed, half accepted" packer,strip/upx/strip 3 stripped.upx base --accept upx
    upx_does 'echo "upx: packed: NotPackedException" >&2; exit 1'
    cause "upx fails" packer 1 base.upx base
    says "what upx said is told" 'upx ended with 1: upx: packed: NotPackedException'
    upx_does "ln -s /unpack/packed \"\$3\""
    cause "upx leaves a link" packer 1 base.upx base
    upx_does "echo nothing >\"\$3\""
    cause "upx leaves no program" packer 1 base.upx base
    PATH=$plain_path
else
    skip "packed, unpacked by upx" "bubblewrap cannot make a box on this machine"
fi

# Compilers.
mkdir "$scratch/src/cgo"
printf 'module example.com/cgo\n\ngo 1.18\n' >"$scratch/src/cgo/go.mod"
printf 'package main\n\n// static int twice(int n) { return n * 2; }\nimport "C"\n\nfunc main() { println(C.twice(21)) }\n' >"$scratch/src/cgo/main.go"
clang=$(command -v clang || command -v clang-16 || command -v clang-14 || :)
if [ -n "$clang" ] && command -v gcc >/dev/null &&
    CGO_ENABLED=1 CC=gcc in_folder "$scratch/src/cgo" gcc -trimpath -buildvcs=false -ldflags '-linkmode external' &&
    CGO_ENABLED=1 CC=$clang in_folder "$scratch/src/cgo" clang -trimpath -buildvcs=false -ldflags '-linkmode external'; then
    cause "another C compiler" c-compiler 1 gcc clang
else
    skip "another C compiler" "no gcc and clang, or they build no cgo"
fi

here=$(go env GOVERSION)
second=
for other in /usr/lib/go-*/bin/go /usr/local/go/bin/go /usr/lib/go/bin/go; do
    [ -x "$other" ] && [ "$("$other" env GOVERSION)" != "$here" ] && second=$other
done
if [ -n "$second" ] && GOROOT='' GO=$second trimmed newer; then
    cause "another version of Go" go-version 1 base newer
else
    skip "another version of Go" "there is but $here"
fi
[ -z "$late" ] || echo "# took a second or more:$late load $(cut -d' ' -f1-3 /proc/loadavg)"
tap_end
