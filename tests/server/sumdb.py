# SPDX-License-Identifier: Apache-2.0
"""A checksum database with a key of its own (go.dev/ref/mod#checksum-database, RFC 6962 trees), that
forks and rolls back on request. Second implementation on purpose: it shares nothing with ours."""
import base64
import hashlib
import io
import os
import zipfile

import ed25519

SEED = hashlib.sha256(b"reproof test checksum database").digest()


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root(hashes[:split]), root(hashes[split:]))


def h1(files):
    """Of [(name, content)]."""
    lines = sorted((name, hashlib.sha256(content).hexdigest()) for name, content in files)
    text = "".join("%s  %s\n" % (digest, name) for name, digest in lines)
    return "h1:" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def zip_h1(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return h1([(name, archive.read(name)) for name in archive.namelist()])


def unescape(text):
    result, upper = "", False
    for letter in text:
        if letter == "!":
            upper = True
        else:
            result += letter.upper() if upper else letter
            upper = False
    return result


def records_of(folder):
    """A record for each module zip beneath FOLDER, in the order of their names."""
    for place, folders, names in sorted(os.walk(folder)):
        folders.sort()
        if not place.endswith("/@v"):
            continue
        path = unescape(os.path.relpath(place, folder)[:-len("/@v")])
        for name in sorted(n for n in names if n.endswith(".zip")):
            version = unescape(name[:-len(".zip")])
            with open(os.path.join(place, name), "rb") as file:
                zip_sum = zip_h1(file.read())
            with open(os.path.join(place, name[:-len("zip")] + "mod"), "rb") as file:
                mod_sum = h1([("go.mod", file.read())])
            yield path, version, zip_sum, mod_sum


class Database:
    def __init__(self, name, folder, filler):
        self.name = name
        public = b"\1" + ed25519.public_key(SEED)
        self.key_hash = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
        self.key = "%s+%s+%s" % (name, self.key_hash.hex(), base64.b64encode(public).decode())
        self.records, self.numbers = [], {}
        # Filler on both sides, so that the modules lie in full tiles and have neighbours.
        for number in range(filler // 2):
            self.add("filler.test/early", "v0.0.%d" % number, h1([]), h1([]))
        for record in records_of(folder) if folder else []:
            self.add(*record)
        for number in range(filler - filler // 2):
            self.add("filler.test/late", "v0.0.%d" % number, h1([]), h1([]))
        self.shown = None  # a size to which it rolled back
        self.lines_lie = {}

    def add(self, path, version, zip_sum, mod_sum):
        self.numbers[path, version] = len(self.records)
        self.records.append("%s %s %s\n%s %s/go.mod %s\n" % (path, version, zip_sum, path,
                                                             version, mod_sum))

    def size(self):
        return self.shown or len(self.records)

    def hashes(self):
        return [leaf(record.encode()) for record in self.records[:self.size()]]

    def head(self):
        text = "go.sum database tree\n%d\n%s\n" % (
            self.size(), base64.b64encode(root(self.hashes())).decode())
        signature = self.key_hash + ed25519.sign(SEED, text.encode())
        return "%s\n\u2014 %s %s\n" % (text, self.name, base64.b64encode(signature).decode())

    def change(self, what):
        """fork: the first record is another one; rollback: half the size; grow: one record more;
        head: the size and root as they are now, in text."""
        if what == "fork":
            self.records[0] = self.records[0].replace("h1:", "h1:A", 1)
        elif what == "rollback":
            self.shown = max(1, self.size() // 2)
        elif what == "grow":
            self.add("filler.test/more", "v0.0.%d" % len(self.records), h1([]), h1([]))
        return "%d %s" % (self.size(), base64.b64encode(root(self.hashes())).decode())

    def lookup(self, query):
        path, _, version = query.rpartition("@")
        number = self.numbers.get((unescape(path), unescape(version)))
        if number is None or number >= self.size():
            return None
        return ("%d\n%s\n%s" % (number, self.records[number], self.head())).encode()

    def tile(self, query):
        """8/LEVEL/NNN[.p/WIDTH]"""
        query, _, width = query.partition(".p/")
        elements = query.split("/")
        level = int(elements[1])
        index = int("".join(e.lstrip("x") for e in elements[2:]))
        level_hashes = self.hashes()
        for _ in range(level):
            level_hashes = [root(level_hashes[at:at + 256])
                            for at in range(0, len(level_hashes) - 255, 256)]
        hashes = level_hashes[index * 256:index * 256 + int(width or 256)]
        if len(hashes) != int(width or 256):
            return None
        return b"".join(hashes)

    def answer(self, path):
        """The content at PATH, or None if it is not the database's."""
        prefix = "/sumdb/%s" % self.name
        if path.startswith(prefix + "/"):
            path = path[len(prefix):]
        if path == "/supported":
            return b""
        if path == "/latest":
            return self.head().encode()
        try:
            if path.startswith("/lookup/"):
                return self.lookup(path[len("/lookup/"):])
            if path.startswith("/tile/"):
                return self.tile(path[len("/tile/"):])
        except (ValueError, IndexError):
            pass
        return None
