#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sign and verify against minisign and openssl: one large file, many small ones; what memory digests of any size take.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh

folder=$PWD
cd "$scratch"
head -c 100000000 /dev/urandom >F
"$reproof" key new -o k --no-passphrase >/dev/null 2>&1
"$reproof" key convert k --public --format pem -o k.pem
"$reproof" key convert k --public --format minisign -o k.minisign.pub
"$reproof" key convert k --format minisign --no-passphrase -o k.minisign
mkdir by-digest bare
for each in by-digest bare; do
    ln F "$each/F"
done

if command -v minisign >/dev/null; then
    heading "100 MB, signed by digest" minisign
    pair "sign" 1 5 "$reproof" sign by-digest/F --key k --format minisign \
        against minisign -S -W -s k.minisign -m F -x theirs.minisig
    pair "verify" 1 5 "$reproof" verify by-digest/F --trust k.pub against minisign -Vm F -x theirs.minisig -p k.minisign.pub
else
    cannot "100 MB, signed by digest" "minisign is not installed"
fi
if command -v openssl >/dev/null; then
    heading "100 MB, pure Ed25519" "openssl"
    pair "sign (and verify what was made)" 1 5 "$reproof" sign bare/F --key k --format raw \
        against openssl pkeyutl -sign -rawin -inkey k -in F -out theirs.sig
    pair "verify" 1 5 "$reproof" verify bare/F --trust k.pub \
        against openssl pkeyutl -verify -pubin -inkey k.pem -rawin -in F -sigfile theirs.sig
else
    cannot "100 MB, pure Ed25519" "openssl is not installed"
fi

if command -v minisign >/dev/null; then
    heading "10,000 small files" "a loop of minisign"
    for whose in ours theirs; do
        mkdir "$whose"
        (cd "$whose" && seq 10000 | split -l 1 -a 4 -)
    done
    cat >loop <<'END'
for file in theirs/x*; do
    case $file in *.minisig) continue ;; esac
    minisign -S -W -s k.minisign -m "$file" || exit
done
END
    # The names are words without spaces.
    # shellcheck disable=SC2046
    pair "sign" 0.05 1 "$reproof" sign --key k $(find ours -type f) against sh loop
    find ours -name '*.minisig' | wc -l | grep -qx 10000 || cannot "sign" "not all were signed"
    sed 's/-S -W -s k.minisign/-V -p k.minisign.pub/' loop >verify
    # shellcheck disable=SC2046
    pair "verify" 0.05 1 "$reproof" verify --quiet --trust k.pub $(find ours -name 'x????') against sh verify
fi

heading "memory, signed by digest"
truncate -s 4G large
alone "sign, a file of 4 GiB, by minisign and ssh" 16 1 "$reproof" sign large --key k --format minisign,ssh
alone "verify it" 16 1 "$reproof" verify large --trust k.pub
cd "$folder"
