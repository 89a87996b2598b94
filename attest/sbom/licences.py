#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes licences.tsv, the fingerprints of the SPDX licence list, of npm's package spdx-license-list (CC0-1.0):

    npm pack spdx-license-list && python3 attest/sbom/licences.py spdx-license-list-*.tgz >attest/sbom/licences.tsv

One line a licence: identifier, number of its word triples, the base64 of up to 96 hashes of them (32 bits each,
little-endian, ascending), and that of the up to 24 which the fewest others have, of those that
hardly another one has. Where there are more, the smallest hashes are
taken: then two licences that share text share hashes. licence_words.h says what a word, a triple and a hash is; both
sides must agree.
"""
import base64
import collections
import json
import re
import struct
import sys
import tarfile

KEPT = 96
OWN = 24
# Versions of a licence share what tells them from others.
HOLDERS = 4
# Too short to be told from other text.
LEAST = 12
MASK = 0xFFFFFFFF


def word_hash(word):
    value = 2166136261
    for byte in word.encode():
        value = ((value ^ byte) * 16777619) & MASK
    return value


def words(text):
    # How to apply a licence is told behind its terms, and often left away.
    text = re.split(r'(?i)END OF TERMS AND CONDITIONS', text)[0]
    # What a licensor fills in, and the lines that name him, are no part of the licence.
    text = re.sub(r'(?mi)^[ \t]*(?:copyright|\(c\)|©).*$', ' ', text)
    text = re.sub(r'<[^<>\n]{1,60}>|\[[^\[\]\n]{1,60}\]|\{[^{}\n]{1,60}\}', ' ', text)
    for word in re.findall(r'[a-z0-9]+(?:(?<=\d)\.(?=\d)[a-z0-9]+)*', text.lower()):
        if len(word) > 1 and word not in ('http', 'https'):
            yield 'license' + word[7:] if word.startswith('licence') else word


def triple_hash(a, b, c):
    value = (((a * 31 + b) & MASK) * 31 + c) & MASK
    value ^= value >> 16
    value = (value * 0x85EBCA6B) & MASK
    value ^= value >> 13
    value = (value * 0xC2B2AE35) & MASK
    return value ^ (value >> 16)


def fingerprint(text):
    hashes = [word_hash(word) for word in words(text)]
    return sorted({triple_hash(*hashes[i:i + 3]) for i in range(len(hashes) - 2)})


def preferred(name):
    """Of identifiers with the same text the narrowest, and none that the list has withdrawn."""
    return (not name.endswith('-only'), name.endswith('+'), len(name), name)


def packed(hashes):
    return base64.b64encode(struct.pack('<%dI' % len(hashes), *hashes)).decode()


def main():
    with tarfile.open(sys.argv[1]) as package:
        licences = json.load(package.extractfile('package/spdx-full.json'))
    by_print = {}
    for name in sorted(licences, key=preferred):
        found = fingerprint(licences[name]['licenseText'])
        stem = re.sub(r'(-or-later|\+)$', '', name)
        later = stem != name and (stem + '-only' in licences)
        bare = name + '-only' in licences or 'GPL-' in name and '-with-' in name
        if len(found) >= LEAST and not later and not bare:
            by_print.setdefault(tuple(found), name)
    holders = collections.Counter(one for found in by_print for one in found)
    for found, name in sorted(by_print.items(), key=lambda item: item[1]):
        own = sorted((holders[one], one) for one in found if holders[one] <= HOLDERS)[:OWN]
        print(name, len(found), packed(found[:KEPT]), packed(sorted(one for _, one in own)), sep='\t')


main()
