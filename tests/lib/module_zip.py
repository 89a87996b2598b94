#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts a directory into a GOPROXY as a module, as a proxy would make its zip of a repository.

    module_zip.py PROXY PATH VERSION DIRECTORY

Left out, as golang.org/x/mod/zip does: vendored packages, nested modules, .git.
"""
import json
import os
import sys
import zipfile


def files_of(top):
    for place, folders, names in os.walk(top):
        below = os.path.relpath(place, top)
        nested = below != "." and "go.mod" in names
        if nested:
            folders[:] = []
            continue
        folders[:] = sorted(f for f in folders if f != ".git" and not (f == "vendor" and below == "."))
        for name in sorted(names):
            yield name if below == "." else below + "/" + name
        if below == "." and os.path.exists(os.path.join(top, "vendor", "modules.txt")):
            yield "vendor/modules.txt"


def escape(text):
    return "".join("!" + c.lower() if c.isupper() else c for c in text)


def main():
    proxy, path, version, directory = sys.argv[1:]
    folder = os.path.join(proxy, escape(path), "@v")
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, escape(version))
    with zipfile.ZipFile(base + ".zip", "w") as archive:
        for name in files_of(directory):
            with open(os.path.join(directory, name), "rb") as file:
                entry = zipfile.ZipInfo("%s@%s/%s" % (path, version, name), (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, file.read())
    with open(os.path.join(directory, "go.mod"), "rb") as source, open(base + ".mod", "wb") as target:
        target.write(source.read())
    with open(base + ".info", "w") as target:
        json.dump({"Version": version, "Time": "2024-01-01T00:00:00Z"}, target)
    with open(os.path.join(folder, "list"), "a") as target:
        target.write(version + "\n")


main()
