# SPDX-License-Identifier: Apache-2.0
"""macho_unsigned.py FILE RESULT: a thin 64-bit Mach-O as it was before it was signed: the command, the sizes, the tail."""
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
ncmds, size = struct.unpack_from("<II", data, 16)
at = 32
for _ in range(ncmds):
    command, length = struct.unpack_from("<II", data, at)
    if command == 0x19 and data[at + 8:at + 18] == b"__LINKEDIT":
        linkedit = at
    if command == 0x1D:
        signature, start = at, struct.unpack_from("<I", data, at + 8)[0]
    at += length
offset = struct.unpack_from("<Q", data, linkedit + 40)[0]
struct.pack_into("<Q", data, linkedit + 48, start - offset)
struct.pack_into("<II", data, 16, ncmds - 1, size - 16)
data[signature:signature + 16] = bytes(16)
open(sys.argv[2], "wb").write(data[:start])
