#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes module zips of every bad kind, and good ones beside them, into a directory.

    make_zips.py DIR [TXTAR... | --modules N BYTES]

The zips are of example.com/m@v1.0.0. Of each TXTAR file of golang.org/x/mod/zip's tests, the zip that
it describes is written instead, and beside it NAME.txt with path, version and hash. With --modules,
DIR becomes a GOPROXY of the modules example.com/m0 to m(N-1), each at v1.0.0 with a file of BYTES, and
of a small toolchain, go1.99.1 for linux/amd64. A name begins with what is to happen: good-, bad- (refused
before anything is unpacked) or late- (refused while it is unpacked).
"""
import os
import struct
import sys
import zlib

PREFIX = "example.com/m@v1.0.0/"
MIB = 1 << 20
ROOT = ""


def bytes_of(text):
    return text if isinstance(text, bytes) else text.encode()


class Entry:
    """One entry; OVER replaces fields of the local (l_...) or central (c_...) header or of both."""

    def __init__(self, name, data=b"x", method=8, flags=0x800, **over):
        self.name = bytes_of(name)
        packed = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.stored = packed.compress(data) + packed.flush() if method == 8 else data
        self.fields = {"flags": flags, "method": method, "crc": zlib.crc32(data),
                       "stored": len(self.stored), "size": len(data), "name": self.name,
                       "extra": b"", "attributes": 0o100644 << 16, "descriptor": b"", "comment": b""}
        self.over = over
        self.offset = None

    def get(self, side, field):
        return self.over.get(side + "_" + field, self.over.get(field, self.fields[field]))

    def common(self, side):
        name, extra = self.get(side, "name"), self.get(side, "extra")
        return struct.pack("<HHHHIIIHH", self.get(side, "flags"), self.get(side, "method"), 0, 0x21,
                           self.get(side, "crc"), self.get(side, "stored"), self.get(side, "size"),
                           len(name), len(extra))

    def local(self):
        return (b"PK\3\4" + struct.pack("<H", 20) + self.common("l") + self.get("l", "name") +
                self.get("l", "extra") + self.stored + self.get("l", "descriptor"))

    def central(self):
        comment = self.get("c", "comment")
        return (b"PK\1\2" + struct.pack("<HH", 0x314, 20) + self.common("c") +
                struct.pack("<HHHII", len(comment), self.over.get("disk", 0), 0,
                            self.get("c", "attributes"), self.over.get("offset", self.offset)) +
                self.get("c", "name") + self.get("c", "extra") + comment)


def end_record(count, size, offset, comment=b"", **over):
    return b"PK\5\6" + struct.pack("<HHHHIIH", over.get("disk", 0), 0, over.get("here", count), count,
                                   size, offset, over.get("comment_len", len(comment))) + comment


def build(entries, before=b"", between=b"", gap=b"", after=b"", comment=b"", order=None, **end):
    out = before
    for entry in entries:
        entry.offset = len(out)
        out += entry.local() + between
    out += gap
    offset = len(out)
    central = b"".join(e.central() for e in (order(entries) if order else entries))
    count = end.pop("count", len(order(entries) if order else entries))
    return (out + central + end.pop("end64", b"") +
            end_record(count, end.pop("size", len(central)), end.pop("offset", offset), comment,
                       **end) + after)


def write(name, content):
    with open(os.path.join(ROOT, name + ".zip"), "wb") as file:
        file.write(content)


def m(name, *args, **keywords):
    return Entry(PREFIX + name, *args, **keywords)


def names(case, *files):
    write(case, build([m(f) for f in files]))


def good():
    names("good-plain", "go.mod", "LICENSE", "a/b/c.go")
    write("good-stored", build([m("a", b"stored", 0), m("empty", b"", 0)]))
    data = b"later" * 100
    later = struct.pack("<I", zlib.crc32(data))
    for kind in ("signed", "bare"):
        entry = m("a", data, 8, 0x808, l_crc=0, l_size=0, l_stored=0)
        entry.over["l_descriptor"] = ((b"PK\7\x08" if kind == "signed" else b"") + later +
                                      struct.pack("<II", len(entry.stored), len(data)))
        write("good-descriptor-" + kind, build([entry, m("b")]))
    names("good-letters", "größe/日本語.go", "ñ", "кириллица.txt")
    names("good-symbols", "!#$%&()+,-.=@[]^_{}~ x", "foo~1", ".git/x", "vendor/a/b.go", ".x")
    names("good-near-reserved", "CONX", "COM0", "COM10", "LPT", "AUXILIARY.go", "a.con")
    write("good-directories", build([m("d/", b"", 0), m("d/f"), m("e/", b"", 0),
                                     Entry(PREFIX, b"", 0)]))
    write("good-symlink", build([m("link", b"target", 0, attributes=0o120777 << 16), m("target")]))
    write("good-modes", build([m("setuid", attributes=0o104755 << 16), m("none", attributes=0)]))
    write("good-comment", build([m("a")], comment=b"made by hand"))
    write("good-entry-comment", build([m("a", comment=b"of an entry"), m("b")]))
    write("good-padding", build([m("a", l_extra=b"\0\0\0"), m("b")]))
    write("good-times", build([m("a", extra=b"UT" + struct.pack("<HBI", 5, 1, 0)), m("b")]))
    write("good-order", build([m("a"), m("b"), m("c")], order=lambda e: e[::-1]))
    wide = struct.pack("<HHQQ", 1, 16, 1, 3)
    write("good-zip64-entry", build([m("a", b"x", 8, size=0xffffffff, stored=0xffffffff, extra=wide)]))
    write("good-empty", build([]))
    write("good-many", build([m("d%d/f%d" % (i % 300, i), b"", 0) for i in range(20000)]))


def bad_names():
    write("bad-prefix", build([Entry("example.com/m@v1.0.1/a")]))
    write("bad-no-prefix", build([Entry("a")]))
    for i, name in enumerate(["../a", "a/../b", "./a", "a/./b", "a//b", "a.", "a./b", "...", "a/.../b"]):
        names("bad-element-%d" % i, name)
    for i, c in enumerate("\\:\"'*<>?|`;\x01\x1b\x7f\n\u202e\u200b\U0001f600\u00d7"):
        names("bad-character-%d" % i, "a%sb" % c)
    for name in ["CON", "prn", "Aux.go", "nul.tar.gz", "a/COM1", "lpt9.x/y", "com5"]:
        names("bad-reserved-" + name.replace("/", "_"), name)
    for i, raw in enumerate([b"a\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"a\0b", b"a\0"]):
        write("bad-bytes-%d" % i, build([Entry(PREFIX.encode() + raw)]))
    write("bad-absolute", build([Entry("/" + PREFIX + "a")]))
    write("bad-no-name", build([Entry("")]))
    names("bad-long-element", "x" * 256)
    names("bad-long-path", "/".join(["x" * 200] * 21))
    names("bad-go-mod-below", "go.mod", "a/go.mod")
    names("bad-go-mod-below-case", "a/GO.mod")
    names("bad-go-mod-case", "Go.MOD")
    names("bad-case", "README", "readme")
    names("bad-case-kelvin", "k", "\u212a")
    names("bad-case-long-s", "s", "\u017f")
    names("bad-case-sigma", "\u03c3", "\u03c2")
    names("bad-case-directory", "a/b", "A/c")
    names("bad-case-directory-deep", "a/b/c/1", "a/B/d/2", "a/b/e/3")
    names("bad-case-far", "a/b", "a-/x", "a.b/x", "a/B")
    names("bad-duplicate", "a", "b", "a")
    names("bad-file-and-directory", "a", "a/b")
    names("bad-file-and-directory-far", "a", "a-", "a!/x", "a/b")
    write("bad-file-and-directory-entry", build([m("a"), m("a/", b"", 0)]))
    write("bad-directory-twice", build([m("a/", b"", 0), m("a/", b"", 0)]))


def bad_sizes():
    big = b"\0" * (16 * MIB + 1)
    write("bad-large-go-mod", build([m("go.mod", big)]))
    write("bad-large-license", build([m("LICENSE", big)]))
    write("bad-sum", build([m("a", size=300 * MIB), m("b", size=300 * MIB)]))
    write("bad-sum-wraps", build([m("a", b"", 8, size=0xffffffff, stored=2, extra=struct.pack(
        "<HHQ", 1, 8, 2**64 - 1)), m("b", b"", 8, size=2, stored=2)]))
    write("bad-directory-data", build([m("a/", b"data", 0)]))
    write("bad-stored-sizes", build([m("a", b"xx", 0, size=3)]))
    write("bad-count-large", build([m("a")], count=60000, here=60000))
    write("bad-count-small", build([m("a"), m("b")], count=1, here=1))
    write("bad-count-here", build([m("a")], here=2))


def bad_structure():
    plain = build([m("a"), m("b")])
    for case, content in [
            ("empty-file", b""), ("short", b"PK"), ("no-zip", b"<html>" * 100), ("cut-1", plain[:-1]),
            ("cut-22", plain[:-22]), ("cut-60", plain[:-60]), ("cut-half", plain[:len(plain) // 2]),
            ("before", build([m("a")], before=b"#!/bin/sh\n")), ("after", plain + b"\0"),
            ("after-long", plain + b"\0" * 70000), ("between", build([m("a"), m("b")], between=b"x")),
            ("gap", build([m("a")], gap=b"gap")), ("twice", plain + plain),
            ("hidden", build([m("a"), m("hidden"), m("b")], order=lambda e: [e[0], e[2]])),
            ("overlap", build([m("a")], order=lambda e: [e[0]] * 500)),
            ("offset", build([m("a", offset=0xfffffff0)])), ("offset-1", build([m("a", offset=1)])),
            ("size", build([m("a")], size=10)), ("directory-offset", build([m("a")], offset=0)),
            ("comment-len", build([m("a")], comment_len=5)),
            ("comment-end", build([m("a")], comment=end_record(0, 0, 0) + b"x")),
            ("comment-zip", build([m("a")], comment=build([m("b")]))),
            ("disk", build([m("a")], disk=1)), ("entry-disk", build([m("a", disk=1)])),
            ("encrypted", build([m("a", flags=0x801)])), ("strong", build([m("a", flags=0x840)])),
            ("masked", build([m("a", flags=0x2800)])), ("patched", build([m("a", flags=0x820)])),
            ("method-12", build([m("a", method=12)])), ("method-99", build([m("a", method=99)]))]:
        write("bad-" + case, content)
    for field, value in [("name", (PREFIX + "z").encode()), ("flags", 0), ("method", 0), ("crc", 1),
                         ("size", 2), ("stored", 2)]:
        write("bad-local-" + field, build([m("a", **{"l_" + field: value})]))
    write("bad-local-name-long", build([m("a", l_name=(PREFIX + "a/../../b").encode())]))
    write("bad-second-name", build([m("a", extra=struct.pack("<HHBI", 0x7075, 6, 1, zlib.crc32(
        (PREFIX + "a").encode())) + b"z")]))
    write("bad-second-attributes", build([m("a", l_extra=struct.pack("<HHBH", 0x6c78, 3, 4, 0xa1ff))]))
    write("bad-extra-cut", build([m("a", extra=struct.pack("<HH", 0x5455, 50))]))
    write("bad-extra-tail", build([m("a", extra=b"\0\0\1")]))
    write("bad-zip64-missing", build([m("a", size=0xffffffff)]))
    write("bad-zip64-short", build([m("a", size=0xffffffff, extra=struct.pack("<HHI", 1, 4, 1))]))
    write("bad-zip64-twice", build([m("a", extra=struct.pack("<HHHH", 1, 0, 1, 0))]))
    later = m("a", b"x", 8, 0x808, l_crc=0, l_size=0, l_stored=0)
    write("bad-descriptor-missing", build([later, m("b")]))
    wrong = m("a", b"x", 8, 0x808, l_descriptor=b"PK\7\x08" + struct.pack("<III", 1, 3, 1))
    write("bad-descriptor-wrong", build([wrong, m("b")]))
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 9, 9, 9, 9)
    write("bad-end64", build([m("a")], end64=record + b"PK\6\7" + struct.pack("<IQI", 0, 0, 1)))


def late():
    write("late-crc", build([m("a", crc=1)]))
    write("late-shorter", build([m("a", b"xyz", 8, size=4)]))
    write("late-longer", build([m("a", b"\0" * MIB, 8, size=4)]))
    junk = m("a", b"x" * 100)
    junk.stored = b"\xff" * len(junk.stored)
    write("late-junk", build([junk]))
    # Half of the stream; and one that would go on after its stated end.
    half = m("a", os.urandom(4000))
    half.stored = half.stored[:2000]
    half.fields["stored"] = 2000
    write("late-half", build([half]))


def parse_txtar(path):
    """({key: value}, [(name, content)])"""
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    files, head = [], {}
    for line in lines:
        if line.startswith(b"-- ") and line.endswith(b" --"):
            files.append([line[3:-3], []])
        elif files:
            files[-1][1].append(line)
        elif b"=" in line:
            key, _, value = line.partition(b"=")
            head[key.decode()] = value
    return head, [(name, b"\n".join(content)) for name, content in files]


def from_txtar(path):
    kind, case = path.split(os.sep)[-2:]
    head, files = parse_txtar(path)
    want = dict(files).get(b"want", b"")
    bad = "wantErr" in head or want.partition(b"invalid:\n")[2].strip()
    prefix = head["path"] + b"@" + head["version"] + b"/" if kind.startswith("create") else b""
    name = "%s-%s-%s" % ("bad" if bad else "good", kind, case[:-len(".txt")])
    write(name, build([Entry(prefix + n, c) for n, c in files if n != b"want"]))
    with open(os.path.join(ROOT, name + ".txt"), "wb") as file:
        file.write(b"\n".join([head["path"], head["version"], head.get("hash", b"")]) + b"\n")


def write_module(path, version, files, go_mod):
    global ROOT
    top = ROOT
    ROOT = os.path.join(top, path, "@v")
    os.makedirs(ROOT, exist_ok=True)
    write(version, build([Entry("%s@%s/%s" % (path, version, n), c) for n, c in files]))
    for suffix, content in [("mod", go_mod), ("info", b'{"Version":"%s","Time":"2026-01-02T03:04:05Z"}' %
                                              version.encode())]:
        with open(os.path.join(ROOT, version + "." + suffix), "wb") as file:
            file.write(content)
    with open(os.path.join(ROOT, "list"), "a") as file:
        file.write(version + "\n")
    ROOT = top


def write_modules(count, size):
    for number in range(count):
        path = "example.com/m%d" % number
        go_mod = b"module %s\n" % path.encode()
        write_module(path, "v1.0.0", [("go.mod", go_mod), ("LICENSE", b"none\n"), ("a/b/c.go", b"package b\n"),
                                      ("data", os.urandom(size))], go_mod)
    write_module("golang.org/toolchain", "v0.0.1-go1.99.1.linux-amd64",
                 [("VERSION", b"go1.99.1\n"), ("bin/go", b"#!/bin/false\n"), ("src/_go.mod", b"module std\n"),
                  ("src/cmd/_go.mod", b"module cmd\n"), ("pkg/tool/linux_amd64/link", b"\0")],
                 b"module golang.org/toolchain\n")


def main():
    global ROOT
    ROOT = sys.argv[1]
    if sys.argv[2:3] == ["--modules"]:
        write_modules(int(sys.argv[3]), int(sys.argv[4]))
        return
    for path in sys.argv[2:]:
        from_txtar(path)
    if len(sys.argv) > 2:
        return
    good()
    bad_names()
    bad_sizes()
    bad_structure()
    late()


main()
