#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs changed after they were linked: stripped, cut, patched, with more behind, packed. `reproof diff` must name that cause and no
# other, and what makes two programs equivalent hides nothing else.
#
#     tests/builds/diff_after_link.sh REPROOF
#
# Three builds of a small program, and changes to its file.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
need strip objcopy
. tests/lib/maker.sh
. tests/lib/verdict.sh
. tests/lib/causes.sh

trimmed base
edit edited 's/> 3/> 5/' main.go
GOOS=windows trimmed plain.exe

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
python3 - "$scratch/base" "$scratch/renamed" <<'END'
# The name of a function in the table of functions, by a letter.
import sys
data = open(sys.argv[1], "rb").read()
open(sys.argv[2], "wb").write(data.replace(b"\0runtime.gcStart\0", b"\0runtime.gcStbrt\0"))
END
cause "a function's name changed" changed-after-link 1 base renamed
cp "$scratch/patched" "$scratch/backdoor"
go tool buildid -w "$scratch/backdoor"
cause "a function patched and the build ID rewritten" patched-function 1 base backdoor
says "file and line of the patch are told" '"file": "example.com/causes/main.go"'
holds_of_json "nothing else is blamed for a patch" "\[('main.check', 1[01])\] \[\] \[\] \[\]" <<'END'
f = d["functions"]
print([(x["name"], x["line"]) for x in f["changed"]], f["added"], f["removed"], f["moved"])
END
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

if has_box; then
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
    skip "packed, unpacked by upx" "$no_box"
fi
causes_end
