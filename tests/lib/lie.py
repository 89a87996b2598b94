#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes binaries whose build information lies, and judges what a program says of them.

    lie.py make FILE FOLDER        a binary for each lie, as FOLDER/NAME, made of FILE
    lie.py judge PROGRAM FOLDER ARGUMENT...
                                   runs PROGRAM rebuild on each; TAP lines without numbers
"""
import json
import os
import resource
import struct
import subprocess
import sys

MAGIC = b"\xff Go buildinf:"
SECONDS = 900  # for hangs
MIB = 1 << 20


def varint(content, at):
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def put_varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Binary:
    """A program for linux/amd64 by Go's own linker."""

    PLACE = 0x7000000000  # behind all that it loads

    def __init__(self, path):
        with open(path, "rb") as file:
            self.content = file.read()
        start = self.content.index(MAGIC)
        assert self.content[start + 15] & 2, "strings are not inline"
        length, at = varint(self.content, start + 32)
        self.head = self.content[start:start + 32]
        self.version = self.content[at:at + length].decode()
        length, at = varint(self.content, at + length)
        info = self.content[at:at + length]
        self.marks = info[:16], info[-16:]
        self.text = info[16:-16].decode()

    def section(self, name):
        """The place of its section header."""
        table, = struct.unpack_from("<Q", self.content, 40)
        size, count, names = struct.unpack_from("<HHH", self.content, 58)
        texts, = struct.unpack_from("<Q", self.content, table + names * size + 24)
        for i in range(count):
            at = texts + struct.unpack_from("<I", self.content, table + i * size)[0]
            if self.content[at:self.content.index(b"\0", at)] == name:
                return table + i * size
        raise ValueError("no section %r" % name)

    def spare_segment(self):
        """The place of a program header that nobody needs: that of the stack."""
        table, = struct.unpack_from("<Q", self.content, 32)
        size, count = struct.unpack_from("<HH", self.content, 54)
        for i in range(count):
            if struct.unpack_from("<I", self.content, table + i * size)[0] == 0x6474E551:
                return table + i * size
        raise ValueError("no PT_GNU_STACK")

    def tell(self, text, version=None):
        """The file with TEXT for its build information, which is put behind all else and loaded from there."""
        info = self.marks[0] + text.encode("utf-8", "surrogateescape") + self.marks[1]
        version = (version or self.version).encode()
        blob = self.head + put_varint(len(version)) + version + put_varint(len(info)) + info
        # The old one must not be found by searching.
        out = bytearray(self.content.replace(MAGIC, b"\0" * len(MAGIC)))
        out += b"\0" * (-len(out) % 4096)
        offset = len(out)
        struct.pack_into("<IIQQQQQQ", out, self.spare_segment(), 1, 6, offset, self.PLACE, self.PLACE, len(blob),
                         len(blob), 4096)
        struct.pack_into("<QQQ", out, self.section(b".go.buildinfo") + 16, self.PLACE, offset, len(blob))
        return bytes(out + blob)


def setting(text, key, value):
    """With quotes as Go writes them, so that it is read at all."""
    value = json.dumps(value) if set(value) & set(' \t\r\n"`\'$\x1b') else value
    lines = [line for line in text.splitlines() if not line.startswith("build\t%s=" % key)]
    return "\n".join(lines + ["build\t%s=%s" % (key, value)]) + "\n"


def field(text, kind, index, value):
    """The first line KIND with VALUE as its field INDEX."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        fields = line.split("\t")
        if fields[0] == kind:
            fields[index] = value
            lines[i] = "\t".join(fields)
            break
    return "\n".join(lines) + "\n"


SHELL = "$(touch PWNED)`touch PWNED`;touch PWNED|touch PWNED&'\"\\"
CONTROL = "\x1b[2J\x1b]0;x\x07\x08\x7f\r\xc2\x9b31m"


def lies(text):
    """Name and text of each; TEXT is the truth, without what only makes room."""
    yield "module", field(field(text, "mod", 1, "example.com/other"), "path", 1, "example.com/other")
    yield "version", field(text, "mod", 2, "v1.1.0")
    yield "absent-version", field(text, "mod", 2, "v9.9.9")
    yield "sum", field(text, "dep", 3, "h1:" + "A" * 43 + "=")
    yield "no-sum", field(text, "dep", 3, "")
    yield "toolexec", setting(text, "-toolexec", "/bin/touch PWNED")
    yield "overlay", setting(text, "-overlay", "/etc/passwd")
    yield "extld", setting(text, "-ldflags", "-extld=/bin/touch -linkmode=external")
    yield "gcflags", setting(text, "-gcflags", "-o=/tmp/PWNED")
    yield "megabyte", setting(text, "-ldflags", "-X main.x=" + "A" * MIB)
    yield "many", setting(text, "-ldflags", "-X a.b=c " * (MIB // 10))
    yield "many-deps", text + "".join("dep\texample.com/d%d\tv1.0.0\th1:%s=\n" % (i, "A" * 43) for i in range(16000))
    yield "many-settings", text + "".join("build\tx%d=y\n" % i for i in range(60000))
    yield "shell-path", field(text, "path", 1, "example.com/m/" + SHELL)
    yield "shell-module", field(text, "mod", 1, "example.com/" + SHELL)
    yield "shell-version", field(text, "mod", 2, "v1.0.0" + SHELL)
    yield "shell-dep", field(text, "dep", 1, "example.com/" + SHELL)
    yield "shell-dep-version", field(text, "dep", 2, SHELL)
    for key in ("-tags", "-ldflags", "-gcflags", "-asmflags", "-buildmode", "-pgo", "GOARCH", "GOOS", "GOAMD64",
                "GOEXPERIMENT", "GOFIPS140", "CGO_CFLAGS", "vcs", "vcs.revision", "vcs.time", "vcs.modified"):
        yield "shell-" + key, setting(text, key, SHELL)
        yield "control-" + key, setting(text, key, CONTROL)
    yield "control-path", field(text, "path", 1, "example.com/m" + CONTROL)
    yield "control-module", field(text, "mod", 1, CONTROL)
    yield "control-version", field(text, "mod", 2, CONTROL)
    yield "control-dep", field(text, "dep", 1, CONTROL)
    yield "no-text", field(text, "mod", 1, "\udcff\udcfe\udc80")
    yield "dep-above", field(text, "dep", 1, "../../etc")
    yield "dep-absolute", field(text, "dep", 1, "/etc")
    yield "dep-replaced-above", text.replace("\nbuild\t", "\n=>\t../../../etc\t(devel)\t\nbuild\t", 1)
    yield "version-above", field(text, "mod", 2, "v1.0.0/../../../../etc")
    yield "package-above", field(text, "path", 1, "example.com/m/../../../etc")
    yield "package-flag", field(text, "path", 1, "-toolexec=x")
    yield "package-pattern", field(text, "path", 1, "./...")
    yield "two-modules", text.replace("\nmod\t", "\nmod\texample.com/other\tv1.0.0\t\nmod\t", 1)
    yield "two-paths", "path\tcmd/go\n" + text
    yield "toolchain-program", "path\tcmd/go\n" + "".join(
        line + "\n" for line in text.splitlines() if line.startswith("build\t"))
    yield "vendored-dependency", field(field(text, "mod", 3, "h1:" + "A" * 43 + "="), "dep", 3, "")
    yield "workspace", field(field(text, "dep", 2, "(devel)"), "dep", 3, "")
    yield "nothing", ""
    yield "newlines", "\n" * MIB


def make(path, folder):
    binary = Binary(path)
    os.makedirs(folder, exist_ok=True)
    for name, text in lies(binary.text):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(binary.tell(text))
    for name, version in (("version-of-go", "go1.99"), ("shell-version-of-go", "go1.20" + SHELL),
                          ("control-version-of-go", "go1.20" + CONTROL)):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(binary.tell(binary.text, version))


def is_clean(output):
    """No control character reaches a terminal; C1 codes are none either."""
    try:
        text = output.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any((ord(c) < 0x20 and c not in "\t\n") or 0x7F <= ord(c) < 0xA0 for c in text)


def run(command, folder):
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)


def complaint(program, folder, path, arguments):
    """What is wrong with what PROGRAM says of PATH; "" if nothing."""
    done = run([program, "rebuild", "--json", "--quiet"] + arguments + [path], folder)
    if done.returncode not in (1, 2, 3):
        return "exit %d: %s" % (done.returncode, ascii(done.stderr[-300:]))
    document = json.loads(done.stdout)
    for subject in document.get("subjects", []):
        if subject["verdict"] in ("reproduced", "equivalent"):
            return subject["verdict"]
        if not subject["reason"] or not subject["reason"]["code"]:
            return "no reason"
    if not is_clean(done.stdout) or not is_clean(done.stderr):
        return "control characters in its output"
    for command in ("inspect", "recipe"):
        done = run([program, command, path], folder)
        if done.returncode not in (0, 2, 3):
            return "%s: exit %d: %s" % (command, done.returncode, ascii(done.stderr[-300:]))
        if not is_clean(done.stdout) or not is_clean(done.stderr):
            return command + ": control characters in its output"
    return ""


def judge(program, folder, arguments):
    sandbox = os.path.join(folder, "here")
    os.makedirs(sandbox, exist_ok=True)
    bad = False
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        try:
            wrong = complaint(program, sandbox, path, arguments)
        except subprocess.TimeoutExpired:
            wrong = "it did not end"
        except ValueError as error:
            wrong = "no JSON: %s" % error
        if os.listdir(sandbox) or os.path.exists("/tmp/PWNED"):
            wrong = "a shell has seen it"
        print("%s - %s%s" % ("not ok" if wrong else "ok", name, ": " + wrong if wrong else ""), flush=True)
        bad = bad or bool(wrong)
    # Of the largest process of all, compilers too.
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print("%s - none takes more than 2000 MiB of memory (%d)" % ("ok" if most < 2000 else "not ok", most))
    return bad or most >= 2000


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        sys.exit(judge(sys.argv[2], sys.argv[3], sys.argv[4:]))
